package store

import (
	"context"
	"fmt"
	"time"
	_ "time/tzdata" // so that a station's time zone is known on a machine that has none

	"xunfang/models"
)

// StationZone is the time zone of a station; CodeNotFound when there is no such station.
func (s *Store) StationZone(ctx context.Context, station models.ID) (*time.Location, error) {
	names := []string{}
	err := s.read(ctx).Model(&stationRow{}).Where("id = ?", station).Limit(1).Pluck("time_zone", &names).Error
	if err != nil || len(names) == 0 {
		return nil, orNotFound(translate(err))
	}
	zone, err := time.LoadLocation(names[0])
	if err != nil {
		return nil, fmt.Errorf("store: station %s: %w", station, err)
	}
	return zone, nil
}
