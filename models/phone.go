package models

import "strings"

// CanonicalPhone is the one form of a phone number: a Chinese mobile number stands without +86, however it
// was typed, so that one phone is one person. Other numbers stay as they are (E.164).
func CanonicalPhone(phone Secret) Secret {
	if digits, chinese := strings.CutPrefix(phone.Reveal(), "+86"); chinese && len(digits) == 11 && digits[0] == '1' {
		return Secret(digits)
	}
	return phone
}

// MaskPhone keeps the last four digits of a phone number and hides the rest.
func MaskPhone(phone Secret) string {
	digits := []byte(phone.Reveal())
	for at := 0; at < len(digits)-4; at++ {
		digits[at] = '*'
	}
	return string(digits)
}
