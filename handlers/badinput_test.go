package handlers_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"xunfang/models"
)

// flaw is one request with something wrong in it.
type flaw struct {
	name    string
	query   string
	body    any
	headers []string
	want    int         // status; 400 by default
	code    models.Code // of the problem
	field   string      // what the problem names
	fault   models.FieldCode
}

// faulty is one operation of the contract as the bad-input test calls it.
type faulty struct {
	id, method, path string
	described        *openapi3.Operation
	who              *caller
	media            *openapi3.MediaType // JSON body; nil without one
	maxBody          int
	headers          []string // those that must be there, right
	query            string   // what of it must be there, right
}

// faultyOperations lists the contract's operations, each with a caller whose role may try it.
func faultyOperations(t *testing.T, rig *rig) []faulty {
	t.Helper()
	document, err := openapi3.NewLoader().LoadFromData(contractText(t))
	if err != nil {
		t.Fatal(err)
	}
	found := []faulty{}
	for path, item := range document.Paths.Map() {
		for method, described := range item.Operations() {
			one := faulty{id: described.OperationID, method: method, path: path, described: described, maxBody: 64 << 10}
			for _, parameter := range described.Parameters {
				if parameter.Value.In == "path" {
					right := any(rig.ids.next())
					if parameter.Value.Example != nil { // it is no id
						right = parameter.Value.Example
					}
					one.path = strings.ReplaceAll(one.path, "{"+parameter.Value.Name+"}", fmt.Sprint(right))
				}
				if parameter.Value.In == "query" && parameter.Value.Required {
					one.query = strings.TrimPrefix(fmt.Sprintf("%s&%s=%v", one.query, parameter.Value.Name, parameter.Value.Example), "&")
				}
				if parameter.Value.In == "header" && parameter.Value.Required && parameter.Value.Schema.Value.Type.Is("integer") {
					one.headers = append(one.headers, parameter.Value.Name, "1")
				}
			}
			if roles, ok := described.Extensions["x-roles"].([]any); ok {
				one.who = rig.as(models.Role(roles[0].(string)))
				rig.token(one.who)
			}
			if size, ok := described.Extensions["x-max-body"].(float64); ok {
				one.maxBody = int(size)
			}
			if described.RequestBody != nil {
				one.media = described.RequestBody.Value.Content.Get("application/json")
			}
			found = append(found, one)
		}
	}
	slices.SortFunc(found, func(left, right faulty) int { return strings.Compare(left.id, right.id) })
	return found
}

// TestBadInput runs everything about bad input in one world: what is right about a refusal is that it
// leaves nothing behind.
func TestBadInput(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.signInAll()
		rig.part(t, "generated from the contract", generatedFlaws)
		rig.part(t, "by the rules", flawsByTheRules)
		rig.part(t, "photos", badPhotos)
		rig.part(t, "malformed ids in paths", malformedIDs)
		rig.part(t, "times at the edges", timesAtTheEdges)
		rig.part(t, "a role ends whatever the end", roleEnds)
		rig.part(t, "the check notices what is taken", takenInput)
	})
}

// part runs a subtest whose failures are its own.
func (r *rig) part(t *testing.T, name string, test func(t *testing.T, rig *rig)) {
	t.Helper()
	whole := r.t
	defer func() { r.t = whole }()
	t.Run(name, func(t *testing.T) {
		r.t = t
		test(t, r)
	})
}

// generatedFlaws: whatever is wrong with a request is answered by a problem that names it, and nothing
// is written. The flaws come from the contract, so that a new operation or field is covered by itself.
func generatedFlaws(t *testing.T, rig *rig) {
	count := 0
	for _, operation := range faultyOperations(t, rig) {
		flaws := append(operation.bodyFlaws(t), operation.parameterFlaws()...)
		flaws = append(flaws, operation.keyFlaws()...)
		before := rig.rows()
		for _, one := range flaws {
			count++
			if complaint := rig.sendFlaw(operation, one); complaint != "" {
				t.Errorf("%s, %s: %s", operation.id, one.name, complaint)
			}
		}
		if after := rig.rows(); !maps.Equal(before, after) {
			t.Errorf("%s: bad input was written: %v, before %v", operation.id, after, before)
		}
	}
	if count < 2000 {
		t.Errorf("only %d flaws were found in the contract", count)
	}
	t.Logf("%d flaws", count)
}

// The check itself must be able to fail: a good request, and a flaw that is expected elsewhere.
func takenInput(t *testing.T, rig *rig) {
	operation := faulty{id: "createPerson", method: http.MethodPost, path: "/v1/people", who: rig.Admin}
	before := rig.rows()
	if rig.sendFlaw(operation, flaw{body: map[string]any{"name": "王芳"}, field: "name", fault: models.FieldType}) == "" {
		t.Error("a person that was made counts as a refusal")
	}
	if maps.Equal(before, rig.rows()) {
		t.Error("a person that was made is not among the rows")
	}
	if rig.sendFlaw(operation, flaw{body: map[string]any{"name": 1}, field: "phone", fault: models.FieldType}) == "" {
		t.Error("another field than the named one is taken for it")
	}
	if said := rig.sendFlaw(operation, flaw{body: map[string]any{"name": 1}, field: "name", fault: models.FieldType}); said != "" {
		t.Error(said)
	}
}

// sendFlaw sends one request and says what is not as it must be.
func (r *rig) sendFlaw(operation faulty, one flaw) string {
	if one.want == 0 {
		one.want = http.StatusBadRequest
	}
	if one.code == "" {
		one.code = models.CodeInvalidRequest
	}
	path := operation.path
	if one.query != "" {
		path += "?" + one.query
	}
	answer := r.call(operation.who, operation.method, path, one.body, append(slices.Clone(operation.headers), one.headers...)...)
	named := strings.TrimSpace(one.field + " " + string(one.fault))
	if strings.HasPrefix(operation.path, "/open311/") { // GeoReport's own form of errors
		if answer.Status != one.want || answer.at("0.code") != float64(one.want) || !strings.Contains(answer.Text, one.field) {
			return fmt.Sprintf("%d %s, want %d and %s", answer.Status, answer.Text, one.want, one.field)
		}
		return ""
	}
	switch {
	case operation.method == http.MethodHead && answer.Status == one.want: // an answer to HEAD has no body
		return ""
	case answer.Status != one.want || answer.code() != one.code:
		return fmt.Sprintf("%d %s, want %d %s: %s", answer.Status, answer.code(), one.want, one.code, answer.Text)
	case answer.Header.Get("Content-Type") != "application/problem+json":
		return "comes as " + answer.Header.Get("Content-Type")
	case answer.text("request_id") == "" || answer.text("title") == "" || answer.text("detail") == "":
		return "says too little: " + answer.Text
	case named != "" && !slices.Contains(answer.fields(), named):
		return fmt.Sprintf("names %q, want %q", answer.fields(), named)
	}
	return ""
}

// examples are the bodies that the contract shows, by name, with their schemas.
func (o faulty) examples() map[string]any {
	found := map[string]any{}
	if o.media == nil {
		return found
	}
	if o.media.Example != nil {
		found["example"] = o.media.Example
	}
	for name, example := range o.media.Examples {
		found[name] = example.Value.Value
	}
	return found
}

// bodyFlaws are the example bodies with one thing wrong, and bodies that are none.
func (o faulty) bodyFlaws(t *testing.T) []flaw {
	t.Helper()
	flaws := []flaw{}
	if o.described.RequestBody == nil {
		flaws = append(flaws, flaw{name: "a body", query: o.query, body: map[string]any{"unexpected": true}, field: "body", fault: models.FieldNotAllowed})
	}
	for name, example := range o.examples() {
		text, err := json.Marshal(example)
		if err != nil {
			t.Fatal(err)
		}
		walk := mutations{example: text}
		walk.object(schemaOf(o.media.Schema.Value, example), nil)
		for _, one := range walk.flaws {
			one.name = name + ": " + one.name
			flaws = append(flaws, one)
		}
		flaws = append(flaws, o.textFlaws(text)...)
	}
	return flaws
}

// schemaOf chooses the branch of a union that an example belongs to.
func schemaOf(schema *openapi3.Schema, example any) *openapi3.Schema {
	if schema.Discriminator == nil {
		return schema
	}
	named, _ := example.(map[string]any)[schema.Discriminator.PropertyName].(string)
	reference := schema.Discriminator.Mapping[named].Ref
	for _, branch := range schema.OneOf {
		if branch.Ref == reference {
			return branch.Value
		}
	}
	return schema
}

// textFlaws are flaws of the body as a whole.
func (o faulty) textFlaws(example []byte) []flaw {
	send := func(text []byte) rawBody { return rawBody{Type: "application/json", Text: text} }
	inner := string(example[1:])
	first, _, _ := strings.Cut(inner, ":")
	key := strings.Trim(first, `"`)
	deep := strings.Repeat("[", 60) + strings.Repeat("]", 60)
	large := append(bytes.Repeat([]byte(" "), o.maxBody), example...)
	flaws := []flaw{
		{name: "duplicate key", body: send([]byte(`{` + first + `:null,` + inner)), code: models.CodeInvalidJSON, field: key, fault: models.FieldDuplicate},
		{
			name: "duplicate key behind an escape", body: send([]byte(`{"\u00` + fmt.Sprintf("%02x", key[0]) + key[1:] + `":null,` + inner)),
			code: models.CodeInvalidJSON, field: key, fault: models.FieldDuplicate,
		},
		{name: "deep nesting", body: send([]byte(`{"nested":` + deep + `,` + inner)), fault: models.FieldTooDeep, field: "nested" + strings.Repeat("[0]", 15)},
		{name: "oversized", body: send(large), want: http.StatusRequestEntityTooLarge, code: models.CodeTooLarge, field: "body", fault: models.FieldTooLarge},
		{name: "bad UTF-8", body: send([]byte(`{"x":"` + "\xff\xfe" + `",` + inner)), code: models.CodeInvalidJSON, field: "body", fault: models.FieldEncoding},
		{name: "cut off", body: send(example[:len(example)-1]), code: models.CodeInvalidJSON, field: "body", fault: models.FieldFormat},
		{name: "two bodies", body: send(append(slices.Clone(example), example...)), code: models.CodeInvalidJSON, field: "body", fault: models.FieldFormat},
		{name: "byte order mark", body: send(append([]byte("\xef\xbb\xbf"), example...)), code: models.CodeInvalidJSON, field: "body", fault: models.FieldFormat},
		{name: "NUL behind it", body: send(append(slices.Clone(example), 0)), code: models.CodeInvalidJSON, field: "body", fault: models.FieldFormat},
		{name: "single quotes", body: send([]byte(`{'a':1}`)), code: models.CodeInvalidJSON, field: "body", fault: models.FieldFormat},
		{name: "not a number", body: send([]byte(`{"a":NaN}`)), code: models.CodeInvalidJSON, field: "body", fault: models.FieldFormat},
		{name: "an array", body: send([]byte(`[` + string(example) + `]`)), field: "body", fault: models.FieldType},
		{name: "a string", body: send([]byte(`"x"`)), field: "body", fault: models.FieldType},
		{name: "null", body: send([]byte(`null`)), field: "body", fault: models.FieldType},
		{
			name: "packed", body: send(example), headers: []string{"Content-Encoding", "gzip"},
			want: http.StatusUnsupportedMediaType, code: models.CodeUnsupportedMedia, field: "Content-Encoding", fault: models.FieldEnum,
		},
	}
	if o.described.RequestBody.Value.Required {
		flaws = append(flaws, flaw{name: "no body", body: send(nil), field: "body", fault: models.FieldRequired})
	}
	for _, contentType := range []string{"", "text/plain", "application/x-www-form-urlencoded", "application/json; charset=gbk", "application/xml"} {
		if o.described.RequestBody.Value.Content[contentType] != nil {
			continue // taken, beside JSON
		}
		flaws = append(flaws, flaw{
			name: "content type " + contentType, body: rawBody{Type: contentType, Text: example},
			want: http.StatusUnsupportedMediaType, code: models.CodeUnsupportedMedia, field: "Content-Type", fault: models.FieldEnum,
		})
	}
	return flaws
}

// keyFlaws are flaws of the Idempotency-Key, beside a body that is right.
func (o faulty) keyFlaws() []flaw {
	needed, _ := o.described.Extensions["x-idempotent"].(bool)
	if !needed {
		return nil
	}
	var body any
	for _, example := range o.examples() {
		body = example
	}
	if asked := o.described.RequestBody; asked != nil && asked.Value.Content.Get("multipart/form-data") != nil {
		body = matrixPhoto(tinyPNG())
	}
	bad := func(name, key string, fault models.FieldCode) flaw {
		return flaw{name: name, body: body, headers: []string{"Idempotency-Key", key}, field: "Idempotency-Key", fault: fault}
	}
	absent := bad("no key", without, models.FieldRequired)
	absent.code = models.CodeKeyMissing
	return []flaw{
		absent, bad("short key", "1234567", models.FieldTooShort), bad("long key", strings.Repeat("k", 129), models.FieldTooLong),
		bad("key with a space", "01234 56789", models.FieldFormat), bad("key in Chinese", "钥匙钥匙钥匙钥匙", models.FieldFormat),
	}
}
