package handlers

import (
	"context"
	"errors"
	"slices"
	"time"

	"xunfang/models"
	"xunfang/store"
)

const (
	keepRoundsEvery = time.Minute
	roundBatch      = 100   // rounds of one transaction, or of one look
	maxAgedRounds   = 2_000 // of one turn; the others have the next
)

// Operations of the system itself, in the audit.
const (
	opEndRound  models.Operation = "endRound"
	opDropRound models.Operation = "dropRound"
)

// KeepRounds makes rounds from plans and ends those that nobody finishes, until ctx ends.
func (h *Server) KeepRounds(ctx context.Context) error {
	keep := func() error { return errors.Join(h.MakeRounds(ctx), h.AgeRounds(ctx)) }
	if err := keep(); err != nil && ctx.Err() == nil {
		h.Logger.ErrorContext(ctx, "upkeep failed", "error", err)
	}
	return h.every(ctx, keepRoundsEvery, keep)
}

// MakeRounds makes the rounds of every standing plan from now until models.RoundsAhead, and those of as long ago as
// phones may bring facts of, should nobody have made them then.
func (h *Server) MakeRounds(ctx context.Context) error {
	stations, err := h.Store.Stations(ctx)
	if err != nil {
		return err
	}
	now, errs := h.Now(), []error{}
	for _, station := range stations {
		wanted, err := h.plannedRounds(ctx, station.ID, now)
		if err == nil {
			err = errors.Join(h.dropRounds(ctx, station.ID, wanted, now), h.addRounds(ctx, wanted))
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// plannedRounds are the rounds that a station's plans ask for.
func (h *Server) plannedRounds(ctx context.Context, station models.ID, now time.Time) ([]models.Round, error) {
	plans, err := h.Store.StandingPlans(ctx, station)
	if err != nil || len(plans) == 0 {
		return nil, err
	}
	zone, err := h.Store.StationZone(ctx, station)
	if err != nil {
		return nil, err
	}
	wanted := []models.Round{}
	for _, plan := range plans {
		for _, one := range plan.Shift.Between(now.Add(-models.MaxOffline), now.Add(models.RoundsAhead), zone) {
			if !one.Start.Before(plan.CreatedAt) { // nobody could know of it then
				wanted = append(wanted, models.PlannedRound(plan.RoundPlan, plan.Shift, one, now, zone))
			}
		}
	}
	return wanted, nil
}

// addRounds writes those of the rounds that are not there yet.
func (h *Server) addRounds(ctx context.Context, wanted []models.Round) error {
	for batch := range slices.Chunk(wanted, roundBatch) {
		ids := make([]models.ID, 0, len(batch))
		for _, round := range batch {
			ids = append(ids, round.ID)
		}
		made, err := h.Store.RoundsMade(ctx, ids)
		if err != nil {
			return err
		}
		if len(made) == len(batch) {
			continue
		}
		err = h.Store.Atomically(ctx, func(tx *store.Store) error {
			for _, round := range batch {
				if made[round.ID] {
					continue
				}
				if err := tx.EnsureRound(ctx, round); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// dropRounds takes back rounds ahead that no plan asks for any more, or that another squad is to walk: their plan or
// shift has ended or changed since they were made, and nobody has started them.
func (h *Server) dropRounds(ctx context.Context, station models.ID, wanted []models.Round, now time.Time) error {
	squads := make(map[models.ID]models.ID, len(wanted))
	for _, round := range wanted {
		squads[round.ID] = round.SquadID
	}
	ahead, err := h.Store.RoundsAhead(ctx, station, now)
	if err != nil {
		return err
	}
	for _, round := range ahead {
		if squad, still := squads[round.ID]; still && squad == round.SquadID {
			continue
		}
		err := h.Store.Atomically(ctx, func(tx *store.Store) error {
			dropped, err := tx.DropRound(ctx, round.ID)
			if err != nil || !dropped {
				return err
			}
			return tx.Record(ctx, h.roundEntry(opDropRound, round, now), "")
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// AgeRounds writes what time has done to rounds: stops that are missed by now, rounds that ended by themselves. One that
// fails does not keep the others.
func (h *Server) AgeRounds(ctx context.Context) error {
	now, after, errs := h.Now(), models.ID(""), []error{}
	for aged := 0; aged < maxAgedRounds; aged += roundBatch {
		due, last, err := h.Store.DueRounds(ctx, now, store.Page{After: after, Limit: roundBatch})
		if err != nil {
			return errors.Join(append(errs, err)...)
		}
		for _, id := range due {
			errs = append(errs, h.ageRound(ctx, id, now))
		}
		if after = last; len(due) < roundBatch {
			break
		}
	}
	return errors.Join(errs...)
}

func (h *Server) ageRound(ctx context.Context, id models.ID, now time.Time) error {
	return h.Store.Atomically(ctx, func(tx *store.Store) error {
		if err := tx.LockRound(ctx, id); err != nil {
			return err
		}
		round, err := tx.Round(ctx, id)
		if err != nil {
			return err
		}
		settled, err := settleRound(ctx, tx, round, round, now)
		if err != nil || round.Ended() || !settled.Ended() {
			return err
		}
		return tx.Record(ctx, h.roundEntry(opEndRound, settled, now), "")
	})
}

// roundEntry records what the system did with a round by itself.
func (h *Server) roundEntry(operation models.Operation, round models.Round, now time.Time) models.AuditEntry {
	return models.AuditEntry{
		ID: h.NewID(), StationID: round.StationID, At: now, Operation: operation, ObjectKind: "round", ObjectID: round.ID,
		Outcome: models.AuditAllowed, Facts: map[string]string{"state": string(round.State)},
	}
}
