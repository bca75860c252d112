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
	ReceivedAt int64
}

func (sosPositionRow) TableName() string { return "sos_positions" }

// SOSPosition is where the caller was at one instant of an open call.
type SOSPosition struct {
	models.Fix
	At time.Time
}

// AddSOSPositions writes where the caller was while the call is open, each instant once; CodeWrongState when it has
// ended meanwhile.
func (s *Store) AddSOSPositions(ctx context.Context, sos models.ID, positions []SOSPosition, now time.Time) error {
	done := s.write(ctx).Model(&sosRow{}).Where("id = ? AND ended_at = 0", sos).
		Updates(map[string]any{"version": gorm.Expr("version + 1"), "changed_at": millis(now)})
	if done.Error != nil {
		return translate(done.Error)
	}
	if done.RowsAffected == 0 {
		return models.Fail(models.CodeWrongState)
	}
	rows := make([]sosPositionRow, 0, len(positions))
	for _, position := range positions {
		rows = append(rows, sosPositionRow{
			SosID: sos, At: millis(position.At), Lat: position.Lat, Lng: position.Lng, AccuracyM: position.AccuracyM,
			Crs: position.ReportedCRS, ReceivedAt: millis(now),
		})
	}
	if len(rows) == 0 {
		return nil
	}
	return translate(s.write(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&rows).Error)
}

// SOSPositions gives where the caller was, the newest first, at most limit.
func (s *Store) SOSPositions(ctx context.Context, sos models.ID, limit int) ([]SOSPosition, error) {
	rows := []sosPositionRow{}
	if err := s.read(ctx).Where("sos_id = ?", sos).Order("at DESC").Limit(limit).Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	trail := make([]SOSPosition, 0, len(rows))
	for _, row := range rows {
		trail = append(trail, SOSPosition{At: instant(row.At), Fix: *fixOf(&row.Lat, &row.Lng, row.AccuracyM, row.Crs, false)})
	}
	return trail, nil
}

// forgetSOS deletes where callers were, a day after their call has ended, and calls and timers that ended long ago.
func (s *Store) forgetSOS(ctx context.Context, now time.Time) (int64, error) {
	trails, calls, timers := []models.ID{}, []models.ID{}, []models.ID{}
	err := s.read(ctx).Model(&sosRow{}).Where("ended_at > 0 AND ended_at <= ?", millis(now.Add(-models.SOSTrailKept))).
		Where("EXISTS (SELECT 1 FROM sos_positions WHERE sos_positions.sos_id = sos.id)").Limit(20).Pluck("id", &trails).Error
	if err != nil {
		return 0, translate(err)
	}
	err = s.read(ctx).Model(&sosRow{}).Where("ended_at > 0 AND ended_at <= ?", millis(now.Add(-models.AlertKept))).
		Order("ended_at").Limit(20).Pluck("id", &calls).Error
	if err != nil {
		return 0, translate(err)
	}
	err = s.read(ctx).Model(&welfareRow{}).Where("ended_at > 0 AND ended_at <= ?", millis(now.Add(-models.AlertKept))).
		Order("ended_at").Limit(forgetBatch).Pluck("id", &timers).Error
	if err != nil {
		return 0, translate(err)
	}
	touched := int64(0)
	for _, piece := range []struct {
		table, column string
		ids           []models.ID
	}{
		{"sos_positions", "sos_id", trails},
		{"sos_helpers", "sos_id", calls},
		{"sos_calls", "sos_id", calls},
		{"sos", "id", calls},
		{"welfare_timers", "id", timers},
	} {
		if len(piece.ids) == 0 {
			continue
		}
		rows, err := s.erase(ctx, "DELETE FROM "+piece.table+" WHERE "+piece.column+" IN ?", piece.ids)
		if err != nil {
			return touched, err
		}
		touched += rows
	}
	return touched, nil
}
