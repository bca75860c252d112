package store_test

import (
	"errors"
	"reflect"
	"sync"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
	"xunfang/store/testdb"
)

// A held alert comes back as it was, but for its id, when its time has come and not before; of many who take it at once one
// has it, and of one who fails afterwards it is held still.
func TestHeldAlerts(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx, now := t.Context(), time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
		id := models.OrderID(now, "held")
		alert := models.Alert{
			ID: models.OrderID(now, "alert"), Kind: models.AlertTip, Severity: models.SeverityHigh, Title: "新线索", Body: "theft",
			AboutID: models.OrderID(now, "tip"), CreatedAt: now, ExpiresAt: now.Add(time.Hour),
			Audience: models.Audience{
				Place: models.Place{Station: models.OrderID(now, "station")}, Roles: []models.Role{models.RoleCommander},
				People: []models.ID{models.OrderID(now, "person")},
			},
		}
		until := now.Add(time.Minute)
		if err := s.Atomically(ctx, func(tx *store.Store) error { return tx.HoldAlert(ctx, id, alert, until) }); err != nil {
			t.Fatal(err)
		}
		for at, want := range map[time.Time]int{until.Add(-time.Millisecond): 0, until: 1} {
			if due, err := s.DueHeldAlerts(ctx, at, 10); err != nil || len(due) != want {
				t.Errorf("at %s: %v, %v", at, due, err)
			}
		}
		failed := errors.New("failed")
		if err := s.Atomically(ctx, func(tx *store.Store) error {
			_, err := tx.TakeHeldAlert(ctx, id)
			return errors.Join(err, failed)
		}); !errors.Is(err, failed) {
			t.Fatal(err)
		}
		taken, mutex, ended := []models.Alert{}, sync.Mutex{}, sync.WaitGroup{}
		for range 8 {
			ended.Go(func() {
				var got models.Alert
				err := s.Atomically(ctx, func(tx *store.Store) (err error) { got, err = tx.TakeHeldAlert(ctx, id); return err })
				mutex.Lock()
				defer mutex.Unlock()
				if err == nil {
					taken = append(taken, got)
				} else if models.CodeOf(err) != models.CodeNotFound {
					t.Error(err)
				}
			})
		}
		ended.Wait()
		alert.ID = ""
		if len(taken) != 1 || !reflect.DeepEqual(taken[0], alert) {
			t.Errorf("taken: %+v", taken)
		}
	})
}
