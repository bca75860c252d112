package store

import (
	"context"
	"time"

	"xunfang/models"
)

type grantRow struct {
	ID         models.ID `gorm:"primaryKey"`
	PersonID   models.ID
	Role       models.Role
	StationID  models.ID
	CompoundID models.ID
	BuildingID models.ID
	UnitID     models.ID
	HomeID     models.ID
	StartsAt   int64
	EndsAt     int64
	CreatedAt  int64 `gorm:"autoCreateTime:false"`
}

func (grantRow) TableName() string { return "role_grants" }

// MaxGrants bounds the roles that one person can hold.
const MaxGrants = 200

// AddGrant writes a new role of a person.
func (s *Store) AddGrant(ctx context.Context, grant models.Grant, now time.Time) error {
	row := newGrantRow(grant, now)
	return translate(s.write(ctx).Create(&row).Error)
}

func newGrantRow(grant models.Grant, now time.Time) grantRow {
	return grantRow{
		ID: grant.ID, PersonID: grant.PersonID, Role: grant.Role,
		StationID: grant.Place.Station, CompoundID: grant.Place.Compound, BuildingID: grant.Place.Building,
		UnitID: grant.Place.Unit, HomeID: grant.Place.Home,
		StartsAt: millis(grant.StartsAt), EndsAt: millis(grant.EndsAt), CreatedAt: millis(now),
	}
}

// EndGrant sets when a role ends; CodeNotFound when the person has no such grant.
func (s *Store) EndGrant(ctx context.Context, person, grant models.ID, at time.Time) error {
	ends := max(1, millis(at)) // 0 would mean that it never ends
	done := s.write(ctx).Model(&grantRow{}).Where("id = ? AND person_id = ?", grant, person).Update("ends_at", ends)
	if done.Error == nil && done.RowsAffected == 0 {
		return models.Fail(models.CodeNotFound)
	}
	return translate(done.Error)
}

// Grants lists all roles of a person, ended ones too, by id.
func (s *Store) Grants(ctx context.Context, person models.ID) ([]models.Grant, error) {
	rows := []grantRow{}
	err := s.read(ctx).Where("person_id = ?", person).Order("id").Limit(MaxGrants).Find(&rows).Error
	grants := make([]models.Grant, 0, len(rows))
	for _, row := range rows {
		grants = append(grants, row.grant())
	}
	return grants, translate(err)
}

func (row grantRow) grant() models.Grant {
	return models.Grant{
		ID: row.ID, PersonID: row.PersonID, Role: row.Role,
		Place: models.Place{
			Station: row.StationID, Compound: row.CompoundID, Building: row.BuildingID, Unit: row.UnitID, Home: row.HomeID,
		},
		StartsAt: instant(row.StartsAt), EndsAt: instant(row.EndsAt),
	}
}
