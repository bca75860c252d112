package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gofiber/fiber/v2"
)

// conformer holds answers, and the requests that were answered well, against the document
// itself, by kin-openapi: slower than the guard and independent of it. For tests and
// development; a mismatch becomes a loud 500.
type conformer struct {
	request, answer []openapi3.SchemaValidationOption
}

func newConformer() *conformer {
	format := func(name, pattern string) openapi3.SchemaValidationOption {
		return openapi3.WithStringFormatValidator(name, openapi3.NewRegexpFormatValidator(pattern))
	}
	const id = `[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`
	const instant = `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d`
	return &conformer{
		request: []openapi3.SchemaValidationOption{
			openapi3.VisitAsRequest(), openapi3.EnableFormatValidation(),
			format("uuid", "(?i)^"+id), format("date-time", instant+`(\.\d+)?(Z|[+-]\d\d:\d\d)$`),
		},
		answer: []openapi3.SchemaValidationOption{ // ours are written in one way only
			openapi3.VisitAsResponse(), openapi3.EnableFormatValidation(),
			format("uuid", "^"+id), format("date-time", instant+`\.\d{3}Z$`),
		},
	}
}

// check returns what does not fit, as an internal error. Refusals of the guard are held
// against the problem's schema only: not every operation lists each of them.
func (f *conformer) check(c *fiber.Ctx, visit *visit) error {
	if visit.operation.stream || c.Response().StatusCode() == http.StatusInternalServerError ||
		c.Method() == fiber.MethodHead {
		return nil
	}
	if err := f.checkAnswer(c, visit); err != nil {
		return fmt.Errorf("api: %s answered what the contract does not say: %w", visit.operation.id, err)
	}
	if status := c.Response().StatusCode(); status < 200 || status > 299 || visit.operation.mediaType != typeJSON ||
		len(c.Request().Body()) == 0 {
		return nil
	}
	var body any
	if err := json.Unmarshal(c.Request().Body(), &body); err != nil {
		return fmt.Errorf("api: %s took a body that is no JSON: %w", visit.operation.id, err)
	}
	schema := visit.operation.described.RequestBody.Value.Content.Get(typeJSON).Schema.Value
	if hasItemByItem(schema) {
		return nil // its items may be wrong: the answer says so, one by one
	}
	for name, property := range schema.Properties {
		if lenient, _ := property.Value.Extensions["x-lenient"].(bool); lenient {
			delete(body.(map[string]any), name) //nolint:forcetypeassert // the guard took it for an object
		}
	}
	if err := schema.VisitJSON(body, f.request...); err != nil {
		return fmt.Errorf("api: %s took a request that breaks the contract: %w", visit.operation.id, err)
	}
	return nil
}

func (f *conformer) checkAnswer(c *fiber.Ctx, visit *visit) error {
	status := c.Response().StatusCode()
	described := visit.operation.described.Responses.Status(status)
	mediaType, _, err := mime.ParseMediaType(string(c.Response().Header.ContentType()))
	if described == nil {
		if !visit.passed && mediaType == typeProblem {
			return nil
		}
		return fmt.Errorf("status %d is not among its responses", status)
	}
	if len(described.Value.Content) == 0 {
		if sizeOf(c) > 0 {
			return fmt.Errorf("status %d has no body in the contract", status)
		}
		return nil
	}
	if err != nil {
		return fmt.Errorf("content type: %w", err)
	}
	content := described.Value.Content.Get(mediaType)
	if content == nil {
		return fmt.Errorf("status %d does not come as %s", status, mediaType)
	}
	if !strings.HasSuffix(mediaType, "json") || strings.HasSuffix(mediaType, "ndjson") || c.Response().IsBodyStream() {
		return nil
	}
	var body any
	if err := json.NewDecoder(bytes.NewReader(c.Response().Body())).Decode(&body); err != nil {
		return fmt.Errorf("body: %w", err)
	}
	if err := content.Schema.Value.VisitJSON(body, f.answer...); err != nil {
		return fmt.Errorf("body: %w", err)
	}
	return checkProblemCode(described.Value, body, visit)
}

// checkProblemCode asks that a code is listed with the response that carries it.
func checkProblemCode(described *openapi3.Response, body any, visit *visit) error {
	codes, listed := described.Extensions["x-codes"].([]any)
	problem, ok := body.(map[string]any)
	if !listed || !ok || !visit.passed {
		return nil
	}
	for _, code := range codes {
		if code == problem["code"] {
			return nil
		}
	}
	return fmt.Errorf("code %v is not listed with its status", problem["code"])
}

func hasItemByItem(schema *openapi3.Schema) bool {
	for _, property := range schema.Properties {
		if marked, _ := property.Value.Extensions["x-item-by-item"].(bool); marked {
			return true
		}
	}
	return false
}
