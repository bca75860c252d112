package api

import (
	"fmt"
	"regexp"
	"sort"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// compiler turns schemas into shapes, each named schema once.
type compiler struct {
	named map[string]*shape // by "#/components/schemas/Name"
}

// compile refuses what the checker does not know: a rule in the contract that
// nobody enforces would be a false promise.
func (c *compiler) compile(ref *openapi3.SchemaRef) (*shape, error) {
	if ref == nil || ref.Value == nil {
		return &shape{kind: kindAny}, nil
	}
	if ref.Ref != "" {
		if known, ok := c.named[ref.Ref]; ok {
			return known, nil
		}
	}
	made := &shape{maxItems: -1, maxLength: -1, nullable: ref.Value.Nullable}
	if ref.Ref != "" {
		c.named[ref.Ref] = made // before the fields, so that a schema can contain itself
	}
	if err := c.fill(made, ref.Value); err != nil {
		return nil, fmt.Errorf("schema %q: %w", ref.Ref, err)
	}
	return made, nil
}

func (c *compiler) fill(made *shape, schema *openapi3.Schema) error {
	switch {
	case len(schema.AllOf)+len(schema.AnyOf) > 0 || schema.Not != nil:
		return fmt.Errorf("allOf, anyOf and not cannot be checked in requests")
	case len(schema.OneOf) > 0:
		return c.fillUnion(made, schema)
	case schema.MultipleOf != nil || schema.MinProps > 0 || schema.MaxProps != nil:
		return fmt.Errorf("multipleOf, minProperties and maxProperties cannot be checked in requests")
	}
	switch {
	case schema.Type.Is("object"):
		return c.fillObject(made, schema)
	case schema.Type.Is("array"):
		return c.fillArray(made, schema)
	case schema.Type.Is("string"):
		return fillString(made, schema)
	case schema.Type.Is("integer"), schema.Type.Is("number"):
		return fillNumber(made, schema)
	case schema.Type.Is("boolean"):
		made.kind = kindBoolean
		return nil
	default:
		return fmt.Errorf("type %v cannot be checked", schema.Type)
	}
}

func (c *compiler) fillObject(made *shape, schema *openapi3.Schema) error {
	made.kind = kindObject
	made.byName = map[string]int{}
	names := make([]string, 0, len(schema.Properties))
	for name := range schema.Properties {
		names = append(names, name)
	}
	sort.Strings(names)
	if len(names) > 64 {
		return fmt.Errorf("more than 64 properties")
	}
	for at, name := range names {
		inner, err := c.property(schema.Properties[name])
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		made.properties = append(made.properties, property{name: name, shape: inner})
		made.byName[name] = at
	}
	for _, name := range schema.Required {
		at, ok := made.byName[name]
		if !ok {
			return fmt.Errorf("required %q is no property", name)
		}
		made.required |= 1 << at
	}
	more := schema.AdditionalProperties
	made.open = more.Schema != nil || more.Has != nil && *more.Has
	if more.Schema != nil {
		rest, err := c.compile(more.Schema)
		if err != nil {
			return err
		}
		made.rest = rest
	}
	return nil
}

// property compiles one; a lenient one as anything that is JSON, and by itself what its handler will hold it against.
func (c *compiler) property(ref *openapi3.SchemaRef) (*shape, error) {
	if lenient, _ := ref.Value.Extensions["x-lenient"].(bool); !lenient {
		return c.compile(ref)
	}
	for _, whole := range ref.Value.AllOf {
		if _, err := c.compile(whole); err != nil {
			return nil, err
		}
	}
	return &shape{kind: kindAny, lenient: true, maxItems: -1, maxLength: -1}, nil
}

func (c *compiler) fillArray(made *shape, schema *openapi3.Schema) error {
	made.kind = kindArray
	items, err := c.compile(schema.Items)
	if err != nil {
		return err
	}
	made.items = items
	made.minItems = int(schema.MinItems) //nolint:gosec // a bound in our own contract
	if schema.MaxItems != nil {
		made.maxItems = int(*schema.MaxItems) //nolint:gosec // a bound in our own contract
	}
	made.unique = schema.UniqueItems
	made.itemByItem, _ = schema.Extensions["x-item-by-item"].(bool)
	return nil
}

func (c *compiler) fillUnion(made *shape, schema *openapi3.Schema) error {
	if schema.Discriminator == nil || len(schema.Discriminator.Mapping) == 0 {
		return fmt.Errorf("oneOf needs a discriminator with a mapping")
	}
	made.kind = kindUnion
	made.discriminator = schema.Discriminator.PropertyName
	made.branches = map[string]*shape{}
	for value, target := range schema.Discriminator.Mapping {
		var found *openapi3.SchemaRef
		for _, option := range schema.OneOf {
			if option.Ref == target.Ref {
				found = option
			}
		}
		if found == nil {
			return fmt.Errorf("discriminator %q points at %q, which is not in oneOf", value, target.Ref)
		}
		branch, err := c.compile(found)
		if err != nil {
			return err
		}
		made.branches[value] = branch
		made.enum = append(made.enum, value)
	}
	sort.Strings(made.enum)
	made.want = strings.Join(made.enum, " | ")
	return nil
}

func fillString(made *shape, schema *openapi3.Schema) error {
	made.kind = kindString
	made.minLength = int(schema.MinLength) //nolint:gosec // a bound in our own contract
	if schema.MaxLength != nil {
		made.maxLength = int(*schema.MaxLength) //nolint:gosec // a bound in our own contract
	}
	switch schema.Pattern {
	case "":
	case `\S`:
		// The contract's patterns are ECMAScript's, where an ideographic space is a space;
		// in RE2 it is not, and a name of nothing but such spaces would pass.
		made.visible = true
	default:
		pattern, err := regexp.Compile(schema.Pattern)
		if err != nil {
			return fmt.Errorf("pattern: %w", err)
		}
		made.pattern = pattern
	}
	for _, value := range schema.Enum {
		text, ok := value.(string)
		if !ok {
			return fmt.Errorf("enum value %v is no string", value)
		}
		made.enum = append(made.enum, text)
	}
	made.want = strings.Join(made.enum, " | ")
	return fillFormat(made, schema.Format)
}

func fillNumber(made *shape, schema *openapi3.Schema) error {
	if len(schema.Enum) > 0 {
		return fmt.Errorf("enum of numbers cannot be checked")
	}
	made.kind, made.bits = kindNumber, 64
	if schema.Type.Is("integer") {
		made.kind = kindInteger
		if schema.Format == "int32" {
			made.bits = 32
		}
	}
	made.minimum, made.maximum = schema.Min, schema.Max
	made.minExclusive = schema.ExclusiveMin.Bool != nil && *schema.ExclusiveMin.Bool
	made.maxExclusive = schema.ExclusiveMax.Bool != nil && *schema.ExclusiveMax.Bool
	if schema.ExclusiveMin.Value != nil || schema.ExclusiveMax.Value != nil {
		return fmt.Errorf("exclusive bounds are written as in OpenAPI 3.0")
	}
	return nil
}
