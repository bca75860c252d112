package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"xunfang/models"
)

// visit is one request on its way through the server.
type visit struct {
	request   *Request
	begun     time.Time  // as exact as the clock is; request.Now may be cut to the minute
	neighbour string     // what is limited as one address; of an anonymous operation a hash that nobody can undo
	operation *operation // nil until a guard was reached
	passed    bool       // the guard let it through
	cancel    context.CancelFunc
}

type visitKey struct{}

// visit gives what front began; outside of it an empty one, so that nothing is let through.
func (a *App) visit(c *fiber.Ctx) *visit {
	if begun, ok := c.Locals(visitKey{}).(*visit); ok {
		return begun
	}
	return &visit{request: &Request{}}
}

// front is the outermost layer: it begins and ends every request, whatever happens inside.
func (a *App) front(c *fiber.Ctx) error {
	visit := a.begin(c)
	defer func() {
		if visit.cancel != nil {
			visit.cancel()
		}
	}()
	a.options.Metrics.begun()
	setHeaders(&c.Response().Header, visit.request.ID)
	var failure *models.Error
	var stack []byte
	if !a.crossOrigin(c) {
		failure, stack = a.inner(c, visit)
	}
	if a.conform != nil && visit.operation != nil {
		if err := a.conform.check(c, visit); err != nil {
			failure = writeProblem(c.Context(), visit.request.ID, err)
		}
	}
	a.finish(c, visit, failure, stack)
	return nil
}

func (a *App) begin(c *fiber.Ctx) *visit {
	address := a.trusted.addressOf(c)
	begun := &visit{begun: a.options.Now(), neighbour: neighbourhood(address)}
	a.salt.turn(begun.begun)
	begun.request = &Request{
		ID: a.requestID(c), Now: begun.begun, Language: languageOf(c.Get(fiber.HeaderAcceptLanguage)),
		RemoteAddr: address.String(), UserAgent: shorten(c.Get(fiber.HeaderUserAgent), 200),
		Accept: shorten(c.Get(fiber.HeaderAccept), 500),
	}
	c.Locals(visitKey{}, begun)
	c.Locals(appKey{}, a)
	return begun
}

// inner runs the request and turns its error, or its panic, into an answer.
func (a *App) inner(c *fiber.Ctx, visit *visit) (*models.Error, []byte) {
	stack, err := recovered(c.Next)
	if err == nil {
		return nil, nil
	}
	var replay *Replay
	if errors.As(err, &replay) {
		replay.write(c)
		return nil, nil
	}
	failure := writeProblem(c.Context(), visit.request.ID, err)
	if visit.operation != nil && visit.operation.basic && c.Response().StatusCode() == fiber.StatusUnauthorized {
		c.Set(fiber.HeaderWWWAuthenticate, `Basic realm="xunfang", charset="UTF-8"`) // RFC 7617
	}
	return failure, stack
}

// recovered calls and turns a panic into an error and the stack it happened on.
func recovered(call func() error) (stack []byte, err error) {
	defer func() {
		if reason := recover(); reason != nil {
			stack, err = debug.Stack(), fmt.Errorf("panic: %v", reason)
		}
	}()
	return nil, call()
}

// requestID takes the caller's X-Request-Id when it is short and plain, else makes one.
func (a *App) requestID(c *fiber.Ctx) string {
	given := c.Get(fiber.HeaderXRequestID)
	if len(given) >= 8 && len(given) <= 64 && plain(given) {
		return given
	}
	return string(a.options.NewID())
}

func plain(text string) bool {
	for _, char := range []byte(text) {
		if !isDigit(char) && (char|0x20 < 'a' || char|0x20 > 'z') && char != '-' && char != '_' && char != '.' {
			return false
		}
	}
	return true
}

func shorten(text string, longest int) string {
	if len(text) > longest {
		text = text[:longest]
	}
	return text
}

// onServerError answers what never became a request: malformed, too large, too slow.
func (a *App) onServerError(c *fiber.Ctx, err error) error {
	visit := &visit{request: &Request{ID: string(a.options.NewID())}, begun: a.options.Now()}
	setHeaders(&c.Response().Header, visit.request.ID)
	failure := writeProblem(c.Context(), visit.request.ID, err)
	c.Context().SetConnectionClose()
	a.options.Metrics.begun()
	a.finish(c, visit, failure, nil)
	if errors.Is(err, fiber.ErrRequestEntityTooLarge) {
		swallow(c.Context().Conn())
	}
	return nil
}

// wellFormed stands in front of Fiber. It answers methods that Fiber does not know, for which
// Fiber has its own plain text, and header lines that end with a bare line feed, which the
// HTTP library takes and a proxy in front may read otherwise.
func (a *App) wellFormed(ctx *fasthttp.RequestCtx, next fasthttp.RequestHandler) {
	if meant := methodOf(&ctx.Request.Header); meant != string(ctx.Method()) {
		ctx.Request.Header.SetMethod(meant)
	}
	err := models.Fail(models.CodeMethodNotAllowed)
	switch {
	case bareLineFeed(ctx.Request.Header.RawHeaders()):
		err = models.Fail(models.CodeInvalidRequest)
	case slices.Contains(fiber.DefaultMethods, string(ctx.Method())):
		next(ctx)
		return
	}
	id, begun := string(a.options.NewID()), a.options.Now()
	a.options.Metrics.begun()
	setHeaders(&ctx.Response.Header, id)
	_ = writeProblem(ctx, id, err)
	ctx.SetConnectionClose()
	a.options.Metrics.finished("none", ctx.Response.StatusCode(), a.since(begun))
	a.options.Logger.Info("request", "method", "other", "status", ctx.Response.StatusCode(),
		"request_id", id, "code", string(err.Code))
}

func bareLineFeed(headers []byte) bool {
	for {
		at := bytes.IndexByte(headers, '\n')
		if at < 0 {
			return false
		}
		if at == 0 || headers[at-1] != '\r' {
			return true
		}
		headers = headers[at+1:]
	}
}

// decodeStrictly is the generated server's decoder. The guard has checked the body by
// then; this is the second line. An empty body is io.EOF, which means "no body" to it.
func decodeStrictly(data []byte, into any) error {
	if len(data) == 0 {
		return io.EOF
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}

func isTimeout(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
}

// since is how long the request has taken, in milliseconds.
func (a *App) since(begun time.Time) float64 {
	return float64(a.options.Now().Sub(begun).Microseconds()) / 1000
}
