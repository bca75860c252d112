package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"sort"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"xunfang/models"
)

// Contract is openapi.yaml, read once and made ready for checking. It does not change.
type Contract struct {
	document   *openapi3.T
	raw        []byte
	etag       string
	operations []*operation
	named      map[string]*shape // by "#/components/schemas/Name"
}

// LoadContract reads the document and compiles every operation of it. It refuses a
// document with a rule that the checker could not enforce.
func LoadContract(raw []byte) (*Contract, error) {
	document, err := openapi3.NewLoader().LoadFromData(raw)
	if err != nil {
		return nil, fmt.Errorf("api: read the contract: %w", err)
	}
	if err := document.Validate(context.Background()); err != nil {
		return nil, fmt.Errorf("api: the contract is not valid: %w", err)
	}
	sum := sha256.Sum256(raw)
	contract := &Contract{
		document: document, raw: raw, named: map[string]*shape{},
		etag: `"` + hex.EncodeToString(sum[:16]) + `"`,
	}
	compiler := compiler{named: contract.named}
	for path, item := range document.Paths.Map() {
		for method, described := range item.Operations() {
			made, err := compiler.operation(method, path, item, described)
			if err != nil {
				return nil, fmt.Errorf("api: contract: %s %s: %w", method, path, err)
			}
			contract.operations = append(contract.operations, made)
		}
	}
	sort.Slice(contract.operations, func(i, j int) bool {
		return contract.operations[i].id < contract.operations[j].id
	})
	return contract, nil
}

// CheckItem holds one item of an item-by-item array against a named schema. Paths are
// relative to the item: "position.lat". No errors means that it decodes without loss.
// A schema that no request of the contract uses is a mistake of the programmer and panics.
func (c *Contract) CheckItem(schemaName string, raw []byte) []models.FieldError {
	want, ok := c.named["#/components/schemas/"+schemaName]
	if !ok {
		panic("api: no request uses the schema " + schemaName)
	}
	check := checking{data: string(raw), depth: 2} // it lies in an array in an object
	check.run(want)
	return check.errors
}

// DecodeItem checks an item as CheckItem does and decodes it into its generated type.
func DecodeItem[T any](contract *Contract, schemaName string, raw []byte) (T, []models.FieldError) {
	var item T
	if wrong := contract.CheckItem(schemaName, raw); len(wrong) > 0 {
		return item, wrong
	}
	if err := json.Unmarshal(raw, &item); err != nil {
		return item, []models.FieldError{{Code: models.FieldType, Want: schemaName}}
	}
	return item, nil
}

// CheckBody holds a JSON body against a named schema, as the gate does for a request.
func (c *Contract) CheckBody(schemaName string, raw []byte) error {
	want, ok := c.named["#/components/schemas/"+schemaName]
	if !ok {
		panic("api: no request uses the schema " + schemaName)
	}
	return checkJSON(raw, want)
}

// fiberPath turns /v1/tips/{tip_id} into /v1/tips/:tip_id.
func fiberPath(path string) string {
	return strings.NewReplacer("{", ":", "}", "").Replace(path)
}
