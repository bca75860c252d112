package api

import (
	"errors"
	"time"
)

// timeLayout is RFC 3339 with exactly three digits of a second, for answers.
const timeLayout = "2006-01-02T15:04:05.000Z07:00"

var errNotTime = errors.New("api: not an RFC 3339 time")

// Time is an instant on the wire: written as RFC 3339 in UTC with milliseconds,
// read as RFC 3339 in any offset. What lies below a millisecond is cut off, so that
// what is answered and what is kept are the same.
type Time struct{ time.Time } //nolint:recvcheck // written by value, read through a pointer

// At makes a Time.
func At(instant time.Time) Time { return Time{instant.UTC().Truncate(time.Millisecond)} }

// AtOrNil makes a nullable Time; the zero instant is null.
func AtOrNil(instant time.Time) *Time {
	if instant.IsZero() {
		return nil
	}
	at := At(instant)
	return &at
}

// Or gives the instant, or other when the receiver is nil.
func (t *Time) Or(other time.Time) time.Time {
	if t == nil {
		return other
	}
	return t.Time
}

// String writes it as it goes over the wire.
func (t Time) String() string { return t.UTC().Format(timeLayout) }

// MarshalText implements encoding.TextMarshaler.
func (t Time) MarshalText() ([]byte, error) {
	return t.UTC().AppendFormat(make([]byte, 0, len(timeLayout)), timeLayout), nil
}

// Bind implements the generated server's Binder. Without it a query parameter would be
// read as a date, for a Time looks like the runtime's own type of that.
func (t *Time) Bind(text string) error { return t.UnmarshalText([]byte(text)) }

// UnmarshalText implements encoding.TextUnmarshaler.
func (t *Time) UnmarshalText(text []byte) error {
	parsed, ok := parseTime(string(text))
	if !ok {
		return errNotTime
	}
	*t = At(parsed)
	return nil
}

// MarshalJSON implements json.Marshaler; without it time.Time's own would be used.
func (t Time) MarshalJSON() ([]byte, error) {
	text := append(make([]byte, 0, len(timeLayout)+2), '"')
	return append(t.UTC().AppendFormat(text, timeLayout), '"'), nil
}

// UnmarshalJSON implements json.Unmarshaler; null leaves the value as it is.
func (t *Time) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		return nil
	}
	if len(text) < 2 || text[0] != '"' || text[len(text)-1] != '"' {
		return errNotTime
	}
	return t.UnmarshalText(text[1 : len(text)-1])
}

// parseTime reads RFC 3339 more strictly than package time: a point and not a comma before
// the fraction, at most nine digits of it, an offset below 24 hours, and a year that every
// database can keep.
func parseTime(text string) (time.Time, bool) {
	const instant = len("2006-01-02T15:04:05")
	if len(text) <= instant || text[10] != 'T' {
		return time.Time{}, false
	}
	rest := text[instant:]
	if rest[0] == '.' {
		digits := 1
		for digits < len(rest) && isDigit(rest[digits]) {
			digits++
		}
		if digits == 1 || digits > 10 {
			return time.Time{}, false
		}
		rest = rest[digits:]
	}
	switch {
	case rest == "Z":
	case len(rest) == len("+08:00") && (rest[0] == '+' || rest[0] == '-') && rest[1:3] < "24" && rest[4:] < "60":
	default:
		return time.Time{}, false
	}
	parsed, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, false
	}
	year := parsed.UTC().Year()
	return parsed, year >= 1970 && year <= 9999
}
