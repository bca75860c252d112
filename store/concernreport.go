package store

import (
	"context"
	"math"
	"time"

	"gorm.io/gorm"

	"xunfang/models"
)

type concernReportRow struct {
	ID            models.ID `gorm:"primaryKey"`
	OrderID       models.ID
	StationID     models.ID
	CompoundID    models.ID
	BuildingID    models.ID
	UnitID        models.ID
	HomeID        models.ID
	DeviceID      models.ID
	SourceID      models.ID
	Kind          models.ConcernReportKind
	Terminal      string
	OccurredAt    int64
	ReceivedAt    int64
	Confidence    int
	PictureSealed []byte
	State         models.ConcernReportState
	SeenAt        int64
	DecidedBy     models.ID
	DecidedAt     int64
	ReasonSealed  []byte
	ForgetAt      int64
	PictureUntil  int64 // 0 where there is no picture, or no more
	BodyHash      []byte
}

func (concernReportRow) TableName() string { return "concern_reports" }

// AddConcernReport writes a report; CodeAlreadyExists when its id is taken.
func (s *Store) AddConcernReport(ctx context.Context, report models.ConcernReport) error {
	row := concernReportRow{
		ID: report.ID, OrderID: report.OrderID, StationID: report.Place.Station, CompoundID: report.Place.Compound,
		BuildingID: report.Place.Building, UnitID: report.Place.Unit, HomeID: report.Place.Home, DeviceID: report.DeviceID,
		SourceID: report.SourceID, Kind: report.Kind, Terminal: report.Terminal, OccurredAt: millis(report.OccurredAt),
		ReceivedAt: millis(report.ReceivedAt), Confidence: -1, State: report.State, ForgetAt: millis(report.ForgetAt()),
		PictureSealed: s.sealText(report.Picture, "concern_reports.picture", report.ID), BodyHash: report.BodyHash,
	}
	if report.Confidence != nil {
		row.Confidence = int(math.Round(*report.Confidence * 1000))
	}
	if report.Picture != "" {
		row.PictureUntil = millis(report.ReceivedAt.Add(models.ConcernPictureKept))
	}
	return translate(s.write(ctx).Create(&row).Error)
}

// ConcernReport reads one report; CodeNotFound when there is none, or none any more.
func (s *Store) ConcernReport(ctx context.Context, id models.ID, now time.Time) (models.ConcernReport, error) {
	rows := []concernReportRow{}
	err := s.read(ctx).Where("id = ? AND forget_at > ?", id, millis(now)).Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return models.ConcernReport{}, orNotFound(translate(err))
	}
	return s.concernReport(rows[0])
}

// ConcernReports lists reports within sight that are not to be gone by now, newest first.
func (s *Store) ConcernReports(
	ctx context.Context, sights []models.Sight, state models.ConcernReportState, now time.Time, page Page,
) ([]models.ConcernReport, error) {
	base := func() *gorm.DB {
		query := s.read(ctx).Model(&concernReportRow{}).Where("forget_at > ?", millis(now))
		if state != "" {
			query = query.Where("state = ?", state)
		}
		return query
	}
	cols := columns{
		order: "order_id", newest: true, compound: "compound_id", building: "building_id", unit: "unit_id", home: "home_id",
	}
	rows, err := sightPages(ctx, base, sights, cols, page, func(row concernReportRow) models.ID { return row.OrderID })
	if err != nil {
		return nil, err
	}
	reports := make([]models.ConcernReport, 0, len(rows))
	for _, row := range rows {
		report, err := s.concernReport(row)
		if err != nil {
			return nil, err
		}
		reports = append(reports, report)
	}
	return reports, nil
}

// SeeConcernReport notes when somebody first read a report alone.
func (s *Store) SeeConcernReport(ctx context.Context, id models.ID, now time.Time) error {
	return translate(s.write(ctx).Model(&concernReportRow{}).Where("id = ? AND seen_at = 0", id).
		Update("seen_at", millis(now)).Error)
}

// DecideConcernReport writes the decision that a report carries, once; false when somebody was first.
func (s *Store) DecideConcernReport(ctx context.Context, report models.ConcernReport) (bool, error) {
	done := s.write(ctx).Model(&concernReportRow{}).
		Where("id = ? AND state = ? AND forget_at > ?", report.ID, models.ReportOpen, millis(report.DecidedAt)).
		Updates(map[string]any{
			"state": report.State, "decided_by": report.DecidedBy, "decided_at": millis(report.DecidedAt),
			"reason_sealed": s.sealText(report.Reason, "concern_reports.reason", report.ID), "forget_at": millis(report.ForgetAt()),
		})
	return done.RowsAffected == 1, translate(done.Error)
}

func (s *Store) concernReport(row concernReportRow) (models.ConcernReport, error) {
	report := models.ConcernReport{
		ID: row.ID, OrderID: row.OrderID,
		Place: models.Place{
			Station: row.StationID, Compound: row.CompoundID, Building: row.BuildingID, Unit: row.UnitID, Home: row.HomeID,
		},
		DeviceID: row.DeviceID, SourceID: row.SourceID, Kind: row.Kind, Terminal: row.Terminal, OccurredAt: instant(row.OccurredAt),
		ReceivedAt: instant(row.ReceivedAt), State: row.State, SeenAt: instant(row.SeenAt), DecidedBy: row.DecidedBy,
		DecidedAt: instant(row.DecidedAt), BodyHash: row.BodyHash,
	}
	if row.Confidence >= 0 {
		confidence := float64(row.Confidence) / 1000
		report.Confidence = &confidence
	}
	var err error
	if report.Picture, err = s.openText(row.PictureSealed, "concern_reports.picture", row.ID); err != nil {
		return report, err
	}
	report.Reason, err = s.openText(row.ReasonSealed, "concern_reports.reason", row.ID)
	return report, err
}
