package api

import (
	"strconv"
	"strings"

	"xunfang/models"
)

// array takes an array; the cursor is on its bracket.
func (c *checking) array(want *shape) bool {
	var met map[string]bool
	count := 0
	c.at++
	for ; ; count++ {
		c.skipSpace()
		if c.peek() == ']' && count == 0 {
			c.at++
			break
		}
		start := c.at
		c.path = append(c.path, step{index: count})
		if !c.item(want, count) {
			return false
		}
		if want != nil && want.unique && count < want.limit() {
			if met == nil {
				met = map[string]bool{}
			}
			same := identity(want.items, c.data[start:c.at])
			if met[same] {
				c.wrong(models.FieldNotUnique, "")
			}
			met[same] = true
		}
		c.path = c.path[:len(c.path)-1]
		c.skipSpace()
		if c.peek() == ']' {
			c.at++
			count++
			break
		}
		if c.peek() != ',' {
			return c.broken()
		}
		c.at++
	}
	c.depth--
	if want == nil {
		return true
	}
	if count < want.minItems {
		c.wrong(models.FieldTooFew, ">= "+strconv.Itoa(want.minItems))
	}
	if want.maxItems >= 0 && count > want.maxItems {
		c.wrong(models.FieldTooMany, "<= "+strconv.Itoa(want.maxItems))
	}
	return true
}

func (c *checking) item(want *shape, at int) bool {
	switch {
	case want == nil:
		return c.value(nil)
	case want.itemByItem:
		c.lenient++
		ok := c.value(nil)
		c.lenient--
		return ok
	case at >= want.limit(): // too many already: what is wrong with the rest is noise
		return c.value(nil)
	default:
		return c.value(want.items)
	}
}

// limit is how many items are looked at.
func (s *shape) limit() int {
	if s.maxItems < 0 {
		return 10_000
	}
	return s.maxItems
}

// identity is what two equal items have in common: ids are equal whatever their case,
// strings whatever their escapes.
func identity(item *shape, raw string) string {
	raw = strings.TrimSpace(raw)
	if item == nil || item.kind != kindString || len(raw) < 2 || raw[0] != '"' {
		return raw
	}
	scan := checking{data: raw}
	found, ok := scan.scanString()
	if !ok {
		return raw
	}
	if item.foldCase {
		return strings.ToLower(found.value)
	}
	return found.value
}
