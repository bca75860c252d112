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

// ReportCheckIns counts a station's check-ins of [from, to), by verdict.
func (s *Store) ReportCheckIns(ctx context.Context, station models.ID, from, to time.Time) (map[models.CheckInStatus]int, error) {
	counts := []struct {
		Status models.CheckInStatus
		Number int
	}{}
	query := s.read(ctx).Table("check_ins").Select("status, COUNT(*) AS number").Where("station_id = ?", station).Group("status")
	err := between(query, "order_id", from, to).Find(&counts).Error
	checkIns := make(map[models.CheckInStatus]int, len(counts))
	for _, one := range counts {
		checkIns[one.Status] = one.Number
	}
	return checkIns, translate(err)
}

// ReportCorrections counts a station's corrections that were approved in [from, to).
func (s *Store) ReportCorrections(ctx context.Context, station models.ID, from, to time.Time) (int, error) {
	count := int64(0)
	err := s.read(ctx).Model(&correctionRow{}).Where("station_id = ? AND state = ?", station, models.CorrectionApproved).
		Where("decided_at >= ? AND decided_at < ?", millis(from), millis(to)).Count(&count).Error
	return int(count), translate(err)
}

// ReportSOS gives a station's calls for help of [from, to): how each stands, when it came and when it was taken in.
func (s *Store) ReportSOS(ctx context.Context, station models.ID, from, to time.Time) ([]models.SOS, error) {
	rows := []sosRow{}
	query := s.read(ctx).Select("state", "received_at", "acknowledged_at").Where("station_id = ?", station).Limit(reportRows)
	err := between(query, "order_id", from, to).Find(&rows).Error
	calls := make([]models.SOS, 0, len(rows))
	for _, row := range rows {
		calls = append(calls, models.SOS{
			State: row.State, ReceivedAt: instant(row.ReceivedAt), AcknowledgedAt: instant(row.AcknowledgedAt),
		})
	}
	return calls, translate(err)
}

// LastSeen tells when a checkpoint was last seen before a time, by check-ins that count; zero when it never was.
func (s *Store) LastSeen(ctx context.Context, checkpoint models.ID, before time.Time) (time.Time, error) {
	at := []int64{}
	query := s.read(ctx).Table(CheckInFilter{CheckpointID: checkpoint}.table(s.engine.kind)).
		Where("checkpoint_id = ? AND "+effectiveStatus+" <> ?", checkpoint, models.StatusRejected)
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
