package store

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"xunfang/models"
)

type sosPositionRow struct {
	SosID      models.ID `gorm:"primaryKey"`
	At         int64     `gorm:"primaryKey;autoIncrement:false"`
	Lat        float64
	Lng        float64
	AccuracyM  float64
	Crs        models.CRS
	FixedAt    int64
	PhoneAt    int64
	ReceivedAt int64
}

func (sosPositionRow) TableName() string { return "sos_positions" }

// AddSOSPositions writes where the caller was while the call is open, what the phone recorded at one instant once; of all
// the newest models.SOSTrailLength stay. CodeWrongState when the call has ended meanwhile.
func (s *Store) AddSOSPositions(ctx context.Context, sos models.ID, positions []models.SOSPosition, now time.Time) error {
	done := s.write(ctx).Model(&sosRow{}).Where("id = ? AND ended_at = 0", sos).
		Updates(map[string]any{"version": gorm.Expr("version + 1"), "changed_at": millis(now)})
	if done.Error != nil {
		return translate(done.Error)
	}
	if done.RowsAffected == 0 {
		return models.Fail(models.CodeWrongState)
	}
	if len(positions) == 0 {
		return nil
	}
	known, err := s.recordedSOS(ctx, sos, positions)
	if err != nil {
		return err
	}
	rows := make([]sosPositionRow, 0, len(positions))
	for _, position := range positions {
		if recorded := millis(position.PhoneAt); !known[recorded] {
			known[recorded] = true
			rows = append(rows, sosPositionRow{
				SosID: sos, At: millis(position.At), Lat: position.Lat, Lng: position.Lng, AccuracyM: position.AccuracyM,
				Crs: position.ReportedCRS, FixedAt: millis(position.FixedAt), PhoneAt: recorded, ReceivedAt: millis(now),
			})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	if err := s.write(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&rows).Error; err != nil {
		return translate(err)
	}
	return s.shortenSOS(ctx, sos)
}

// recordedSOS says which of the positions are there already: corrected anew with each request, a repeat is known by what
// the phone's own clock said.
func (s *Store) recordedSOS(ctx context.Context, sos models.ID, positions []models.SOSPosition) (map[int64]bool, error) {
	wanted, found, known := make([]int64, 0, len(positions)), []int64{}, map[int64]bool{}
	for _, position := range positions {
		wanted = append(wanted, millis(position.PhoneAt))
	}
	err := s.read(ctx).Model(&sosPositionRow{}).Where("sos_id = ? AND phone_at IN ?", sos, wanted).Pluck("phone_at", &found).Error
	for _, at := range found {
		known[at] = true
	}
	return known, translate(err)
}

// shortenSOS deletes the oldest positions beyond models.SOSTrailLength, no more than forgetBatch at once.
func (s *Store) shortenSOS(ctx context.Context, sos models.ID) error {
	over := []int64{}
	err := s.read(ctx).Model(&sosPositionRow{}).Where("sos_id = ?", sos).Order("at DESC").
		Offset(models.SOSTrailLength).Limit(forgetBatch).Pluck("at", &over).Error
	if err != nil || len(over) == 0 {
		return translate(err)
	}
	return translate(s.write(ctx).Exec("DELETE FROM sos_positions WHERE sos_id = ? AND at IN ?", sos, over).Error)
}

// SOSPositions gives where the caller was, the newest first, at most limit.
func (s *Store) SOSPositions(ctx context.Context, sos models.ID, limit int) ([]models.SOSPosition, error) {
	rows := []sosPositionRow{}
	if err := s.read(ctx).Where("sos_id = ?", sos).Order("at DESC").Limit(limit).Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	trail := make([]models.SOSPosition, 0, len(rows))
	for _, row := range rows {
		fix := *fixOf(&row.Lat, &row.Lng, row.AccuracyM, row.Crs, false)
		fix.FixedAt = instant(row.FixedAt)
		trail = append(trail, models.SOSPosition{At: instant(row.At), PhoneAt: instant(row.PhoneAt), Fix: fix, MonotonicMS: -1})
	}
	return trail, nil
}

// forgetSOS deletes where callers were, a day after their call has ended, and calls and timers that ended long ago: of
// each table no more than forgetBatch rows at once, and a call when nothing is left that belongs to it.
func (s *Store) forgetSOS(ctx context.Context, now time.Time) (int64, error) {
	touched := int64(0)
	for _, part := range []struct {
		table, key string
		before     time.Time
	}{
		{"sos_positions", "at", now.Add(-models.SOSTrailKept)},
		{"sos_helpers", "person_id", now.Add(-models.AlertKept)},
		{"sos_calls", "id", now.Add(-models.AlertKept)},
	} {
		gone, err := s.forgetPart(ctx, part.table, part.key, part.before)
		touched += gone
		if err != nil {
			return touched, err
		}
	}
	for _, table := range []string{"sos", "welfare_timers"} {
		query := s.read(ctx).Table(table).Where("ended_at > 0 AND ended_at <= ?", millis(now.Add(-models.AlertKept)))
		if table == "sos" {
			for _, part := range []string{"sos_positions", "sos_helpers", "sos_calls"} {
				query = query.Where("NOT EXISTS (SELECT 1 FROM " + part + " WHERE " + part + ".sos_id = sos.id)")
			}
		}
		ended := []models.ID{}
		if err := query.Order("ended_at").Limit(forgetBatch).Pluck("id", &ended).Error; err != nil {
			return touched, translate(err)
		}
		if len(ended) == 0 {
			continue
		}
		gone, err := s.erase(ctx, "DELETE FROM "+table+" WHERE id IN ?", ended)
		touched += gone
		if err != nil {
			return touched, err
		}
	}
	return touched, nil
}

// forgetPart deletes what belongs to one call that ended at or before an instant; key tells its rows apart.
func (s *Store) forgetPart(ctx context.Context, table, key string, before time.Time) (int64, error) {
	calls, keys := []models.ID{}, []string{}
	err := s.read(ctx).Model(&sosRow{}).Where("ended_at > 0 AND ended_at <= ?", millis(before)).
		Where("EXISTS (SELECT 1 FROM "+table+" WHERE "+table+".sos_id = sos.id)").
		Order("ended_at").Limit(1).Pluck("id", &calls).Error
	if err != nil || len(calls) == 0 {
		return 0, translate(err)
	}
	err = s.read(ctx).Table(table).Where("sos_id = ?", calls[0]).Limit(forgetBatch).Pluck(key, &keys).Error
	if err != nil || len(keys) == 0 {
		return 0, translate(err)
	}
	return s.erase(ctx, "DELETE FROM "+table+" WHERE sos_id = ? AND "+key+" IN ?", calls[0], keys)
}
