package store

import (
	"context"
	"time"

	"gorm.io/gorm/clause"

	"xunfang/models"
)

type deviceHealthRow struct {
	DeviceID        models.ID `gorm:"primaryKey"`
	ReceivedAt      int64
	UptimeS         *int64
	BatteryPercent  *int
	SupplyMV        *int `gorm:"column:supply_mv"`
	DiskFreePercent *int
	TemperatureC    *int
}

func (deviceHealthRow) TableName() string { return "device_health" }

// DeviceArrived notes what a device says at the broker. A connection begins with a nonce that is not the last one's, or
// after the last one ended. A disabled device is not heard: an external broker may not know yet.
func (s *Store) DeviceArrived(ctx context.Context, device models.ID, hello models.DeviceHello, now time.Time) error {
	begun := s.write(ctx).Model(&deviceRow{}).
		Where("id = ? AND disabled_at = 0 AND (session_nonce <> ? OR online = ? OR connected_at = 0)", device, hello.Nonce, false).
		Update("connected_at", millis(now))
	if begun.Error != nil {
		return translate(begun.Error)
	}
	return translate(s.write(ctx).Model(&deviceRow{}).Where("id = ? AND disabled_at = 0", device).Updates(map[string]any{
		"session_nonce": hello.Nonce, "online": true, "last_seen_at": millis(now),
		"firmware": hello.Firmware, "clock_drift_ms": models.Drift(hello.At, now).Milliseconds(),
	}).Error)
}

// DescribeDevice writes what a device says of itself; what it does not say stays as it was known.
func (s *Store) DescribeDevice(ctx context.Context, device models.ID, about models.DeviceAbout) error {
	changes := map[string]any{}
	if about.Firmware != "" {
		changes["firmware"] = about.Firmware
	}
	if about.Model != "" {
		changes["model"] = about.Model
	}
	if about.ClockDrift != nil {
		changes["clock_drift_ms"] = about.ClockDrift.Milliseconds()
	}
	if len(changes) > 0 {
		if err := s.write(ctx).Model(&deviceRow{}).Where("id = ?", device).Updates(changes).Error; err != nil {
			return translate(err)
		}
	}
	if health := about.Health; health != nil {
		row := deviceHealthRow{
			DeviceID: device, ReceivedAt: millis(health.ReceivedAt), UptimeS: health.UptimeS, BatteryPercent: health.BatteryPercent,
			SupplyMV: health.SupplyMV, DiskFreePercent: health.DiskFreePercent, TemperatureC: health.TemperatureC,
		}
		return translate(s.write(ctx).Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error)
	}
	return nil
}

// deviceHealth reads what devices last reported.
func (s *Store) deviceHealth(ctx context.Context, devices []models.ID) (map[models.ID]*models.DeviceHealth, error) {
	rows, found := []deviceHealthRow{}, map[models.ID]*models.DeviceHealth{}
	if len(devices) == 0 {
		return found, nil
	}
	err := s.read(ctx).Where("device_id IN ?", devices).Find(&rows).Error
	for _, row := range rows {
		found[row.DeviceID] = &models.DeviceHealth{
			ReceivedAt: instant(row.ReceivedAt), UptimeS: row.UptimeS, BatteryPercent: row.BatteryPercent,
			SupplyMV: row.SupplyMV, DiskFreePercent: row.DiskFreePercent, TemperatureC: row.TemperatureC,
		}
	}
	return found, translate(err)
}

func (r deviceRow) about(health *models.DeviceHealth) models.DeviceAbout {
	about := models.DeviceAbout{Firmware: r.Firmware, Model: r.Model, ConnectedAt: instant(r.ConnectedAt), Health: health}
	if !r.Online {
		about.ConnectedAt = time.Time{}
	}
	if r.ClockDriftMS != nil {
		drift := time.Duration(*r.ClockDriftMS) * time.Millisecond
		about.ClockDrift = &drift
	}
	return about
}
