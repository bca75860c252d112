package store

import (
	"context"
	"time"

	"xunfang/models"
)

// SilentDevices lists the devices that were last heard at a time or before and of which no silence stands; longest first,
// at most limit. There is no index for it: devices are few, and each is heard every minute.
func (s *Store) SilentDevices(ctx context.Context, before time.Time, limit int) ([]models.ID, error) {
	ids := []models.ID{}
	err := s.read(ctx).Model(&deviceRow{}).
		Where("disabled_at = 0 AND last_seen_at > 0 AND last_seen_at <= ? AND NOT EXISTS (SELECT 1 FROM door_alarms"+
			" WHERE door_alarms.subject_id = devices.id AND door_alarms.kind = ? AND door_alarms.standing IS NOT NULL)",
			millis(before), models.EventSilent).
		Order("last_seen_at, id").Limit(limit).Pluck("id", &ids).Error
	return ids, translate(err)
}

// BrokenSilences lists the silences that stand of devices that were heard since, or are disabled; at most limit.
func (s *Store) BrokenSilences(ctx context.Context, limit int) ([]models.DoorAlarmEvent, error) {
	rows := []doorAlarmRow{}
	err := s.read(ctx).Where("kind = ? AND standing IS NOT NULL AND EXISTS (SELECT 1 FROM devices"+
		" WHERE devices.id = door_alarms.subject_id AND (devices.last_seen_at > door_alarms.began_at OR devices.disabled_at > 0))",
		models.EventSilent).Order("id").Limit(limit).Find(&rows).Error
	return doorAlarms(rows), translate(err)
}

// EndDoorAlarm ends one occurrence, once: false when it had ended.
func (s *Store) EndDoorAlarm(ctx context.Context, id models.ID, at time.Time) (bool, error) {
	done := s.write(ctx).Model(&doorAlarmRow{}).Where("id = ? AND standing IS NOT NULL", id).
		Updates(map[string]any{"standing": nil, "ended_at": millis(at), "again_at": 0})
	return done.RowsAffected == 1, translate(done.Error)
}

// DeviceLost notes that a device is away although its connection never ended.
func (s *Store) DeviceLost(ctx context.Context, device models.ID) error {
	return translate(s.write(ctx).Model(&deviceRow{}).Where("id = ?", device).Update("online", false).Error)
}
