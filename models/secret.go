package models

import (
	"fmt"
	"io"
	"log/slog"
)

// Secret is text that must not be printed: a token, a code, a phone number, a tip's words.
// fmt, slog and encoding/json all write "***"; Reveal is the only way to the text,
// so that every place that uses one can be found by its name.
type Secret string

const masked = "***"

// Reveal gives the text itself.
func (s Secret) Reveal() string { return string(s) }

// Format masks the text for every verb, also for those that do not fit a text: fmt prints the value itself
// beside its complaint otherwise.
func (s Secret) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, masked) }

// String masks the text.
func (s Secret) String() string { return masked }

// GoString masks the text for %#v.
func (s Secret) GoString() string { return masked }

// LogValue masks the text for slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(masked) }

// MarshalText masks the text in JSON.
func (s Secret) MarshalText() ([]byte, error) { return []byte(masked), nil }
