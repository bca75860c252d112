package store_test

import (
	"context"
	"crypto/sha256"
	"strings"
	"testing"

	"xunfang/models"
	"xunfang/store"
	"xunfang/store/testdb"
)

// tampering is what somebody with the database, but without the key, could do to 10 linked
// entries (numbers 0 to 9, seq 1 to 10) and one that waits (10).
var tampering = map[string]struct {
	statements []string
	problem    store.AuditProblem // "" when nothing must be found
	seq        int64
	entry      int // -1: cannot be told
}{
	"nothing":              {nil, "", 0, -1},
	"entry altered":        {[]string{"UPDATE audit_entries SET actor_id = 'x' WHERE id = @3"}, store.AuditAltered, 4, 3},
	"one letter of a fact": {[]string{"UPDATE audit_entries SET facts = REPLACE(facts, ':', ': ') WHERE id = @3"}, store.AuditAltered, 4, 3},
	"time moved":           {[]string{"UPDATE audit_entries SET happened_at = happened_at + 1 WHERE id = @0"}, store.AuditAltered, 1, 0},
	"refusal made allowed": {[]string{"UPDATE audit_entries SET outcome = 'refused', code = 'forbidden' WHERE id = @9"}, store.AuditAltered, 10, 9},
	"mac altered":          {[]string{"UPDATE audit_entries SET mac = x'00' WHERE id = @3"}, store.AuditAltered, 4, 3},
	"two macs swapped": {[]string{
		"UPDATE audit_entries SET mac = (SELECT m FROM (SELECT mac AS m FROM audit_entries WHERE id = @4) AS other) WHERE id = @3",
	}, store.AuditAltered, 4, 3},
	"entry deleted":          {[]string{"DELETE FROM audit_entries WHERE id = @3"}, store.AuditMissing, 4, 3},
	"link deleted":           {[]string{"DELETE FROM audit_chain WHERE seq = 5"}, store.AuditMissing, 5, -1},
	"entry and link deleted": {[]string{"DELETE FROM audit_entries WHERE id = @4", "DELETE FROM audit_chain WHERE seq = 5"}, store.AuditMissing, 5, -1},
	"the same, gap closed": {[]string{
		"DELETE FROM audit_entries WHERE id = @8", "DELETE FROM audit_chain WHERE seq = 9", "UPDATE audit_chain SET seq = 9 WHERE seq = 10",
		"UPDATE audit_heads SET seq = 9",
	}, store.AuditBroken, 9, 9},
	"links swapped": {[]string{
		"UPDATE audit_chain SET entry_id = 'x' WHERE seq = 2", "UPDATE audit_chain SET entry_id = @1 WHERE seq = 3",
		"UPDATE audit_chain SET entry_id = @2 WHERE seq = 2",
	}, store.AuditBroken, 2, 2},
	"actor of a link altered": {[]string{"UPDATE audit_chain SET actor_id = 'x' WHERE seq = 7"}, store.AuditAltered, 7, 6},
	"actor of a link emptied": {[]string{"UPDATE audit_chain SET actor_id = '' WHERE seq = 1"}, store.AuditAltered, 1, 0},
	"hash altered":            {[]string{"UPDATE audit_chain SET hash = x'00' WHERE seq = 7"}, store.AuditBroken, 7, 6},
	"first of all deleted":    {[]string{"DELETE FROM audit_entries WHERE id = @0", "DELETE FROM audit_chain WHERE seq = 1"}, store.AuditMissing, 1, -1},
	"tail cut":                {[]string{"DELETE FROM audit_entries WHERE id >= @8", "DELETE FROM audit_chain WHERE seq >= 9"}, store.AuditMissing, 9, -1},
	"tail cut, head set back": {[]string{
		"DELETE FROM audit_entries WHERE id >= @8", "DELETE FROM audit_chain WHERE seq >= 9",
		"UPDATE audit_heads SET seq = 8, hash = (SELECT hash FROM audit_chain WHERE seq = 8)",
	}, store.AuditHeadWrong, 8, -1},
	"head deleted":         {[]string{"DELETE FROM audit_heads"}, store.AuditHeadWrong, 1, 0},
	"head altered":         {[]string{"UPDATE audit_heads SET hash = x'00'"}, store.AuditHeadWrong, 10, -1},
	"link appended":        {[]string{"INSERT INTO audit_chain SELECT station_id, 11, @10, actor_id, hash FROM audit_chain WHERE seq = 10"}, store.AuditInserted, 11, 10},
	"linked entry forged":  {[]string{forged("1"), "INSERT INTO audit_chain SELECT station_id, 11, 'f', actor_id, hash FROM audit_chain WHERE seq = 10"}, store.AuditInserted, 11, -2},
	"waiting entry forged": {[]string{forged("0")}, store.AuditAltered, 0, -2},
	"forged as if linked":  {[]string{forged("1")}, store.AuditUnlinked, 0, -2},
	"waiting one altered":  {[]string{"UPDATE audit_entries SET code = 'x' WHERE id = @10"}, store.AuditAltered, 0, 10},
	"waiting one marked":   {[]string{"UPDATE audit_entries SET sealed = 1 WHERE id = @10"}, store.AuditUnlinked, 0, 10},
	"linked one unmarked":  {[]string{"UPDATE audit_entries SET sealed = 0 WHERE id = @5"}, store.AuditUnlinked, 6, 5},
	"reason erased":        {[]string{"DELETE FROM audit_reasons WHERE entry_id = @5"}, "", 0, -1},
	"reason changed":       {[]string{"UPDATE audit_reasons SET sealed = x'00' WHERE entry_id = @5"}, store.AuditReasonWrong, 6, 5},
	"reason of another": {[]string{
		"UPDATE audit_reasons SET sealed = (SELECT s FROM (SELECT sealed AS s FROM audit_reasons WHERE entry_id = @6) AS other) WHERE entry_id = @5",
	}, store.AuditReasonWrong, 6, 5},
	"reason's salt changed": {[]string{"UPDATE audit_reasons SET salt = x'00' WHERE entry_id = @10"}, store.AuditReasonWrong, 0, 10},
	"reason without entry":  {[]string{"UPDATE audit_reasons SET entry_id = 'f' WHERE entry_id = @5"}, store.AuditInserted, 0, -2},
}

// forged puts in a copy of an entry under another id.
func forged(sealed string) string {
	return "INSERT INTO audit_entries SELECT station_id, 'f', happened_at, actor_id, actor_role, session_id, operation," +
		" object_kind, object_id, outcome, code, subjects, reason_hash, facts, mac, " + sealed + " FROM audit_entries WHERE id = @3"
}

func TestVerifyAuditFindsTampering(t *testing.T) {
	for name, test := range tampering {
		t.Run(name, func(t *testing.T) {
			testdb.Each(t, func(t *testing.T, s *store.Store) {
				ctx := t.Context()
				for number := range 11 {
					record(ctx, t, s, number, number+1)
					if number == 9 {
						seal(ctx, t, s)
					}
				}
				tamper(ctx, t, s, test.statements)
				report := verify(ctx, t, s)
				if test.problem == "" {
					if len(report.Findings) != 0 {
						t.Errorf("found %v", report.Findings)
					}
					return
				}
				want := store.AuditFinding{StationID: station, Problem: test.problem, Seq: test.seq}
				switch {
				case test.entry >= 0:
					want.EntryID = auditID(test.entry)
				case test.entry == -2:
					want.EntryID = "f"
				}
				if len(report.Findings) != 1 || report.Findings[0] != want {
					t.Errorf("found %v, want %v", report.Findings, want)
				}
			})
		})
	}
}

// tamper runs statements in which @n stands for the id of entry n.
func tamper(ctx context.Context, t *testing.T, s *store.Store, statements []string) {
	t.Helper()
	ids := map[string]any{}
	for number := range 11 {
		ids[noteNumber(int64(number))] = string(auditID(number))
	}
	for _, statement := range statements {
		args := []any{}
		if strings.Contains(statement, "@") {
			args = append(args, ids)
		}
		err := s.Atomically(ctx, func(tx *store.Store) error { return tx.Write(ctx).Exec(statement, args...).Error })
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestErasingAReasonKeepsTheChain(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		record(ctx, t, s, 0, 3)
		seal(ctx, t, s)
		erase := func() error {
			return s.Atomically(ctx, func(tx *store.Store) error { return tx.EraseReason(ctx, station, auditID(1)) })
		}
		if err := erase(); err != nil {
			t.Fatal(err)
		}
		if err := erase(); models.CodeOf(err) != models.CodeNotFound {
			t.Errorf("erasing twice: %v", err)
		}
		report := verify(ctx, t, s)
		if len(report.Findings) != 0 || report.Stations[0].Erased != 1 {
			t.Errorf("got %+v", report)
		}
		list, err := s.ListAudit(ctx, station, models.AuditFilter{}, "", 3)
		if err != nil || !list[1].Erased || list[1].Reason != "" || list[0].Erased {
			t.Errorf("got %+v, %v", list, err)
		}
	})
}

func TestAKeyOfAnotherFindsEverythingAltered(t *testing.T) {
	s := testdb.SQLite(t)
	ctx := t.Context()
	record(ctx, t, s, 0, 3)
	seal(ctx, t, s)
	other := testdb.Reopen(t, s, func(config *store.Config) {
		config.AuditMAC = func(message []byte) []byte { sum := sha256.Sum256(message); return sum[:] }
	})
	if report := verify(ctx, t, other); len(report.Findings) != 1 || report.Findings[0].Problem != store.AuditAltered {
		t.Errorf("got %+v", report)
	}
}

func TestVerifyAuditOverManyPages(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		record(ctx, t, s, 0, 1100)
		for seal(ctx, t, s) > 0 {
		}
		record(ctx, t, s, 1100, 1700)
		report := verify(ctx, t, s)
		if len(report.Findings) != 0 || report.Stations[0].Seq != 1100 || report.Stations[0].Waiting != 600 {
			t.Fatalf("got %+v", report)
		}
		tamper(ctx, t, s, []string{"DELETE FROM audit_chain WHERE seq = 501"})
		if report = verify(ctx, t, s); len(report.Findings) != 1 || report.Findings[0].Seq != 501 {
			t.Errorf("got %+v", report)
		}
	})
}
