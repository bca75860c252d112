package api

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// The scanner follows RFC 8259 to the letter. It moves at over data and never backwards,
// except for the one look ahead that a union needs.

// skipSpace moves to the next byte that is no white space.
func (c *checking) skipSpace() {
	for c.at < len(c.data) {
		switch c.data[c.at] {
		case ' ', '\t', '\n', '\r':
			c.at++
		default:
			return
		}
	}
}

// peek is the byte at the cursor, 0 at the end (0 is never valid JSON outside a string).
func (c *checking) peek() byte {
	if c.at < len(c.data) {
		return c.data[c.at]
	}
	return 0
}

// literal takes a fixed word.
func (c *checking) literal(word string) bool {
	if len(c.data)-c.at < len(word) || c.data[c.at:c.at+len(word)] != word {
		return c.broken()
	}
	c.at += len(word)
	return true
}

// text is a string as it was scanned.
type text struct {
	value   string // decoded; a part of the data when there was no escape
	control bool   // has a control character other than tab and line feed
	lone    bool   // has half of a surrogate pair, which is no character
}

// scanString takes a string; the cursor is on its opening quote.
func (c *checking) scanString() (text, bool) {
	c.at++
	start := c.at
	for c.at < len(c.data) {
		switch char := c.data[c.at]; {
		case char == '"':
			c.at++
			return text{value: c.data[start : c.at-1]}, true
		case char == '\\':
			return c.scanEscaped(start)
		case char < 0x20:
			return text{}, c.broken()
		default:
			c.at++
		}
	}
	return text{}, c.broken()
}

// scanEscaped goes on where the first backslash was met.
func (c *checking) scanEscaped(start int) (text, bool) {
	var found text
	decoded := append(make([]byte, 0, c.at-start+32), c.data[start:c.at]...)
	for c.at < len(c.data) {
		char := c.data[c.at]
		switch {
		case char == '"':
			c.at++
			found.value = string(decoded)
			return found, true
		case char < 0x20:
			return text{}, c.broken()
		case char != '\\':
			decoded = append(decoded, char)
			c.at++
			continue
		}
		c.at++
		decodedRune, ok := c.scanEscape()
		if !ok {
			return text{}, c.broken()
		}
		found.lone = found.lone || decodedRune == lone
		found.control = found.control || decodedRune >= 0 && decodedRune < 0x20 && decodedRune != '\n' && decodedRune != '\t'
		decoded = utf8.AppendRune(decoded, decodedRune)
	}
	return text{}, c.broken()
}

// lone stands for half of a surrogate pair; written out it becomes U+FFFD.
const lone = rune(-1)

// scanEscape takes what follows a backslash.
func (c *checking) scanEscape() (rune, bool) {
	char := c.peek()
	c.at++
	switch char {
	case '"', '\\', '/':
		return rune(char), true
	case 'n':
		return '\n', true
	case 't':
		return '\t', true
	case 'b':
		return '\b', true
	case 'f':
		return '\f', true
	case 'r':
		return '\r', true
	case 'u':
		unit, ok := c.scanHex()
		if ok && utf16.IsSurrogate(unit) {
			return c.scanSecondHalf(unit), true
		}
		return unit, ok
	default:
		return 0, false
	}
}

// scanSecondHalf joins a surrogate with the one that must follow; lone when none does.
func (c *checking) scanSecondHalf(first rune) rune {
	if c.at+1 >= len(c.data) || c.data[c.at] != '\\' || c.data[c.at+1] != 'u' {
		return lone
	}
	before := c.at
	c.at += 2
	second, ok := c.scanHex()
	joined := utf16.DecodeRune(first, second)
	if !ok || joined == utf8.RuneError {
		c.at = before
		return lone
	}
	return joined
}

func (c *checking) scanHex() (rune, bool) {
	if len(c.data)-c.at < 4 {
		return 0, false
	}
	digits := c.data[c.at : c.at+4]
	for _, digit := range []byte(digits) {
		if !isDigit(digit) && (digit|0x20 < 'a' || digit|0x20 > 'f') {
			return 0, false
		}
	}
	unit, err := strconv.ParseUint(digits, 16, 16)
	c.at += 4
	return rune(unit), err == nil // sixteen bits
}

// scanNumber takes a number and says whether it was written as a whole one.
func (c *checking) scanNumber() (literal string, whole, ok bool) {
	start := c.at
	whole = true
	if c.peek() == '-' {
		c.at++
	}
	switch {
	case c.peek() == '0':
		c.at++
	case !c.scanDigits():
		return "", false, c.broken()
	}
	if c.peek() == '.' {
		c.at++
		whole = false
		if !c.scanDigits() {
			return "", false, c.broken()
		}
	}
	if c.peek()|0x20 == 'e' {
		c.at++
		whole = false
		if sign := c.peek(); sign == '+' || sign == '-' {
			c.at++
		}
		if !c.scanDigits() {
			return "", false, c.broken()
		}
	}
	return c.data[start:c.at], whole, true
}

func (c *checking) scanDigits() bool {
	start := c.at
	for c.at < len(c.data) && isDigit(c.data[c.at]) {
		c.at++
	}
	return c.at > start
}

func isDigit(char byte) bool { return char >= '0' && char <= '9' }
