package handlers_test

import (
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"xunfang/models"
)

// mutations walks a schema and makes, of an example, one body for each thing that can be wrong.
type mutations struct {
	example []byte
	flaws   []flaw
}

// step is a field's name or an index.
type step any

// written is how a problem writes a path: items[0].position.lat.
func written(path []step) string {
	text := ""
	for _, one := range path {
		switch one := one.(type) {
		case int:
			text += fmt.Sprintf("[%d]", one)
		default:
			if text != "" {
				text += "."
			}
			text += fmt.Sprint(one)
		}
	}
	return text
}

// bad adds the example with a value, given as JSON text, at the path.
func (m *mutations) bad(path []step, name, value string, fault models.FieldCode) {
	m.badAt(path, path, name, value, fault)
}

// badAt is bad where the problem names another path than the one that is set.
func (m *mutations) badAt(path, named []step, name, value string, fault models.FieldCode) {
	var body any
	_ = json.Unmarshal(m.example, &body) // it was marshalled by us
	text, err := json.Marshal(put(body, path, json.RawMessage(value)))
	if err != nil {
		panic(err) // a value above that is no JSON
	}
	m.flaws = append(m.flaws, flaw{
		name: written(path) + " " + name, body: rawBody{Type: "application/json", Text: text}, field: written(named), fault: fault,
	})
}

// absent stands for a field to be left out.
const absent = `"\u0000absent"`

// put sets a value at a path, making what lies on the way.
func put(into any, path []step, value any) any {
	if len(path) == 0 {
		return value
	}
	switch one := path[0].(type) {
	case int:
		list, _ := into.([]any)
		for len(list) <= one {
			list = append(list, nil)
		}
		list[one] = put(list[one], path[1:], value)
		return list
	default:
		object, _ := into.(map[string]any)
		if object == nil {
			object = map[string]any{}
		}
		name := fmt.Sprint(one)
		if raw, ok := value.(json.RawMessage); ok && len(path) == 1 && string(raw) == absent {
			delete(object, name)
			return object
		}
		object[name] = put(object[name], path[1:], value)
		return object
	}
}

func (m *mutations) object(schema *openapi3.Schema, path []step) {
	for _, name := range sorted(schema.Properties) {
		inner := append(slices.Clone(path), name)
		if lenient, _ := schema.Properties[name].Value.Extensions["x-lenient"].(bool); !lenient { // is not refused for
			m.value(schema.Properties[name].Value, inner)
		}
		if slices.Contains(schema.Required, name) {
			fault := models.FieldRequired
			m.bad(inner, "left out", absent, fault)
		}
	}
	if more := schema.AdditionalProperties.Has; more != nil && *more { // a form of somebody else's: fields we do not know are taken
		return
	}
	unknown := append(slices.Clone(path), "unexpected")
	m.bad(unknown, "unknown", `true`, models.FieldUnknown)
	if names := sorted(schema.Properties); len(names) > 0 { // encoding/json would take it for the field itself
		m.bad(append(slices.Clone(path), strings.ToUpper(names[0])), "in capitals", `"x"`, models.FieldUnknown)
	}
}

func sorted(properties openapi3.Schemas) []string {
	names := []string{}
	for name := range properties {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (m *mutations) value(schema *openapi3.Schema, path []step) {
	for _, wrong := range []struct{ kind, text string }{
		{"string", `"文字"`}, {"integer", `7`}, {"boolean", `true`}, {"array", `[]`}, {"object", `{}`}, {"null", `null`},
	} {
		fits := schema.Type.Is(wrong.kind) || schema.Type.Is("number") && wrong.kind == "integer" ||
			schema.Nullable && wrong.kind == "null"
		if !fits {
			m.bad(path, "as "+wrong.kind, wrong.text, models.FieldType)
		}
	}
	switch {
	case schema.Type.Is("string"):
		m.text(schema, path)
	case schema.Type.Is("integer"), schema.Type.Is("number"):
		m.number(schema, path)
	case schema.Type.Is("array"):
		m.array(schema, path)
	case schema.Type.Is("object"):
		m.object(schema, path)
	}
}

func (m *mutations) text(schema *openapi3.Schema, path []step) {
	m.bad(path, "with NUL", `"a\u0000b"`, models.FieldFormat)
	m.bad(path, "with half a character", `"a\ud800b"`, models.FieldEncoding)
	switch {
	case len(schema.Enum) > 0:
		m.bad(path, "of another kind", `"no_such_word"`, models.FieldEnum)
		return
	case schema.Format == "uuid":
		for _, id := range []string{"1", "01939c1e-8a00-7000-8000-00000000050g", "2 OR 1=1", "01939c1e8a0070008000000000000501"} {
			m.bad(path, "no id", quoted(id), models.FieldFormat)
		}
		return
	case schema.Format == "date":
		for _, day := range []string{"昨天", "2026-02-29", "2026-11-24T02:00:00Z", "2026-1-1", "20261124"} {
			m.bad(path, "no day", quoted(day), models.FieldFormat)
		}
		return
	case schema.Format == "date-time":
		for _, at := range []string{"昨天", "2026-11-24", "2026-13-40T99:00:00Z", "2026-11-24T02:00:00", "1764000000"} {
			m.bad(path, "no time", quoted(at), models.FieldFormat)
		}
		return
	}
	if schema.MaxLength != nil {
		m.bad(path, "too long", quoted(strings.Repeat("长", int(*schema.MaxLength)+1)), models.FieldTooLong)
	}
	if schema.MinLength > 0 {
		m.bad(path, "empty", `""`, models.FieldTooShort)
	}
	if schema.Pattern == `\S` {
		m.bad(path, "of spaces", `" \t\u3000"`, models.FieldFormat)
	} else if schema.Pattern != "" {
		m.bad(path, "of the wrong form", `" % % % "`, models.FieldFormat)
	}
}

func quoted(text string) string {
	quoted, _ := json.Marshal(text) // a string can always be written
	return string(quoted)
}

func (m *mutations) number(schema *openapi3.Schema, path []step) {
	if schema.Type.Is("integer") {
		m.bad(path, "with a fraction", `1.5`, models.FieldType)
		m.bad(path, "beyond 64 bits", `92233720368547758080`, models.FieldTooLarge)
	} else {
		m.bad(path, "huge", `1e400`, models.FieldTooLarge)
	}
	if schema.Min != nil {
		m.bad(path, "too small", fmt.Sprint(math.Floor(*schema.Min)-1), models.FieldTooSmall)
	}
	if schema.Max != nil {
		m.bad(path, "too large", fmt.Sprint(int64(math.Ceil(*schema.Max)+1)), models.FieldTooLarge)
	}
}

func (m *mutations) array(schema *openapi3.Schema, path []step) {
	m.value(schema.Items.Value, append(slices.Clone(path), 0))
	if schema.MinItems > 0 {
		m.bad(path, "empty", `[]`, models.FieldTooFew)
	}
	one := sample(schema.Items.Value, 0)
	if schema.UniqueItems {
		m.badAt(path, append(slices.Clone(path), 1), "with a repeat", `[`+one+`,`+one+`]`, models.FieldNotUnique)
	}
	if schema.MaxItems != nil {
		many := []string{}
		for at := range int(*schema.MaxItems) + 1 {
			many = append(many, sample(schema.Items.Value, at))
		}
		m.bad(path, "of too many", `[`+strings.Join(many, ",")+`]`, models.FieldTooMany)
	}
}

// sample is a value that fits an item's schema, as JSON; ids and objects differ by number.
func sample(schema *openapi3.Schema, number int) string {
	switch {
	case schema.Format == "uuid":
		return quoted(fmt.Sprintf("01939c1e-8a00-7000-8000-%012x", number))
	case len(schema.Enum) > 0:
		return quoted(fmt.Sprint(schema.Enum[number%len(schema.Enum)]))
	case schema.Format == "date":
		return quoted(time.Date(2026, 1, 1+number, 0, 0, 0, 0, time.UTC).Format(time.DateOnly))
	case schema.Type.Is("object"):
		fields := []string{}
		for _, name := range schema.Required {
			fields = append(fields, quoted(name)+":"+sample(schema.Properties[name].Value, number))
		}
		return "{" + strings.Join(fields, ",") + "}"
	case schema.Format == "date-time":
		return `"2026-11-24T02:00:00.000Z"`
	case schema.Type.Is("integer"), schema.Type.Is("number"):
		least := 0
		if schema.Min != nil {
			least = int(*schema.Min)
		}
		return fmt.Sprint(least + number%2)
	case schema.Type.Is("boolean"):
		return "true"
	case schema.Type.Is("array"):
		return "[]"
	case schema.Example != nil: // where not every text fits
		return quoted(fmt.Sprint(schema.Example))
	default:
		return quoted("文字")
	}
}

// parameterFlaws are flaws of the query: each parameter with each value that does not fit, one that
// nobody knows, and one given twice.
func (o faulty) parameterFlaws() []flaw {
	flaws := []flaw{
		{name: "unknown query", query: "unexpected=1", field: "unexpected", fault: models.FieldUnknown},
		{name: "broken escape", query: "limit=%f", field: "query", fault: models.FieldEncoding},
	}
	for at := range flaws {
		flaws[at].body = o.anyBody()
	}
	if open, _ := o.described.Extensions["x-open-query"].(bool); open { // a form of somebody else's
		flaws = flaws[1:]
	}
	for _, reference := range o.described.Parameters {
		one := reference.Value
		if one.In != "query" {
			continue
		}
		bad := func(value string, fault models.FieldCode) {
			flaws = append(flaws, flaw{
				name: one.Name + "=" + value, query: one.Name + "=" + url.QueryEscape(value), field: one.Name, fault: fault,
			})
		}
		schema := one.Schema.Value
		switch {
		case schema.Type.Is("integer"):
			bad("0", models.FieldTooSmall)
			bad(fmt.Sprint(int(*schema.Max)+1), models.FieldTooLarge)
			bad("-1", models.FieldTooSmall)
			bad("99999999999999999999", models.FieldTooLarge)
			for _, value := range []string{"", "ten", "1.0", "1e1", "0x10", " 5", "５"} {
				bad(value, models.FieldType)
			}
		case schema.Type.Is("number"):
			bad("", models.FieldType)
			bad("ten", models.FieldType)
		case schema.Type.Is("boolean"):
			bad("yes", models.FieldType)
		case len(schema.Enum) > 0:
			bad("no_such_word", models.FieldEnum)
		case schema.Format != "":
			bad("1", models.FieldFormat)
			bad("", models.FieldFormat)
		}
		if schema.Type.Is("string") {
			bad("a\x00b", models.FieldFormat)
			bad("\xff", models.FieldEncoding)
		}
		if schema.MaxLength != nil && len(schema.Enum) == 0 {
			bad(strings.Repeat("x", int(*schema.MaxLength)+1), models.FieldTooLong)
		}
		flaws = append(flaws, flaw{name: one.Name + " twice", query: one.Name + "=1&" + one.Name + "=1", field: one.Name, fault: models.FieldDuplicate})
		if one.Name == "cursor" {
			for _, value := range []string{"x", "bm90IGFuIGlk", "MDE5MzljMWUtOGEwMC03MDAwLTgwMDAtMDAwMDAwMDAwNTAx=="} {
				flaws = append(flaws, flaw{
					name: "cursor " + value, query: strings.TrimPrefix(o.query+"&cursor="+value, "&"), code: models.CodeBadCursor,
					field: "cursor", fault: models.FieldFormat,
				})
			}
		}
	}
	return flaws
}

// anyBody is a body that is right, so that only the query is wrong.
func (o faulty) anyBody() any {
	for _, example := range o.examples() {
		return example
	}
	return nil
}
