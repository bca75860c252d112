package api

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// faceWords are what a field would be called that carries a face, or what is made from one.
var faceWords = regexp.MustCompile(`image|picture|photo|template|feature|embedding|vector|biometric|face_data|base64`)

// mostFaceText is the longest text that somebody may send: no template of a face is as short as that.
const mostFaceText = 64

// walkFields visits every schema in another, with the path to it.
func walkFields(path string, schema *openapi3.SchemaRef, visit func(path string, schema *openapi3.Schema)) {
	if schema == nil || schema.Value == nil || strings.Count(path, ".") > 8 {
		return
	}
	visit(path, schema.Value)
	for name, field := range schema.Value.Properties {
		walkFields(path+"."+name, field, visit)
	}
	walkFields(path+".[]", schema.Value.Items, visit)
	for _, some := range [][]*openapi3.SchemaRef{schema.Value.AllOf, schema.Value.OneOf, schema.Value.AnyOf} {
		for _, one := range some {
			walkFields(path, one, visit)
		}
	}
}

// Nothing in the contract about faces has room for one, neither in what is sent nor in what is answered.
func TestNoFaceFitsIntoTheContract(t *testing.T) {
	document, err := openapi3.NewLoader().LoadFromData(contractBytes(t))
	if err != nil {
		t.Fatal(err)
	}
	looked, bytes := 0, []string{}
	for path, item := range document.Paths.Map() {
		for method, operation := range item.Operations() {
			if roles, _ := operation.Extensions["x-roles"].([]any); slices.Contains(roles, any("device")) && operation.RequestBody != nil &&
				operation.RequestBody.Value.Content.Get("application/json") == nil {
				bytes = append(bytes, operation.OperationID)
			}
			if !slices.Contains(operation.Tags, "faces") && operation.OperationID != "createDeviceEvents" {
				continue
			}
			looked++
			for _, response := range operation.Responses.Map() {
				for kind, content := range response.Value.Content {
					if !strings.Contains(kind, "json") {
						t.Errorf("%s %s answers %s", method, path, kind)
					}
					walkFields(operation.OperationID, content.Schema, func(path string, schema *openapi3.Schema) {
						if faceWords.MatchString(path) || schema.Format == "binary" || schema.Format == "byte" {
							t.Errorf("%s can carry a face", path)
						}
					})
				}
			}
			if operation.RequestBody == nil {
				continue
			}
			for kind, content := range operation.RequestBody.Value.Content {
				if kind != "application/json" {
					t.Errorf("%s %s takes %s", method, path, kind)
				}
				walkFields(operation.OperationID, content.Schema, func(path string, schema *openapi3.Schema) {
					bounded := schema.Format == "uuid" || schema.Format == "date-time" || len(schema.Enum) > 0 ||
						schema.MaxLength != nil && *schema.MaxLength <= mostFaceText
					if faceWords.MatchString(path) || schema.Type.Is("string") && !bounded {
						t.Errorf("%s can carry a face", path)
					}
				})
			}
		}
	}
	if looked != 12 {
		t.Errorf("looked at %d operations", looked)
	}
	if slices.Sort(bytes); !slices.Equal(bytes, []string{"createCallPhoto"}) { // of who rings, for the home alone
		t.Errorf("devices send bytes by %v", bytes)
	}
}
