package api

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"xunfang/models"
)

func TestContractKeepsItsPromises(t *testing.T) {
	contract, err := LoadContract(contractBytes(t))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[models.Operation]bool{}
	for _, operation := range contract.operations {
		t.Run(string(operation.id), func(t *testing.T) {
			seen[operation.id] = true
			checkRoles(t, operation)
			checkAnswers(t, operation)
			checkRequestExample(t, operation)
			if operation.method == "POST" && !operation.public && !operation.idempotent && !operation.byContent && !operation.tus && !ownID(operation.body) {
				t.Error("a POST without Idempotency-Key whose body carries no id of its own")
			}
		})
	}
	for id := range models.Permissions {
		if !seen[id] {
			t.Errorf("%s is in the table of permissions and not in the contract", id)
		}
	}
	var known []string
	for _, info := range models.Codes {
		known = append(known, string(info.Code))
	}
	for name, response := range contract.document.Components.Responses {
		codes, _ := response.Value.Extensions["x-codes"].([]any)
		for _, code := range codes {
			if !slices.Contains(known, code.(string)) {
				t.Errorf("response %s lists %v, which is no code", name, code)
			}
		}
	}
}

func checkRoles(t *testing.T, operation *operation) {
	var want []models.Role
	for _, role := range models.AllRoles {
		if models.MayTry(operation.id, models.Principal{Grants: []models.Grant{{Role: role}}}) == nil {
			want = append(want, role)
		}
	}
	got := slices.Clone(operation.roles)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("x-roles %v, table %v", got, want)
	}
}

func checkAnswers(t *testing.T, operation *operation) {
	problems := 0
	for status, response := range operation.described.Responses.Map() {
		for mediaType, content := range response.Value.Content {
			if mediaType == typeProblem {
				problems++
			}
			if content.Example == nil && len(content.Examples) == 0 {
				t.Errorf("%s %s has no example", status, mediaType)
			}
			if strings.HasSuffix(mediaType, "json") {
				eachExample(content, func(name string, value any) {
					if err := content.Schema.Value.VisitJSON(value, newConformer().answer...); err != nil {
						t.Errorf("example %s of %s: %v", name, status, err)
					}
				})
			}
		}
	}
	if problems == 0 && !strings.HasPrefix(operation.path, open311Root) {
		t.Error("no problem among its responses")
	}
}

// checkRequestExample proves the checker with the contract's own examples.
func checkRequestExample(t *testing.T, operation *operation) {
	if operation.mediaType != typeJSON {
		return
	}
	count := 0
	eachExample(operation.described.RequestBody.Value.Content.Get(typeJSON), func(name string, value any) {
		count++
		body, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		if err := checkJSON(body, operation.body); err != nil {
			t.Errorf("example %s: %v", name, err)
		}
	})
	if count == 0 {
		t.Error("no example of a request")
	}
}

func eachExample(content *openapi3.MediaType, do func(string, any)) {
	if content.Example != nil {
		do("", content.Example)
	}
	for name, example := range content.Examples {
		do(name, example.Value.Value)
	}
}

// ownID says whether the body brings an id that recognises a repeat.
func ownID(body *shape) bool {
	if body == nil || body.kind != kindObject {
		return false
	}
	if at, ok := body.byName["id"]; ok && body.required&(1<<at) != 0 {
		return true
	}
	at, ok := body.byName["items"]
	return ok && body.properties[at].shape.itemByItem && ownID(body.properties[at].shape.items)
}

func TestContractsThatCannotBeEnforcedAreRefused(t *testing.T) {
	head := "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths:\n  /x:\n    post:\n      operationId: x\n      responses: {'204': {description: d}}\n"
	body := "      requestBody: {content: {application/json: {schema: %s}}}\n"
	for name, text := range map[string]string{
		"neither roles nor public": head,
		"both roles and public":    head + "      security: []\n      x-roles: [guard]\n",
		"key without header":       head + "      security: []\n      x-idempotent: true\n",
		"anonymous and known":      head + "      x-anonymous: true\n      x-roles: [reporter, guard]\n",
		"a receipt and known":      head + "      x-roles: [reporter]\n",
		"bad limit":                head + "      security: []\n      x-rate-limit: {key: planet, per_minute: 1, burst: 1}\n",
		"unknown format":           head + "      security: []\n" + strings.Replace(body, "%s", "{type: string, format: moon}", 1),
		"allOf":                    head + "      security: []\n" + strings.Replace(body, "%s", "{allOf: [{type: string}]}", 1),
		"no type":                  head + "      security: []\n" + strings.Replace(body, "%s", "{}", 1),
		"not YAML":                 "{",
	} {
		if _, err := LoadContract([]byte(text)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := LoadContract([]byte(head + "      security: []\n" + strings.Replace(body, "%s", "{type: string}", 1))); err != nil {
		t.Errorf("the control: %v", err)
	}
}
