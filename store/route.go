package store

import (
	"context"

	"gorm.io/gorm"

	"xunfang/models"
)

type routeRow struct {
	ID        models.ID `gorm:"primaryKey"`
	StationID models.ID
	Name      string
	Direction string
	OfficerID models.ID
	CreatedAt int64 `gorm:"autoCreateTime:false"`
}

func (routeRow) TableName() string { return "routes" }

type routeCheckpointRow struct {
	RouteID      models.ID `gorm:"primaryKey"`
	Ordinal      int       `gorm:"primaryKey;autoIncrement:false"`
	CheckpointID models.ID
}

func (routeCheckpointRow) TableName() string { return "route_checkpoints" }

// AddRoute writes a new route; CodeAlreadyExists when the station has one of that name.
func (s *Store) AddRoute(ctx context.Context, route models.Route) error {
	row := routeRow{
		ID: route.ID, StationID: route.StationID, Name: route.Name, Direction: route.Direction,
		OfficerID: route.OfficerID, CreatedAt: millis(route.CreatedAt),
	}
	if err := s.write(ctx).Create(&row).Error; err != nil {
		return translate(err)
	}
	stops := newRouteCheckpointRows(route)
	if len(stops) == 0 {
		return nil
	}
	return translate(s.write(ctx).Create(&stops).Error)
}

func newRouteCheckpointRows(route models.Route) []routeCheckpointRow {
	stops := make([]routeCheckpointRow, 0, len(route.Checkpoints))
	for at, checkpoint := range route.Checkpoints {
		stops = append(stops, routeCheckpointRow{RouteID: route.ID, Ordinal: at + 1, CheckpointID: checkpoint})
	}
	return stops
}

// Routes lists routes within sight, by id, each with its checkpoints in order.
func (s *Store) Routes(ctx context.Context, sights []models.Sight, page Page) ([]models.Route, error) {
	base := func() *gorm.DB { return s.read(ctx).Model(&routeRow{}) }
	rows, err := sightPages(ctx, base, sights, columns{order: "id"}, page, func(row routeRow) models.ID { return row.ID })
	if err != nil {
		return nil, err
	}
	return s.routes(ctx, rows)
}

// Route reads one route with its checkpoints in order; CodeNotFound when there is none.
func (s *Store) Route(ctx context.Context, id models.ID) (models.Route, error) {
	rows := []routeRow{}
	if err := s.read(ctx).Where("id = ?", id).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return models.Route{}, orNotFound(translate(err))
	}
	routes, err := s.routes(ctx, rows)
	if err != nil {
		return models.Route{}, err
	}
	return routes[0], nil
}

func (s *Store) routes(ctx context.Context, rows []routeRow) ([]models.Route, error) {
	if len(rows) == 0 {
		return []models.Route{}, nil
	}
	ids := make([]models.ID, 0, len(rows))
	for _, row := range rows {
		ids = append(ids, row.ID)
	}
	stops := []routeCheckpointRow{}
	if err := s.read(ctx).Where("route_id IN ?", ids).Order("route_id, ordinal").Find(&stops).Error; err != nil {
		return nil, translate(err)
	}
	checkpoints := map[models.ID][]models.ID{}
	for _, stop := range stops {
		checkpoints[stop.RouteID] = append(checkpoints[stop.RouteID], stop.CheckpointID)
	}
	routes := make([]models.Route, 0, len(rows))
	for _, row := range rows {
		routes = append(routes, models.Route{
			ID: row.ID, StationID: row.StationID, Name: row.Name, Direction: row.Direction,
			Checkpoints: checkpoints[row.ID], OfficerID: row.OfficerID, CreatedAt: instant(row.CreatedAt),
		})
	}
	return routes, nil
}
