package store_test

import (
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
	"xunfang/store/testdb"
)

// One subject has one open concern; after its end a moment passes before it may have another.
func TestConcernsBeginOnce(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx, now := t.Context(), time.Date(2026, 11, 24, 14, 0, 0, 0, time.UTC)
		station, made := models.FirstIDAt(now), 0
		concern := func(subject string) models.Concern {
			made++
			return models.Concern{
				ID: models.OrderID(now.Add(time.Duration(made)*time.Millisecond), models.ID(subject)), StationID: station, Subject: subject,
				Kind: models.ConcernPostLeft, Severity: models.SeverityNormal, Name: "屯警点", From: now, Since: now.Add(time.Minute),
			}
		}
		add := func(one models.Concern, quiet time.Time, want bool) {
			t.Helper()
			err := s.Atomically(ctx, func(tx *store.Store) error {
				added, err := tx.AddConcern(ctx, one, quiet)
				if added != want {
					t.Errorf("%s added: %t", one.Subject, added)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		}
		change := func(name string, want bool, do func(tx *store.Store) (bool, error)) {
			t.Helper()
			err := s.Atomically(ctx, func(tx *store.Store) error {
				done, err := do(tx)
				if done != want {
					t.Errorf("%s: %t", name, done)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		}
		first := concern("post")
		add(first, now, true)
		add(concern("post"), now, false)
		add(concern("other"), now, true)
		change("climbs without a time", false, func(tx *store.Store) (bool, error) { return tx.ClimbConcern(ctx, first.ID, station, now) })
		first.LeaderAlertID, first.ToldLeaderAt, first.ClimbsAt = station, now, now.Add(time.Minute)
		change("told", true, func(tx *store.Store) (bool, error) { return true, tx.TellConcerns(ctx, []models.ID{first.ID}, first) })
		open, err := s.OpenConcerns(ctx, station)
		if err != nil || len(open) != 2 || open[0] != first {
			t.Errorf("%+v, %v", open, err)
		}
		change("climbs", true, func(tx *store.Store) (bool, error) { return tx.ClimbConcern(ctx, first.ID, station, now) })
		change("climbs again", false, func(tx *store.Store) (bool, error) { return tx.ClimbConcern(ctx, first.ID, station, now) })
		first = first.End(now)
		change("ends", true, func(tx *store.Store) (bool, error) { return tx.EndConcern(ctx, first) })
		change("ends again", false, func(tx *store.Store) (bool, error) { return tx.EndConcern(ctx, first) })
		add(concern("post"), now.Add(-time.Millisecond), false)
		add(concern("post"), now, true)
		if open, err = s.OpenConcerns(ctx, station); err != nil || len(open) != 2 {
			t.Errorf("%+v, %v", open, err)
		}
	})
}
