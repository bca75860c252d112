package store

import (
	"context"
	"reflect"
	"slices"

	"gorm.io/gorm/clause"

	"xunfang/models"
)

type roundRow struct {
	ID           models.ID `gorm:"primaryKey"`
	OrderID      models.ID // starts_at and id as one sortable id
	StationID    models.ID
	PlanID       models.ID
	SquadID      models.ID
	Date         string
	LeaderID     models.ID
	State        models.RoundState
	StartsAt     int64
	EndsAt       int64
	StartedAt    int64
	EndedAt      int64
	EndedBy      models.ID
	ReasonSealed []byte
	Ordered      bool
	Team         bool
	Scanners     int
	CreatedAt    int64 `gorm:"autoCreateTime:false"`
}

func (roundRow) TableName() string { return "rounds" }

type roundStopRow struct {
	RoundID          models.ID `gorm:"primaryKey"`
	Ordinal          int       `gorm:"primaryKey;autoIncrement:false"`
	CheckpointID     models.ID
	FromAt           int64
	UntilAt          int64
	Priority         models.Priority
	State            models.StopState
	SeenAt           int64
	SeenBy           models.ID
	CheckInID        models.ID
	SkipReasonSealed []byte
}

func (roundStopRow) TableName() string { return "round_stops" }

// AddRound writes a new round with its stops; CodeAlreadyExists when there is one of that id.
func (s *Store) AddRound(ctx context.Context, round models.Round) error {
	row := s.roundRow(round)
	if err := s.write(ctx).Create(&row).Error; err != nil {
		return translate(err)
	}
	return s.addRoundStops(ctx, round.ID, round.Stops)
}

func (s *Store) roundRow(round models.Round) roundRow {
	return roundRow{
		ID: round.ID, OrderID: models.OrderID(round.StartsAt, round.ID), StationID: round.StationID, PlanID: round.PlanID,
		SquadID: round.SquadID, Date: round.Date.String(), LeaderID: round.LeaderID, State: round.State,
		StartsAt: millis(round.StartsAt), EndsAt: millis(round.EndsAt), StartedAt: millis(round.StartedAt),
		EndedAt: millis(round.EndedAt), EndedBy: round.EndedBy,
		ReasonSealed: s.sealText(models.Secret(round.Reason), "rounds.reason", round.ID),
		Ordered:      round.Ordered, Team: round.Team, Scanners: round.Scanners, CreatedAt: millis(round.CreatedAt),
	}
}

func (s *Store) addRoundStops(ctx context.Context, round models.ID, stops []models.RoundStop, more ...clause.Expression) error {
	if len(stops) == 0 {
		return nil
	}
	rows := make([]roundStopRow, 0, len(stops))
	for _, stop := range stops {
		rows = append(rows, s.roundStopRow(round, stop))
	}
	return translate(s.write(ctx).Clauses(more...).Create(&rows).Error)
}

func (s *Store) roundStopRow(round models.ID, stop models.RoundStop) roundStopRow {
	return roundStopRow{
		RoundID: round, Ordinal: stop.Ordinal, CheckpointID: stop.CheckpointID, FromAt: millis(stop.FromAt),
		UntilAt: millis(stop.UntilAt), Priority: stop.Priority, State: stop.State, SeenAt: millis(stop.SeenAt),
		SeenBy: stop.SeenBy, CheckInID: stop.CheckInID,
		SkipReasonSealed: s.sealText(models.Secret(stop.SkipReason), "round_stops.skip_reason", round),
	}
}

// UpdateRound writes what changed of a round since it was read, with the round's row locked. Its plan, its times
// and its planned stops' windows never change.
func (s *Store) UpdateRound(ctx context.Context, before, after models.Round) error {
	kept := before
	kept.Stops = after.Stops
	if !reflect.DeepEqual(kept, after) {
		row := s.roundRow(after)
		done := s.write(ctx).Model(&roundRow{}).Where("id = ?", after.ID).
			Select("LeaderID", "State", "StartedAt", "EndedAt", "EndedBy", "ReasonSealed", "Scanners").Updates(&row)
		if done.Error != nil {
			return translate(done.Error)
		}
	}
	planned := len(before.Planned())
	for at := range planned {
		if stop := after.Stops[at]; before.Stops[at] != stop {
			row := s.roundStopRow(after.ID, stop)
			done := s.write(ctx).Model(&roundStopRow{}).Where("round_id = ? AND ordinal = ?", after.ID, stop.Ordinal).
				Select("State", "SeenAt", "SeenBy", "CheckInID", "SkipReasonSealed").Updates(&row)
			if done.Error != nil {
				return translate(done.Error)
			}
		}
	}
	if slices.Equal(before.Stops[planned:], after.Stops[planned:]) {
		return nil
	}
	done := s.write(ctx).Where("round_id = ? AND ordinal > ?", after.ID, planned).Delete(&roundStopRow{})
	if done.Error != nil {
		return translate(done.Error)
	}
	return s.addRoundStops(ctx, after.ID, after.Stops[planned:])
}

// Round reads one round with its stops; CodeNotFound when there is none.
func (s *Store) Round(ctx context.Context, id models.ID) (models.Round, error) {
	rows := []roundRow{}
	if err := s.read(ctx).Where("id = ?", id).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return models.Round{}, orNotFound(translate(err))
	}
	rounds, err := s.rounds(ctx, rows)
	if err != nil {
		return models.Round{}, err
	}
	return rounds[0], nil
}

// rounds turns rows into rounds with their stops, in one query.
func (s *Store) rounds(ctx context.Context, rows []roundRow) ([]models.Round, error) {
	rounds, ids := make([]models.Round, 0, len(rows)), make([]models.ID, 0, len(rows))
	for _, row := range rows {
		ids = append(ids, row.ID)
	}
	stops := map[models.ID][]models.RoundStop{}
	if len(ids) > 0 {
		stopRows := []roundStopRow{}
		if err := s.read(ctx).Where("round_id IN ?", ids).Order("round_id, ordinal").Find(&stopRows).Error; err != nil {
			return nil, translate(err)
		}
		for _, row := range stopRows {
			reason, err := s.openText(row.SkipReasonSealed, "round_stops.skip_reason", row.RoundID)
			if err != nil {
				return nil, err
			}
			stops[row.RoundID] = append(stops[row.RoundID], models.RoundStop{
				Ordinal: row.Ordinal, CheckpointID: row.CheckpointID, FromAt: instant(row.FromAt), UntilAt: instant(row.UntilAt),
				Priority: row.Priority, State: row.State, SeenAt: instant(row.SeenAt), SeenBy: row.SeenBy,
				CheckInID: row.CheckInID, SkipReason: reason.Reveal(),
			})
		}
	}
	for _, row := range rows {
		reason, err := s.openText(row.ReasonSealed, "rounds.reason", row.ID)
		if err != nil {
			return nil, err
		}
		date := models.Date{}
		if row.Date != "" {
			if date, err = models.ParseDate(row.Date); err != nil {
				return nil, err
			}
		}
		rounds = append(rounds, models.Round{
			ID: row.ID, StationID: row.StationID, PlanID: row.PlanID, SquadID: row.SquadID, Date: date, LeaderID: row.LeaderID,
			State: row.State, StartsAt: instant(row.StartsAt), EndsAt: instant(row.EndsAt), StartedAt: instant(row.StartedAt),
			EndedAt: instant(row.EndedAt), EndedBy: row.EndedBy, Reason: reason.Reveal(), Ordered: row.Ordered, Team: row.Team,
			Scanners: row.Scanners, Stops: stops[row.ID], CreatedAt: instant(row.CreatedAt),
		})
	}
	return rounds, nil
}
