package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
	"xunfang/store/testdb"
)

const station = models.ID("00000000-0000-7000-8000-0000000000aa")

var auditTime = time.Date(2026, 1, 2, 3, 4, 5, 678_000_000, time.UTC)

func auditID(number int) models.ID {
	return models.ID(fmt.Sprintf("01900000-0000-7000-8000-%012d", number))
}

func auditEntry(number int) models.AuditEntry {
	return models.AuditEntry{
		ID: auditID(number), StationID: station, At: auditTime.Add(time.Duration(number) * time.Millisecond),
		ActorID: auditID(1000 + number%2), ActorRole: models.RoleOfficer, SessionID: auditID(2000), Operation: models.OpOpenDoor,
		ObjectKind: "door", ObjectID: auditID(3000 + number%3), Outcome: models.AuditAllowed,
		Subjects: []string{"c2FsdGVk"}, Facts: map[string]string{"door": "东门", "attempt": fmt.Sprint(number)},
	}
}

// record writes entries first to last-1, each with a reason, in transactions of their own.
func record(ctx context.Context, t testing.TB, s *store.Store, first, last int) {
	t.Helper()
	var all sync.WaitGroup
	for number := first; number < last; number++ {
		all.Go(func() {
			if err := s.RecordAlone(ctx, auditEntry(number), models.Secret(fmt.Sprint("理由 ", number))); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

func sealer(s *store.Store, holder string) *store.Sealer {
	return store.NewSealer(s, holder, func() time.Time { return auditTime })
}

func seal(ctx context.Context, t testing.TB, s *store.Store) int {
	t.Helper()
	sealed, err := sealer(s, "test").SealOnce(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func verify(ctx context.Context, t testing.TB, s *store.Store) store.AuditReport {
	t.Helper()
	report, err := s.VerifyAudit(ctx, auditTime.Add(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestAuditIsWrittenWithItsEffectOrNotAtAll(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		record(ctx, t, s, 1, 4)
		err := s.Atomically(ctx, func(tx *store.Store) error {
			return errors.Join(tx.Record(ctx, auditEntry(4), "谁的理由"), errOwn)
		})
		if !errors.Is(err, errOwn) {
			t.Error(err)
		}
		if err := s.Record(ctx, auditEntry(5), ""); err == nil {
			t.Error("an entry outside a transaction was taken")
		}
		unfit := auditEntry(6)
		unfit.Outcome = "perhaps"
		if err := s.RecordAlone(ctx, unfit, ""); models.CodeOf(err) != models.CodeUnprocessable {
			t.Errorf("an unfit entry: %v", err)
		}
		list, err := s.ListAudit(ctx, station, models.AuditFilter{}, "", 10)
		if err != nil || len(list) != 3 {
			t.Fatalf("%d entries, %v", len(list), err)
		}
		var plain int64
		s.Read(ctx).Table("audit_reasons").Where("sealed LIKE ?", "%理由%").Count(&plain)
		if plain != 0 {
			t.Error("a reason stands in the table as it was given")
		}
	})
}

func TestListAudit(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		record(ctx, t, s, 0, 12)
		if sealed := seal(ctx, t, s); sealed != 12 {
			t.Fatalf("sealed %d", sealed)
		}
		record(ctx, t, s, 12, 13)
		tests := map[string]struct {
			filter models.AuditFilter
			before models.ID
			limit  int
			want   []int
		}{
			"first page":   {limit: 3, want: []int{12, 11, 10}},
			"next page":    {limit: 3, before: auditID(10), want: []int{9, 8, 7}},
			"actor":        {filter: models.AuditFilter{ActorID: auditID(1001)}, limit: 3, want: []int{11, 9, 7}},
			"object":       {filter: models.AuditFilter{ObjectID: auditID(3002)}, limit: 10, want: []int{11, 8, 5, 2}},
			"operation":    {filter: models.AuditFilter{Operation: models.OpListDoors}, limit: 10, want: []int{}},
			"from and to":  {filter: models.AuditFilter{From: auditTime.Add(2 * time.Millisecond), To: auditTime.Add(4 * time.Millisecond)}, limit: 9, want: []int{3, 2}},
			"all together": {filter: models.AuditFilter{ActorID: auditID(1000), ObjectID: auditID(3000), Operation: models.OpOpenDoor}, before: auditID(12), limit: 9, want: []int{6, 0}},
		}
		for name, test := range tests {
			list, err := s.ListAudit(ctx, station, test.filter, test.before, test.limit)
			if err != nil {
				t.Fatal(err)
			}
			got := []string{}
			for _, record := range list {
				got = append(got, record.Facts["attempt"])
			}
			if strings.Join(got, " ") != strings.Trim(fmt.Sprint(test.want), "[]") {
				t.Errorf("%s: got %v, want %v", name, got, test.want)
			}
		}
		list, _ := s.ListAudit(ctx, station, models.AuditFilter{}, "", 2)
		if list[0].Seq != 0 || list[1].Seq != 12 || list[1].Reason.Reveal() != "理由 11" || list[1].Erased {
			t.Errorf("got seq %d, %d, reason %q", list[0].Seq, list[1].Seq, list[1].Reason.Reveal())
		}
		if !list[1].At.Equal(auditEntry(11).At) || list[1].Facts["door"] != "东门" {
			t.Errorf("got %+v", list[1])
		}
		if other, _ := s.ListAudit(ctx, "another", models.AuditFilter{}, "", 2); len(other) != 0 {
			t.Error("another station's entries are seen")
		}
	})
}

func TestListAuditWalksAnIndex(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		record(ctx, t, s, 0, 200)
		for name, filter := range map[string]models.AuditFilter{
			"": {}, "actor": {ActorID: auditID(1001)}, "object": {ObjectID: auditID(3002)},
		} {
			text, err := s.AuditPlan(ctx, station, filter, auditID(100))
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(text, "SCAN") || strings.Contains(text, "TEMP B-TREE") ||
				strings.Contains(text, "filesort") || strings.Contains(text, "type:ALL") {
				t.Errorf("filter %q walks the table: %s", name, text)
			}
		}
	})
}
