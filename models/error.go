package models

import (
	"errors"
	"fmt"
	"time"
)

// Kind is the family of an error; each kind is one HTTP status, in one table, in api.
type Kind uint8

// The kinds of error that callers can do something about. Whatever is not an *Error
// is internal: it is logged and answered without its text.
const (
	KindInvalid         Kind = iota + 1 // the request cannot be read, or breaks the contract
	KindUnauthenticated                 // no token, or one that does not hold
	KindForbidden                       // known, but no role of theirs may do this at all
	KindNotFound                        // missing, or not theirs: the two look alike
	KindMethod                          // the path exists, the method does not
	KindConflict                        // the state of the thing does not allow it now
	KindPrecondition                    // the caller speaks another version of a protocol
	KindTooLarge                        // more bytes than are taken
	KindMediaType                       // a content type that is not taken here
	KindChecksum                        // the bytes that came are not those that were sent (460, by tus)
	KindUnprocessable                   // well formed, but it cannot be carried out as it stands
	KindTooMany                         // slower, please; RetryAfter says when
	KindUnavailable                     // a part we need is away; RetryAfter says when to come back
)

// FieldCode says what is wrong with one field; the words for it are in the catalogue of api.
type FieldCode string

// Field codes. They are part of the contract: apps switch on them.
const (
	FieldRequired   FieldCode = "required"
	FieldUnknown    FieldCode = "unknown_field"
	FieldDuplicate  FieldCode = "duplicate_field"
	FieldType       FieldCode = "wrong_type"
	FieldFormat     FieldCode = "wrong_format"
	FieldEnum       FieldCode = "not_one_of"
	FieldTooShort   FieldCode = "too_short"
	FieldTooLong    FieldCode = "too_long"
	FieldTooSmall   FieldCode = "too_small"
	FieldTooLarge   FieldCode = "too_large"
	FieldTooFew     FieldCode = "too_few_items"
	FieldTooMany    FieldCode = "too_many_items"
	FieldNotUnique  FieldCode = "not_unique"
	FieldTooDeep    FieldCode = "too_deep"
	FieldEncoding   FieldCode = "bad_encoding"
	FieldNoSuch     FieldCode = "no_such"
	FieldInFuture   FieldCode = "in_the_future"
	FieldTooOld     FieldCode = "too_old"
	FieldNotAllowed FieldCode = "not_allowed"
)

// FieldError names one field of a request and what is wrong with it.
type FieldError struct {
	Field string    // path in the request: "items[3].position.lat", "limit", "Idempotency-Key"
	Code  FieldCode // what is wrong
	Want  string    // what would be right, without words: "<= 90", "RFC 3339", "gps | qr"
}

// Error is the only error type whose text reaches a caller.
type Error struct {
	Kind       Kind
	Code       Code
	Fields     []FieldError
	State      string        // where the thing stands now, if that is in the way and the caller may see it
	RetryAfter time.Duration // for KindTooMany and KindUnavailable
	cause      error         // for the log only
}

// Error is for logs and tests; callers are answered from the catalogue.
func (e *Error) Error() string {
	text := string(e.Code)
	for _, field := range e.Fields {
		text += fmt.Sprintf(" [%s %s %s]", field.Field, field.Code, field.Want)
	}
	if e.cause != nil {
		text += ": " + e.cause.Error()
	}
	return text
}

// Unwrap gives the cause, which is logged and never sent.
func (e *Error) Unwrap() error { return e.cause }

// Is makes errors.Is compare codes, so that a test can say errors.Is(err, models.Fail(CodeNotFound)).
func (e *Error) Is(target error) bool {
	other, ok := target.(*Error)
	return ok && other.Code == e.Code
}

// Fail makes the error of a code; its kind comes from the table of codes.
func Fail(code Code) *Error { return &Error{Kind: codeKinds[code], Code: code} }

// Because keeps the cause for the log.
func (e *Error) Because(cause error) *Error { e.cause = cause; return e }

// After says when it is worth trying again.
func (e *Error) After(wait time.Duration) *Error { e.RetryAfter = wait; return e }

// In says where the thing stands now.
func (e *Error) In(state string) *Error { e.State = state; return e }

// WithFields names the fields that are wrong.
func (e *Error) WithFields(fields ...FieldError) *Error {
	e.Fields = append(e.Fields, fields...)
	return e
}

// Unfit is the error of a request that is well formed but names a value that cannot be used.
func Unfit(field string, code FieldCode, want string) *Error {
	return Fail(CodeUnprocessable).WithFields(FieldError{Field: field, Code: code, Want: want})
}

// CodeOf gives the code of an error: CodeInternal for what is not an *Error, "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var ours *Error
	if errors.As(err, &ours) {
		return ours.Code
	}
	return CodeInternal
}

// Indexed names one item of a list in a request: Indexed("door_ids", 2) is "door_ids[2]".
func Indexed(field string, at int) string { return fmt.Sprintf("%s[%d]", field, at) }
