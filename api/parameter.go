package api

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gofiber/fiber/v2"

	"xunfang/models"
)

// parameter is one parameter of an operation.
type parameter struct {
	name     string
	in       string // path, query or header
	required bool
	shape    *shape
}

func (c *compiler) parameter(made *operation, described *openapi3.Parameter) error {
	want, err := c.compile(described.Schema)
	if err != nil {
		return err
	}
	switch want.kind {
	case kindString, kindInteger, kindNumber, kindBoolean:
	default:
		return fmt.Errorf("only plain values can be checked")
	}
	switch described.In {
	case "query":
		made.queries[described.Name] = true
	case "path":
	case "header":
		made.keyed = made.keyed || strings.EqualFold(described.Name, headerKey)
		made.prefers = made.prefers || strings.EqualFold(described.Name, headerPrefer)
	default:
		return fmt.Errorf("parameters in %s cannot be checked", described.In)
	}
	made.parameters = append(made.parameters, parameter{
		name: described.Name, in: described.In, required: described.Required, shape: want,
	})
	return nil
}

// checkParameters holds path, query and headers against the contract. A malformed id in
// the path is a thing that does not exist: CodeNotFound. others are those that the contract does not name, if such are taken.
func (o *operation) checkParameters(c *fiber.Ctx) (others url.Values, err error) {
	var found list
	query, err := url.ParseQuery(string(c.Request().URI().QueryString()))
	if err != nil {
		found.add("query", models.FieldEncoding, "RFC 3986")
	}
	for name, values := range query {
		switch {
		case !o.queries[name] && o.openQuery:
			if others == nil {
				others = url.Values{}
			}
			others[name] = values
		case !o.queries[name]:
			found.add(printable(name), models.FieldUnknown, "")
		case len(values) > 1:
			found.add(name, models.FieldDuplicate, "")
		}
	}
	for _, one := range o.parameters {
		value, there := one.read(c, query, &found)
		switch {
		case strings.EqualFold(one.name, headerKey): // checked by itself, last
		case !there && one.required:
			found.add(one.name, models.FieldRequired, "")
		case there:
			code, want := one.shape.checkPlain(value)
			if code != "" && one.in == "path" && one.shape.isID() {
				return nil, models.Fail(models.CodeNotFound)
			}
			if code != "" {
				found.add(one.name, code, want)
			}
		}
	}
	if len(found.errors) > 0 {
		return nil, models.Fail(models.CodeInvalidRequest).WithFields(found.errors...)
	}
	return others, nil
}

// read gives the value of a parameter and whether it is there at all.
func (p *parameter) read(c *fiber.Ctx, query url.Values, found *list) (string, bool) {
	switch p.in {
	case "query":
		values := query[p.name]
		return strings.Join(values, ""), len(values) == 1
	case "path":
		value, err := url.PathUnescape(c.Params(p.name))
		if err != nil {
			return "\xff", true // what cannot be unescaped fits no shape
		}
		return value, true
	default:
		values := c.Request().Header.PeekAll(p.name)
		if len(values) > 1 && !strings.EqualFold(p.name, headerPrefer) { // Prefer is a list by its standard
			found.add(p.name, models.FieldDuplicate, "")
		}
		if len(values) == 0 {
			return "", false
		}
		return string(values[0]), true
	}
}

// checkPlain holds a parameter, which is text whatever it stands for, against its shape.
func (s *shape) checkPlain(value string) (models.FieldCode, string) {
	switch {
	case !utf8.ValidString(value):
		return models.FieldEncoding, "UTF-8"
	case strings.IndexFunc(value, func(char rune) bool { return char < 0x20 || char == 0x7f }) >= 0:
		return models.FieldFormat, "no control characters"
	}
	switch s.kind {
	case kindBoolean:
		if value != "true" && value != "false" {
			return models.FieldType, "true | false"
		}
		return "", ""
	case kindInteger, kindNumber:
		scan := checking{data: value}
		literal, whole, ok := scan.scanNumber()
		if !ok || len(literal) != len(value) {
			return models.FieldType, s.kind.String()
		}
		return s.checkNumber(value, whole)
	default:
		return s.checkString(value)
	}
}

// checkKey looks at Idempotency-Key: there when it must be, and in its form.
func (o *operation) checkKey(c *fiber.Ctx) (string, error) {
	if !o.keyed {
		return "", nil
	}
	key := c.Get(http.CanonicalHeaderKey(headerKey))
	if key == "" {
		if o.idempotent {
			return "", models.Fail(models.CodeKeyMissing).WithFields(
				models.FieldError{Field: headerKey, Code: models.FieldRequired})
		}
		return "", nil
	}
	for _, one := range o.parameters {
		if !strings.EqualFold(one.name, headerKey) {
			continue
		}
		if code, want := one.shape.checkPlain(key); code != "" {
			return "", models.Fail(models.CodeInvalidRequest).WithFields(
				models.FieldError{Field: headerKey, Code: code, Want: want})
		}
	}
	return key, nil
}
