package store_test

import (
	"fmt"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
	"xunfang/store/testdb"
)

// Of an open call the newest positions are kept, whatever the order in which they come; what is over goes in pieces that
// keep nobody waiting.
func TestTrailOfACallIsBounded(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx, start, id := t.Context(), time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC), models.ID("01939c1e-8a00-7000-8000-000000000711")
		caller := models.ID("01939c1e-8a00-7000-8000-000000000107")
		write := func(fn func(tx *store.Store) error) {
			t.Helper()
			if err := s.Atomically(ctx, fn); err != nil {
				t.Fatal(err)
			}
		}
		call := models.NewSOS(models.SOS{ID: id, OrderID: id, CallerID: caller, Kind: models.SOSPanic, RaisedAt: start}, start)
		write(func(tx *store.Store) error { return tx.AddSOS(ctx, call) })
		batch := func(from int) {
			t.Helper()
			positions := []models.SOSPosition{}
			for second := from; second < from+100; second++ {
				at := start.Add(time.Duration(second) * time.Second)
				positions = append(positions, models.SOSPosition{Fix: models.Fix{ReportedCRS: models.WGS84, FixedAt: at}, At: at, PhoneAt: at})
			}
			write(func(tx *store.Store) error { return tx.AddSOSPositions(ctx, id, positions, start) })
		}
		trail := func() []models.SOSPosition {
			t.Helper()
			found, err := s.SOSPositions(ctx, id, 100_000)
			if err != nil {
				t.Fatal(err)
			}
			return found
		}
		for from := 100; from <= models.SOSTrailLength; from += 100 {
			batch(from)
		}
		if got := trail(); len(got) != models.SOSTrailLength || !got[len(got)-1].At.Equal(start.Add(100*time.Second)) {
			t.Errorf("%d are kept", len(got))
		}
		batch(models.SOSTrailLength + 100)
		batch(0)                           // late, and older than all
		batch(models.SOSTrailLength + 100) // again
		got := trail()
		if newest := start.Add((models.SOSTrailLength + 199) * time.Second); len(got) != models.SOSTrailLength || !got[0].At.Equal(newest) ||
			!got[len(got)-1].At.Equal(start.Add(200*time.Second)) {
			t.Errorf("%d are kept, from %v to %v", len(got), got[len(got)-1].At, got[0].At)
		}

		helpers := []models.SOSHelper{}
		for number := range 1500 {
			person := models.ID(fmt.Sprintf("01939c1e-8a00-7000-8000-%012d", number))
			helpers = append(helpers, models.SOSHelper{SOSID: id, PersonID: person, AskedAt: start})
		}
		write(func(tx *store.Store) error {
			held, err := tx.LockSOS(ctx, id)
			if err == nil {
				held, err = held.Resolved(models.SOSResolved, "", caller, start)
			}
			if err == nil {
				_, err = tx.UpdateSOS(ctx, held, start)
			}
			if err == nil {
				err = tx.AddSOSHelpers(ctx, helpers)
			}
			return err
		})
		const piece = 1000
		for _, c := range []struct {
			after time.Duration
			want  []int64
		}{
			{models.SOSTrailKept - time.Millisecond, []int64{0}},
			{models.SOSTrailKept, []int64{piece, piece, 0}},
			{models.AlertKept - time.Millisecond, []int64{0}},
			{models.AlertKept, []int64{piece + 1, 500 + 1, 0}}, // helpers, and one id; helpers, and the call
		} {
			for turn, want := range c.want {
				if touched, err := s.ForgetOld(ctx, start.Add(c.after)); err != nil || touched != want {
					t.Errorf("after %v, turn %d: %d are forgotten, want %d: %v", c.after, turn, touched, want, err)
				}
			}
		}
		if _, err := s.SOS(ctx, id); models.CodeOf(err) != models.CodeNotFound {
			t.Errorf("the call: %v", err)
		}
	})
}
