package store_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
	"xunfang/store/testdb"
)

// What a list is narrowed to is what it shows: every state, begun or not, ended by somebody or not, before, at and after
// the moment at which it ends by itself, with every stop.
func TestTheStateAskedForIsTheStateShown(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx, now := t.Context(), time.Date(2026, 6, 1, 22, 0, 0, 0, time.UTC)
		made := []models.Round{}
		station := models.OrderID(now, "station")
		for _, ends := range []time.Duration{-48 * time.Hour, -time.Millisecond, 0, time.Millisecond, models.UnfinishedRoundEnds, 30 * time.Hour} {
			for _, length := range []time.Duration{time.Hour, models.LongestRound} {
				for _, state := range []models.RoundState{models.RoundScheduled, models.RoundInProgress, models.RoundCompleted, models.RoundAbandoned} {
					for _, begun := range []bool{false, true} {
						for _, by := range []models.ID{"", station} {
							for _, stop := range []models.RoundStop{
								{},
								{State: models.StopPending, Priority: models.PriorityHigh},
								{State: models.StopPending, Priority: models.PriorityOptional},
								{State: models.StopMissed, Priority: models.PriorityNormal},
								{State: models.StopOnTime, Priority: models.PriorityNormal},
								{State: models.StopExtra, Priority: models.PriorityOptional},
							} {
								if over := state == models.RoundCompleted || state == models.RoundAbandoned; by != "" && !over {
									continue // somebody's word ends a round
								}
								end := now.Add(ends - models.UnfinishedRoundEnds)
								round := models.Round{
									ID: models.OrderID(now, models.ID(fmt.Sprint(len(made)))), StationID: station, State: state,
									StartsAt: end.Add(-length), EndsAt: end, EndedBy: by, CreatedAt: now,
								}
								if begun {
									round.StartedAt = round.StartsAt
								}
								if by != "" {
									round.EndedAt = end
								}
								if stop.State != "" {
									stop.Ordinal, stop.CheckpointID, stop.UntilAt = 1, station, end
									round.Stops = []models.RoundStop{stop}
								}
								made = append(made, round)
							}
						}
					}
				}
			}
		}
		addRounds(ctx, t, s, made)
		sights := []models.Sight{{Within: models.Place{Station: station}}}
		for _, state := range []models.RoundState{
			models.RoundScheduled, models.RoundInProgress, models.RoundCompleted, models.RoundAbandoned,
		} {
			found, err := s.Rounds(ctx, sights, store.RoundFilter{State: state, Now: now}, store.Page{Limit: len(made)})
			if err != nil {
				t.Fatal(err)
			}
			listed := map[models.ID]bool{}
			for _, round := range found {
				listed[round.ID] = true
			}
			shown := 0
			for _, round := range made {
				is := round.AsOf(now).State == state
				if is {
					shown++
				}
				if is != listed[round.ID] {
					t.Errorf("%s: listed %t, shown as %s: %+v", state, listed[round.ID], round.AsOf(now).State, round)
				}
			}
			if shown == 0 || len(found) != shown {
				t.Errorf("%s: %d of %d", state, len(found), shown)
			}
		}
	})
}

func addRounds(ctx context.Context, t *testing.T, s *store.Store, rounds []models.Round) {
	t.Helper()
	for part := range slices.Chunk(rounds, 500) {
		err := s.Atomically(ctx, func(tx *store.Store) error {
			for _, round := range part {
				if err := tx.AddRound(ctx, round); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// Pages of rounds that are due go on after the last, also when nothing is done about those before.
func TestDueRoundsComeInPages(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx, now := t.Context(), time.Date(2026, 6, 1, 22, 0, 0, 0, time.UTC)
		rounds, want := []models.Round{}, []models.ID{}
		for at := range 25 {
			ends := now.Add(-models.UnfinishedRoundEnds)
			if at%5 == 4 {
				ends = ends.Add(time.Millisecond) // not due
			}
			round := models.Round{
				ID: models.OrderID(now, models.ID(fmt.Sprint(at))), StationID: models.OrderID(now, models.ID(fmt.Sprint("station", at%2))),
				State: models.RoundScheduled, StartsAt: ends.Add(-time.Duration(at) * time.Minute), EndsAt: ends,
			}
			if rounds = append(rounds, round); at%5 != 4 {
				want = append([]models.ID{round.ID}, want...) // the earliest first
			}
		}
		addRounds(ctx, t, s, rounds)
		for _, limit := range []int{1, 7, 20, 100} {
			found, after := []models.ID{}, models.ID("")
			for pages := 0; pages < 30; pages++ {
				due, last, err := s.DueRounds(ctx, now, store.Page{After: after, Limit: limit})
				if err != nil {
					t.Fatal(err)
				}
				if found, after = append(found, due...), last; len(due) < limit {
					break
				}
			}
			if !slices.Equal(found, want) {
				t.Errorf("in pages of %d: %v, want %v", limit, found, want)
			}
		}
	})
}

// Who names another station's round must not hold up those who walk it.
func TestRoundsOfOtherStationsAreNotLocked(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx, now := t.Context(), time.Date(2026, 6, 1, 22, 0, 0, 0, time.UTC)
		mine, theirs := models.OrderID(now, "mine"), models.OrderID(now, "theirs")
		own := models.Round{ID: models.OrderID(now, "own"), StationID: mine, State: models.RoundScheduled, StartsAt: now, EndsAt: now.Add(time.Hour)}
		foreign := own
		foreign.ID, foreign.StationID = models.OrderID(now, "foreign"), theirs
		addRounds(ctx, t, s, []models.Round{own, foreign})
		lock := func(tx *store.Store, ids ...models.ID) []models.ID {
			found, err := tx.LockRounds(ctx, []models.ID{mine}, ids)
			if err != nil {
				t.Fatal(err)
			}
			return found
		}
		for _, ids := range [][]models.ID{{foreign.ID}, {own.ID, foreign.ID}} {
			err := s.Atomically(ctx, func(tx *store.Store) error {
				if got := lock(tx, ids...); slices.Contains(got, foreign.ID) || len(got) != len(ids)-1 {
					t.Errorf("of %v: %v", ids, got)
				}
				if !s.IsMySQL() {
					return nil // it has one writer, and no locks of rows
				}
				done := make(chan error, 1)
				go func() {
					done <- s.Atomically(ctx, func(other *store.Store) error { return other.LockRound(ctx, foreign.ID) })
				}()
				select {
				case err := <-done:
					return err
				case <-time.After(time.Second):
					t.Errorf("locking %v, a foreign round is locked", ids)
					return nil
				}
			})
			if err != nil {
				t.Error(err)
			}
		}
	})
}

// A round under somebody else's id gets nothing of what another station would make.
func TestARoundIsNotMadeOverAnotherStations(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx, now := t.Context(), time.Date(2026, 6, 1, 22, 0, 0, 0, time.UTC)
		round := models.Round{
			ID: models.OrderID(now, "round"), StationID: models.OrderID(now, "theirs"), State: models.RoundScheduled, StartsAt: now, EndsAt: now.Add(time.Hour),
		}
		addRounds(ctx, t, s, []models.Round{round})
		mine := round
		mine.StationID = models.OrderID(now, "mine")
		mine.Stops = []models.RoundStop{{Ordinal: 1, CheckpointID: round.ID, State: models.StopPending, Priority: models.PriorityHigh}}
		if err := s.Atomically(ctx, func(tx *store.Store) error { return tx.EnsureRound(ctx, mine) }); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Round(ctx, round.ID); err != nil || got.StationID != round.StationID || len(got.Stops) != 0 {
			t.Errorf("%+v, %v", got, err)
		}
	})
}
