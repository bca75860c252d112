package api

import (
	"strings"

	"github.com/gofiber/fiber/v2"
)

// OpenAPI matches concrete paths before templated ones: /v1/tips/nearby is not a tip of that name. Fiber goes by the order of
// registration, which is that of the generated server. So the handlers of a templated path leave what a concrete one matches to it.
type siblings struct {
	fiber.Router
	paths []string // of the contract, in Fiber's form
}

// Get registers a GET operation; the others likewise. They are the ones that the generated server calls.
func (s siblings) Get(path string, handlers ...fiber.Handler) fiber.Router {
	return s.Router.Get(path, s.unless(path, handlers)...)
}

// Post registers a POST operation.
func (s siblings) Post(path string, handlers ...fiber.Handler) fiber.Router {
	return s.Router.Post(path, s.unless(path, handlers)...)
}

// Put registers a PUT operation.
func (s siblings) Put(path string, handlers ...fiber.Handler) fiber.Router {
	return s.Router.Put(path, s.unless(path, handlers)...)
}

// Patch registers a PATCH operation.
func (s siblings) Patch(path string, handlers ...fiber.Handler) fiber.Router {
	return s.Router.Patch(path, s.unless(path, handlers)...)
}

// Delete registers a DELETE operation.
func (s siblings) Delete(path string, handlers ...fiber.Handler) fiber.Router {
	return s.Router.Delete(path, s.unless(path, handlers)...)
}

// Add registers an operation of any method.
func (s siblings) Add(method, path string, handlers ...fiber.Handler) fiber.Router {
	return s.Router.Add(method, path, s.unless(path, handlers)...)
}

// unless gives handlers that pass on what a more concrete path of the contract matches.
func (s siblings) unless(path string, handlers []fiber.Handler) []fiber.Handler {
	concrete := []string{}
	for _, other := range s.paths {
		if other != path && covers(path, other) {
			concrete = append(concrete, other)
		}
	}
	if len(concrete) == 0 {
		return handlers
	}
	wrapped := make([]fiber.Handler, 0, len(handlers))
	for _, handler := range handlers {
		wrapped = append(wrapped, func(c *fiber.Ctx) error {
			for _, other := range concrete {
				if covers(other, c.Path()) {
					return c.Next()
				}
			}
			return handler(c)
		})
	}
	return wrapped
}

// covers says whether every path that other matches, this one matches too: segment by segment it is the same or a parameter.
func covers(path, other string) bool {
	ours, theirs := strings.Split(path, "/"), strings.Split(other, "/")
	if len(ours) != len(theirs) {
		return false
	}
	for at, segment := range ours {
		if segment != theirs[at] && !strings.HasPrefix(segment, ":") {
			return false
		}
	}
	return true
}
