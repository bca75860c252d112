package store

import (
	"context"
	"time"

	"xunfang/models"
)

// reportRows bounds what one query of a month's report brings back: routes × squads × states stay far below it.
const reportRows = 20_000

// ReportStops counts the stops of a station's rounds that were to start in [from, to), by route, squad, state and
// priority. A stop whose time is not over at asOf and that was not seen does not count.
func (s *Store) ReportStops(ctx context.Context, station models.ID, from, to, asOf time.Time) ([]models.StopTally, error) {
	counts := []struct {
		Route, Squad string
		State        models.StopState
		Priority     models.Priority
		Number       int
	}{}
	query := s.read(ctx).Table("rounds").
		Select("COALESCE(routes.name, '') AS route, COALESCE(squads.name, '') AS squad, round_stops.state, round_stops.priority, "+
			"COUNT(*) AS number").
		Joins("JOIN round_stops ON round_stops.round_id = rounds.id").
		Joins("LEFT JOIN round_plans ON round_plans.id = rounds.plan_id").
		Joins("LEFT JOIN routes ON routes.id = round_plans.route_id").
		Joins("LEFT JOIN squads ON squads.id = rounds.squad_id").
		Where("rounds.station_id = ? AND (round_stops.state <> ? OR round_stops.until_at <= ?)", station, models.StopPending, millis(asOf)).
		Group("route, squad, round_stops.state, round_stops.priority").Order("route, squad").Limit(reportRows)
	if err := between(query, "rounds.order_id", from, to).Find(&counts).Error; err != nil {
		return nil, translate(err)
	}
	tallies := []models.StopTally{}
	for _, one := range counts {
		last := len(tallies) - 1
		if last < 0 || tallies[last].Route != one.Route || tallies[last].Squad != one.Squad {
			tallies = append(tallies, models.StopTally{Route: one.Route, Squad: one.Squad})
			last++
		}
		tallies[last].Add(one.State, one.Priority, one.Number)
	}
	return tallies, nil
}

// ReportRounds counts a station's rounds that were to start in [from, to), by state.
func (s *Store) ReportRounds(ctx context.Context, station models.ID, from, to time.Time) (map[models.RoundState]int, error) {
	counts := []struct {
		State  models.RoundState
		Number int
	}{}
	query := s.read(ctx).Table("rounds").Select("state, COUNT(*) AS number").Where("station_id = ?", station).Group("state")
	err := between(query, "order_id", from, to).Find(&counts).Error
	rounds := make(map[models.RoundState]int, len(counts))
	for _, one := range counts {
		rounds[one.State] = one.Number
	}
	return rounds, translate(err)
}

// CheckpointTally counts a checkpoint's check-ins of one verdict.
type CheckpointTally struct {
	CheckpointID models.ID
	Status       models.CheckInStatus
	Number       int
}

// ReportCheckIns counts a station's check-ins of [from, to), by checkpoint and verdict, in one walk over them.
func (s *Store) ReportCheckIns(ctx context.Context, station models.ID, from, to time.Time) ([]CheckpointTally, error) {
	counts := []CheckpointTally{}
	query := s.read(ctx).Table("check_ins").Select("checkpoint_id, status, COUNT(*) AS number").
		Where("station_id = ?", station).Group("checkpoint_id, status").Limit(reportRows)
	return counts, translate(between(query, "order_id", from, to).Find(&counts).Error)
}

// seenBatch is how many instants are read at once.
const seenBatch = 10_000

// SeenAt lists when a checkpoint was seen in [from, to), by accepted check-ins, in order.
func (s *Store) SeenAt(ctx context.Context, checkpoint models.ID, from, to time.Time) ([]time.Time, error) {
	seen, after := []time.Time{}, models.FirstIDAt(from)
	for {
		rows := []struct {
			OrderID    models.ID
			OccurredAt int64
		}{}
		query := s.read(ctx).Table(CheckInFilter{CheckpointID: checkpoint}.table(s.engine.kind)).Select("order_id", "occurred_at").
			Where("checkpoint_id = ? AND status = ? AND order_id > ?", checkpoint, models.StatusAccepted, after)
		err := between(query, "order_id", time.Time{}, to).Order("order_id").Limit(seenBatch).Find(&rows).Error
		if err != nil {
			return nil, translate(err)
		}
		for _, row := range rows {
			seen, after = append(seen, instant(row.OccurredAt)), row.OrderID
		}
		if len(rows) < seenBatch {
			return seen, nil
		}
	}
}

// LastSeen tells when a checkpoint was last seen before a time; zero when it never was.
func (s *Store) LastSeen(ctx context.Context, checkpoint models.ID, before time.Time) (time.Time, error) {
	at := []int64{}
	query := s.read(ctx).Table(CheckInFilter{CheckpointID: checkpoint}.table(s.engine.kind)).
		Where("checkpoint_id = ? AND status = ?", checkpoint, models.StatusAccepted)
	err := between(query, "order_id", time.Time{}, before).Order("order_id DESC").Limit(1).Pluck("occurred_at", &at).Error
	if err != nil || len(at) == 0 {
		return time.Time{}, translate(err)
	}
	return instant(at[0]), nil
}

// ReportFindings counts a station's findings of [from, to), by kind and state.
func (s *Store) ReportFindings(
	ctx context.Context, station models.ID, from, to time.Time,
) (map[models.FindingKind]map[models.FindingState]int, error) {
	counts := []struct {
		Kind   models.FindingKind
		State  models.FindingState
		Number int
	}{}
	query := s.read(ctx).Table("findings").Select("kind, state, COUNT(*) AS number").
		Where("station_id = ?", station).Group("kind, state")
	err := between(query, "order_id", from, to).Find(&counts).Error
	findings := map[models.FindingKind]map[models.FindingState]int{}
	for _, one := range counts {
		if findings[one.Kind] == nil {
			findings[one.Kind] = map[models.FindingState]int{}
		}
		findings[one.Kind][one.State] = one.Number
	}
	return findings, translate(err)
}
