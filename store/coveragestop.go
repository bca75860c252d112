package store

import (
	"context"
	"time"

	"xunfang/models"
)

// StopShare is how the planned stops of one route and squad went.
type StopShare struct {
	RouteID models.ID // "" for rounds over a free list of checkpoints, or that nobody planned
	SquadID models.ID // "" for rounds without a squad
	States  map[models.StopState]int
}

// StopShares counts the stops of a station's rounds that were planned to begin in [from, to), by route and squad.
func (s *Store) StopShares(ctx context.Context, station models.ID, from, to time.Time) ([]StopShare, error) {
	rows := []struct {
		RouteID models.ID
		SquadID models.ID
		State   models.StopState
		Stops   int
	}{}
	err := s.read(ctx).Table("rounds").
		Select("COALESCE(round_plans.route_id, '') AS route_id, rounds.squad_id, round_stops.state, COUNT(*) AS stops").
		Joins("JOIN round_stops ON round_stops.round_id = rounds.id").
		Joins("LEFT JOIN round_plans ON round_plans.id = rounds.plan_id").
		Where("rounds.station_id = ? AND rounds.order_id >= ? AND rounds.order_id < ?",
			station, models.FirstIDAt(from), models.FirstIDAt(to)).
		Group("COALESCE(round_plans.route_id, ''), rounds.squad_id, round_stops.state").
		Order("1, 2, 3").Find(&rows).Error
	shares := []StopShare{}
	for _, row := range rows {
		last := len(shares) - 1
		if last < 0 || shares[last].RouteID != row.RouteID || shares[last].SquadID != row.SquadID {
			shares = append(shares, StopShare{RouteID: row.RouteID, SquadID: row.SquadID, States: map[models.StopState]int{}})
			last++
		}
		shares[last].States[row.State] = row.Stops
	}
	return shares, translate(err)
}

// SquadNames are the names of a station's squads, those that have ended too.
func (s *Store) SquadNames(ctx context.Context, station models.ID) (map[models.ID]string, error) {
	rows := []struct {
		ID   models.ID
		Name string
	}{}
	err := s.read(ctx).Table("squads").Select("id, name").Where("station_id = ?", station).Limit(maxSquads).Find(&rows).Error
	names := make(map[models.ID]string, len(rows))
	for _, row := range rows {
		names[row.ID] = row.Name
	}
	return names, translate(err)
}

const maxSquads = 5000
