package api

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"xunfang/models"
)

// Authenticator finds out who a token stands for. Errors of package models are answered
// as they are; any other is internal.
type Authenticator interface {
	Authenticate(ctx context.Context, token string, now time.Time) (models.Principal, error)
}

// RefusedFunc is told of every request that the gate turned away because of the caller's
// roles, so that it can be audited. From(ctx) works in it.
type RefusedFunc func(ctx context.Context, who models.Principal, operation models.Operation, code models.Code)

const (
	requestTime = 15 * time.Second // what a request may take, beside Prefer: wait
	retrySoon   = time.Second
	maxToken    = 4096 // bytes
)

// guard stands in front of one operation. The order is chosen so that a caller without a
// token learns nothing but that one is needed, and costs little.
func (a *App) guard(operation *operation) fiber.Handler {
	return func(c *fiber.Ctx) error {
		visit := a.visit(c)
		visit.operation = operation
		request := visit.request
		request.Operation = operation.id
		if operation.anonymous {
			a.forget(c, visit)
		}
		if operation.prefers {
			request.Wait = preferWait(c.Get(headerPrefer))
		}
		ctx, cancel := context.WithTimeout(a.base, requestTime+request.Wait)
		visit.cancel = cancel
		ctx = context.WithValue(ctx, requestKey{}, request)
		c.SetUserContext(ctx)

		if operation.tus {
			c.Set(headerTus, tusVersion)
		}
		if operation.stream && c.Method() == fiber.MethodHead {
			c.Set(fiber.HeaderAllow, fiber.MethodGet)
			return models.Fail(models.CodeMethodNotAllowed)
		}
		if err := a.admit(ctx, c, visit); err != nil {
			return err
		}
		if err := operation.checkRequest(c, request); err != nil {
			return err
		}
		key, err := operation.checkKey(c)
		if err != nil {
			return err
		}
		if key != "" {
			request.IdempotencyKey = key
			if request.BodyHash, err = operation.hash(c); err != nil {
				return err
			}
		}
		if operation.signed {
			request.Signed = slices.Clone(c.Request().Body())
		}
		if request.Wait > 0 {
			c.Set("Preference-Applied", "wait="+seconds(request.Wait))
		}
		if operation.anonymous {
			request.Now = request.Now.Truncate(models.CoarseTime)
		}
		visit.passed = true
		return c.Next()
	}
}

// checkRequest holds a request to the contract: its size, its parameters, its body.
func (o *operation) checkRequest(c *fiber.Ctx, request *Request) error {
	if err := o.formAsQuery(c); err != nil {
		return err
	}
	if err := o.checkBodySize(c); err != nil {
		return err
	}
	others, err := o.checkParameters(c)
	if err != nil {
		return err
	}
	request.Others = others
	if err := o.checkBody(c); err != nil {
		return err
	}
	return o.checkTus(c)
}

// admit is the part of the guard that is about who calls: limits, token, role.
func (a *App) admit(ctx context.Context, c *fiber.Ctx, visit *visit) error {
	operation, request := visit.operation, visit.request
	if operation.public {
		if operation.basic {
			request.Basic = basicOf(&c.Request().Header)
		}
		return a.limits.allow(operation, visit.neighbour, request.Now)
	}
	// A flood of bad tokens is stopped before any of them is verified, except where somebody calls for help: behind
	// one address of a carrier are thousands, and one of them may be in need.
	wait := a.limits.failing(visit.neighbour, request.Now)
	token, ok := bearer(c)
	if !ok && operation.socket {
		token, ok = protocolToken(c)
	}
	switch {
	case wait > 0 && !(operation.help && ok):
		return models.Fail(models.CodeRateLimited).After(wait)
	case !ok:
		return models.Fail(models.CodeUnauthenticated)
	}
	who, err := a.options.Authenticator.Authenticate(ctx, token, request.Now)
	if Status(err) == http.StatusUnauthorized {
		if wait > 0 {
			return models.Fail(models.CodeRateLimited).After(wait)
		}
		a.limits.failed(visit.neighbour, request.Now)
	}
	if err != nil {
		return err
	}
	request.Principal = who
	if err := a.limits.allow(operation, limitKey(operation, who, c, visit), request.Now); err != nil {
		return err
	}
	if err := models.MayTry(operation.id, who); err != nil {
		if a.options.Refused != nil {
			a.options.Refused(ctx, who, operation.id, models.CodeOf(err))
		}
		return err
	}
	return nil
}

func limitKey(operation *operation, who models.Principal, c *fiber.Ctx, visit *visit) string {
	switch operation.rateKey {
	case "door":
		return c.Params("door_id")
	case "address":
		return visit.neighbour
	default:
		return string(who.ID)
	}
}

// bearer takes the token from the Authorization header (RFC 6750).
func bearer(c *fiber.Ctx) (string, bool) {
	return bearerOf(&c.Request().Header)
}

func bearerOf(header *fasthttp.RequestHeader) (string, bool) {
	values := header.PeekAll(fiber.HeaderAuthorization)
	if len(values) != 1 || len(values[0]) > maxToken {
		return "", false
	}
	scheme, token, ok := strings.Cut(string(values[0]), " ")
	token = strings.TrimLeft(token, " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") || token == "" || strings.ContainsAny(token, " ,\t") {
		return "", false
	}
	return token, true
}
