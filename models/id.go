package models

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
	"time"
)

// ID names one thing for ever: a UUID (RFC 9562) in its canonical lower-case form.
// The server makes version 7, so that ids sort by the time they were made.
// The empty ID means "none".
type ID string

var errNotID = errors.New("models: not a UUID")

// ParseID reads a canonical UUID of any version; upper-case letters are folded.
func ParseID(text string) (ID, error) {
	if len(text) != 36 {
		return "", errNotID
	}
	for at, c := range []byte(text) {
		switch {
		case at == 8 || at == 13 || at == 18 || at == 23:
			if c != '-' {
				return "", errNotID
			}
		case c >= '0' && c <= '9', c >= 'a' && c <= 'f', c >= 'A' && c <= 'F':
		default:
			return "", errNotID
		}
	}
	return ID(strings.ToLower(text)), nil
}

// UnmarshalText lets ids be read from JSON, paths and queries; what is no UUID is refused.
func (id *ID) UnmarshalText(text []byte) error {
	parsed, err := ParseID(string(text))
	if err != nil {
		return err
	}
	*id = parsed
	return nil
}

// MarshalText writes the canonical form.
func (id ID) MarshalText() ([]byte, error) { return []byte(id), nil }

const hexDigits = "0123456789abcdef"

// OrderID joins an instant and an id into one version 7 id that sorts by the instant: the 48-bit
// Unix milliseconds, then 74 bits of the id's hash. The hash, because phones choose ids: two that share
// their last digits must not share a place in a list. Instants before 1970 or after 10889 are clamped.
func OrderID(at time.Time, id ID) ID {
	sum := sha256.Sum256([]byte(id))
	tail := hex.EncodeToString(sum[:10])
	variant := hexDigits[8|sum[10]&3]
	return idAt(at) + ID("-7"+tail[:3]+"-"+string(variant)+tail[3:6]+"-"+tail[6:18])
}

// FirstIDAt is the smallest id that OrderID, or a version 7 UUID, can have at an instant:
// ids made before it are smaller, ids made at or after it are not.
func FirstIDAt(at time.Time) ID {
	return idAt(at) + "-0000-0000-000000000000"
}

// idAt is the first 13 characters of an id made at an instant.
func idAt(at time.Time) ID {
	millis := uint64(min(max(at.UnixMilli(), 0), 1<<48-1))
	text := make([]byte, 0, 13)
	for shift := 44; shift >= 0; shift -= 4 {
		if len(text) == 8 {
			text = append(text, '-')
		}
		text = append(text, hexDigits[millis>>shift&15])
	}
	return ID(text)
}

// Time is the instant in the first 48 bits of a version 7 id; of any other id it means nothing.
func (id ID) Time() time.Time {
	if len(id) < 13 {
		return time.Time{}
	}
	millis, err := strconv.ParseInt(string(id[:8]+id[9:13]), 16, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(millis).UTC()
}
