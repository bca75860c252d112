package api

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"xunfang/models"
)

// stringValue takes a string and holds it against its shape.
func (c *checking) stringValue(want *shape) bool {
	found, ok := c.scanString()
	if !ok {
		return false
	}
	switch {
	case found.lone:
		c.wrong(models.FieldEncoding, "Unicode")
	case found.control:
		c.wrong(models.FieldFormat, "no control characters")
	case want != nil && want.kind == kindString && c.lenient == 0:
		if code, right := want.checkString(found.value); code != "" {
			c.wrong(code, right)
		}
	}
	return true
}

// checkString holds one decoded string against its shape; "" when it fits.
func (s *shape) checkString(value string) (models.FieldCode, string) {
	if len(s.enum) > 0 {
		for _, one := range s.enum {
			if one == value {
				return "", ""
			}
		}
		return models.FieldEnum, s.want
	}
	if s.format != nil && !s.format(value) {
		return models.FieldFormat, s.formatIs
	}
	if s.minLength > 0 || s.maxLength >= 0 {
		length := utf8.RuneCountInString(value)
		if length < s.minLength {
			return models.FieldTooShort, ">= " + strconv.Itoa(s.minLength)
		}
		if s.maxLength >= 0 && length > s.maxLength {
			return models.FieldTooLong, "<= " + strconv.Itoa(s.maxLength)
		}
	}
	if s.pattern != nil && !s.pattern.MatchString(value) {
		return models.FieldFormat, s.pattern.String()
	}
	if s.visible && strings.IndexFunc(value, func(char rune) bool { return !unicode.IsSpace(char) && char != '\ufeff' }) < 0 {
		return models.FieldFormat, `\S`
	}
	return "", ""
}

// number takes a number and holds it against its shape.
func (c *checking) number(want *shape) bool {
	literal, whole, ok := c.scanNumber()
	if !ok {
		return false
	}
	if want != nil && (want.kind == kindNumber || want.kind == kindInteger) && c.lenient == 0 {
		if code, right := want.checkNumber(literal, whole); code != "" {
			c.wrong(code, right)
		}
	}
	return true
}

// checkNumber holds a number, as it is written, against its shape; "" when it fits.
func (s *shape) checkNumber(literal string, whole bool) (models.FieldCode, string) {
	if s.kind == kindInteger {
		// 1.0 and 1e3 are whole too, but no decoder of ours reads them into an int.
		if !whole {
			return models.FieldType, s.kind.String()
		}
		if _, err := strconv.ParseInt(literal, 10, s.bits); err != nil {
			return s.beyond(strings.HasPrefix(literal, "-"))
		}
	}
	value, err := strconv.ParseFloat(literal, 64)
	if err != nil {
		return s.beyond(strings.HasPrefix(literal, "-"))
	}
	if s.minimum != nil && (value < *s.minimum || s.minExclusive && value == *s.minimum) {
		return s.beyond(true)
	}
	if s.maximum != nil && (value > *s.maximum || s.maxExclusive && value == *s.maximum) {
		return s.beyond(false)
	}
	return "", ""
}

// beyond says which bound was missed.
func (s *shape) beyond(below bool) (models.FieldCode, string) {
	if below {
		return models.FieldTooSmall, s.bound(">", s.minExclusive, s.minimum)
	}
	return models.FieldTooLarge, s.bound("<", s.maxExclusive, s.maximum)
}

func (s *shape) bound(sign string, exclusive bool, limit *float64) string {
	if limit == nil {
		return strconv.Itoa(s.bits) + " bit"
	}
	if !exclusive {
		sign += "="
	}
	return sign + " " + strconv.FormatFloat(*limit, 'f', -1, 64)
}
