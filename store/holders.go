package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"xunfang/models"
)

// HoldersOver lists the people who hold one of the roles in a scope that contains the place: for a compound, those
// of the compound and those of the whole station. At most 1,000, by id. An alert's audience of roles goes the other
// way, down from a place.
func (s *Store) HoldersOver(ctx context.Context, roles []models.Role, place models.Place, now time.Time) ([]models.ID, error) {
	people := []models.ID{}
	err := s.read(ctx).Model(&grantRow{}).
		Where("role IN ? AND station_id = ? AND compound_id IN ?", roles, place.Station, []models.ID{"", place.Compound}).
		Where("building_id = '' AND unit_id = '' AND home_id = ''").
		Scopes(heldAt(now)).
		Distinct("person_id").Order("person_id").Limit(1000).Pluck("person_id", &people).Error
	return people, translate(err)
}

// heldAt leaves of grants those that are in force at an instant, of people who may sign in.
func heldAt(now time.Time) func(*gorm.DB) *gorm.DB {
	return func(grants *gorm.DB) *gorm.DB {
		return grants.Where("starts_at <= ? AND (ends_at = 0 OR ends_at > ?)", millis(now), millis(now)).
			Where("EXISTS (SELECT 1 FROM people WHERE people.id = role_grants.person_id AND disabled_at = 0)")
	}
}
