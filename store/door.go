package store

import (
	"context"
	"strings"

	"gorm.io/gorm"

	"xunfang/models"
)

type doorRow struct {
	ID         models.ID `gorm:"primaryKey"`
	StationID  models.ID
	CompoundID models.ID
	BuildingID models.ID
	UnitID     models.ID
	DeviceID   models.ID
	Name       string
	Kind       models.DoorKind
	Ways       string // with commas
	CreatedAt  int64  `gorm:"autoCreateTime:false"`
}

func (doorRow) TableName() string { return "doors" }

// AddDoor writes a new door.
func (s *Store) AddDoor(ctx context.Context, door models.Door) error {
	row := newDoorRow(door)
	return translate(s.write(ctx).Create(&row).Error)
}

func newDoorRow(door models.Door) doorRow {
	return doorRow{
		ID: door.ID, StationID: door.Place.Station, CompoundID: door.Place.Compound, BuildingID: door.Place.Building,
		UnitID: door.Place.Unit, DeviceID: door.DeviceID, Name: door.Name, Kind: door.Kind, CreatedAt: millis(door.CreatedAt),
		Ways: strings.Join(models.WaysOrDefault(door.Ways), ","),
	}
}

// SetDoorWays writes the ways through a door.
func (s *Store) SetDoorWays(ctx context.Context, door models.ID, ways []string) error {
	return translate(s.write(ctx).Model(&doorRow{}).Where("id = ?", door).
		Update("ways", strings.Join(models.WaysOrDefault(ways), ",")).Error)
}

// Door reads one door; CodeNotFound when there is none.
func (s *Store) Door(ctx context.Context, id models.ID) (models.Door, error) {
	rows := []doorRow{}
	if err := s.read(ctx).Where("id = ?", id).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return models.Door{}, orNotFound(translate(err))
	}
	doors, err := s.doors(ctx, rows)
	if err != nil {
		return models.Door{}, err
	}
	return doors[0], nil
}

// Doors lists doors within sight, by id; all compounds when compound is "".
func (s *Store) Doors(ctx context.Context, sights []models.Sight, compound models.ID, page Page) ([]models.Door, error) {
	base := func() *gorm.DB {
		query := s.read(ctx).Model(&doorRow{})
		if compound != "" {
			query = query.Where("compound_id = ?", compound)
		}
		return query
	}
	cols := columns{
		order: "id", owner: "device_id", compound: "compound_id", building: "building_id", unit: "unit_id",
	}
	rows, err := sightPages(ctx, base, sights, cols, page, func(row doorRow) models.ID { return row.ID })
	if err != nil {
		return nil, err
	}
	return s.doors(ctx, rows)
}

// CompoundDoors lists all doors of a compound, for finding those on a way; at most 2,000.
func (s *Store) CompoundDoors(ctx context.Context, compound models.ID) ([]models.Door, error) {
	rows := []doorRow{}
	if err := s.read(ctx).Where("compound_id = ?", compound).Order("id").Limit(2000).Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	return s.doors(ctx, rows)
}

// doors turns rows into doors and adds whether their controllers are online and how they are reached,
// in one query for all of each.
func (s *Store) doors(ctx context.Context, rows []doorRow) ([]models.Door, error) {
	devices := []models.ID{}
	for _, row := range rows {
		if row.DeviceID != "" {
			devices = append(devices, row.DeviceID)
		}
	}
	online := map[models.ID]bool{}
	holds, err := s.codeHolders(ctx, devices)
	if err != nil {
		return nil, err
	}
	if len(devices) > 0 {
		ids := []models.ID{}
		err := s.read(ctx).Model(&deviceRow{}).Where("id IN ? AND online = ? AND disabled_at = 0", devices, true).Pluck("id", &ids).Error
		if err != nil {
			return nil, translate(err)
		}
		for _, id := range ids {
			online[id] = true
		}
	}
	drivers, err := s.drivers(ctx, devices)
	if err != nil {
		return nil, err
	}
	doors := make([]models.Door, 0, len(rows))
	for _, row := range rows {
		door := row.door()
		door.Online, door.HoldsCodes, door.Driver = online[row.DeviceID], holds[row.DeviceID], drivers[row.DeviceID]
		doors = append(doors, door)
	}
	return doors, nil
}

// door is what the row itself says; nothing of its controller.
func (row doorRow) door() models.Door {
	return models.Door{
		ID: row.ID, Name: row.Name, Kind: row.Kind, DeviceID: row.DeviceID, CreatedAt: instant(row.CreatedAt), Ways: strings.Split(row.Ways, ","),
		Place: models.Place{Station: row.StationID, Compound: row.CompoundID, Building: row.BuildingID, Unit: row.UnitID},
	}
}
