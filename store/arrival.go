package store

import (
	"context"
	"fmt"
	"math"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"xunfang/models"
)

type arrivalRow struct {
	ID            models.ID `gorm:"primaryKey"`
	OrderID       models.ID
	StationID     models.ID
	CompoundID    models.ID
	DeviceID      models.ID
	Direction     string
	Lane          string
	MarkSealed    []byte
	Tag           bool
	VehicleID     models.ID
	OwnerID       models.ID
	LikeID        models.ID
	PassID        models.ID
	Decision      string
	Reason        models.BarrierReason
	Opened        bool
	OpenedWrongly bool
	Replayed      bool
	ReadCount     int
	LastSequence  int
	ReadAt        int64
	ReceivedAt    int64
	DecidedAt     int64
}

func (arrivalRow) TableName() string { return "arrivals" }

type plateReadRow struct {
	ArrivalID  models.ID `gorm:"primaryKey"`
	Sequence   int       `gorm:"primaryKey;autoIncrement:false"`
	MarkSealed []byte
	Tag        bool
	Confidence int // thousandths
	Decision   string
	Reason     models.BarrierReason
	ReadAt     int64
	ReceivedAt int64
	Replayed   bool
}

func (plateReadRow) TableName() string { return "plate_reads" }

// BeginArrival writes an arrival where there is none of its id, and keeps its row for this transaction. It gives the arrival as it
// stands: somebody else's, when the id is taken.
func (s *Store) BeginArrival(ctx context.Context, arrival models.Arrival) (models.Arrival, error) {
	row := s.arrivalRow(arrival)
	if err := s.write(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
		return arrival, translate(err)
	}
	return s.LockArrival(ctx, arrival.ID)
}

// LockArrival keeps an arrival's row for this transaction and reads it; CodeNotFound when there is none.
func (s *Store) LockArrival(ctx context.Context, id models.ID) (models.Arrival, error) {
	if err := lockRow(ctx, s, arrivalRow{}, id); err != nil {
		return models.Arrival{}, err
	}
	return s.Arrival(ctx, id)
}

func (s *Store) arrivalRow(arrival models.Arrival) arrivalRow {
	return arrivalRow{
		ID: arrival.ID, OrderID: arrival.OrderID, StationID: arrival.Place.Station, CompoundID: arrival.Place.Compound,
		DeviceID: arrival.DeviceID, Direction: arrival.Direction, Lane: arrival.Lane,
		MarkSealed: s.sealText(arrival.Mark, "arrivals.mark", arrival.ID), Tag: arrival.Tag, VehicleID: arrival.VehicleID,
		OwnerID: arrival.OwnerID, LikeID: arrival.LikeID, PassID: arrival.PassID, Decision: arrival.Decision, Reason: arrival.Reason,
		Opened: arrival.Opened, OpenedWrongly: arrival.OpenedWrongly, Replayed: arrival.Replayed, ReadCount: arrival.Reads,
		LastSequence: arrival.LastSequence, ReadAt: millis(arrival.ReadAt), ReceivedAt: millis(arrival.ReceivedAt),
		DecidedAt: millis(arrival.DecidedAt),
	}
}

// PutArrival writes an arrival as it stands now. Whoever read it took its lock before.
func (s *Store) PutArrival(ctx context.Context, arrival models.Arrival) error {
	row := s.arrivalRow(arrival)
	return translate(s.write(ctx).Save(&row).Error)
}

// AddPlateRead writes one reading; CodeAlreadyExists when its number is taken.
func (s *Store) AddPlateRead(ctx context.Context, read models.PlateRead) error {
	return translate(s.write(ctx).Create(&plateReadRow{
		ArrivalID: read.ArrivalID, Sequence: read.Sequence,
		MarkSealed: s.sealText(read.Mark, plateReadColumn(read.Sequence), read.ArrivalID), Tag: read.Tag,
		Confidence: int(math.Round(read.Confidence * 1000)), Decision: read.Decision, Reason: read.Reason,
		ReadAt: millis(read.ReadAt), ReceivedAt: millis(read.ReceivedAt), Replayed: read.Replayed,
	}).Error)
}

func plateReadColumn(sequence int) string { return fmt.Sprintf("plate_reads.mark.%d", sequence) }

// PlateRead reads one reading; CodeNotFound when there is none.
func (s *Store) PlateRead(ctx context.Context, arrival models.ID, sequence int) (models.PlateRead, error) {
	rows := []plateReadRow{}
	err := s.read(ctx).Where("arrival_id = ? AND sequence = ?", arrival, sequence).Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return models.PlateRead{}, orNotFound(translate(err))
	}
	row := rows[0]
	mark, err := s.openText(row.MarkSealed, plateReadColumn(row.Sequence), row.ArrivalID)
	return models.PlateRead{
		ArrivalID: row.ArrivalID, Sequence: row.Sequence, Mark: mark, Tag: row.Tag, Confidence: float64(row.Confidence) / 1000,
		Decision: row.Decision, Reason: row.Reason, ReadAt: instant(row.ReadAt), ReceivedAt: instant(row.ReceivedAt), Replayed: row.Replayed,
	}, err
}

// Arrival reads one arrival; CodeNotFound when there is none.
func (s *Store) Arrival(ctx context.Context, id models.ID) (models.Arrival, error) {
	rows := []arrivalRow{}
	if err := s.read(ctx).Where("id = ?", id).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return models.Arrival{}, orNotFound(translate(err))
	}
	return s.arrival(rows[0])
}

// HeldArrivals lists the arrivals that a vehicle is held at, since a time, for being locked; at most 20.
func (s *Store) HeldArrivals(ctx context.Context, vehicle models.ID, since time.Time) ([]models.Arrival, error) {
	rows := []arrivalRow{}
	err := s.read(ctx).Where("vehicle_id = ? AND order_id >= ?", vehicle, models.FirstIDAt(since.Add(-models.ArrivalLasts))).
		Where("decision = ? AND reason = ? AND read_at > ?", models.DecisionHold, models.BarrierLocked, millis(since)).
		Where("replayed = ?", false).Order("order_id").Limit(20).Find(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	return s.arrivals(rows)
}

// HoldsLocked says whether a barrier holds a locked vehicle that it read since a time.
func (s *Store) HoldsLocked(ctx context.Context, device models.ID, since time.Time) (bool, error) {
	count := int64(0)
	err := s.read(ctx).Model(&arrivalRow{}).
		Where("device_id = ? AND order_id >= ?", device, models.FirstIDAt(since.Add(-models.ArrivalLasts))).
		Where("decision = ? AND reason = ? AND read_at > ?", models.DecisionHold, models.BarrierLocked, millis(since)).
		Where("replayed = ?", false).Count(&count).Error
	return count > 0, translate(err)
}

// ArrivalFilter narrows a list of arrivals; empty fields do not. The times are those of the first reading's coming in.
type ArrivalFilter struct {
	Held      bool
	VehicleID models.ID
	From, To  time.Time
}

// Arrivals lists arrivals within sight, newest first.
func (s *Store) Arrivals(ctx context.Context, sights []models.Sight, filter ArrivalFilter, page Page) ([]models.Arrival, error) {
	base := func() *gorm.DB {
		query := s.read(ctx).Model(&arrivalRow{})
		if filter.Held {
			query = query.Where("decision = ?", models.DecisionHold)
		}
		if filter.VehicleID != "" {
			query = query.Where("vehicle_id = ?", filter.VehicleID)
		}
		return between(query, "order_id", filter.From, filter.To)
	}
	cols := columns{order: "order_id", newest: true, owner: "owner_id", compound: "compound_id"}
	rows, err := sightPages(ctx, base, sights, cols, page, func(row arrivalRow) models.ID { return row.OrderID })
	if err != nil {
		return nil, err
	}
	return s.arrivals(rows)
}

func (s *Store) arrivals(rows []arrivalRow) ([]models.Arrival, error) {
	arrivals := make([]models.Arrival, 0, len(rows))
	for _, row := range rows {
		arrival, err := s.arrival(row)
		if err != nil {
			return nil, err
		}
		arrivals = append(arrivals, arrival)
	}
	return arrivals, nil
}

func (s *Store) arrival(row arrivalRow) (models.Arrival, error) {
	mark, err := s.openText(row.MarkSealed, "arrivals.mark", row.ID)
	return models.Arrival{
		ID: row.ID, OrderID: row.OrderID, Place: models.Place{Station: row.StationID, Compound: row.CompoundID}, DeviceID: row.DeviceID,
		Direction: row.Direction, Lane: row.Lane, Mark: mark, Tag: row.Tag, VehicleID: row.VehicleID, OwnerID: row.OwnerID,
		LikeID: row.LikeID, PassID: row.PassID, Decision: row.Decision, Reason: row.Reason, Opened: row.Opened,
		OpenedWrongly: row.OpenedWrongly, Replayed: row.Replayed, Reads: row.ReadCount, LastSequence: row.LastSequence,
		ReadAt: instant(row.ReadAt), ReceivedAt: instant(row.ReceivedAt), DecidedAt: instant(row.DecidedAt),
	}, err
}

// forgetArrivals deletes arrivals of before a time with their readings.
func (s *Store) forgetArrivals(ctx context.Context, before time.Time) (int64, error) {
	aged := []models.ID{}
	err := s.read(ctx).Model(&arrivalRow{}).Where("order_id < ?", models.FirstIDAt(before)).
		Order("order_id").Limit(forgetBatch).Pluck("id", &aged).Error
	if err != nil || len(aged) == 0 {
		return 0, translate(err)
	}
	if _, err := s.erase(ctx, "DELETE FROM plate_reads WHERE arrival_id IN ?", aged); err != nil {
		return 0, err
	}
	return s.erase(ctx, "DELETE FROM arrivals WHERE id IN ?", aged)
}
