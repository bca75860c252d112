package models

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"
)

func auditEntry() AuditEntry {
	return AuditEntry{
		ID: "01890000-0000-7000-8000-000000000001", StationID: "s", At: time.UnixMilli(1_700_000_000_123),
		ActorID: "a", ActorRole: RoleOfficer, SessionID: "x", Operation: OpOpenDoor, ObjectKind: "door", ObjectID: "d",
		Outcome: AuditAllowed, Subjects: []string{"ab", "c"}, ReasonHash: []byte{1}, Facts: map[string]string{"k": "v", "l": "w"},
	}
}

func TestCanonicalDiffersWhereverAnEntryDiffers(t *testing.T) {
	changes := map[string]func(*AuditEntry){
		"id":                  func(e *AuditEntry) { e.ID = "b" },
		"station":             func(e *AuditEntry) { e.StationID = "t" },
		"a millisecond":       func(e *AuditEntry) { e.At = e.At.Add(time.Millisecond) },
		"actor":               func(e *AuditEntry) { e.ActorID = "b" },
		"role":                func(e *AuditEntry) { e.ActorRole = RoleGuard },
		"session":             func(e *AuditEntry) { e.SessionID = "y" },
		"operation":           func(e *AuditEntry) { e.Operation = OpListDoors },
		"object kind":         func(e *AuditEntry) { e.ObjectKind = "gate" },
		"object":              func(e *AuditEntry) { e.ObjectID = "e" },
		"outcome":             func(e *AuditEntry) { e.Outcome = AuditRefused },
		"code":                func(e *AuditEntry) { e.Code = CodeForbidden },
		"subject":             func(e *AuditEntry) { e.Subjects = []string{"ab", "d"} },
		"border of subjects":  func(e *AuditEntry) { e.Subjects = []string{"a", "bc"} },
		"order of subjects":   func(e *AuditEntry) { e.Subjects = []string{"c", "ab"} },
		"reason":              func(e *AuditEntry) { e.ReasonHash = []byte{2} },
		"fact":                func(e *AuditEntry) { e.Facts = map[string]string{"k": "v", "l": "x"} },
		"border of a fact":    func(e *AuditEntry) { e.Facts = map[string]string{"kv": "", "l": "w"} },
		"a value's neighbour": func(e *AuditEntry) { e.ActorID, e.ActorRole = "ao", "fficer" },
	}
	seen := map[string]string{string(auditEntry().Canonical()): "unchanged"}
	for name, change := range changes {
		entry := auditEntry()
		change(&entry)
		if other, ok := seen[string(entry.Canonical())]; ok {
			t.Errorf("%s: the same bytes as %s", name, other)
		}
		seen[string(entry.Canonical())] = name
	}
}

func TestCanonicalIsTheSameForTheSameEntry(t *testing.T) {
	stored := auditEntry()
	stored.At = auditEntry().At.UTC().Add(400 * time.Microsecond)
	stored.Facts = map[string]string{"l": "w", "k": "v"}
	if !bytes.Equal(stored.Canonical(), auditEntry().Canonical()) {
		t.Error("zone, microseconds and the order of facts must not count")
	}
}

func TestAuditEntryCheck(t *testing.T) {
	tests := map[string]struct {
		change func(*AuditEntry)
		field  string
	}{
		"fine":                {func(*AuditEntry) {}, ""},
		"no id":               {func(e *AuditEntry) { e.ID = "" }, "id"},
		"no time":             {func(e *AuditEntry) { e.At = time.Time{} }, "at"},
		"no operation":        {func(e *AuditEntry) { e.Operation = "" }, "operation"},
		"unknown outcome":     {func(e *AuditEntry) { e.Outcome = "maybe" }, "outcome"},
		"refused, no code":    {func(e *AuditEntry) { e.Outcome = AuditRefused }, "code"},
		"allowed with a code": {func(e *AuditEntry) { e.Code = CodeNotFound }, "code"},
		"long object kind":    {func(e *AuditEntry) { e.ObjectKind = strings.Repeat("x", 33) }, "object_kind"},
		"many subjects":       {func(e *AuditEntry) { e.Subjects = make([]string, MaxAuditSubjects+1) }, "subjects"},
		"long fact":           {func(e *AuditEntry) { e.Facts["k"] = strings.Repeat("x", MaxAuditFact+1) }, "facts"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			entry := auditEntry()
			test.change(&entry)
			err := entry.Check()
			if test.field == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			var ours *Error
			if !errors.As(err, &ours) || ours.Fields[0].Field != test.field {
				t.Errorf("got %v, want a complaint about %s", err, test.field)
			}
		})
	}
}
