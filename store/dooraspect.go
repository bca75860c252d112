package store

import (
	"context"
	"time"

	"gorm.io/gorm/clause"

	"xunfang/models"
)

type doorAspectRow struct {
	SubjectID  models.ID         `gorm:"primaryKey"`
	Aspect     models.DoorAspect `gorm:"primaryKey"`
	DeviceID   models.ID
	Value      string
	Alarm      models.DoorAlarm
	Epoch      string
	Sequence   int64
	OccurredAt int64
	DueAt      int64
}

func (doorAspectRow) TableName() string { return "door_aspects" }

// DoorAspects lists what is known of doors and devices.
func (s *Store) DoorAspects(ctx context.Context, subjects []models.ID) ([]models.AspectState, error) {
	if len(subjects) == 0 {
		return nil, nil
	}
	rows := []doorAspectRow{}
	err := s.read(ctx).Where("subject_id IN ?", subjects).Order("subject_id, aspect").Find(&rows).Error
	return aspects(rows), translate(err)
}

// PutDoorAspects writes what is known now. The caller holds the lock of the device.
func (s *Store) PutDoorAspects(ctx context.Context, states []models.AspectState) error {
	rows := make([]doorAspectRow, 0, len(states))
	for _, state := range states {
		rows = append(rows, doorAspectRow{
			SubjectID: state.SubjectID, Aspect: state.Aspect, DeviceID: state.DeviceID, Value: state.Value, Alarm: state.Alarm,
			Epoch: state.Mark.Epoch, Sequence: state.Mark.Sequence, OccurredAt: millis(state.Mark.OccurredAt),
			DueAt: millis(state.DueAt),
		})
	}
	if len(rows) == 0 {
		return nil
	}
	return translate(s.write(ctx).Clauses(clause.OnConflict{UpdateAll: true}).Create(&rows).Error)
}

// DueDoors lists the leaves that have stood open too long, longest first; at most limit.
func (s *Store) DueDoors(ctx context.Context, now time.Time, limit int) ([]models.AspectState, error) {
	rows := []doorAspectRow{}
	err := s.read(ctx).Where("due_at > 0 AND due_at <= ?", millis(now)).Order("due_at").Limit(limit).Find(&rows).Error
	return aspects(rows), translate(err)
}

func aspects(rows []doorAspectRow) []models.AspectState {
	states := make([]models.AspectState, 0, len(rows))
	for _, row := range rows {
		states = append(states, models.AspectState{
			SubjectID: row.SubjectID, Aspect: row.Aspect, DeviceID: row.DeviceID, Value: row.Value, Alarm: row.Alarm,
			Mark:  models.DoorMark{Epoch: row.Epoch, Sequence: row.Sequence, OccurredAt: instant(row.OccurredAt)},
			DueAt: instant(row.DueAt),
		})
	}
	return states
}

// Controllers reads the devices of doors, by their ids.
func (s *Store) Controllers(ctx context.Context, doors []models.Door) (map[models.ID]models.Device, error) {
	ids, rows, found := []models.ID{}, []deviceRow{}, map[models.ID]models.Device{}
	for _, door := range doors {
		if door.DeviceID != "" {
			ids = append(ids, door.DeviceID)
		}
	}
	if len(ids) == 0 {
		return found, nil
	}
	if err := s.read(ctx).Where("id IN ?", ids).Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	devices, err := s.devices(ctx, rows)
	for _, device := range devices {
		found[device.ID] = device
	}
	return found, err
}
