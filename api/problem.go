package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"xunfang/models"
)

// statuses is the one table from kinds of error to HTTP status.
var statuses = map[models.Kind]int{
	models.KindInvalid:         http.StatusBadRequest,
	models.KindUnauthenticated: http.StatusUnauthorized,
	models.KindForbidden:       http.StatusForbidden,
	models.KindNotFound:        http.StatusNotFound,
	models.KindMethod:          http.StatusMethodNotAllowed,
	models.KindConflict:        http.StatusConflict,
	models.KindPrecondition:    http.StatusPreconditionFailed,
	models.KindTooLarge:        http.StatusRequestEntityTooLarge,
	models.KindMediaType:       http.StatusUnsupportedMediaType,
	models.KindChecksum:        statusChecksum,
	models.KindUnprocessable:   http.StatusUnprocessableEntity,
	models.KindTooMany:         http.StatusTooManyRequests,
	models.KindUnavailable:     http.StatusServiceUnavailable,
}

// Status is the HTTP status that an error is answered with.
func Status(err error) int {
	status, _ := classify(err)
	return status
}

// classify turns any error into one of ours and its status. What is not ours, nor one of
// Fiber's, is internal: its text never leaves the process.
func classify(err error) (int, *models.Error) {
	var ours *models.Error
	if errors.As(err, &ours) {
		if status, ok := statuses[ours.Kind]; ok {
			return status, ours
		}
		return http.StatusInternalServerError, models.Fail(models.CodeInternal).Because(err)
	}
	var fibers *fiber.Error
	if errors.As(err, &fibers) {
		return classifyFiber(fibers)
	}
	if isTimeout(err) {
		return http.StatusServiceUnavailable, models.Fail(models.CodeBusy).After(retrySoon).Because(err)
	}
	return http.StatusInternalServerError, models.Fail(models.CodeInternal).Because(err)
}

// classifyFiber keeps the status where the standard has a more telling one than our table,
// and gives it the nearest of our codes.
func classifyFiber(err *fiber.Error) (int, *models.Error) {
	code := models.CodeInvalidRequest
	switch {
	case err.Code == http.StatusNotFound:
		code = models.CodeNotFound
	case err.Code == http.StatusMethodNotAllowed:
		code = models.CodeMethodNotAllowed
	case err.Code == http.StatusRequestEntityTooLarge, err.Code == http.StatusRequestHeaderFieldsTooLarge,
		err.Code == http.StatusRequestURITooLong:
		code = models.CodeTooLarge
	case err.Code == http.StatusUnsupportedMediaType:
		code = models.CodeUnsupportedMedia
	case err.Code == http.StatusServiceUnavailable:
		return err.Code, models.Fail(models.CodeBusy).After(retrySoon)
	case err.Code == http.StatusBadGateway: // how Fiber names a connection that broke off
		return http.StatusBadRequest, models.Fail(code)
	case err.Code < 400 || err.Code >= 500:
		return http.StatusInternalServerError, models.Fail(models.CodeInternal).Because(err)
	}
	return err.Code, models.Fail(code)
}

// problemBody is RFC 9457 with our members; the contract's schema Problem.
type problemBody struct {
	Type      string         `json:"type"`
	Title     string         `json:"title"`
	Status    int            `json:"status"`
	Detail    string         `json:"detail"`
	Code      string         `json:"code"`
	RequestID string         `json:"request_id"`
	State     string         `json:"state,omitempty"`
	Errors    []FieldProblem `json:"errors,omitempty"`
}

func problemOf(status int, ours *models.Error, requestID, speech string) problemBody {
	info := codeWords[ours.Code]
	title, detail := info.TitleZH, info.AdviceZH
	if speech == English {
		title, detail = info.TitleEN, info.AdviceEN
	}
	return problemBody{
		Type: "/errors#" + string(ours.Code), Title: title, Status: status, Detail: detail,
		Code: string(ours.Code), RequestID: requestID, State: ours.State, Errors: FieldProblems(ours.Fields, speech),
	}
}

// writeProblem is the only writer of errors. It returns the error as it was classified.
func writeProblem(ctx *fasthttp.RequestCtx, requestID string, err error) *models.Error {
	status, ours := classify(err)
	speech := languageOf(string(ctx.Request.Header.Peek("Accept-Language")))
	problem := problemOf(status, ours, requestID, speech)
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false) // "<= 90" is for people; nosniff keeps browsers from reading it as HTML
	civic := bytes.HasPrefix(ctx.Path(), []byte(open311Root))
	// Encoding plain strings and numbers cannot fail.
	if civic {
		_ = encoder.Encode(open311Errors(status, problem.Detail, ours.Fields))
	} else {
		_ = encoder.Encode(problem)
	}
	header := &ctx.Response.Header
	ctx.Response.ResetBody()
	ctx.SetStatusCode(status)
	header.SetContentType(typeProblem)
	if civic {
		header.SetContentType(typeJSON)
	}
	header.Set("Content-Language", speech)
	header.Add("Vary", "Accept-Language")
	if ours.RetryAfter > 0 {
		header.Set("Retry-After", strconv.Itoa(int(math.Ceil(ours.RetryAfter.Seconds()))))
	}
	if status == http.StatusUnauthorized {
		header.Set("WWW-Authenticate", challenge(ours.Code))
	}
	ctx.Response.SetBodyRaw(body.Bytes())
	return ours
}

// open311Root is where the contract is not ours: GeoReport v2 has its own form of errors.
const open311Root = "/open311/"

// open311Error is an error of GeoReport v2.
type open311Error struct {
	Code        int    `json:"code"`
	Description string `json:"description"`
}

func open311Errors(status int, detail string, fields []models.FieldError) []open311Error {
	found := []open311Error{}
	for _, field := range fields {
		words := field.Field + ": " + string(field.Code)
		if field.Code == models.FieldRequired {
			words = field.Field + " was not provided"
		}
		found = append(found, open311Error{Code: status, Description: words})
	}
	if len(found) == 0 {
		found = append(found, open311Error{Code: status, Description: detail})
	}
	return found
}

// challenge follows RFC 6750: a token that was sent and did not hold is named.
func challenge(code models.Code) string {
	if code == models.CodeTokenExpired {
		return `Bearer realm="xunfang", error="invalid_token"`
	}
	return `Bearer realm="xunfang"`
}
