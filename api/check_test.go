package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"xunfang/models"
)

const checkedDocument = `
openapi: 3.0.3
info: {title: test, version: '1'}
paths:
  /things:
    post:
      operationId: createThing
      security: []
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}
      responses: {'204': {description: done}}
  /grants:
    post:
      operationId: createGrant
      security: []
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Either'}}}
      responses: {'204': {description: done}}
components:
  schemas:
    Thing:
      type: object
      required: [id, role]
      properties:
        id: {type: string, format: uuid}
        role: {type: string, enum: [guard, officer]}
        at: {type: string, format: date-time}
        day: {type: string, format: date}
        name: {type: string, minLength: 2, maxLength: 4}
        plain: {type: string}
        shown: {type: string, pattern: '\S'}
        plate: {type: string, pattern: '^[A-Z]+$'}
        empty: {type: string, nullable: true}
        count: {type: integer, minimum: 1, maximum: 9}
        small: {type: integer, format: int32}
        ratio: {type: number, minimum: 0, exclusiveMinimum: true, maximum: 1, exclusiveMaximum: true}
        sure: {type: boolean}
        inner: {type: object, properties: {lat: {type: number, maximum: 90}}}
        tags: {type: array, minItems: 1, maxItems: 3, uniqueItems: true, items: {type: string}}
        ids: {type: array, uniqueItems: true, items: {type: string, format: uuid}}
        items: {type: array, items: {type: object, properties: {position: {type: object, properties: {lat: {type: number, maximum: 90}}}}}}
        extra: {type: object, additionalProperties: {type: integer}}
        raw: {type: array, maxItems: 2, x-item-by-item: true, items: {$ref: '#/components/schemas/Item'}}
    Item:
      type: object
      required: [id]
      properties: {id: {type: string}, position: {type: object, properties: {lat: {type: number, maximum: 90}}}}
    Either:
      oneOf: [{$ref: '#/components/schemas/Password'}, {$ref: '#/components/schemas/Refresh'}]
      discriminator:
        propertyName: grant_type
        mapping: {password: '#/components/schemas/Password', refresh: '#/components/schemas/Refresh'}
    Password: {type: object, required: [grant_type, password], properties: {grant_type: {type: string, enum: [password]}, password: {type: string}}}
    Refresh: {type: object, required: [grant_type, token], properties: {grant_type: {type: string, enum: [refresh]}, token: {type: string}}}
`

func testContract(t testing.TB) *Contract {
	t.Helper()
	contract, err := LoadContract([]byte(checkedDocument))
	if err != nil {
		t.Fatal(err)
	}
	return contract
}

// found writes field errors as "field code want".
func found(err error) []string {
	var texts []string
	var ours *models.Error
	if errors.As(err, &ours) {
		for _, one := range ours.Fields {
			texts = append(texts, strings.TrimSpace(fmt.Sprintf("%s %s %s", one.Field, one.Code, one.Want)))
		}
	}
	return texts
}

func TestCheckerNamesEveryKindOfBadInput(t *testing.T) {
	contract := testContract(t)
	good := `"id":"` + someID + `","role":"guard"`
	with := func(more string) string { return `{` + good + `,` + more + `}` }
	deep := func(levels int) string { return strings.Repeat(`[`, levels) + strings.Repeat(`]`, levels) }
	tests := []struct {
		name, body string
		code       models.Code
		fields     []string
	}{
		{"good", `{` + good + `}`, "", nil},
		{"all good", with(`"at":"2026-11-24T10:00:00.123+08:00","day":"2026-02-28","name":"王小明","plain":"a\n\t\u00e9\ud83d\ude00","shown":" x ","plate":"AB","empty":null,"count":9,"small":-2147483648,"ratio":0.5,"sure":true,"inner":{"lat":-1e1},"tags":["a","b"],"items":[],"extra":{"x":1,"Y":2}`), "", nil},
		{"white space", " \n{\t" + good + "\r}\n ", "", nil},
		{"empty", ``, models.CodeInvalidJSON, []string{"wrong_format JSON @ 0"}},
		{"bad UTF-8", with("\"plain\":\"\xff\""), models.CodeInvalidJSON, []string{"bad_encoding UTF-8"}},
		{"trailing data", `{` + good + `}{}`, models.CodeInvalidJSON, nil},
		{"cut off", `{` + good, models.CodeInvalidJSON, nil},
		{"trailing comma", with(``), models.CodeInvalidJSON, nil},
		{"leading comma in array", with(`"tags":[,"a"]`), models.CodeInvalidJSON, nil},
		{"trailing comma in array", with(`"tags":["a",]`), models.CodeInvalidJSON, nil},
		{"comment", with(`/* */"name":"ab"`), models.CodeInvalidJSON, nil},
		{"single quotes", `{'id':1}`, models.CodeInvalidJSON, nil},
		{"raw control character", with("\"plain\":\"a\x00b\""), models.CodeInvalidJSON, nil},
		{"raw line feed", with("\"plain\":\"a\nb\""), models.CodeInvalidJSON, nil},
		{"bad escape", with(`"plain":"\x41"`), models.CodeInvalidJSON, nil},
		{"half an escape", with(`"plain":"\u00`), models.CodeInvalidJSON, nil},
		{"signed hex", with(`"plain":"\u+041"`), models.CodeInvalidJSON, nil},
		{"byte order mark", "\ufeff{" + good + "}", models.CodeInvalidJSON, nil},
		{"NaN", with(`"ratio":NaN`), models.CodeInvalidJSON, nil},
		{"leading zero", with(`"count":01`), models.CodeInvalidJSON, nil},
		{"plus", with(`"count":+1`), models.CodeInvalidJSON, nil},
		{"bare point", with(`"ratio":.5`), models.CodeInvalidJSON, nil},
		{"bare exponent", with(`"ratio":1e`), models.CodeInvalidJSON, nil},
		{"True", with(`"sure":True`), models.CodeInvalidJSON, nil},
		{"duplicate key", with(`"role":"officer"`), models.CodeInvalidJSON, []string{"role duplicate_field"}},
		{"duplicate key by escape", with(`"r\u006fle":"officer"`), models.CodeInvalidJSON, []string{"role duplicate_field"}},
		{"duplicate nested", with(`"inner":{"lat":1,"lat":2}`), models.CodeInvalidJSON, []string{"inner.lat duplicate_field"}},
		{"duplicate in an open object", with(`"extra":{"a":1,"a":2}`), models.CodeInvalidJSON, []string{"extra.a duplicate_field"}},
		{"key in capitals", with(`"ROLE":"officer"`), models.CodeInvalidRequest, []string{"ROLE unknown_field"}},
		{"key folded by Unicode", with("\"coun\u212a\":1"), models.CodeInvalidRequest, []string{"coun\u212a unknown_field"}},
		{"unknown", with(`"admin":true`), models.CodeInvalidRequest, []string{"admin unknown_field"}},
		{"unknown nested", with(`"items":[{},{"position":{"lng":1}}]`), models.CodeInvalidRequest, []string{"items[1].position.lng unknown_field"}},
		{"missing", `{"role":"guard"}`, models.CodeInvalidRequest, []string{"id required"}},
		{"missing both", `{}`, models.CodeInvalidRequest, []string{"id required", "role required"}},
		{"null where none may be", `{"id":null,"role":"guard"}`, models.CodeInvalidRequest, []string{"id wrong_type string"}},
		{"null body", `null`, models.CodeInvalidRequest, []string{"wrong_type object"}},
		{"array body", `[]`, models.CodeInvalidRequest, []string{"wrong_type object"}},
		{"string body", `"x"`, models.CodeInvalidRequest, []string{"wrong_type object"}},
		{"number for string", with(`"name":12`), models.CodeInvalidRequest, []string{"name wrong_type string"}},
		{"string for number", with(`"count":"1"`), models.CodeInvalidRequest, []string{"count wrong_type integer"}},
		{"fraction for integer", with(`"count":1.0`), models.CodeInvalidRequest, []string{"count wrong_type integer"}},
		{"exponent for integer", with(`"count":1e0`), models.CodeInvalidRequest, []string{"count wrong_type integer"}},
		{"object for boolean", with(`"sure":{}`), models.CodeInvalidRequest, []string{"sure wrong_type boolean"}},
		{"array for object", with(`"inner":[1]`), models.CodeInvalidRequest, []string{"inner wrong_type object"}},
		{"not in enum", `{"id":"` + someID + `","role":"Guard"}`, models.CodeInvalidRequest, []string{"role not_one_of guard | officer"}},
		{"bad id", `{"id":"x","role":"guard"}`, models.CodeInvalidRequest, []string{"id wrong_format uuid"}},
		{"bad time", with(`"at":"2026-11-24 10:00:00Z"`), models.CodeInvalidRequest, []string{"at wrong_format RFC 3339"}},
		{"no such day", with(`"at":"2026-02-30T10:00:00Z"`), models.CodeInvalidRequest, []string{"at wrong_format RFC 3339"}},
		{"no such date", with(`"day":"2026-02-30"`), models.CodeInvalidRequest, []string{"day wrong_format YYYY-MM-DD"}},
		{"too short", with(`"name":"王"`), models.CodeInvalidRequest, []string{"name too_short >= 2"}},
		{"too long", with(`"name":"王小明明明"`), models.CodeInvalidRequest, []string{"name too_long <= 4"}},
		{"length is in code points", with(`"name":"\ud83d\ude00\ud83d\ude00\ud83d\ude00\ud83d\ude00"`), "", nil},
		{"nothing to see", with("\"shown\":\" \u3000\""), models.CodeInvalidRequest, []string{`shown wrong_format \S`}},
		{"pattern", with(`"plate":"ab"`), models.CodeInvalidRequest, []string{"plate wrong_format ^[A-Z]+$"}},
		{"pattern and line feed", with(`"plate":"AB\n"`), models.CodeInvalidRequest, []string{"plate wrong_format ^[A-Z]+$"}},
		{"escaped NUL", with(`"plain":"a\u0000"`), models.CodeInvalidRequest, []string{"plain wrong_format no control characters"}},
		{"escaped carriage return", with(`"plain":"a\r"`), models.CodeInvalidRequest, []string{"plain wrong_format no control characters"}},
		{"half a pair", with(`"plain":"\ud83d"`), models.CodeInvalidRequest, []string{"plain bad_encoding Unicode"}},
		{"half a pair and a letter", with(`"plain":"\ud83d\u0041"`), models.CodeInvalidRequest, []string{"plain bad_encoding Unicode"}},
		{"too small", with(`"count":0`), models.CodeInvalidRequest, []string{"count too_small >= 1"}},
		{"too large", with(`"count":10`), models.CodeInvalidRequest, []string{"count too_large <= 9"}},
		{"beyond 64 bit", with(`"count":99999999999999999999`), models.CodeInvalidRequest, []string{"count too_large <= 9"}},
		{"beyond 32 bit", with(`"small":2147483648`), models.CodeInvalidRequest, []string{"small too_large 32 bit"}},
		{"exclusive minimum", with(`"ratio":0`), models.CodeInvalidRequest, []string{"ratio too_small > 0"}},
		{"exclusive maximum", with(`"ratio":1`), models.CodeInvalidRequest, []string{"ratio too_large < 1"}},
		{"beyond a double", with(`"ratio":1e999`), models.CodeInvalidRequest, []string{"ratio too_large < 1"}},
		{"deep path", with(`"items":[{"position":{"lat":1}},{"position":{"lat":91}}]`), models.CodeInvalidRequest, []string{"items[1].position.lat too_large <= 90"}},
		{"too few", with(`"tags":[]`), models.CodeInvalidRequest, []string{"tags too_few_items >= 1"}},
		{"too many", with(`"tags":["a","b","c","d"]`), models.CodeInvalidRequest, []string{"tags too_many_items <= 3"}},
		{"twice", with(`"tags":["a","b","\u0061"]`), models.CodeInvalidRequest, []string{"tags[2] not_unique"}},
		{"the same id in capitals", with(`"ids":["` + someID + `","` + strings.ToUpper(someID) + `"]`), models.CodeInvalidRequest, []string{"ids[1] not_unique"}},
		{"wrong rest", with(`"extra":{"a":"x"}`), models.CodeInvalidRequest, []string{"extra.a wrong_type integer"}},
		{"too deep", with(`"extra":{"a":` + deep(16) + `}`), models.CodeInvalidRequest, nil},
		{"bad items one by one", with(`"raw":[{"id":1,"id":2,"x":"\u0000"},7]`), "", nil},
		{"too many one by one", with(`"raw":[1,2,3]`), models.CodeInvalidRequest, []string{"raw too_many_items <= 2"}},
		{"broken item", with(`"raw":[{"id":}]`), models.CodeInvalidJSON, nil},
		{"several at once", `{"role":1,"name":"x","zzz":0}`, models.CodeInvalidRequest, []string{"role wrong_type string", "name too_short >= 2", "zzz unknown_field", "id required"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := contract.CheckBody("Thing", []byte(test.body))
			if models.CodeOf(err) != test.code {
				t.Fatalf("got %v, want %q", err, test.code)
			}
			if got := found(err); test.fields != nil && !slices.Equal(got, test.fields) {
				t.Errorf("got %q\nwant %q", got, test.fields)
			}
			if test.code == "" && !json.Valid([]byte(test.body)) {
				t.Error("accepted what is no JSON")
			}
		})
	}
}

func TestCheckerChoosesTheBranch(t *testing.T) {
	contract := testContract(t)
	tests := []struct{ body, want string }{
		{`{"grant_type":"password","password":"x"}`, ""},
		{`{"password":{"a":[1]},"grant_type":"refresh"}`, "password unknown_field; token required"},
		{`{"password":"x"}`, "grant_type required password | refresh"},
		{`{}`, "grant_type required password | refresh"},
		{`{"grant_type":"other"}`, "grant_type not_one_of password | refresh"},
		{`{"grant_type":7}`, "grant_type wrong_type string"},
		{`{"grant_type":"password","password":"x","token":"y"}`, "token unknown_field"},
		{`{"GRANT_TYPE":"password","password":"x"}`, "grant_type required password | refresh"},
		{`{"grant_type":"password","password":"x","grant_type":"refresh"}`, "grant_type duplicate_field"},
		{`{"a":[}`, "wrong_format JSON @ 6"},
	}
	for _, test := range tests {
		if got := strings.Join(found(contract.CheckBody("Either", []byte(test.body))), "; "); got != test.want {
			t.Errorf("%s: got %q, want %q", test.body, got, test.want)
		}
	}
}

func TestCheckerListsNoMoreThanTwenty(t *testing.T) {
	var body strings.Builder
	for at := range 100 {
		fmt.Fprintf(&body, `%q:1,`, fmt.Sprint("unknown", at))
	}
	err := testContract(t).CheckBody("Thing", []byte("{"+body.String()+`"x":1}`))
	if got := len(found(err)); got != maxFieldErrors {
		t.Errorf("%d errors", got)
	}
}

func TestNestingBombEnds(t *testing.T) {
	contract := testContract(t)
	bomb := strings.Repeat(`[`, 1<<20)
	for _, body := range []string{bomb, `{"extra":` + bomb, `{"raw":[` + bomb, `{"id":{"a":` + bomb} {
		if err := contract.CheckBody("Thing", []byte(body)); err == nil {
			t.Error("accepted")
		}
	}
}

func TestItemsAreCheckedByThemselves(t *testing.T) {
	contract := testContract(t)
	type item struct {
		ID string `json:"id"`
	}
	if got, wrong := DecodeItem[item](contract, "Item", []byte(`{"id":"a"}`)); wrong != nil || got.ID != "a" {
		t.Errorf("got %+v, %v", got, wrong)
	}
	for body, want := range map[string]string{
		`{"id":"a","id":"b"}`:              "id duplicate_field",
		`{"id":"\u0000"}`:                  "id wrong_format no control characters",
		`{"id":"a","position":{"lat":99}}`: "position.lat too_large <= 90",
		`7`:                                "wrong_type object",
		`{"ID":"a"}`:                       "ID unknown_field; id required",
		strings.Repeat(`[`, 15) + strings.Repeat(`]`, 15): "wrong_type object; [0][0][0][0][0][0][0][0][0][0][0][0][0][0] too_deep <= 16",
	} {
		_, wrong := DecodeItem[item](contract, "Item", []byte(body))
		err := models.Fail(models.CodeInvalidRequest).WithFields(wrong...)
		if got := strings.Join(found(err), "; "); got != want {
			t.Errorf("%s: got %q, want %q", body, got, want)
		}
	}
}
