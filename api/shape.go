package api

import (
	"regexp"

	"xunfang/models"
)

type kind uint8

const (
	kindAny kind = iota
	kindObject
	kindArray
	kindString
	kindInteger
	kindNumber
	kindBoolean
	kindUnion // oneOf with a discriminator
)

// String names the kind as the contract does.
func (k kind) String() string {
	return [...]string{"any", "object", "array", "string", "integer", "number", "boolean", "object"}[k]
}

// shape is a schema of the contract, made ready for checking without any look-ups.
type shape struct {
	kind     kind
	nullable bool
	lenient  bool // x-lenient: only its syntax counts; what does not fit is left to the handler, which never refuses for it

	// objects
	properties []property
	byName     map[string]int
	required   uint64 // bit i: properties[i] must be there
	open       bool   // fields that are not named are taken
	rest       *shape // what those must look like; nil: anything

	// arrays
	items      *shape
	minItems   int
	maxItems   int // -1: no limit
	unique     bool
	itemByItem bool // items are checked one by one later, with CheckItem

	// strings
	minLength int
	maxLength int // in code points; -1: no limit
	pattern   *regexp.Regexp
	visible   bool // the pattern \S: at least one code point that is no space
	format    func(string) bool
	formatIs  string // what the format is called: "uuid", "RFC 3339"
	foldCase  bool   // two spellings are the same thing: ids
	enum      []string
	want      string // enum, for people

	// numbers
	minimum, maximum           *float64
	minExclusive, maxExclusive bool
	bits                       int // integers: 32 or 64

	// unions
	discriminator string
	branches      map[string]*shape
}

type property struct {
	name  string
	shape *shape
}

// isID says whether the shape is an id.
func (s *shape) isID() bool { return s.kind == kindString && s.formatIs == "uuid" }

// takes says whether a value of the kind that was found can be of this shape.
func (s *shape) takes(found kind) bool {
	switch s.kind {
	case kindAny:
		return true
	case kindUnion:
		return found == kindObject
	case kindNumber, kindInteger:
		return found == kindNumber
	default:
		return s.kind == found
	}
}

// list gathers what is wrong with a request, up to a bound.
type list struct {
	errors []models.FieldError
	full   bool
}

// maxFieldErrors bounds what one answer lists; an attacker must not make answers grow.
const maxFieldErrors = 20

func (l *list) add(field string, code models.FieldCode, want string) {
	if len(l.errors) >= maxFieldErrors {
		l.full = true
		return
	}
	l.errors = append(l.errors, models.FieldError{Field: field, Code: code, Want: want})
}
