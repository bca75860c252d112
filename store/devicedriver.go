package store

import (
	"context"
	"time"

	"gorm.io/gorm/clause"

	"xunfang/models"
)

type deviceDriverRow struct {
	DeviceID          models.ID `gorm:"primaryKey"`
	StationID         models.ID
	Kind              models.DriverKind
	SerialNumber      int64
	AddressSealed     []byte
	UserSealed        []byte
	SecretSealed      []byte
	CertificateSHA256 string `gorm:"column:certificate_sha256"`
}

func (deviceDriverRow) TableName() string { return "device_drivers" }

type doorChannelRow struct {
	DoorID   models.ID `gorm:"primaryKey"`
	DeviceID models.ID
	Number   int
	Contact  bool
}

func (doorChannelRow) TableName() string { return "door_channels" }

type deviceCursorRow struct {
	DeviceID   models.ID `gorm:"primaryKey"`
	EventIndex int64
	OccurredAt int64
	Lost       int64
	LostAt     int64
}

func (deviceCursorRow) TableName() string { return "device_cursors" }

// SetDeviceDriver writes how a device is reached and which relays its doors are; our own protocol leaves nothing.
func (s *Store) SetDeviceDriver(ctx context.Context, device models.Device) error {
	if err := s.write(ctx).Where("device_id = ?", device.ID).Delete(&doorChannelRow{}).Error; err != nil {
		return translate(err)
	}
	if device.Driver.Ours() {
		return translate(s.write(ctx).Where("device_id = ?", device.ID).Delete(&deviceDriverRow{}).Error)
	}
	row := s.newDeviceDriverRow(device)
	if err := s.write(ctx).Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error; err != nil {
		return translate(err)
	}
	doors, rows := []models.ID{}, []doorChannelRow{}
	for _, channel := range device.Driver.Channels {
		doors = append(doors, channel.DoorID)
		rows = append(rows, doorChannelRow{DoorID: channel.DoorID, DeviceID: device.ID, Number: channel.Number, Contact: channel.Contact})
	}
	if len(rows) == 0 {
		return nil
	}
	// A door that was another device's before: that one has let go of it.
	if err := s.write(ctx).Where("door_id IN ?", doors).Delete(&doorChannelRow{}).Error; err != nil {
		return translate(err)
	}
	return translate(s.write(ctx).Create(&rows).Error)
}

func (s *Store) newDeviceDriverRow(device models.Device) deviceDriverRow {
	driver := device.Driver
	return deviceDriverRow{
		DeviceID: device.ID, StationID: device.Place.Station, Kind: driver.Kind, SerialNumber: int64(driver.SerialNumber),
		AddressSealed: s.sealText(models.Secret(driver.Address), "device_drivers.address", device.ID),
		UserSealed:    s.sealText(models.Secret(driver.User), "device_drivers.user", device.ID),
		SecretSealed:  s.sealText(driver.Secret, "device_drivers.secret", device.ID), CertificateSHA256: driver.CertificateSHA256,
	}
}

// DrivenDevices lists the devices of other makers that are switched on; at most limit.
func (s *Store) DrivenDevices(ctx context.Context, limit int) ([]models.Device, error) {
	rows := []deviceRow{}
	err := s.read(ctx).Where("disabled_at = 0 AND id IN (SELECT device_id FROM device_drivers)").Order("id").Limit(limit).Find(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	return s.devices(ctx, rows)
}

// drivers reads how devices are reached; those of our own protocol are left out.
func (s *Store) drivers(ctx context.Context, devices []models.ID) (map[models.ID]models.DeviceDriver, error) {
	rows, found := []deviceDriverRow{}, map[models.ID]models.DeviceDriver{}
	if len(devices) == 0 {
		return found, nil
	}
	if err := s.read(ctx).Where("device_id IN ?", devices).Find(&rows).Error; err != nil || len(rows) == 0 {
		return found, translate(err)
	}
	channels := []doorChannelRow{}
	// Only the channels of doors that are the device's still: another device may have been fitted to one since.
	err := s.read(ctx).Where("device_id IN ? AND EXISTS (SELECT 1 FROM doors WHERE doors.id = door_channels.door_id"+
		" AND doors.device_id = door_channels.device_id)", devices).Order("number").Find(&channels).Error
	if err != nil {
		return nil, translate(err)
	}
	for _, row := range rows {
		driver, err := s.driver(row)
		if err != nil {
			return nil, err
		}
		for _, channel := range channels {
			if channel.DeviceID == row.DeviceID {
				driver.Channels = append(driver.Channels, models.DoorChannel{
					DoorID: channel.DoorID, Number: channel.Number, Contact: channel.Contact,
				})
			}
		}
		found[row.DeviceID] = driver
	}
	return found, nil
}

func (s *Store) driver(row deviceDriverRow) (models.DeviceDriver, error) {
	driver := models.DeviceDriver{
		Kind: row.Kind, SerialNumber: uint32(row.SerialNumber), CertificateSHA256: row.CertificateSHA256, //nolint:gosec // written from one
	}
	address, err := s.openText(row.AddressSealed, "device_drivers.address", row.DeviceID)
	if err != nil {
		return driver, err
	}
	user, err := s.openText(row.UserSealed, "device_drivers.user", row.DeviceID)
	if err != nil {
		return driver, err
	}
	driver.Address, driver.User = address.Reveal(), user.Reveal()
	driver.Secret, err = s.openText(row.SecretSealed, "device_drivers.secret", row.DeviceID)
	return driver, err
}

// cursors reads how far the events of devices have been taken.
func (s *Store) cursors(ctx context.Context, devices []models.ID) (map[models.ID]models.DeviceCursor, error) {
	rows, found := []deviceCursorRow{}, map[models.ID]models.DeviceCursor{}
	if err := s.read(ctx).Where("device_id IN ?", devices).Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	for _, row := range rows {
		found[row.DeviceID] = models.DeviceCursor{
			Mark: models.DoorEventMark{Index: uint32(row.EventIndex), OccurredAt: instant(row.OccurredAt)}, //nolint:gosec // written from one
			Lost: row.Lost, LostAt: instant(row.LostAt),
		}
	}
	return found, nil
}

// DeviceCursor reads how far the events of one device have been taken; zero when none was.
func (s *Store) DeviceCursor(ctx context.Context, device models.ID) (models.DeviceCursor, error) {
	found, err := s.cursors(ctx, []models.ID{device})
	return found[device], err
}

// SetDeviceCursor notes how far the events of a device have been taken.
func (s *Store) SetDeviceCursor(ctx context.Context, device models.ID, cursor models.DeviceCursor) error {
	row := deviceCursorRow{
		DeviceID: device, EventIndex: int64(cursor.Mark.Index), OccurredAt: millis(cursor.Mark.OccurredAt),
		Lost: cursor.Lost, LostAt: millis(cursor.LostAt),
	}
	return translate(s.write(ctx).Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error)
}

// ForgetDeviceCursor begins anew: the numbers of the last board mean nothing to another one.
func (s *Store) ForgetDeviceCursor(ctx context.Context, device models.ID) error {
	return translate(s.write(ctx).Where("device_id = ?", device).Delete(&deviceCursorRow{}).Error)
}

// DeviceSeen notes whether a device of another maker answered.
func (s *Store) DeviceSeen(ctx context.Context, device models.ID, online bool, now time.Time) error {
	changes := map[string]any{"online": online}
	if online {
		changes["last_seen_at"] = millis(now)
	}
	return translate(s.write(ctx).Model(&deviceRow{}).Where("id = ? AND disabled_at = 0", device).Updates(changes).Error)
}

// NoteDoorCommandReason keeps why a command did not open its door.
func (s *Store) NoteDoorCommandReason(ctx context.Context, id models.ID, reason string) error {
	return translate(s.write(ctx).Model(&doorCommandRow{}).Where("id = ?", id).Update("reason", reason).Error)
}

// ClaimRemoteOpening gives the hardware's own record of a remote opening to the access event that was written when its
// command ended, in that span; false when there is none that has no record yet. One record, one event.
func (s *Store) ClaimRemoteOpening(ctx context.Context, event models.AccessEvent, from, to time.Time) (bool, error) {
	ids := []models.ID{}
	err := s.read(ctx).Model(&accessEventRow{}).
		Where("id >= ? AND id < ? AND door_id = ? AND way = ? AND outcome = ? AND command_id <> '' AND device_event_id IS NULL",
			models.FirstIDAt(from), models.FirstIDAt(to), event.DoorID, models.WayRemote, models.AccessGranted).
		Order("id").Limit(1).Pluck("id", &ids).Error
	if err != nil || len(ids) == 0 {
		return false, translate(err)
	}
	done := s.write(ctx).Model(&accessEventRow{}).Where("id = ? AND device_event_id IS NULL", ids[0]).
		Update("device_event_id", event.DeviceEventID)
	return done.RowsAffected == 1, translate(done.Error)
}
