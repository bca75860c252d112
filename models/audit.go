package models

import (
	"encoding/binary"
	"slices"
	"strings"
	"time"
)

// AuditOutcome says how a decision went.
type AuditOutcome string

// The outcomes of a decision.
const (
	AuditAllowed AuditOutcome = "allowed"
	AuditRefused AuditOutcome = "refused"
)

// AuditEntry is one line of the audit log: who decided, did or read what, and why.
// It holds no name, number or text of anybody, so that those can be deleted while it stays:
// Subjects are ids and salted hashes, the reason is kept beside it and only its hash is in it.
type AuditEntry struct {
	ID         ID
	StationID  ID // each station has a chain of its own
	At         time.Time
	ActorID    ID // person or device; "" when nobody was signed in
	ActorRole  Role
	SessionID  ID
	Operation  Operation
	ObjectKind string // "tip", "door", "visitor_pass"
	ObjectID   ID
	Outcome    AuditOutcome
	Code       Code              // why it was refused; "" when it was allowed
	Subjects   []string          // whose data a list showed, by id; salted hashes of names or numbers that were looked for
	ReasonHash []byte            // salted hash of the reason; set by the store
	Facts      map[string]string // a few small facts without personal data
}

// The bounds of one entry, so that a row stays small.
const (
	MaxAuditSubjects = 500
	MaxAuditSubject  = 100  // bytes of one subject
	MaxAuditFacts    = 32   // pairs
	MaxAuditFact     = 500  // bytes of one key or value
	MaxAuditReason   = 2000 // bytes of the reason
)

// Check refuses an entry that could not be kept or read back: CodeUnprocessable names the field.
func (e AuditEntry) Check() error {
	switch {
	case e.ID == "":
		return Unfit("id", FieldRequired, "")
	case e.At.IsZero():
		return Unfit("at", FieldRequired, "")
	case e.Operation == "" || len(e.Operation) > 64:
		return Unfit("operation", FieldTooLong, "1 to 64 bytes")
	case len(e.ObjectKind) > 32:
		return Unfit("object_kind", FieldTooLong, "<= 32 bytes")
	case e.Outcome != AuditAllowed && e.Outcome != AuditRefused:
		return Unfit("outcome", FieldEnum, "allowed | refused")
	case (e.Outcome == AuditRefused) != (e.Code != ""):
		return Unfit("code", FieldRequired, "with refused only")
	case len(e.Subjects) > MaxAuditSubjects || slices.ContainsFunc(e.Subjects, longerThan(MaxAuditSubject)):
		return Unfit("subjects", FieldTooLong, "<= 500 of <= 100 bytes")
	case len(e.Facts) > MaxAuditFacts:
		return Unfit("facts", FieldTooMany, "<= 32")
	}
	for key, value := range e.Facts {
		if len(key) > MaxAuditFact || len(value) > MaxAuditFact || strings.ContainsRune(key+value, 0) {
			return Unfit("facts", FieldTooLong, "<= 500 bytes")
		}
	}
	return nil
}

func longerThan(limit int) func(string) bool {
	return func(text string) bool { return len(text) > limit }
}

// auditFormat begins every encoding, so that a MAC of something else can never be one of an entry.
const auditFormat = "xunfang audit entry 1"

// Canonical is the entry as bytes, the same for the same entry and for no other: each
// value stands behind its length, lists behind their count, facts in the order of their keys.
// Time counts in whole milliseconds, as it is stored.
func (e AuditEntry) Canonical() []byte {
	at := binary.BigEndian.AppendUint64(nil, uint64(e.At.UnixMilli())) // the bits, not the number
	data := make([]byte, 0, 512)
	for _, text := range []string{
		auditFormat, string(e.ID), string(e.StationID), string(at), string(e.ActorID), string(e.ActorRole),
		string(e.SessionID), string(e.Operation), e.ObjectKind, string(e.ObjectID),
		string(e.Outcome), string(e.Code), string(e.ReasonHash),
	} {
		data = appendCounted(data, text)
	}
	data = binary.BigEndian.AppendUint32(data, uint32(len(e.Subjects))) //nolint:gosec // bounded by Check
	for _, subject := range e.Subjects {
		data = appendCounted(data, subject)
	}
	keys := make([]string, 0, len(e.Facts))
	for key := range e.Facts {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	data = binary.BigEndian.AppendUint32(data, uint32(len(keys))) //nolint:gosec // bounded by Check
	for _, key := range keys {
		data = appendCounted(appendCounted(data, key), e.Facts[key])
	}
	return data
}

func appendCounted(data []byte, text string) []byte {
	data = binary.BigEndian.AppendUint32(data, uint32(len(text))) //nolint:gosec // bounded by Check
	return append(data, text...)
}

// AuditRecord is an entry as it is read back.
type AuditRecord struct {
	AuditEntry
	Seq    int64  // place in the station's chain, from 1; 0 while it is not linked yet
	Hash   []byte // the chain's hash there
	Reason Secret // "" when none was given, or it was erased
	Erased bool   // a reason was given and is erased
}

// AuditFilter narrows a list of entries; empty fields do not. From is included, To is not.
type AuditFilter struct {
	ActorID   ID
	ObjectID  ID
	Operation Operation
	From, To  time.Time
}
