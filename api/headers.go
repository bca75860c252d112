package api

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// setHeaders sets what every answer carries; a handler may replace Cache-Control.
func setHeaders(header *fasthttp.ResponseHeader, requestID string) {
	header.Set(fiber.HeaderXRequestID, requestID)
	header.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	header.Set(fiber.HeaderCacheControl, "no-store")
	header.Set(fiber.HeaderXFrameOptions, "DENY")
	header.Set(fiber.HeaderReferrerPolicy, "no-referrer")
	header.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; frame-ancestors 'none'")
}

// crossOrigin answers the browsers' questions about other origins (CORS). Credentials are
// never allowed: tokens travel in Authorization, which the page sets itself. It returns
// true when it has answered.
func (a *App) crossOrigin(c *fiber.Ctx) bool {
	origin := c.Get(fiber.HeaderOrigin)
	if origin == "" || len(a.options.Origins) == 0 {
		return false
	}
	c.Vary(fiber.HeaderOrigin)
	if !slices.Contains(a.options.Origins, origin) {
		return false
	}
	c.Set(fiber.HeaderAccessControlAllowOrigin, origin)
	c.Set(fiber.HeaderAccessControlExposeHeaders, strings.Join([]string{
		fiber.HeaderXRequestID, fiber.HeaderRetryAfter, "Idempotency-Replayed", "Preference-Applied", "Content-Language",
		tusAnswers,
	}, ", "))
	if c.Method() != fiber.MethodOptions || c.Get(fiber.HeaderAccessControlRequestMethod) == "" {
		return false
	}
	c.Set(fiber.HeaderAccessControlAllowMethods, "GET, HEAD, POST, PUT, PATCH, DELETE")
	c.Set(fiber.HeaderAccessControlAllowHeaders, strings.Join([]string{
		fiber.HeaderAuthorization, fiber.HeaderContentType, fiber.HeaderAcceptLanguage,
		headerKey, headerPrefer, "Last-Event-ID", fiber.HeaderXRequestID, tusAsks,
	}, ", "))
	c.Set(fiber.HeaderAccessControlMaxAge, "600")
	c.Status(http.StatusNoContent)
	return true
}

// bodyLimit is what no request may exceed.
func (a *App) bodyLimit() int {
	if a.options.BodyLimit > 0 {
		return a.options.BodyLimit
	}
	largest := defaultMaxBody
	for _, operation := range a.contract.operations {
		largest = max(largest, operation.maxBody)
	}
	return largest + politeLimit
}

// limitBody sets, once the headers are in, how much of the body is read at all: a path that
// takes 64 KiB must not make the server hold megabytes, and nobody who is not signed in makes
// it hold more than that. A little more than the limit is read, because a client that is cut
// off in the middle does not see the answer.
func (a *App) limitBody(header *fasthttp.RequestHeader) fasthttp.RequestConfig {
	path, _, _ := strings.Cut(string(header.RequestURI()), "?")
	most := defaultMaxBody
	for _, operation := range a.contract.operations {
		if operation.maxBody > most && operation.method == methodOf(header) && operation.at(path) {
			most = operation.maxBody
		}
	}
	small := header.ContentLength() >= 0 && header.ContentLength() <= defaultMaxBody
	if most > defaultMaxBody && !small && !a.signedIn(header) {
		most = defaultMaxBody
	}
	return fasthttp.RequestConfig{MaxRequestBodySize: min(most+politeLimit, a.bodyLimit())}
}

// signedIn says whether the headers carry a token that holds; the guard asks again.
func (a *App) signedIn(header *fasthttp.RequestHeader) bool {
	token, ok := bearerOf(header)
	if !ok {
		return false
	}
	ctx, cancel := context.WithTimeout(a.base, requestTime)
	defer cancel()
	_, err := a.options.Authenticator.Authenticate(ctx, token, a.options.Now())
	return err == nil
}
