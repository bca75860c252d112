package store

import (
	"context"
	"slices"

	"xunfang/models"
)

// parts are the rows of a second table that belong to described rows, in order: the stops of a route, the members
// of a squad. Where they are not as described, all of one row's are written again.
type parts[T any, P comparable] struct {
	owner  string // the column with the id of the row that they belong to
	of     func(P) models.ID
	wanted map[models.ID][]P
}

// compare moves rows whose parts differ to those that are updated; it is a described's prepare.
func (p parts[T, P]) compare(ctx context.Context, tx *Store, _ *importPlan, d *described[T]) error {
	have := map[models.ID][]P{}
	err := inParts(d.ids(d.wanted), importValues, func(some []models.ID) error {
		rows := []P{}
		err := tx.read(ctx).Where(p.owner+" IN ?", some).Order(p.owner + ", ordinal").Find(&rows).Error
		for _, row := range rows {
			have[p.of(row)] = append(have[p.of(row)], row)
		}
		return err
	})
	if err != nil {
		return err
	}
	listed := map[models.ID]bool{}
	for _, id := range d.ids(slices.Concat(d.added, d.updated)) {
		listed[id] = true
	}
	for at := range d.wanted {
		if id := d.id(&d.wanted[at]); !listed[id] && !slices.Equal(have[id], p.wanted[id]) {
			d.updated = append(d.updated, d.wanted[at])
			d.unchanged--
		}
	}
	return nil
}

// write writes the parts of added and updated rows; it is a described's finish.
func (p parts[T, P]) write(ctx context.Context, tx *Store, d *described[T]) error {
	err := inParts(d.ids(d.updated), importValues, func(some []models.ID) error {
		return tx.write(ctx).Where(p.owner+" IN ?", some).Delete(new(P)).Error
	})
	if err != nil {
		return err
	}
	rows := []P{}
	for _, id := range d.ids(slices.Concat(d.added, d.updated)) {
		rows = append(rows, p.wanted[id]...)
	}
	return inParts(rows, importRows, func(some []P) error { return tx.write(ctx).Create(&some).Error })
}

// ids are those of rows.
func (d *described[T]) ids(rows []T) []models.ID {
	ids := make([]models.ID, 0, len(rows))
	for at := range rows {
		ids = append(ids, d.id(&rows[at]))
	}
	return ids
}
