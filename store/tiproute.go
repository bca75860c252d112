package store

import (
	"context"

	"xunfang/models"
)

// RouteLines reads the routes of a station that somebody leads, by id, each as the line of its checkpoints.
func (s *Store) RouteLines(ctx context.Context, station models.ID) ([]models.RouteLine, error) {
	rows := []struct {
		ID, OfficerID models.ID
		Lat, Lng      float64
	}{}
	err := s.read(ctx).Table("routes").Select("routes.id, routes.officer_id, checkpoints.lat, checkpoints.lng").
		Joins("JOIN route_checkpoints ON route_checkpoints.route_id = routes.id").
		Joins("JOIN checkpoints ON checkpoints.id = route_checkpoints.checkpoint_id").
		Where("routes.station_id = ? AND routes.officer_id <> ''", station).
		Order("routes.id, route_checkpoints.ordinal").Scan(&rows).Error
	lines := []models.RouteLine{}
	for _, row := range rows {
		if len(lines) == 0 || lines[len(lines)-1].RouteID != row.ID {
			lines = append(lines, models.RouteLine{RouteID: row.ID, OfficerID: row.OfficerID})
		}
		line := &lines[len(lines)-1]
		line.Points = append(line.Points, models.Position{Lat: row.Lat, Lng: row.Lng})
	}
	return lines, translate(err)
}

// PutRouteOfficer says who leads a route; "" for nobody.
func (s *Store) PutRouteOfficer(ctx context.Context, route, officer models.ID) error {
	return translate(s.write(ctx).Model(&routeRow{}).Where("id = ?", route).Update("officer_id", officer).Error)
}
