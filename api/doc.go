// Package api speaks HTTP and holds the contract: it is the only package that knows Fiber.
// It imports models and auth of this module; handlers and main import it.
//
// A request passes: front (recover, id, log, metrics) → guard (limits, token, role, size,
// contract) → the generated server → a handler → and back, errors through the one writer
// of problems.
package api
