package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"xunfang/models"
)

type visitorPassRow struct {
	ID                models.ID `gorm:"primaryKey"`
	StationID         models.ID
	CompoundID        models.ID
	BuildingID        models.ID
	UnitID            models.ID
	HomeID            models.ID
	HostID            models.ID
	VisitorNameSealed []byte
	PlateSealed       []byte
	CodeMac           []byte
	ExtensionMac      []byte // NULL, not empty, where there is none
	StartsAt          int64
	EndsAt            int64
	MaxUses           int
	Uses              int
	RevokedAt         int64
	CreatedAt         int64 `gorm:"autoCreateTime:false"`
}

func (visitorPassRow) TableName() string { return "visitor_passes" }

type visitorPassDoorRow struct {
	PassID models.ID `gorm:"primaryKey"`
	DoorID models.ID `gorm:"primaryKey"`
}

func (visitorPassDoorRow) TableName() string { return "visitor_pass_doors" }

var visitorPassColumns = columns{
	order: "id", newest: true, owner: "host_id",
	compound: "compound_id", building: "building_id", unit: "unit_id", home: "home_id",
}

// AddVisitorPass writes a new pass with its doors; CodeAlreadyExists when the code is taken.
func (s *Store) AddVisitorPass(ctx context.Context, pass models.VisitorPass) error {
	row := visitorPassRow{
		ID: pass.ID, StationID: pass.Place.Station, CompoundID: pass.Place.Compound,
		BuildingID: pass.Place.Building, UnitID: pass.Place.Unit, HomeID: pass.Place.Home,
		HostID:            pass.HostID,
		VisitorNameSealed: s.sealText(pass.VisitorName, "visitor_passes.visitor_name", pass.ID),
		PlateSealed:       s.sealText(pass.Plate, "visitor_passes.plate", pass.ID),
		CodeMac:           pass.CodeMAC, ExtensionMac: pass.ExtensionMAC, StartsAt: millis(pass.StartsAt), EndsAt: millis(pass.EndsAt),
		MaxUses: pass.MaxUses, Uses: pass.Uses, RevokedAt: millis(pass.RevokedAt), CreatedAt: millis(pass.CreatedAt),
	}
	if err := s.write(ctx).Create(&row).Error; err != nil {
		return translate(err)
	}
	doors := make([]visitorPassDoorRow, 0, len(pass.DoorIDs))
	for _, door := range pass.DoorIDs {
		doors = append(doors, visitorPassDoorRow{PassID: pass.ID, DoorID: door})
	}
	return translate(s.write(ctx).Create(&doors).Error)
}

// VisitorPass reads one pass; CodeNotFound when there is none.
func (s *Store) VisitorPass(ctx context.Context, id models.ID) (models.VisitorPass, error) {
	rows := []visitorPassRow{}
	if err := s.read(ctx).Where("id = ?", id).Limit(1).Find(&rows).Error; err != nil {
		return models.VisitorPass{}, translate(err)
	}
	passes, err := s.visitorPasses(ctx, rows)
	if err != nil || len(passes) == 0 {
		return models.VisitorPass{}, orNotFound(err)
	}
	return passes[0], nil
}

// VisitorPasses lists passes within sight, newest first. A state is compared at now.
func (s *Store) VisitorPasses(
	ctx context.Context, sights []models.Sight, state models.VisitorPassState, now time.Time, page Page,
) ([]models.VisitorPass, error) {
	base := func() *gorm.DB { return passesInState(s.read(ctx).Model(&visitorPassRow{}), state, millis(now)) }
	rows, err := sightPages(ctx, base, sights, visitorPassColumns, page, func(row visitorPassRow) models.ID { return row.ID })
	if err != nil {
		return nil, err
	}
	return s.visitorPasses(ctx, rows)
}

// passesInState says in SQL what models.VisitorPass.State says in Go.
func passesInState(query *gorm.DB, state models.VisitorPassState, now int64) *gorm.DB {
	if state == models.PassRevoked {
		return query.Where("revoked_at > 0")
	}
	switch state {
	case models.PassUsed:
		query = query.Where("uses >= max_uses")
	case models.PassExpired:
		query = query.Where("uses < max_uses AND ends_at <= ?", now)
	case models.PassUpcoming:
		query = query.Where("uses < max_uses AND ends_at > ? AND starts_at > ?", now, now)
	case models.PassActive:
		query = query.Where("uses < max_uses AND ends_at > ? AND starts_at <= ?", now, now)
	default:
		return query
	}
	return query.Where("revoked_at = 0")
}

// RevokeVisitorPass ends a pass; false when it was revoked before.
func (s *Store) RevokeVisitorPass(ctx context.Context, id models.ID, now time.Time) (bool, error) {
	done := s.write(ctx).Model(&visitorPassRow{}).Where("id = ? AND revoked_at = 0", id).Update("revoked_at", millis(now))
	return done.RowsAffected == 1, translate(done.Error)
}

func (row visitorPassRow) place() models.Place {
	return models.Place{
		Station: row.StationID, Compound: row.CompoundID, Building: row.BuildingID, Unit: row.UnitID, Home: row.HomeID,
	}
}

// visitorPasses turns rows into passes with their doors, in one query for all.
func (s *Store) visitorPasses(ctx context.Context, rows []visitorPassRow) ([]models.VisitorPass, error) {
	ids := make([]models.ID, 0, len(rows))
	for _, row := range rows {
		ids = append(ids, row.ID)
	}
	doorRows := []visitorPassDoorRow{}
	if len(ids) > 0 {
		if err := s.read(ctx).Where("pass_id IN ?", ids).Order("door_id").Find(&doorRows).Error; err != nil {
			return nil, translate(err)
		}
	}
	doors := map[models.ID][]models.ID{}
	for _, row := range doorRows {
		doors[row.PassID] = append(doors[row.PassID], row.DoorID)
	}
	passes := make([]models.VisitorPass, 0, len(rows))
	for _, row := range rows {
		name, err := s.openText(row.VisitorNameSealed, "visitor_passes.visitor_name", row.ID)
		if err != nil {
			return nil, err
		}
		plate, err := s.openText(row.PlateSealed, "visitor_passes.plate", row.ID)
		if err != nil {
			return nil, err
		}
		passes = append(passes, models.VisitorPass{
			ID: row.ID, Place: row.place(), HostID: row.HostID, VisitorName: name, Plate: plate,
			DoorIDs: doors[row.ID], CodeMAC: row.CodeMac, ExtensionMAC: row.ExtensionMac, StartsAt: instant(row.StartsAt), EndsAt: instant(row.EndsAt),
			MaxUses: row.MaxUses, Uses: row.Uses, RevokedAt: instant(row.RevokedAt), CreatedAt: instant(row.CreatedAt),
		})
	}
	return passes, nil
}
