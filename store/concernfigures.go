package store

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"xunfang/models"
)

type concernFiguresRow struct {
	StationID models.ID `gorm:"primaryKey"`
	Month     string    `gorm:"primaryKey"`
	DeviceID  models.ID `gorm:"primaryKey"`
	Reports   int
	Late      int
	Refused   int
	Confirmed int
	Dismissed int
	Expired   int
}

func (concernFiguresRow) TableName() string { return "concern_figures" }

// CountConcern adds to the figures of a device in a month. They hold numbers and nothing of any report.
func (s *Store) CountConcern(ctx context.Context, station models.ID, more models.ConcernFigures) error {
	row := concernFiguresRow{StationID: station, Month: more.Month, DeviceID: more.DeviceID}
	if err := s.write(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
		return translate(err)
	}
	plus := func(column string, count int) any { return gorm.Expr(column+" + ?", count) }
	return translate(s.write(ctx).Model(&concernFiguresRow{}).
		Where("station_id = ? AND month = ? AND device_id = ?", station, more.Month, more.DeviceID).
		Updates(map[string]any{
			"reports": plus("reports", more.Reports), "late": plus("late", more.Late), "refused": plus("refused", more.Refused),
			"confirmed": plus("confirmed", more.Confirmed), "dismissed": plus("dismissed", more.Dismissed),
			"expired": plus("expired", more.Expired),
		}).Error)
}

// ConcernFigures reads a station's figures of a month, by device.
func (s *Store) ConcernFigures(ctx context.Context, station models.ID, month string, limit int) ([]models.ConcernFigures, error) {
	rows := []concernFiguresRow{}
	err := s.read(ctx).Where("station_id = ? AND month = ?", station, month).Order("device_id").Limit(limit).Find(&rows).Error
	found := make([]models.ConcernFigures, 0, len(rows))
	for _, row := range rows {
		found = append(found, models.ConcernFigures{
			DeviceID: row.DeviceID, Month: row.Month, Reports: row.Reports, Late: row.Late, Refused: row.Refused,
			Confirmed: row.Confirmed, Dismissed: row.Dismissed, Expired: row.Expired,
		})
	}
	return found, translate(err)
}

// DueConcernReports lists reports whose time is over, as little of them as their figures need.
func (s *Store) DueConcernReports(ctx context.Context, now time.Time, limit int) ([]models.ConcernReport, error) {
	rows := []concernReportRow{}
	err := s.read(ctx).Select("id, station_id, device_id, state, received_at").Where("forget_at <= ?", millis(now)).
		Order("forget_at").Limit(limit).Find(&rows).Error
	due := make([]models.ConcernReport, 0, len(rows))
	for _, row := range rows {
		due = append(due, models.ConcernReport{
			ID: row.ID, Place: models.Place{Station: row.StationID}, DeviceID: row.DeviceID, State: row.State,
			ReceivedAt: instant(row.ReceivedAt),
		})
	}
	return due, translate(err)
}

// ForgetConcernReport deletes a report whose time is over; false when another replica has, or when it was decided meanwhile.
func (s *Store) ForgetConcernReport(ctx context.Context, id models.ID, now time.Time) (bool, error) {
	done := s.write(ctx).Where("id = ? AND forget_at <= ?", id, millis(now)).Delete(&concernReportRow{})
	return done.RowsAffected == 1, translate(done.Error)
}

// ForgetConcernPictures erases a bounded number of references whose time is over, and tells how many of each station.
func (s *Store) ForgetConcernPictures(ctx context.Context, now time.Time, limit int) (map[models.ID]int, error) {
	rows, counts := []concernReportRow{}, map[models.ID]int{}
	err := s.read(ctx).Select("id, station_id").Where("picture_until > 0 AND picture_until <= ?", millis(now)).
		Order("picture_until").Limit(limit).Find(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	for _, row := range rows {
		done := s.write(ctx).Model(&concernReportRow{}).Where("id = ? AND picture_until > 0", row.ID).
			Updates(map[string]any{"picture_sealed": nil, "picture_until": 0})
		if done.Error != nil {
			return nil, translate(done.Error)
		}
		counts[row.StationID] += int(done.RowsAffected)
	}
	return counts, nil
}
