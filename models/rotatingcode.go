package models

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"time"
)

// A rotating code is that of RFC 6238 (TOTP) with HMAC-SHA-256, on a small screen or the phone of whoever stands
// at the checkpoint, neither of which needs a network.
const (
	RotatingStep   = 30 * time.Second // how long one code is shown
	RotatingDigits = 8
	RotatingDrift  = 1 // steps by which the screen's and the phone's clock may differ
)

// CodeCheck is what became of the code of a check-in.
type CodeCheck string

// The outcomes.
const (
	CodeHolds    CodeCheck = "holds"
	CodeWrong    CodeCheck = "wrong"    // not this checkpoint's
	CodeReplayed CodeCheck = "replayed" // this checkpoint's, of an earlier time
	CodeOffTime  CodeCheck = "off_time" // this checkpoint's, and a wrong clock explains why its time is another
)

// RotatingStepAt is the number of the step that an instant lies in.
func RotatingStepAt(at time.Time) int64 { return at.Unix() / int64(RotatingStep/time.Second) }

// RotatingCode is the code that is shown during a step.
func RotatingCode(secret []byte, step int64) string {
	mac := hmac.New(sha256.New, secret)
	_ = binary.Write(mac, binary.BigEndian, step) // a hash takes everything
	return oneTimeCode(mac.Sum(nil), RotatingDigits)
}

// oneTimeCode is the dynamic truncation of RFC 4226, section 5.3.
func oneTimeCode(mac []byte, digits int) string {
	offset := mac[len(mac)-1] & 15
	number := uint64(binary.BigEndian.Uint32(mac[offset:]) & 0x7fffffff)
	modulus := uint64(1)
	for range digits {
		modulus *= 10
	}
	return fmt.Sprintf("%0*d", digits, number%modulus)
}

// CheckRotating judges a code that was shown, as its QR code says, during a step. It holds when that is the step in
// which the check-in happened, or the one before or after: several people may scan one code, as a squad does.
// An older code is a replay, unless it is the one shown at the moment of arrival: then nothing was kept for later, and it is
// the phone's clock that is ahead. A newer one nobody can have had beforehand: a clock is wrong, the phone's or the screen's.
func CheckRotating(secret []byte, step int64, code string, occurredAt, receivedAt time.Time) CodeCheck {
	if subtle.ConstantTimeCompare([]byte(code), []byte(RotatingCode(secret, step))) != 1 {
		return CodeWrong
	}
	switch age := RotatingStepAt(occurredAt) - step; {
	case age >= -RotatingDrift && age <= RotatingDrift:
		return CodeHolds
	case age < 0, RotatingStepAt(receivedAt)-step <= RotatingDrift:
		return CodeOffTime
	default:
		return CodeReplayed
	}
}
