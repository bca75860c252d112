package api

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
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

// unknown says whether nothing about the caller may be written: by the operation, because a receipt is all that is known of
// them, whatever they try with it, or because they may have been about to hide and the gate did not read on.
func (v *visit) unknown() bool {
	who := v.request.Principal
	return v.request.Anonymous || who.Unknown() || who.ID != "" && v.operation != nil && v.operation.hides && !v.passed
}

// finishUnknown writes a line only when something is broken, and then without the request. The time of a line alone,
// beside the lines of those who are known, would say too much in a small neighbourhood.
func (a *App) finishUnknown(operation string, status int, failure *models.Error, stack []byte) {
	if status < http.StatusInternalServerError {
		return
	}
	attributes := []slog.Attr{slog.String("operation", operation), slog.Int("status", status)}
	if failure != nil {
		attributes = append(attributes, slog.String("code", string(failure.Code)), slog.String("error", kindsOf(failure.Unwrap())))
	}
	if stack != nil {
		attributes = append(attributes, slog.String("stack", linesOf(stack)))
	}
	a.options.Logger.LogAttrs(context.Background(), slog.LevelError, "request", attributes...)
}

// kindsOf names the types of an error and of its causes. What they say may repeat what somebody sent, as a database's do.
func kindsOf(err error) string {
	kinds := []string{}
	for ; err != nil; err = errors.Unwrap(err) {
		kinds = append(kinds, fmt.Sprintf("%T", err))
	}
	return strings.Join(kinds, ": ")
}

// linesOf leaves of a stack the lines of code: the arguments beside them are pieces of what was worked on.
func linesOf(stack []byte) string {
	lines := []string{}
	for line := range strings.Lines(string(stack)) {
		if place, found := strings.CutPrefix(line, "\t"); found {
			place, _, _ = strings.Cut(place, " ")
			lines = append(lines, strings.TrimSpace(place))
		}
	}
	return strings.Join(lines, "\n")
}
