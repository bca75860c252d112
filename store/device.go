package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"xunfang/models"
)

type deviceRow struct {
	ID           models.ID `gorm:"primaryKey"`
	StationID    models.ID
	CompoundID   models.ID
	Name         string
	Kind         string
	SecretHash   []byte
	SessionNonce string
	Online       bool
	LastSeenAt   int64
	Demo         bool
	DisabledAt   int64

	OldSecretHash  []byte
	OldSecretUntil int64
	Firmware       string
	Model          string
	ConnectedAt    int64
	ClockDriftMS   *int64 `gorm:"column:clock_drift_ms"`
	HoldsCodes     bool   `gorm:"->"` // see SetDeviceHoldsCodes

	CreatedAt int64 `gorm:"autoCreateTime:false"`
}

func (deviceRow) TableName() string { return "devices" }

// AddDevice writes a new device and fits it to its doors.
func (s *Store) AddDevice(ctx context.Context, device models.Device) error {
	row := newDeviceRow(device)
	if err := s.write(ctx).Create(&row).Error; err != nil {
		return translate(err)
	}
	if err := s.FitDevice(ctx, device.ID, device.DoorIDs); err != nil || device.Driver.Ours() {
		return err
	}
	return s.SetDeviceDriver(ctx, device)
}

// UpdateDevice writes what is changed here and not by the device: name, secrets, disabled.
func (s *Store) UpdateDevice(ctx context.Context, device models.Device) error {
	return translate(s.write(ctx).Model(&deviceRow{}).Where("id = ?", device.ID).Updates(map[string]any{
		"name": device.Name, "secret_hash": device.SecretHash, "disabled_at": millis(device.DisabledAt),
		"old_secret_hash": device.OldSecret.Hash, "old_secret_until": millis(device.OldSecret.Until),
	}).Error)
}

// FitDevice makes the doors, and no others, the device's own.
func (s *Store) FitDevice(ctx context.Context, device models.ID, doors []models.ID) error {
	err := s.write(ctx).Model(&doorRow{}).Where("device_id = ?", device).Update("device_id", models.ID("")).Error
	if err != nil || len(doors) == 0 {
		return translate(err)
	}
	return translate(s.write(ctx).Model(&doorRow{}).Where("id IN ?", doors).Update("device_id", device).Error)
}

// DeviceLeft notes that the connection with the nonce ended; a newer connection stays, and one that was given up already
// is not heard once more by its will.
func (s *Store) DeviceLeft(ctx context.Context, device models.ID, nonce string, now time.Time) error {
	return translate(s.write(ctx).Model(&deviceRow{}).Where("id = ? AND session_nonce = ? AND online = ?", device, nonce, true).
		Updates(map[string]any{"online": false, "last_seen_at": millis(now)}).Error)
}

// Device reads one device with its doors; CodeNotFound when there is none.
func (s *Store) Device(ctx context.Context, id models.ID) (models.Device, error) {
	rows := []deviceRow{}
	if err := s.read(ctx).Where("id = ?", id).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return models.Device{}, orNotFound(translate(err))
	}
	devices, err := s.devices(ctx, rows)
	if err != nil {
		return models.Device{}, err
	}
	return devices[0], nil
}

// DeviceFilter narrows a list of devices; empty fields do not.
type DeviceFilter struct {
	Compound models.ID
	Kind     string
	Firmware string
	Online   *bool
}

// Devices lists devices within sight, by id.
func (s *Store) Devices(ctx context.Context, sights []models.Sight, filter DeviceFilter, page Page) ([]models.Device, error) {
	base := func() *gorm.DB {
		query := s.read(ctx).Model(&deviceRow{})
		if filter.Compound != "" {
			query = query.Where("compound_id = ?", filter.Compound)
		}
		if filter.Kind != "" {
			query = query.Where("kind = ?", filter.Kind)
		}
		if filter.Firmware != "" {
			query = query.Where("firmware = ?", filter.Firmware)
		}
		if filter.Online != nil {
			query = query.Where("online = ?", *filter.Online)
		}
		return query
	}
	rows, err := sightPages(ctx, base, sights, columns{order: "id", compound: "compound_id"}, page,
		func(row deviceRow) models.ID { return row.ID })
	if err != nil {
		return nil, err
	}
	return s.devices(ctx, rows)
}

func newDeviceRow(device models.Device) deviceRow {
	return deviceRow{
		ID: device.ID, StationID: device.Place.Station, CompoundID: device.Place.Compound, Name: device.Name,
		Kind: device.Kind, SecretHash: device.SecretHash, SessionNonce: device.SessionNonce, Online: device.Online,
		LastSeenAt: millis(device.LastSeenAt), Demo: device.Demo,
		DisabledAt: millis(device.DisabledAt), CreatedAt: millis(device.CreatedAt),
	}
}

// devices turns rows into devices with their doors and drivers, in one query for all of each.
func (s *Store) devices(ctx context.Context, rows []deviceRow) ([]models.Device, error) {
	ids := make([]models.ID, 0, len(rows))
	for _, row := range rows {
		ids = append(ids, row.ID)
	}
	doors, fitted := []doorRow{}, map[models.ID][]models.ID{}
	if len(ids) > 0 {
		if err := s.read(ctx).Where("device_id IN ?", ids).Order("id").Find(&doors).Error; err != nil {
			return nil, translate(err)
		}
	}
	for _, door := range doors {
		fitted[door.DeviceID] = append(fitted[door.DeviceID], door.ID)
	}
	drivers, err := s.drivers(ctx, ids)
	if err != nil {
		return nil, err
	}
	health, err := s.deviceHealth(ctx, ids)
	if err != nil {
		return nil, err
	}
	cursors := map[models.ID]models.DeviceCursor{}
	if len(drivers) > 0 {
		if cursors, err = s.cursors(ctx, ids); err != nil {
			return nil, err
		}
	}
	keepers := []models.ID{} // of lists: most devices have none, and are read often
	for _, row := range rows {
		if row.HoldsCodes {
			keepers = append(keepers, row.ID)
		}
	}
	lists, err := s.listTimes(ctx, keepers)
	if err != nil {
		return nil, err
	}
	devices := make([]models.Device, 0, len(rows))
	for _, row := range rows {
		devices = append(devices, models.Device{
			ID: row.ID, Place: models.Place{Station: row.StationID, Compound: row.CompoundID}, Name: row.Name,
			Kind: row.Kind, SecretHash: row.SecretHash, SessionNonce: row.SessionNonce, Online: row.Online,
			LastSeenAt: instant(row.LastSeenAt), DoorIDs: fitted[row.ID], Demo: row.Demo,
			DisabledAt: instant(row.DisabledAt), CreatedAt: instant(row.CreatedAt),
			Driver: drivers[row.ID], Cursor: cursors[row.ID], OldSecret: row.oldSecret(), About: row.about(health[row.ID]),
			List: lists[row.ID],
		})
	}
	return devices, nil
}
