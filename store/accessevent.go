package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"xunfang/models"
)

type accessEventRow struct {
	ID            models.ID `gorm:"primaryKey"`
	StationID     models.ID
	CompoundID    models.ID
	BuildingID    models.ID
	UnitID        models.ID
	DoorID        models.ID
	PersonID      models.ID
	OccurredAt    int64
	ReceivedAt    int64
	Way           string
	Outcome       string
	PassID        models.ID
	CommandID     models.ID
	Conflict      bool
	DeviceEventID *models.ID // NULL, not "", so that it can be unique
}

func (accessEventRow) TableName() string { return "access_events" }

// AddAccessEvent writes an event at the commit, together with those of other callers.
// A repeat of a device's event must be looked for first with HasDeviceEvent.
func (s *Store) AddAccessEvent(event models.AccessEvent) {
	row := accessEventRow{
		ID: event.ID, StationID: event.Place.Station, CompoundID: event.Place.Compound,
		BuildingID: event.Place.Building, UnitID: event.Place.Unit, DoorID: event.DoorID,
		PersonID: event.PersonID, OccurredAt: millis(event.OccurredAt), ReceivedAt: millis(event.ReceivedAt),
		Way: event.Way, Outcome: event.Outcome, PassID: event.PassID, CommandID: event.CommandID,
		Conflict: event.Conflict,
	}
	if event.DeviceEventID != "" {
		row.DeviceEventID = &event.DeviceEventID
	}
	later(s, row)
}

// HasDeviceEvent says whether a device's event is already known.
func (s *Store) HasDeviceEvent(ctx context.Context, id models.ID) (bool, error) {
	count := int64(0)
	err := s.read(ctx).Model(&accessEventRow{}).Where("device_event_id = ?", id).Count(&count).Error
	return count > 0, translate(err)
}

// AccessEventFilter narrows a list of access events; empty fields do not. The times are those of arrival.
type AccessEventFilter struct {
	DoorID   models.ID
	Way      string
	Outcome  string
	From, To time.Time
}

// AccessEvents lists access events within sight, newest first.
func (s *Store) AccessEvents(
	ctx context.Context, sights []models.Sight, filter AccessEventFilter, page Page,
) ([]models.AccessEvent, error) {
	base := func() *gorm.DB {
		query := s.read(ctx).Model(&accessEventRow{})
		if filter.DoorID != "" {
			query = query.Where("door_id = ?", filter.DoorID)
		}
		if filter.Way != "" {
			query = query.Where("way = ?", filter.Way)
		}
		if filter.Outcome != "" {
			query = query.Where("outcome = ?", filter.Outcome)
		}
		return between(query, "id", filter.From, filter.To)
	}
	cols := columns{order: "id", newest: true, owner: "person_id", compound: "compound_id", building: "building_id", unit: "unit_id"}
	rows, err := sightPages(ctx, base, sights, cols, page, func(row accessEventRow) models.ID { return row.ID })
	events := make([]models.AccessEvent, 0, len(rows))
	for _, row := range rows {
		event := models.AccessEvent{
			ID: row.ID, DoorID: row.DoorID,
			Place:    models.Place{Station: row.StationID, Compound: row.CompoundID, Building: row.BuildingID, Unit: row.UnitID},
			PersonID: row.PersonID, OccurredAt: instant(row.OccurredAt), ReceivedAt: instant(row.ReceivedAt),
			Way: row.Way, Outcome: row.Outcome, PassID: row.PassID, CommandID: row.CommandID,
			Conflict: row.Conflict,
		}
		if row.DeviceEventID != nil {
			event.DeviceEventID = *row.DeviceEventID
		}
		events = append(events, event)
	}
	return events, err
}
