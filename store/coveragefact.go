package store

import (
	"context"
	"time"

	"xunfang/models"
)

// The time at which a check-in counts for the cover, and whether it counts at all, are said in this file alone:
// countedAt for the change that it queues, and checkInFacts for the count. The two must be of one mind.

// countedAt is the time of a check-in in the cover: when it happened, whatever the phone's wall clock showed.
func countedAt(checkIn models.CheckIn) time.Time {
	if checkIn.OccurredAt.IsZero() {
		return checkIn.CapturedAt // as AddCheckIns writes it
	}
	return checkIn.OccurredAt
}

// walkedWith is models.RoundMember.Counts for a check-in: who names a round without walking with it counts under no mode.
const walkedWith = "round_members.round_id = check_ins.round_id AND round_members.person_id = check_ins.person_id " +
	"AND round_members.confirmed_at <> 0 AND round_members.left_out = 0 AND round_members.joined_at <= check_ins.occurred_at " +
	"AND (round_members.left_at = 0 OR round_members.left_at >= check_ins.occurred_at)"

// checkInFacts are a person's check-ins in a stretch as the cover counts them: all but those that count as rejected,
// each place once a minute.
func (s *Store) checkInFacts(ctx context.Context, station, person models.ID, within models.Stretch) ([]coverFactRow, error) {
	rows := []coverFactRow{}
	err := s.read(ctx).Table(CheckInFilter{PersonID: person}.table(s.engine.kind)).
		Select("DISTINCT check_ins.occurred_at - check_ins.occurred_at % 60000 AS minute_at, check_ins.checkpoint_id, "+
			"check_ins.compound_id, CASE WHEN check_ins.checkpoint_id = '' THEN check_ins.lat END AS lat, "+
			"CASE WHEN check_ins.checkpoint_id = '' THEN check_ins.lng END AS lng, COALESCE(squads.kind, '') AS mode").
		Joins("LEFT JOIN round_members ON "+walkedWith).
		Joins("LEFT JOIN rounds ON rounds.id = round_members.round_id AND rounds.station_id = check_ins.station_id").
		Joins("LEFT JOIN squads ON squads.id = rounds.squad_id").
		Where("check_ins.person_id = ? AND check_ins.station_id = ?", person, station).
		Where("check_ins.order_id >= ? AND check_ins.order_id < ?", models.FirstIDAt(within.Start()), models.FirstIDAt(within.End())).
		Where(effectiveStatus+" <> ?", models.StatusRejected).Find(&rows).Error
	return rows, translate(err)
}

// trackFacts are a person's positions in a stretch.
func (s *Store) trackFacts(ctx context.Context, station, person models.ID, within models.Stretch) ([]coverFactRow, error) {
	rows := []coverFactRow{}
	err := s.read(ctx).Table("track_points").
		Select("track_points.at - track_points.at % 60000 AS minute_at, track_points.lat, track_points.lng, "+
			"COALESCE(squads.kind, '') AS mode").
		Joins("LEFT JOIN rounds ON rounds.id = track_points.round_id AND rounds.station_id = track_points.station_id").
		Joins("LEFT JOIN squads ON squads.id = rounds.squad_id").
		Where("track_points.person_id = ? AND track_points.station_id = ?", person, station).
		Where("track_points.at >= ? AND track_points.at < ?", millis(within.Start()), millis(within.End())).Find(&rows).Error
	return rows, translate(err)
}

type coverFactRow struct {
	MinuteAt     int64
	CheckpointID models.ID
	CompoundID   models.ID
	Lat          *float64
	Lng          *float64
	Mode         models.Mode
}

// coverFacts are everything that shows where a person was in a stretch of one day.
func (s *Store) coverFacts(ctx context.Context, station, person models.ID, within models.Stretch) ([]models.CoverFact, error) {
	rows, err := s.checkInFacts(ctx, station, person, within)
	if err != nil {
		return nil, err
	}
	positions, err := s.trackFacts(ctx, station, person, within)
	if err != nil {
		return nil, err
	}
	rows = append(rows, positions...)
	facts := make([]models.CoverFact, 0, len(rows))
	for _, row := range rows {
		fact := models.CoverFact{
			Minute: int(row.MinuteAt / time.Minute.Milliseconds() % models.DayMinutes),
			Mode:   row.Mode, CheckpointID: row.CheckpointID, CompoundID: row.CompoundID,
		}
		if fact.Mode == "" {
			fact.Mode = models.ModeNone
		}
		if row.Lat != nil && row.Lng != nil {
			fact.At = &models.Position{Lat: *row.Lat, Lng: *row.Lng}
		}
		facts = append(facts, fact)
	}
	return facts, nil
}

// coverPeople are everybody with facts, or counted, on a day.
func (s *Store) coverPeople(ctx context.Context, station models.ID, day int64) ([]models.ID, error) {
	from, to := dayStretch(day).Start(), dayStretch(day).End()
	people := []models.ID{}
	err := s.read(ctx).Raw("SELECT person_id FROM check_ins WHERE station_id = ? AND order_id >= ? AND order_id < ? "+
		"UNION SELECT person_id FROM track_points WHERE station_id = ? AND at >= ? AND at < ? "+
		"UNION SELECT person_id FROM coverage_presences WHERE day = ? AND station_id = ?",
		station, models.FirstIDAt(from), models.FirstIDAt(to), station, millis(from), millis(to), day, station).Scan(&people).Error
	return people, translate(err)
}

func dayStretch(day int64) models.Stretch {
	return models.Stretch{From: day * models.DayMinutes, Until: (day + 1) * models.DayMinutes}
}
