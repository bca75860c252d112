package store_test

import (
	"context"
	"errors"
	"fmt"
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
