package api

import (
	"strings"

	"xunfang/models"
)

// object takes an object; the cursor is on its brace.
func (c *checking) object(want *shape) bool { //nolint:gocyclo // one walk over the bytes
	if want != nil && want.kind == kindUnion {
		want = c.branch(want)
	}
	var seen uint64           // bit i: properties[i] was met
	var names map[string]bool // other keys met, where keys are not known beforehand
	c.at++
	for first := true; ; first = false {
		c.skipSpace()
		if c.peek() == '}' && first {
			c.at++
			break
		}
		key, ok := c.key()
		if !ok {
			return false
		}
		inner, at := c.property(want, key)
		c.path = append(c.path, step{name: key.value, named: true})
		switch {
		case at >= 0 && seen&(1<<at) != 0:
			c.twice()
			inner = nil
		case at >= 0:
			seen |= 1 << at
		case want != nil && want.kind == kindObject && !want.open:
			c.wrong(models.FieldUnknown, "")
		case c.lenient == 0:
			if names[key.value] {
				c.twice()
			}
			if names == nil {
				names = map[string]bool{}
			}
			names[key.value] = true
		}
		if key.lone {
			c.wrong(models.FieldEncoding, "Unicode")
		}
		if !c.value(inner) {
			return false
		}
		c.path = c.path[:len(c.path)-1]
		c.skipSpace()
		if c.peek() == '}' {
			c.at++
			break
		}
		if c.peek() != ',' {
			return c.broken()
		}
		c.at++
	}
	c.depth--
	if want != nil && want.kind == kindObject {
		c.missing(want, seen)
	}
	return true
}

// key takes a key and its colon, and moves to the value.
func (c *checking) key() (text, bool) {
	if c.peek() != '"' {
		return text{}, c.broken()
	}
	key, ok := c.scanString()
	if !ok {
		return text{}, false
	}
	c.skipSpace()
	if c.peek() != ':' {
		return text{}, c.broken()
	}
	c.at++
	c.skipSpace()
	return key, true
}

// property finds the shape of a field. Names match byte for byte: encoding/json would
// let ROLE fill role, and the later of the two would win.
func (c *checking) property(want *shape, key text) (*shape, int) {
	if want == nil || want.kind != kindObject {
		return nil, -1
	}
	if at, ok := want.byName[key.value]; ok {
		return want.properties[at].shape, at
	}
	return want.rest, -1
}

func (c *checking) twice() {
	if c.lenient == 0 {
		c.duplicate = true
		c.wrong(models.FieldDuplicate, "")
	}
}

func (c *checking) missing(want *shape, seen uint64) {
	for lacking, at := want.required&^seen, 0; lacking != 0; lacking, at = lacking>>1, at+1 {
		if lacking&1 != 0 {
			c.path = append(c.path, step{name: want.properties[at].name, named: true})
			c.wrong(models.FieldRequired, "")
			c.path = c.path[:len(c.path)-1]
		}
	}
}

// branch looks ahead for the discriminator and gives the shape it names; nil (anything)
// after noting what is wrong with it.
func (c *checking) branch(union *shape) *shape {
	ahead := checking{data: c.data, at: c.at + 1, depth: c.depth, lenient: 1}
	c.path = append(c.path, step{name: union.discriminator, named: true})
	defer func() { c.path = c.path[:len(c.path)-1] }()
	for {
		ahead.skipSpace()
		key, ok := ahead.key()
		if !ok {
			c.wrong(models.FieldRequired, union.want)
			return nil
		}
		if key.value == union.discriminator {
			return c.chosen(&ahead, union)
		}
		if !ahead.value(nil) {
			return nil // the real pass tells why
		}
		ahead.skipSpace()
		if ahead.peek() != ',' {
			c.wrong(models.FieldRequired, union.want)
			return nil
		}
		ahead.at++
	}
}

func (c *checking) chosen(ahead *checking, union *shape) *shape {
	if ahead.peek() != '"' {
		c.wrong(models.FieldType, "string")
		return nil
	}
	value, ok := ahead.scanString()
	if !ok {
		return nil
	}
	found := union.branches[value.value]
	if found == nil {
		c.wrong(models.FieldEnum, union.want)
	}
	return found
}

// printable shortens a key that the caller made up, so that an answer cannot be made
// to grow by it, and keeps control characters out of answers and logs.
func printable(key string) string {
	const longest = 64
	if len(key) > longest {
		key = key[:longest]
	}
	clean := strings.Map(func(char rune) rune {
		if char < 0x20 || char == 0x7f || char == 0xfffd {
			return '?'
		}
		return char
	}, key)
	if clean == "" {
		return `""`
	}
	return clean
}
