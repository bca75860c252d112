package api

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"xunfang/models"
)

// finish counts the request and writes its one line. The line has the route and never the
// path, for a path can carry what must not be in a log; nor query, body or token.
func (a *App) finish(c *fiber.Ctx, visit *visit, failure *models.Error, stack []byte) {
	status := c.Response().StatusCode()
	name, route := "none", ""
	if visit.operation != nil {
		name, route = string(visit.operation.id), visit.operation.path
	}
	took := a.since(visit.begun)
	a.options.Metrics.finished(name, status, took)
	if visit.unknown() {
		a.finishUnknown(name, status, failure, stack)
		return
	}
	attributes := make([]slog.Attr, 0, 12)
	attributes = append(attributes,
		slog.String("method", methodName(c)),
		slog.String("route", route),
		slog.String("operation", name),
		slog.Int("status", status),
		slog.Float64("ms", took),
		slog.Int("bytes", sizeOf(c)),
		slog.String("request_id", visit.request.ID),
	)
	if who := visit.request.Principal.ID; who != "" {
		attributes = append(attributes, slog.String("person_id", string(who)))
	}
	level := slog.LevelInfo
	attributes = append(attributes, whatFailed(failure, stack)...)
	if status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	// A context of its own: the request's may have ended, and the line must be written.
	a.options.Logger.LogAttrs(context.Background(), level, "request", attributes...)
}

// whatFailed says why a request failed; nothing of one that did not.
func whatFailed(failure *models.Error, stack []byte) []slog.Attr {
	attributes := []slog.Attr{}
	if failure != nil {
		attributes = append(attributes, slog.String("code", string(failure.Code)))
		if cause := failure.Unwrap(); cause != nil {
			attributes = append(attributes, slog.String("error", cause.Error()))
		}
	}
	if stack != nil {
		attributes = append(attributes, slog.String("stack", string(stack)))
	}
	return attributes
}

// methodName is the method, or "other": a made-up one is the caller's text.
func methodName(c *fiber.Ctx) string {
	for _, method := range fiber.DefaultMethods {
		if string(c.Request().Header.Method()) == method {
			return method
		}
	}
	return "other"
}

// sizeOf is the answer's size; a stream's is not known (and asking for it would read it).
func sizeOf(c *fiber.Ctx) int {
	if c.Response().IsBodyStream() {
		return max(0, c.Response().Header.ContentLength())
	}
	return len(c.Response().Body())
}
