package store

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"xunfang/models"
)

// RoundFilter narrows a list of rounds; empty fields do not. The times are those of the planned start.
type RoundFilter struct {
	SquadID  models.ID
	PersonID models.ID         // walks or walked with it
	State    models.RoundState // as it stands at Now, whatever was written last
	Now      time.Time         // with State
	From, To time.Time
}

// standsAs is models.Round.AsOf's state of a round: the stored one is of when a fact came last. It is asked of the rows that
// an index has found, and is itself nothing that an index could be thought to help with.
const standsAs = "CASE WHEN ended_by <> '' THEN state " +
	"WHEN ends_at > @alone THEN CASE WHEN started_at = 0 THEN 'scheduled' ELSE 'in_progress' END " +
	"WHEN started_at = 0 OR EXISTS (SELECT 1 FROM round_stops WHERE round_stops.round_id = rounds.id AND " +
	"(round_stops.state = 'missed' OR round_stops.state = 'pending' AND round_stops.priority <> 'optional')) THEN 'abandoned' " +
	"ELSE 'completed' END = @state"

// standing keeps the rounds that are shown in the state that is asked for.
func (f RoundFilter) standing(query *gorm.DB) *gorm.DB {
	if f.State == "" {
		return query
	}
	alone := f.Now.Add(-models.UnfinishedRoundEnds) // one that was to end by then has ended by itself
	if f.State == models.RoundScheduled || f.State == models.RoundInProgress {
		query = query.Where("order_id >= ?", models.FirstIDAt(alone.Add(-models.LongestRound))) // leaves out all that are long over
	}
	return query.Where(standsAs, map[string]any{"alone": millis(alone), "state": f.State})
}

// walkedBy are the rounds that somebody walks or walked with, and squadRounds those of a squad of theirs.
const (
	walkedBy    = "id IN (SELECT round_id FROM round_members WHERE person_id = ?)"
	squadRounds = "squad_id IN (SELECT squad_id FROM squad_members WHERE person_id = ?)"
)

// Rounds lists rounds within sight, the latest planned start first. The caller's own are those they walk with
// and those of their squads.
func (s *Store) Rounds(ctx context.Context, sights []models.Sight, filter RoundFilter, page Page) ([]models.Round, error) {
	base := func() *gorm.DB {
		query := s.read(ctx).Model(&roundRow{})
		if filter.SquadID != "" {
			query = query.Where("squad_id = ?", filter.SquadID)
		}
		if filter.PersonID != "" {
			query = query.Where(walkedBy, filter.PersonID)
		}
		return between(filter.standing(query), "order_id", filter.From, filter.To)
	}
	key := func(row roundRow) models.ID { return row.OrderID }
	cols, found := columns{order: "order_id", newest: true}, []roundRow{}
	for _, sight := range sights {
		queries := []*gorm.DB{base().Where(walkedBy, sight.Owner), base().Where(squadRounds, sight.Owner)}
		if sight.Owner == "" {
			within, visible := cols.within(base(), sight.Within)
			if queries = nil; visible {
				queries = append(queries, within)
			}
		}
		for _, query := range queries {
			rows := []roundRow{}
			if err := cols.page(query, page).Find(&rows).Error; err != nil {
				return nil, translate(err)
			}
			found = append(found, rows...)
		}
	}
	return s.rounds(ctx, newestFirst(found, page.Limit, key))
}

// DueRounds names rounds that time has changed: that have a stop whose window is over and that still stands as
// pending, or that are to end by themselves. The page's key, given back, is of the last of them: one that cannot be
// settled does not keep those after it.
func (s *Store) DueRounds(ctx context.Context, now time.Time, page Page) (due []models.ID, after models.ID, err error) {
	rows := []roundRow{}
	query := s.read(ctx).Select("id, order_id").
		Where("state IN ? AND starts_at <= ?", []models.RoundState{models.RoundScheduled, models.RoundInProgress}, millis(now)).
		Where("(ends_at <= ? OR EXISTS (SELECT 1 FROM round_stops WHERE round_stops.round_id = rounds.id AND round_stops.state = ?"+
			" AND round_stops.priority <> ? AND round_stops.until_at <= ?))",
			millis(now.Add(-models.UnfinishedRoundEnds)), models.StopPending, models.PriorityOptional, millis(now))
	if err := (columns{order: "order_id"}).page(query, page).Find(&rows).Error; err != nil {
		return nil, "", translate(err)
	}
	for _, row := range rows {
		due, after = append(due, row.ID), row.OrderID
	}
	return due, after, nil
}

// RoundsMade says which of the ids are rounds already.
func (s *Store) RoundsMade(ctx context.Context, ids []models.ID) (map[models.ID]bool, error) {
	found := []models.ID{}
	err := s.read(ctx).Model(&roundRow{}).Where("id IN ?", ids).Pluck("id", &found).Error
	made := make(map[models.ID]bool, len(found))
	for _, id := range found {
		made[id] = true
	}
	return made, translate(err)
}

// EnsureRound writes a round with its stops unless there is one of that id, whose row it locks then. Of two who make
// it at the same moment both go on with the round of the first.
func (s *Store) EnsureRound(ctx context.Context, round models.Round) error {
	if err := s.LockRound(ctx, round.ID); models.CodeOf(err) != models.CodeNotFound { // of whatever station: nothing is added to it
		return err
	}
	row, unless := s.roundRow(round), clause.OnConflict{DoNothing: true}
	if err := s.write(ctx).Clauses(unless).Create(&row).Error; err != nil {
		return translate(err)
	}
	return s.addRoundStops(ctx, round.ID, round.Stops, unless)
}

// RoundsAhead lists, without their stops, a station's planned rounds that begin after a time and that nobody has started.
func (s *Store) RoundsAhead(ctx context.Context, station models.ID, after time.Time) ([]models.Round, error) {
	rows := []roundRow{}
	err := s.read(ctx).Select("id, station_id, plan_id, squad_id, state").
		Where("state = ? AND starts_at > ? AND station_id = ? AND plan_id <> ''", models.RoundScheduled, millis(after), station).
		Find(&rows).Error
	rounds := make([]models.Round, 0, len(rows))
	for _, row := range rows {
		rounds = append(rounds, models.Round{
			ID: row.ID, StationID: row.StationID, PlanID: row.PlanID, SquadID: row.SquadID, State: row.State,
		})
	}
	return rounds, translate(err)
}

// DropRound deletes a round that nobody has started, with all that belongs to it; false when there is none.
func (s *Store) DropRound(ctx context.Context, id models.ID) (bool, error) {
	done := s.write(ctx).Where("id = ? AND state = ?", id, models.RoundScheduled).Delete(&roundRow{})
	if done.Error != nil || done.RowsAffected == 0 {
		return false, translate(done.Error)
	}
	for _, table := range []any{&roundStopRow{}, &roundMemberRow{}, &stopSkipRow{}, &roundGuestRow{}} {
		if err := s.write(ctx).Where("round_id = ?", id).Delete(table).Error; err != nil {
			return false, translate(err)
		}
	}
	return true, nil
}
