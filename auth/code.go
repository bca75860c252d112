package auth

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"

	"xunfang/models"
)

const (
	drawnDigits = 9  // of a code, where nothing else is set
	maxCodeText = 64 // bytes; more cannot be a code with its spaces
	maxDraws    = 100
	wordDigits  = 9 // at most so many fit into one drawn word
)

// NewVisitorCode draws nine digits, each nine as likely as any other, and adds a check
// digit (ISO 7064 MOD 11,10), so that a slip of the finger is told from a guess.
func NewVisitorCode(random io.Reader) (models.Secret, error) { return NewDoorCode(random, drawnDigits) }

// NewDoorCode is NewVisitorCode with another number of drawn digits.
func NewDoorCode(random io.Reader, drawn int) (models.Secret, error) {
	digits, err := NewDigits(random, drawn)
	if err != nil {
		return "", err
	}
	return digits + models.Secret(checkDigit(digits.Reveal())), nil
}

// NewDigits draws so many digits, all of them together as likely as any others.
func NewDigits(random io.Reader, count int) (models.Secret, error) {
	digits := ""
	for count > 0 {
		part, below := min(count, wordDigits), uint64(1)
		for range part {
			below *= 10
		}
		number, err := uniform(random, below)
		if err != nil {
			return "", err
		}
		digits, count = digits+fmt.Sprintf("%0*d", part, number), count-part
	}
	return models.Secret(digits), nil
}

// NewSMSCode draws six digits, each six as likely as any other.
func NewSMSCode(random io.Reader) (models.Secret, error) { return NewDigits(random, 6) }

// NormalizeCode brings a code, as people type and paste it, into one form: spaces and
// dashes go, full-width digits become ASCII. What is too long to be a code becomes "".
func NormalizeCode(text string) string {
	if len(text) > maxCodeText {
		return ""
	}
	return strings.Map(func(c rune) rune {
		switch {
		case unicode.IsSpace(c), unicode.Is(unicode.Pd, c), c == '−', c == '\u200b', c == '\ufeff':
			return -1
		case c >= '０' && c <= '９':
			return c - '０' + '0'
		default:
			return c
		}
	}, text)
}

// CodeWellFormed says whether a normalized code has ten digits of which the last
// checks the others. It says nothing about whether there is such a code.
func CodeWellFormed(code string) bool { return len(code) == drawnDigits+1 && DoorCodeWellFormed(code) }

// DoorCodeWellFormed is CodeWellFormed for every number of digits that a server may be set to: codes from before a change
// of the setting are typed too.
func DoorCodeWellFormed(code string) bool {
	last := len(code) - 1
	return last >= models.LeastCodeDigits && last <= models.MostCodeDigits && AllDigits(code) && checkDigit(code[:last]) == code[last]
}

// AllDigits says whether a text is ASCII digits and nothing else.
func AllDigits(text string) bool {
	for _, c := range []byte(text) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return text != ""
}

// checkDigit is ISO 7064 MOD 11,10: it finds every wrong digit and almost every swap of neighbours.
func checkDigit(digits string) byte {
	product := 10
	for _, c := range []byte(digits) {
		sum := (product + int(c-'0')) % 10
		if sum == 0 {
			sum = 10
		}
		product = sum * 2 % 11
	}
	return byte('0' + (11-product)%10)
}

// uniform draws a number in [0, below). Words past the last whole multiple are drawn
// again: folding them in would make small numbers likelier.
func uniform(random io.Reader, below uint64) (uint64, error) {
	var word [4]byte
	for range maxDraws { // the chance of needing even 20 is below 10^-20
		if _, err := io.ReadFull(random, word[:]); err != nil {
			return 0, fmt.Errorf("auth: drawing a code: %w", err)
		}
		if number, ok := fold(uint64(binary.BigEndian.Uint32(word[:])), 1<<32, below); ok {
			return number, nil
		}
	}
	return 0, errors.New("auth: drawing a code: the source of randomness is broken")
}

// fold maps a word that is uniform in [0, space) to [0, below), or refuses it.
func fold(word, space, below uint64) (uint64, bool) {
	if word >= space-space%below {
		return 0, false
	}
	return word % below, true
}

// NewCheckCode draws the code by which a certificate is checked: models.CheckCodeLength letters and digits, each as
// likely as any other.
func NewCheckCode(random io.Reader) (models.Secret, error) {
	code := make([]byte, models.CheckCodeLength)
	if _, err := io.ReadFull(random, code); err != nil {
		return "", fmt.Errorf("auth: drawing a code: %w", err)
	}
	for at, drawn := range code {
		code[at] = models.CheckCodeLetters[drawn%32] // 256 is a multiple of 32: none is likelier
	}
	return models.Secret(code), nil
}
