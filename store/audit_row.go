package store

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"

	"xunfang/models"
)

// auditRow is one entry with its own MAC.
type auditRow struct {
	StationID  models.ID `gorm:"primaryKey"`
	ID         models.ID `gorm:"primaryKey"`
	HappenedAt int64
	ActorID    models.ID
	ActorRole  models.Role
	SessionID  models.ID
	Operation  models.Operation
	ObjectKind string
	ObjectID   models.ID
	Outcome    models.AuditOutcome
	Code       models.Code
	Subjects   string // JSON
	ReasonHash []byte
	Facts      string // JSON, keys in order
	Mac        []byte
	Sealed     int // 1 when it stands in the chain
}

func (auditRow) TableName() string { return "audit_entries" }
func (auditRow) flushRank() int    { return rankAudit }

// auditReasonRow is a reason, apart from its entry so that it can be erased.
type auditReasonRow struct {
	StationID models.ID `gorm:"primaryKey"`
	EntryID   models.ID `gorm:"primaryKey"`
	Salt      []byte
	Sealed    []byte
}

func (auditReasonRow) TableName() string { return "audit_reasons" }
func (auditReasonRow) flushRank() int    { return rankReasons }

// reasonColumn binds a sealed reason to its place.
const reasonColumn = "audit_reasons.sealed"

var (
	errNoMAC         = errors.New("store: no AuditMAC is set, so nothing can be audited")
	errAuditEncoding = errors.New("store: an audit entry is not in its canonical form")
)

func newAuditRow(entry models.AuditEntry, mac func([]byte) []byte) (auditRow, error) {
	subjects, err := json.Marshal(append([]string{}, entry.Subjects...))
	if err != nil {
		return auditRow{}, fmt.Errorf("store: audit subjects: %w", err)
	}
	facts := entry.Facts
	if facts == nil {
		facts = map[string]string{}
	}
	encodedFacts, err := json.Marshal(facts)
	if err != nil {
		return auditRow{}, fmt.Errorf("store: audit facts: %w", err)
	}
	return auditRow{
		StationID: entry.StationID, ID: entry.ID, HappenedAt: entry.At.UnixMilli(),
		ActorID: entry.ActorID, ActorRole: entry.ActorRole, SessionID: entry.SessionID, Operation: entry.Operation,
		ObjectKind: entry.ObjectKind, ObjectID: entry.ObjectID, Outcome: entry.Outcome, Code: entry.Code,
		Subjects: string(subjects), ReasonHash: append([]byte{}, entry.ReasonHash...), Facts: string(encodedFacts),
		Mac: mac(entry.Canonical()),
	}, nil
}

// entry reads the row back. It refuses a row whose lists are not written as newAuditRow
// writes them, so that no byte of it can change unseen.
func (r auditRow) entry() (models.AuditEntry, error) {
	entry := models.AuditEntry{
		ID: r.ID, StationID: r.StationID, At: instant(r.HappenedAt), ActorID: r.ActorID, ActorRole: r.ActorRole,
		SessionID: r.SessionID, Operation: r.Operation, ObjectKind: r.ObjectKind, ObjectID: r.ObjectID,
		Outcome: r.Outcome, Code: r.Code, ReasonHash: r.ReasonHash,
	}
	if err := errors.Join(json.Unmarshal([]byte(r.Subjects), &entry.Subjects), json.Unmarshal([]byte(r.Facts), &entry.Facts)); err != nil {
		return entry, errAuditEncoding
	}
	again, err := newAuditRow(entry, func([]byte) []byte { return nil })
	if err != nil || again.Subjects != r.Subjects || again.Facts != r.Facts {
		return entry, errAuditEncoding
	}
	return entry, nil
}

// intact says whether the row is as it was written.
func (r auditRow) intact(mac func([]byte) []byte) bool {
	entry, err := r.entry()
	return err == nil && equalMAC(r.Mac, mac(entry.Canonical()))
}

// newReason makes the row of a reason and the hash that stands in the entry. The salt goes
// with the text when it is erased, and with it the last way to guess the text from its hash.
func (s *Store) newReason(entry models.AuditEntry, reason models.Secret) (auditReasonRow, []byte) {
	salt := make([]byte, sha256.Size)
	_, _ = rand.Read(salt) // never fails
	return auditReasonRow{
		StationID: entry.StationID, EntryID: entry.ID, Salt: salt,
		Sealed: s.sealText(reason, reasonColumn, entry.ID),
	}, reasonHash(salt, reason)
}

func reasonHash(salt []byte, reason models.Secret) []byte {
	sum := sha256.Sum256(append(bytes.Clone(salt), reason.Reveal()...))
	return sum[:]
}
