package store_test

import (
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
	"xunfang/store/testdb"
)

// Whom a recorded position belongs to is asked days later: the rounds of then count, not those of now.
func TestMembershipsAreThoseOfThatTime(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx, night := t.Context(), time.Date(2026, 6, 1, 22, 0, 0, 0, time.UTC)
		station, person := models.OrderID(night, "station"), models.OrderID(night, "person")
		round := func(name string, starts, ended time.Time) models.ID {
			id := models.OrderID(starts, models.ID(name))
			err := s.Atomically(ctx, func(tx *store.Store) error {
				err := tx.AddRound(ctx, models.Round{
					ID: id, StationID: station, State: models.RoundInProgress, StartsAt: starts, EndsAt: starts.Add(time.Hour), EndedAt: ended,
					Stops: []models.RoundStop{{Ordinal: 1, CheckpointID: station, Priority: models.PriorityHigh, State: models.StopPending}},
				})
				if err != nil {
					return err
				}
				return tx.AddRoundMember(ctx, models.RoundMember{
					RoundID: id, PersonID: person, Kind: models.MemberJoined, JoinedAt: starts, ConfirmedAt: starts,
				})
			})
			if err != nil {
				t.Fatal(err)
			}
			return id
		}
		first := round("first", night, night.Add(time.Hour))
		second := round("second", night.Add(2*time.Hour), time.Time{})
		for _, c := range []struct {
			from, to time.Time
			want     []models.ID
		}{
			{night.Add(-time.Hour), night, nil},
			{night.Add(-time.Hour), night.Add(time.Millisecond), []models.ID{first}},
			{night, night.Add(3 * time.Hour), []models.ID{first, second}},
			{night.Add(time.Hour), night.Add(time.Hour + time.Minute), []models.ID{first}},
			{night.Add(time.Hour + time.Millisecond), night.Add(2 * time.Hour), nil},
			{night.Add(50 * time.Hour), night.Add(51 * time.Hour), []models.ID{second}},
		} {
			found, err := s.Memberships(ctx, person, c.from, c.to)
			if err != nil || len(found) != len(c.want) {
				t.Errorf("%v to %v: %v, %v; want %v", c.from, c.to, found, err, c.want)
				continue
			}
			for at, id := range c.want {
				if found[at].RoundID != id || !found[at].Counts(found[at].JoinedAt) {
					t.Errorf("%v to %v: %+v; want %v", c.from, c.to, found[at], id)
				}
			}
		}
	})
}
