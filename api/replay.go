package api

import (
	"net/http"

	"github.com/gofiber/fiber/v2"
)

// Replay is the first answer to a request that was repeated with its Idempotency-Key.
// A handler returns it as its error; it is sent as it was, marked Idempotency-Replayed.
type Replay struct {
	Status   int
	Body     []byte // JSON as it was first answered; empty for 204
	Location string // of the first answer, if it had one
}

// Error makes a Replay something that a handler, or a transaction, can return.
func (r *Replay) Error() string { return "api: answered before" }

func (r *Replay) write(c *fiber.Ctx) {
	c.Set("Idempotency-Replayed", "true")
	if r.Location != "" {
		c.Set(fiber.HeaderLocation, r.Location)
	}
	c.Status(r.Status)
	if len(r.Body) == 0 {
		return
	}
	c.Set(fiber.HeaderContentType, typeJSON)
	if r.Status >= http.StatusBadRequest {
		c.Set(fiber.HeaderContentType, typeProblem)
	}
	c.Context().SetBody(r.Body) // copies: the caller keeps its slice
}
