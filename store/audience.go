package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"xunfang/models"
)

// Audience names whom an audience means at an instant, one more than models.MaxAudience at most.
func (s *Store) Audience(ctx context.Context, audience models.Audience, now time.Time) ([]models.ID, error) {
	people := []models.ID{}
	holders, visible := holdersOf(s.read(ctx), audience, now)
	if !visible {
		return people, nil
	}
	return people, translate(holders.Limit(models.MaxAudience+1).Distinct().Pluck("person_id", &people).Error)
}

// CountAudience counts whom an audience means at an instant: how many people, and how many hold each of its roles.
func (s *Store) CountAudience(ctx context.Context, audience models.Audience, now time.Time) (int, map[models.Role]int, error) {
	counts, people, byRole := []struct {
		Role   models.Role
		Number int
	}{}, int64(0), map[models.Role]int{}
	holders, visible := holdersOf(s.read(ctx), audience, now)
	if !visible {
		return 0, byRole, nil
	}
	holders = holders.Session(&gorm.Session{})
	if err := holders.Distinct("person_id").Count(&people).Error; err != nil {
		return 0, nil, translate(err)
	}
	err := holders.Select("role, COUNT(DISTINCT person_id) AS number").Group("role").Scan(&counts).Error
	for _, count := range counts {
		byRole[count.Role] = count.Number
	}
	return int(people), byRole, translate(err)
}

// holdersOf are the grants of whom an audience means at an instant; false: there cannot be any.
func holdersOf(from *gorm.DB, audience models.Audience, now time.Time) (*gorm.DB, bool) {
	holders := from.Model(&grantRow{}).Where("role IN ?", audience.Roles).Scopes(heldAt(now))
	if audience.Narrowed() {
		if len(audience.Only) == 0 {
			return nil, false
		}
		holders = holders.Where("person_id IN ?", audience.Only)
	}
	cols := columns{compound: "compound_id", building: "building_id", unit: "unit_id", home: "home_id"}
	return cols.within(holders, audience.Place)
}
