package api

import (
	"strconv"
	"unicode/utf8"

	"xunfang/models"
)

// maxDepth is how deep a request body may nest.
const maxDepth = 16

// checking is one pass over one JSON text.
type checking struct {
	list
	data      string // a string, so that parts of it cost nothing
	at        int
	path      []step
	depth     int
	syntax    bool // what was met is no JSON: the pass has ended
	duplicate bool // a key was met twice
	tooDeep   bool
	lenient   int // inside items that are checked one by one later: only the syntax counts
}

// step is one part of a path: a name, or an index.
type step struct {
	name  string
	named bool
	index int
}

// checkJSON holds a whole body against a shape. nil means that it fits, and that
// encoding/json decodes it into the generated type without loss.
func checkJSON(data []byte, want *shape) error {
	c := checking{data: string(data)}
	c.run(want)
	switch {
	case c.syntax || c.duplicate:
		return models.Fail(models.CodeInvalidJSON).WithFields(c.errors...)
	case len(c.errors) > 0:
		return models.Fail(models.CodeInvalidRequest).WithFields(c.errors...)
	}
	return nil
}

func (c *checking) run(want *shape) {
	if !utf8.ValidString(c.data) {
		c.syntax = true
		c.add("", models.FieldEncoding, "UTF-8")
		return
	}
	c.skipSpace()
	if !c.value(want) {
		return
	}
	c.skipSpace()
	if c.at < len(c.data) {
		c.broken()
	}
}

// broken ends the pass: what is at the cursor is no JSON.
func (c *checking) broken() bool {
	if !c.syntax {
		c.syntax = true
		c.errors = c.errors[:0] // what was found before may be nonsense too
		c.add("", models.FieldFormat, "JSON @ "+strconv.Itoa(c.at))
	}
	return false
}

// wrong notes an error at the path of the cursor.
func (c *checking) wrong(code models.FieldCode, want string) {
	if c.lenient == 0 {
		c.add(c.where(), code, want)
	}
}

// where writes the path: items[3].position.lat.
func (c *checking) where() string {
	var path []byte
	for _, step := range c.path {
		if !step.named {
			path = append(strconv.AppendInt(append(path, '['), int64(step.index), 10), ']')
			continue
		}
		if len(path) > 0 {
			path = append(path, '.')
		}
		path = append(path, printable(step.name)...)
	}
	return string(path)
}

// value takes one value. A nil shape takes anything that is JSON. It returns false
// when the pass has ended.
func (c *checking) value(want *shape) bool {
	if want != nil && want.lenient {
		c.lenient++
		ok := c.value(nil)
		c.lenient--
		return ok
	}
	found, ok := c.kindHere()
	if !ok {
		return c.broken()
	}
	if found == kindAny { // null
		if want != nil && !want.nullable && want.kind != kindAny {
			c.wrong(models.FieldType, want.kind.String())
		}
		return c.literal("null")
	}
	if want != nil && !want.takes(found) {
		c.wrong(models.FieldType, want.kind.String())
		want = nil
	}
	switch found {
	case kindObject:
		return c.enter() && c.object(want)
	case kindArray:
		return c.enter() && c.array(want)
	case kindString:
		return c.stringValue(want)
	case kindBoolean:
		if c.peek() == 't' {
			return c.literal("true")
		}
		return c.literal("false")
	default:
		return c.number(want)
	}
}

// kindHere tells by the first byte; kindAny stands for null.
func (c *checking) kindHere() (kind, bool) {
	switch char := c.peek(); {
	case char == '{':
		return kindObject, true
	case char == '[':
		return kindArray, true
	case char == '"':
		return kindString, true
	case char == 't', char == 'f':
		return kindBoolean, true
	case char == 'n':
		return kindAny, true
	case char == '-', isDigit(char):
		return kindNumber, true
	}
	return kindAny, false
}

// enter goes one level down, or ends the pass where it is too deep.
func (c *checking) enter() bool {
	limit := maxDepth
	if c.lenient > 0 {
		limit *= 2 // the item's own check tells about depth; here only the stack is guarded
	}
	if c.depth++; c.depth > limit {
		c.lenient = 0
		c.tooDeep = true
		c.wrong(models.FieldTooDeep, "<= "+strconv.Itoa(maxDepth))
		return false
	}
	return true
}
