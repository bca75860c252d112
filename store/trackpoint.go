package store

import (
	"context"
	"time"

	"xunfang/models"
)

type trackPointRow struct {
	PersonID   models.ID `gorm:"primaryKey"`
	At         int64     `gorm:"primaryKey;autoIncrement:false"`
	StationID  models.ID
	RoundID    models.ID
	Lat        float64
	Lng        float64
	AccuracyM  float64
	SpeedMps   *float64
	Crs        models.CRS
	Source     models.TrackSource
	PhoneAt    int64
	ReceivedAt int64
}

func (trackPointRow) TableName() string { return "track_points" }

// AddTrackPoints writes positions at the commit; one of the same person and millisecond must not exist yet.
func (s *Store) AddTrackPoints(points []models.TrackPoint) {
	s.tracksChangeCoverage(points)
	for _, point := range points {
		later(s, trackPointRow{
			PersonID: point.PersonID, At: millis(point.At), StationID: point.StationID, RoundID: point.RoundID,
			Lat: point.Lat, Lng: point.Lng, AccuracyM: point.AccuracyM, SpeedMps: point.SpeedMps, Crs: point.ReportedCRS,
			Source: point.Source, PhoneAt: millis(point.PhoneAt), ReceivedAt: millis(point.ReceivedAt),
		})
	}
}

// TrackPoints gives a person's positions in [from, to) by time, at most limit.
func (s *Store) TrackPoints(ctx context.Context, person models.ID, from, to time.Time, limit int) ([]models.TrackPoint, error) {
	rows := []trackPointRow{}
	err := s.read(ctx).Where("person_id = ? AND at >= ? AND at < ?", person, millis(from), millis(to)).
		Order("at").Limit(limit).Find(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	points := make([]models.TrackPoint, 0, len(rows))
	for _, row := range rows {
		points = append(points, models.TrackPoint{
			PersonID: row.PersonID, StationID: row.StationID, RoundID: row.RoundID, At: instant(row.At),
			PhoneAt: instant(row.PhoneAt), ReceivedAt: instant(row.ReceivedAt), Source: row.Source, SpeedMps: row.SpeedMps,
			Fix: models.Fix{
				Position: models.Position{Lat: row.Lat, Lng: row.Lng}, ReportedCRS: row.Crs, AccuracyM: row.AccuracyM,
			},
		})
	}
	return points, nil
}
