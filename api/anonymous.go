package api

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"xunfang/models"
)

// saltLife is how long one address has the same hash, at the most.
const saltLife = time.Hour

// hourlySalt makes hashes of addresses that nobody can undo once their hour is over: the salt is in memory
// only, and then it is gone.
type hourlySalt struct {
	mutex sync.Mutex
	salt  []byte
	until time.Time
}

// turn throws the salt away when its hour is over. Every request does it, so that it does not wait for the next
// anonymous one.
func (s *hourlySalt) turn(now time.Time) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.salt == nil || !now.Before(s.until) {
		clear(s.salt)
		s.salt, s.until = make([]byte, sha256.Size), now.Add(saltLife)
		_, _ = rand.Read(s.salt) // never fails: it ends the program instead
	}
}

func (s *hourlySalt) hash(address string) string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	mac := hmac.New(sha256.New, s.salt)
	mac.Write([]byte(address))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// forget takes out of a request what could tell who sent it, before anything looks at it: the address becomes a
// hash of this hour, the user agent goes, and an X-Request-Id of the caller's own choice is replaced.
func (a *App) forget(c *fiber.Ctx, visit *visit) {
	request := visit.request
	visit.neighbour = a.salt.hash(visit.neighbour)
	request.Anonymous, request.Neighbour = true, visit.neighbour
	request.RemoteAddr, request.UserAgent = "", ""
	request.ID = string(a.options.NewID())
	c.Response().Header.Set(fiber.HeaderXRequestID, request.ID)
}

// unknown says whether nothing about the caller may be written: by the operation, or because a receipt is all
// that is known of them, whatever they try with it.
func (v *visit) unknown() bool {
	return v.request.Anonymous || v.request.Principal.Unknown()
}

// finishUnknown writes a line only when something is broken, and then without the request. The time of a line alone,
// beside the lines of those who are known, would say too much in a small neighbourhood.
func (a *App) finishUnknown(operation string, status int, failure *models.Error, stack []byte) {
	if status < http.StatusInternalServerError {
		return
	}
	attributes := append([]slog.Attr{slog.String("operation", operation), slog.Int("status", status)}, whatFailed(failure, stack)...)
	a.options.Logger.LogAttrs(context.Background(), slog.LevelError, "request", attributes...)
}
