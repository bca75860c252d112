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
	Kind              models.PassKind
	PlateMac          []byte
	GuestHash         []byte
	CodeSealed        []byte
	ListMacSealed     []byte
	SignedUntil       int64
	ConflictAt        int64
	ScheduleDays      int // bit 0 is Sunday
	ScheduleStart     int
	ScheduleLength    int
	GroupID           models.ID
	MaxGuests         int
	Guests            int
	ChangedAt         int64
	VisitStartedAt    int64
}

func (visitorPassRow) TableName() string { return "visitor_passes" }

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
		ListMacSealed:     s.sealListMAC(pass),
		SignedUntil:       millis(pass.SignedUntil),
		CodeMac:           pass.CodeMAC, ExtensionMac: pass.ExtensionMAC, StartsAt: millis(pass.StartsAt), EndsAt: millis(pass.EndsAt),
		MaxUses: pass.MaxUses, Uses: pass.Uses, RevokedAt: millis(pass.RevokedAt), CreatedAt: millis(pass.CreatedAt),
		Kind: pass.Kind, PlateMac: pass.PlateMAC, GuestHash: pass.GuestHash, CodeSealed: pass.CodeSealed,
		ScheduleDays: dayBits(pass.Times.Weekdays), ScheduleStart: pass.Times.StartMinute, ScheduleLength: pass.Times.LengthMinutes,
		GroupID: pass.GroupID, MaxGuests: pass.MaxGuests, Guests: pass.Guests, ChangedAt: millis(pass.ChangedAt),
		VisitStartedAt: millis(pass.VisitStartedAt),
	}
	if row.Kind == "" {
		row.Kind = models.KindByUses(pass.MaxUses)
	}
	if err := s.write(ctx).Create(&row).Error; err != nil {
		return translate(err)
	}
	doors := pass.Doors
	if len(doors) == 0 {
		for _, door := range pass.DoorIDs {
			doors = append(doors, models.PassDoorAt(models.Door{ID: door}, 1, pass.CreatedAt))
		}
	}
	return s.addPassDoors(ctx, pass.ID, doors)
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

// PassFilter narrows a list of passes; what is zero does not.
type PassFilter struct {
	State   models.VisitorPassState
	GroupID models.ID // the guests of one group
}

// VisitorPasses lists passes within sight, newest first. A state is compared at now.
func (s *Store) VisitorPasses(
	ctx context.Context, sights []models.Sight, filter PassFilter, now time.Time, page Page,
) ([]models.VisitorPass, error) {
	base := func() *gorm.DB {
		query := passesInState(s.read(ctx).Model(&visitorPassRow{}), filter.State, millis(now))
		if filter.GroupID != "" {
			query = query.Where("group_id = ?", filter.GroupID)
		}
		return query
	}
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

// RevokeVisitorPass ends a pass, and those of its guests; false when it was revoked before. What its page showed is gone.
// Controllers that hold the code are to let go of it: their doors are pending again.
func (s *Store) RevokeVisitorPass(ctx context.Context, id models.ID, now time.Time) (bool, error) {
	revoke := map[string]any{"revoked_at": millis(now), "code_sealed": nil, "list_mac_sealed": nil}
	done := s.write(ctx).Model(&visitorPassRow{}).Where("id = ? AND revoked_at = 0", id).Updates(revoke)
	if done.Error != nil || done.RowsAffected == 0 {
		return false, translate(done.Error)
	}
	guests, err := s.groupGuests(ctx, id)
	if err != nil {
		return false, err
	}
	if len(guests) > 0 {
		err := s.write(ctx).Model(&visitorPassRow{}).Where("id IN ? AND revoked_at = 0", guests).Updates(revoke).Error
		if err != nil {
			return false, translate(err)
		}
	}
	return true, s.unsettlePassDoors(ctx, append(guests, id), now)
}

// hoursNow is the schedule under which a pass may be used now; days is -1, which no row has, when it may not.
type hoursNow struct{ days, start, length int }

// passHours reads the pass behind a code with its station's time zone, and judges its hours.
func (s *Store) passHours(ctx context.Context, codeMAC []byte, now time.Time) (visitorPassRow, hoursNow, error) {
	rows := []struct {
		Pass     visitorPassRow `gorm:"embedded"`
		TimeZone string
	}{}
	err := s.read(ctx).Table("visitor_passes").Select("visitor_passes.*, stations.time_zone").
		Joins("JOIN stations ON stations.id = visitor_passes.station_id").
		Where("visitor_passes.code_mac = ?", codeMAC).Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return visitorPassRow{}, hoursNow{days: -1}, translate(err)
	}
	row := rows[0].Pass
	hours := hoursNow{row.ScheduleDays, row.ScheduleStart, row.ScheduleLength}
	if row.ScheduleDays != 0 {
		zone, err := time.LoadLocation(rows[0].TimeZone)
		if err != nil {
			return row, hours, err
		}
		if !row.times().Contain(now, zone) {
			hours.days = -1
		}
	}
	return row, hours, nil
}

func (row visitorPassRow) place() models.Place {
	return models.Place{
		Station: row.StationID, Compound: row.CompoundID, Building: row.BuildingID, Unit: row.UnitID, Home: row.HomeID,
	}
}

func (row visitorPassRow) times() models.PassTimes {
	return models.PassTimes{
		Weekdays: weekdaysOf(row.ScheduleDays), StartMinute: row.ScheduleStart, LengthMinutes: row.ScheduleLength,
	}
}

// visitorPasses turns rows into passes with their doors, in one query for all.
func (s *Store) visitorPasses(ctx context.Context, rows []visitorPassRow) ([]models.VisitorPass, error) {
	ids := make([]models.ID, 0, len(rows))
	for _, row := range rows {
		ids = append(ids, row.ID)
	}
	doors, err := s.passDoors(ctx, ids)
	if err != nil {
		return nil, err
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
			SignedUntil: instant(row.SignedUntil),
			ID:          row.ID, Place: row.place(), HostID: row.HostID, VisitorName: name, Plate: plate,
			DoorIDs: models.DoorsLeft(doors[row.ID]), Doors: doors[row.ID], CodeMAC: row.CodeMac, ExtensionMAC: row.ExtensionMac,
			StartsAt: instant(row.StartsAt), EndsAt: instant(row.EndsAt),
			MaxUses: row.MaxUses, Uses: row.Uses, RevokedAt: instant(row.RevokedAt), CreatedAt: instant(row.CreatedAt),
			Kind: row.Kind, PlateMAC: row.PlateMac, GuestHash: row.GuestHash, CodeSealed: row.CodeSealed, Times: row.times(),
			GroupID: row.GroupID, MaxGuests: row.MaxGuests, Guests: row.Guests, ChangedAt: instant(row.ChangedAt),
			VisitStartedAt: instant(row.VisitStartedAt),
		})
	}
	return passes, nil
}
