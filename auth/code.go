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
	visitorCodeDigits = 10 // nine drawn and a check digit
	maxCodeText       = 64 // bytes; more cannot be a code with its spaces
	maxDraws          = 100
)

// NewVisitorCode draws nine digits, each nine as likely as any other, and adds a check
// digit (ISO 7064 MOD 11,10), so that a slip of the finger is told from a guess.
func NewVisitorCode(random io.Reader) (models.Secret, error) {
	number, err := uniform(random, 1_000_000_000)
	if err != nil {
		return "", err
	}
	digits := fmt.Sprintf("%09d", number)
	return models.Secret(digits + string(checkDigit(digits))), nil
}

// NewSMSCode draws six digits, each six as likely as any other.
func NewSMSCode(random io.Reader) (models.Secret, error) {
	number, err := uniform(random, 1_000_000)
	if err != nil {
		return "", err
	}
	return models.Secret(fmt.Sprintf("%06d", number)), nil
}

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

// CodeWellFormed says whether a normalized visitor code has ten digits of which the last
// checks the others. It says nothing about whether there is such a code.
func CodeWellFormed(code string) bool {
	if len(code) != visitorCodeDigits {
		return false
	}
	for _, c := range []byte(code) {
		if c < '0' || c > '9' {
			return false
		}
	}
	last := visitorCodeDigits - 1
	return checkDigit(code[:last]) == code[last]
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
