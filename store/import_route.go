package store

import (
	"context"
	"slices"

	"xunfang/models"
)

// compareStops moves routes whose stops differ to those that are updated.
func compareStops(
	ctx context.Context, tx *Store, d *described[routeRow], stops map[models.ID][]routeCheckpointRow,
) error {
	stored := []routeCheckpointRow{}
	ids := rowsOf(d.wanted, func(row routeRow) models.ID { return row.ID })
	err := inParts(ids, importValues, func(part []models.ID) error {
		rows := []routeCheckpointRow{}
		err := tx.read(ctx).Where("route_id IN ?", part).Order("route_id, ordinal").Find(&rows).Error
		stored = append(stored, rows...)
		return err
	})
	if err != nil {
		return err
	}
	have := map[models.ID][]routeCheckpointRow{}
	for _, stop := range stored {
		have[stop.RouteID] = append(have[stop.RouteID], stop)
	}
	listed := map[models.ID]bool{}
	for _, row := range slices.Concat(d.added, d.updated) {
		listed[row.ID] = true
	}
	for _, row := range d.wanted {
		if !listed[row.ID] && !slices.Equal(have[row.ID], stops[row.ID]) {
			d.updated = append(d.updated, row)
			d.unchanged--
		}
	}
	return nil
}

// writeStops writes the stops of added and updated routes.
func writeStops(ctx context.Context, tx *Store, d *described[routeRow], stops map[models.ID][]routeCheckpointRow) error {
	ids := rowsOf(d.updated, func(row routeRow) models.ID { return row.ID })
	err := inParts(ids, importValues, func(part []models.ID) error {
		return tx.write(ctx).Where("route_id IN ?", part).Delete(&routeCheckpointRow{}).Error
	})
	if err != nil {
		return err
	}
	rows := []routeCheckpointRow{}
	for _, row := range slices.Concat(d.added, d.updated) {
		rows = append(rows, stops[row.ID]...)
	}
	return inParts(rows, importRows, func(part []routeCheckpointRow) error { return tx.write(ctx).Create(&part).Error })
}
