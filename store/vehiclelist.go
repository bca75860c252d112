package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"xunfang/models"
)

// VehicleFilter narrows a list of vehicles; empty fields do not.
type VehicleFilter struct {
	Locked *bool
	State  models.VehicleState
}

// Vehicles lists vehicles within sight, newest first. Of a home, those that are shared and
// whose owner still lives there are shown to who lives with them.
func (s *Store) Vehicles(
	ctx context.Context, sights []models.Sight, filter VehicleFilter, now time.Time, page Page,
) ([]models.Vehicle, error) {
	base := func() *gorm.DB {
		query := s.read(ctx).Model(&vehicleRow{})
		if filter.Locked != nil {
			query = query.Where("locked = ?", *filter.Locked)
		}
		switch filter.State {
		case models.VehiclePending:
			query = query.Where("confirmed_at = 0")
		case models.VehicleConfirmed:
			query = query.Where("confirmed_at > 0")
		}
		return query
	}
	household := func() *gorm.DB { return base().Where("shared = ?", true).Scopes(ownerLivesThere(now)) }
	homes, others := []models.Sight{}, []models.Sight{}
	for _, sight := range sights {
		if sight.Within.Home != "" {
			homes = append(homes, sight)
		} else {
			others = append(others, sight)
		}
	}
	cols := columns{
		order: "id", newest: true, owner: "owner_id", compound: "compound_id", building: "building_id", unit: "unit_id", home: "home_id",
	}
	key := func(row vehicleRow) models.ID { return row.ID }
	rows, err := sightPages(ctx, household, homes, cols, page, key)
	if err != nil {
		return nil, err
	}
	more, err := sightPages(ctx, base, others, cols, page, key)
	if err != nil {
		return nil, err
	}
	vehicles := make([]models.Vehicle, 0, len(rows)+len(more))
	for _, row := range newestFirst(append(rows, more...), page.Limit, key) {
		vehicle, err := s.vehicle(row)
		if err != nil {
			return nil, err
		}
		vehicles = append(vehicles, vehicle)
	}
	return vehicles, nil
}

// ownerLivesThere keeps vehicles whose owner lives in their home at an instant.
func ownerLivesThere(now time.Time) func(*gorm.DB) *gorm.DB {
	return func(query *gorm.DB) *gorm.DB {
		return query.Where(`EXISTS (SELECT 1 FROM role_grants WHERE role_grants.person_id = vehicles.owner_id
			AND role_grants.home_id = vehicles.home_id AND role = ? AND starts_at <= ? AND (ends_at = 0 OR ends_at > ?))`,
			models.RoleResident, millis(now), millis(now))
	}
}

// Mark is one vehicle's plate or tag in a barrier's list.
type Mark struct {
	Text     models.Secret
	Locked   bool
	Resident bool // its owner lives there
}

// CompoundMarks reads what the list of a compound's barriers is made of, at most limit vehicles: where it is cut, those that are
// locked are in it before all others.
func (s *Store) CompoundMarks(ctx context.Context, compound models.ID, now time.Time, limit int) ([]Mark, error) {
	rows, living := []vehicleRow{}, []models.ID{}
	err := s.read(ctx).Select("id, plate_sealed, tag_sealed, locked").Where("compound_id = ? AND confirmed_at > 0", compound).
		Order("locked DESC, id").Limit(limit).Find(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	err = s.read(ctx).Model(&vehicleRow{}).Where("compound_id = ? AND confirmed_at > 0", compound).
		Scopes(ownerLivesThere(now)).Order("locked DESC, id").Limit(limit).Pluck("id", &living).Error
	if err != nil {
		return nil, translate(err)
	}
	lives := map[models.ID]bool{}
	for _, id := range living {
		lives[id] = true
	}
	marks := []Mark{}
	for _, row := range rows {
		vehicle, err := s.vehicle(row)
		if err != nil {
			return nil, err
		}
		for _, text := range []models.Secret{vehicle.Plate, vehicle.Tag} {
			if text != "" {
				marks = append(marks, Mark{Text: text, Locked: row.Locked, Resident: lives[row.ID]})
			}
		}
	}
	return marks, nil
}

// forgetVehicles deletes vehicles whose owner moved out before a time.
func (s *Store) forgetVehicles(ctx context.Context, before time.Time) (int64, error) {
	gone := []models.ID{}
	err := s.read(ctx).Model(&vehicleRow{}).Where(`NOT EXISTS (SELECT 1 FROM role_grants
		WHERE role_grants.person_id = vehicles.owner_id AND role_grants.home_id = vehicles.home_id AND role = ?
		AND (ends_at = 0 OR ends_at > ?))`, models.RoleResident, millis(before)).
		Order("id").Limit(forgetBatch).Pluck("id", &gone).Error
	if err != nil || len(gone) == 0 {
		return 0, translate(err)
	}
	return s.erase(ctx, "DELETE FROM vehicles WHERE id IN ?", gone)
}
