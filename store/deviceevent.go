package store

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"xunfang/models"
)

type deviceEventRow struct {
	ID         models.ID `gorm:"primaryKey"`
	StationID  models.ID
	CompoundID models.ID
	BuildingID models.ID
	UnitID     models.ID
	DoorID     models.ID
	DeviceID   models.ID
	Epoch      string
	Sequence   int64
	Kind       models.DoorEventKind
	Reason     string
	Lost       uint32
	OccurredAt int64
	ReceivedAt int64
	Replayed   bool
}

func (deviceEventRow) TableName() string { return "device_events" }

type deviceEpochRow struct {
	ID       models.ID `gorm:"primaryKey"`
	DeviceID models.ID
	Epoch    string
	Through  int64
	High     int64
	SeenAt   int64
}

func (deviceEpochRow) TableName() string { return "device_epochs" }

// KnownSequences tells which of the numbers have come from a device before. The caller holds the device's lock.
func (s *Store) KnownSequences(ctx context.Context, device models.ID, epoch string, numbers []int64) (map[int64]bool, error) {
	found, known := []int64{}, map[int64]bool{}
	err := s.read(ctx).Model(&deviceEventRow{}).
		Where("device_id = ? AND epoch = ? AND sequence IN ?", device, epoch, numbers).Pluck("sequence", &found).Error
	for _, number := range found {
		known[number] = true
	}
	return known, translate(err)
}

// AddDeviceEvents writes events, all of them new: CodeAlreadyExists when one is not.
func (s *Store) AddDeviceEvents(ctx context.Context, events []models.DeviceEvent) error {
	rows := make([]deviceEventRow, 0, len(events))
	for _, event := range events {
		rows = append(rows, deviceEventRow{
			ID: event.ID, StationID: event.Place.Station, CompoundID: event.Place.Compound, BuildingID: event.Place.Building,
			UnitID: event.Place.Unit, DoorID: event.DoorID, DeviceID: event.DeviceID, Epoch: event.Epoch, Sequence: event.Sequence,
			Kind: event.Kind, Reason: event.Reason, Lost: event.Missing, OccurredAt: millis(event.OccurredAt),
			ReceivedAt: millis(event.ReceivedAt), Replayed: event.Replayed,
		})
	}
	if len(rows) == 0 {
		return nil
	}
	return translate(s.write(ctx).Create(&rows).Error)
}

// DeviceEpoch reads how far a count has come; the zero one of a new count.
func (s *Store) DeviceEpoch(ctx context.Context, device models.ID, epoch string) (models.DeviceEpoch, error) {
	rows := []deviceEpochRow{}
	err := s.read(ctx).Where("device_id = ? AND epoch = ?", device, epoch).Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return models.DeviceEpoch{}, translate(err)
	}
	return models.DeviceEpoch{Through: rows[0].Through, High: rows[0].High}, nil
}

// PutDeviceEpoch writes how far a count has come; id is for a new one.
func (s *Store) PutDeviceEpoch(
	ctx context.Context, id, device models.ID, epoch string, count models.DeviceEpoch, now time.Time,
) error {
	row := deviceEpochRow{
		ID: id, DeviceID: device, Epoch: epoch, Through: count.Through, High: count.High, SeenAt: millis(now),
	}
	return translate(s.write(ctx).Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "device_id"}, {Name: "epoch"}},
		DoUpdates: clause.AssignmentColumns([]string{"through", "high", "seen_at"}),
	}).Create(&row).Error)
}

// SequencesBeyond lists the numbers of a count that have come beyond one; at most two windows.
func (s *Store) SequencesBeyond(ctx context.Context, device models.ID, epoch string, beyond int64) ([]int64, error) {
	numbers := []int64{}
	err := s.read(ctx).Model(&deviceEventRow{}).Where("device_id = ? AND epoch = ? AND sequence > ?", device, epoch, beyond).
		Order("sequence").Limit(2*models.DeviceEventsWindow).Pluck("sequence", &numbers).Error
	return numbers, translate(err)
}

// CountSequences tells how many numbers of a count have come in (after, through].
func (s *Store) CountSequences(ctx context.Context, device models.ID, epoch string, after, through int64) (int64, error) {
	count := int64(0)
	err := s.read(ctx).Model(&deviceEventRow{}).
		Where("device_id = ? AND epoch = ? AND sequence > ? AND sequence <= ?", device, epoch, after, through).Count(&count).Error
	return count, translate(err)
}

// DeviceHeard notes that a device was heard over HTTP.
func (s *Store) DeviceHeard(ctx context.Context, device models.ID, now time.Time) error {
	return translate(s.write(ctx).Model(&deviceRow{}).Where("id = ? AND last_seen_at < ?", device, millis(now)).
		Update("last_seen_at", millis(now)).Error)
}

// DoorEventFilter narrows a list of door events; empty fields do not. The times are those of arrival.
type DoorEventFilter struct {
	DoorID   models.ID
	DeviceID models.ID
	Kind     models.DoorEventKind
	Duress   bool // whether it is listed
	From, To time.Time
}

// DoorEvents lists what devices told within sight, newest first. Passages are access events, and not here.
func (s *Store) DoorEvents(
	ctx context.Context, sights []models.Sight, filter DoorEventFilter, page Page,
) ([]models.DeviceEvent, error) {
	hidden := []models.DoorEventKind{models.EventAccessGranted, models.EventAccessDenied, models.EventRefused}
	if !filter.Duress {
		hidden = append(hidden, models.EventDuress)
	}
	base := func() *gorm.DB {
		query := s.read(ctx).Model(&deviceEventRow{}).Where("kind NOT IN ?", hidden)
		if filter.DoorID != "" {
			query = query.Where("door_id = ?", filter.DoorID)
		}
		if filter.DeviceID != "" {
			query = query.Where("device_id = ?", filter.DeviceID)
		}
		if filter.Kind != "" {
			query = query.Where("kind = ?", filter.Kind)
		}
		return between(query, "id", filter.From, filter.To)
	}
	cols := columns{order: "id", newest: true, compound: "compound_id", building: "building_id", unit: "unit_id"}
	rows, err := sightPages(ctx, base, sights, cols, page, func(row deviceEventRow) models.ID { return row.ID })
	events := make([]models.DeviceEvent, 0, len(rows))
	for _, row := range rows {
		events = append(events, models.DeviceEvent{
			ID: row.ID, DeviceID: row.DeviceID, Epoch: row.Epoch, Sequence: row.Sequence,
			Place: models.Place{Station: row.StationID, Compound: row.CompoundID, Building: row.BuildingID, Unit: row.UnitID},
			DoorEvent: models.DoorEvent{
				DoorID: row.DoorID, Kind: row.Kind, Reason: row.Reason, Missing: row.Lost, OccurredAt: instant(row.OccurredAt),
				ReceivedAt: instant(row.ReceivedAt), Replayed: row.Replayed,
			},
		})
	}
	return events, err
}

// forgetEpochs deletes counts that nothing has come of for as long as events are kept.
func (s *Store) forgetEpochs(ctx context.Context, before time.Time) (int64, error) {
	aged := []models.ID{}
	err := s.read(ctx).Model(&deviceEpochRow{}).Where("seen_at < ?", millis(before)).Limit(forgetBatch).Pluck("id", &aged).Error
	if err != nil || len(aged) == 0 {
		return 0, translate(err)
	}
	return s.erase(ctx, "DELETE FROM device_epochs WHERE id IN ?", aged)
}
