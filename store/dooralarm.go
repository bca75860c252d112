package store

import (
	"context"
	"time"

	"gorm.io/gorm/clause"

	"xunfang/models"
)

type doorAlarmRow struct {
	ID         models.ID `gorm:"primaryKey"`
	StationID  models.ID
	CompoundID models.ID
	BuildingID models.ID
	UnitID     models.ID
	SubjectID  models.ID
	DoorID     models.ID
	DeviceID   models.ID
	Kind       models.DoorEventKind
	Standing   *string
	BeganAt    int64
	EndedAt    int64
	AlertID    models.ID
	ToldAt     int64
	Told       int
	AgainAt    int64
}

func (doorAlarmRow) TableName() string { return "door_alarms" }

// AddDoorAlarm writes a new occurrence; false when one of its kind stands there already.
func (s *Store) AddDoorAlarm(ctx context.Context, alarm models.DoorAlarmEvent) (bool, error) {
	row := doorAlarmRow{
		ID: alarm.ID, StationID: alarm.Place.Station, CompoundID: alarm.Place.Compound, BuildingID: alarm.Place.Building,
		UnitID: alarm.Place.Unit, SubjectID: alarm.SubjectID, DoorID: alarm.DoorID, DeviceID: alarm.DeviceID, Kind: alarm.Kind,
		BeganAt: millis(alarm.BeganAt), EndedAt: millis(alarm.EndedAt), AlertID: alarm.AlertID, ToldAt: millis(alarm.ToldAt),
		Told: alarm.Told, AgainAt: millis(alarm.AgainAt),
	}
	if alarm.EndedAt.IsZero() {
		standing := string(alarm.SubjectID) + "/" + string(alarm.Kind)
		row.Standing = &standing
	}
	err := translate(s.write(ctx).Create(&row).Error) // MySQL counts a row that it leaves alone, too: only the error tells
	if models.CodeOf(err) == models.CodeAlreadyExists {
		return false, nil
	}
	return err == nil, err
}

// DoorAlarmTold tells when an alarm of a kind was last told; the zero time for never.
func (s *Store) DoorAlarmTold(ctx context.Context, subject models.ID, kind models.DoorEventKind) (time.Time, error) {
	told := []int64{}
	err := s.read(ctx).Model(&doorAlarmRow{}).Where("subject_id = ? AND kind = ?", subject, kind).
		Order("told_at DESC").Limit(1).Pluck("told_at", &told).Error
	if err != nil || len(told) == 0 {
		return time.Time{}, translate(err)
	}
	return instant(told[0]), nil
}

// EndDoorAlarms ends those of the kinds that stand.
func (s *Store) EndDoorAlarms(ctx context.Context, subject models.ID, kinds []models.DoorEventKind, at time.Time) error {
	standing := make([]string, 0, len(kinds))
	for _, kind := range kinds {
		standing = append(standing, string(subject)+"/"+string(kind))
	}
	return translate(s.write(ctx).Model(&doorAlarmRow{}).Where("standing IN ?", standing).
		Updates(map[string]any{"standing": nil, "ended_at": millis(at), "again_at": 0}).Error)
}

// DueDoorAlarms lists those that are to be told again; at most limit.
func (s *Store) DueDoorAlarms(ctx context.Context, now time.Time, limit int) ([]models.DoorAlarmEvent, error) {
	rows := []doorAlarmRow{}
	err := s.read(ctx).Where("again_at > 0 AND again_at <= ?", millis(now)).Order("again_at").Limit(limit).Find(&rows).Error
	return doorAlarms(rows), translate(err)
}

// RetellDoorAlarm notes that an alarm is told again, or no more; false when somebody was quicker, or it has ended.
func (s *Store) RetellDoorAlarm(ctx context.Context, alarm models.DoorAlarmEvent, was time.Time) (bool, error) {
	done := s.write(ctx).Model(&doorAlarmRow{}).Where("id = ? AND again_at = ?", alarm.ID, millis(was)).Updates(map[string]any{
		"alert_id": alarm.AlertID, "told": alarm.Told, "told_at": millis(alarm.ToldAt), "again_at": millis(alarm.AgainAt),
	})
	return done.RowsAffected == 1, translate(done.Error)
}

func doorAlarms(rows []doorAlarmRow) []models.DoorAlarmEvent {
	alarms := make([]models.DoorAlarmEvent, 0, len(rows))
	for _, row := range rows {
		alarms = append(alarms, models.DoorAlarmEvent{
			ID: row.ID, SubjectID: row.SubjectID, DoorID: row.DoorID, DeviceID: row.DeviceID, Kind: row.Kind,
			Place:   models.Place{Station: row.StationID, Compound: row.CompoundID, Building: row.BuildingID, Unit: row.UnitID},
			BeganAt: instant(row.BeganAt), EndedAt: instant(row.EndedAt), AlertID: row.AlertID, ToldAt: instant(row.ToldAt),
			Told: row.Told, AgainAt: instant(row.AgainAt),
		})
	}
	return alarms
}

type doorAlarmSettingsRow struct {
	DoorID    models.ID `gorm:"primaryKey"`
	HeldOpenS int64
}

func (doorAlarmSettingsRow) TableName() string { return "door_alarm_settings" }

// PutDoorAlarmSettings writes a door's settings.
func (s *Store) PutDoorAlarmSettings(ctx context.Context, settings models.DoorAlarmSettings) error {
	row := doorAlarmSettingsRow{DoorID: settings.DoorID, HeldOpenS: int64(settings.HeldOpen / time.Second)}
	return translate(s.write(ctx).Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error)
}

// HeldOpen tells how long each of the doors may stand open.
func (s *Store) HeldOpen(ctx context.Context, doors []models.ID) (map[models.ID]time.Duration, error) {
	held, rows := map[models.ID]time.Duration{}, []doorAlarmSettingsRow{}
	if len(doors) == 0 {
		return held, nil
	}
	err := s.read(ctx).Where("door_id IN ?", doors).Find(&rows).Error
	for _, door := range doors {
		held[door] = models.HeldOpenDefault
	}
	for _, row := range rows {
		held[row.DoorID] = time.Duration(row.HeldOpenS) * time.Second
	}
	return held, translate(err)
}
