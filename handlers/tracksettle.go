package handlers

import (
	"context"
	"time"

	"xunfang/models"
	"xunfang/store"
)

// settleTracks puts anew into rounds what people recorded, in the transaction in which their part in a round has changed:
// what waited for that is kept, and what lies in no round any more waits. So the track is the same in whatever order
// positions, starts, joinings, leavings and ends come. The changes are in the order of people, so that two
// who change rounds at once do not wait for each other in a ring.
func settleTracks(ctx context.Context, tx *store.Store, changes []models.WalkChange, now time.Time) error {
	oldest, to := now.Add(-models.TrackWaits), now.Add(models.TrackDefaults.MaxFuture+time.Millisecond)
	for _, change := range changes {
		person, from := change.PersonID, change.From
		if from.Before(oldest) {
			from = oldest
		}
		if err := tx.LockPerson(ctx, person); err != nil {
			return err
		}
		points, err := tx.WaitingPoints(ctx, person, from, to)
		if err != nil {
			return err
		}
		kept, err := tx.TrackPoints(ctx, person, from, to, models.MaxTrackBoots*models.MaxTrackWaiting)
		if err != nil {
			return err
		}
		walked, err := tx.Memberships(ctx, person, from, to)
		if err != nil {
			return err
		}
		moved := []models.TrackPoint{}
		for _, point := range append(points, kept...) {
			if round := models.RoundAt(point.At, walked); round != point.RoundID {
				point.RoundID = round
				moved = append(moved, point)
			}
		}
		if err := tx.AddTrackPoints(ctx, moved, now); err != nil {
			return err
		}
	}
	return nil
}
