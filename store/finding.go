package store

import (
	"context"
	"fmt"

	"xunfang/models"
)

type findingRow struct {
	ID                models.ID `gorm:"primaryKey"`
	OrderID           models.ID
	StationID         models.ID
	CompoundID        models.ID
	FinderID          models.ID
	Kind              models.FindingKind
	DescriptionSealed []byte
	Lat               *float64
	Lng               *float64
	AccuracyM         float64
	Crs               models.CRS
	IsMock            bool
	CheckpointID      models.ID
	RoundID           models.ID
	FoundAt           int64
	PhoneAt           int64
	ReceivedAt        int64
	State             models.FindingState
	DismissedReason   string
}

func (findingRow) TableName() string { return "findings" }

type findingMediaRow struct {
	FindingID models.ID `gorm:"primaryKey"`
	Ordinal   int       `gorm:"primaryKey;autoIncrement:false"`
	MediaID   models.ID
}

func (findingMediaRow) TableName() string { return "finding_media" }

type findingStepRow struct {
	FindingID  models.ID `gorm:"primaryKey"`
	Ordinal    int       `gorm:"primaryKey;autoIncrement:false"`
	State      models.FindingState
	ByID       models.ID `gorm:"column:by_id"`
	NoteSealed []byte
	At         int64
}

func (findingStepRow) TableName() string { return "finding_steps" }

// AddFindings writes new findings with their photos and first steps; CodeAlreadyExists when an id is taken.
// Unlike check-ins they are written at once: the alerts about them follow in the same transaction.
func (s *Store) AddFindings(ctx context.Context, findings []models.Finding) error {
	if len(findings) == 0 {
		return nil
	}
	rows, photos, steps := []findingRow{}, []findingMediaRow{}, []findingStepRow{}
	for _, finding := range findings {
		row := findingRow{
			ID: finding.ID, OrderID: finding.OrderID, StationID: finding.Place.Station, CompoundID: finding.Place.Compound,
			FinderID: finding.FinderID, Kind: finding.Kind,
			DescriptionSealed: s.sealText(finding.Description, "findings.description", finding.ID),
			CheckpointID:      finding.CheckpointID, RoundID: finding.RoundID, FoundAt: millis(finding.FoundAt),
			PhoneAt: millis(finding.PhoneAt), ReceivedAt: millis(finding.ReceivedAt), State: finding.State,
		}
		if fix := finding.Fix; fix != nil {
			row.Lat, row.Lng = &fix.Lat, &fix.Lng
			row.AccuracyM, row.Crs, row.IsMock = fix.AccuracyM, fix.ReportedCRS, fix.IsMock
		}
		rows = append(rows, row)
		for at, media := range finding.MediaIDs {
			photos = append(photos, findingMediaRow{FindingID: finding.ID, Ordinal: at + 1, MediaID: media})
		}
		steps = append(steps, findingStepRow{
			FindingID: finding.ID, Ordinal: 1, State: finding.State, ByID: finding.FinderID, At: millis(finding.ReceivedAt),
		})
	}
	if err := s.write(ctx).Create(&rows).Error; err != nil {
		return translate(err)
	}
	if err := s.write(ctx).Create(&steps).Error; err != nil || len(photos) == 0 {
		return translate(err)
	}
	return translate(s.write(ctx).Create(&photos).Error)
}

// AdvanceFinding moves a finding on from the state it was read in; CodeWrongState when somebody was first.
func (s *Store) AdvanceFinding(ctx context.Context, finding models.Finding, step models.FindingStep, reason string) error {
	done := s.write(ctx).Model(&findingRow{}).Where("id = ? AND state = ?", finding.ID, finding.State).
		Updates(map[string]any{"state": step.State, "dismissed_reason": reason})
	if done.Error != nil {
		return translate(done.Error)
	}
	if done.RowsAffected == 0 {
		return models.Fail(models.CodeWrongState)
	}
	ordinal := len(finding.Steps) + 1
	row := findingStepRow{
		FindingID: finding.ID, Ordinal: ordinal, State: step.State, ByID: step.ByID, At: millis(step.At),
		NoteSealed: s.sealText(step.Note, findingStepColumn(ordinal), finding.ID),
	}
	return translate(s.write(ctx).Create(&row).Error)
}

func findingStepColumn(ordinal int) string { return fmt.Sprintf("finding_steps.note.%d", ordinal) }

// Finding reads one finding; CodeNotFound when there is none.
func (s *Store) Finding(ctx context.Context, id models.ID) (models.Finding, error) {
	found, err := s.FindingsByID(ctx, []models.ID{id})
	if finding, is := found[id]; is || err != nil {
		return finding, err
	}
	return models.Finding{}, models.Fail(models.CodeNotFound)
}

// FindingsByID finds those of the ids that exist.
func (s *Store) FindingsByID(ctx context.Context, ids []models.ID) (map[models.ID]models.Finding, error) {
	rows := []findingRow{}
	if err := s.read(ctx).Where("id IN ?", ids).Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	findings, err := s.findings(ctx, rows)
	found := make(map[models.ID]models.Finding, len(findings))
	for _, finding := range findings {
		found[finding.ID] = finding
	}
	return found, err
}

// FindingsOfMedia finds the findings that a photo is attached to, at most 100.
func (s *Store) FindingsOfMedia(ctx context.Context, media models.ID) ([]models.Finding, error) {
	rows := []findingRow{}
	err := s.read(ctx).Where("id IN (?)", s.read(ctx).Model(&findingMediaRow{}).Select("finding_id").Where("media_id = ?", media)).
		Order("id").Limit(100).Find(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	return s.findings(ctx, rows)
}

// findings turns rows into findings with their photos and steps, in one query each.
func (s *Store) findings(ctx context.Context, rows []findingRow) ([]models.Finding, error) {
	if len(rows) == 0 {
		return []models.Finding{}, nil
	}
	ids := make([]models.ID, 0, len(rows))
	for _, row := range rows {
		ids = append(ids, row.ID)
	}
	photoRows, stepRows := []findingMediaRow{}, []findingStepRow{}
	if err := s.read(ctx).Where("finding_id IN ?", ids).Order("finding_id, ordinal").Find(&photoRows).Error; err != nil {
		return nil, translate(err)
	}
	if err := s.read(ctx).Where("finding_id IN ?", ids).Order("finding_id, ordinal").Find(&stepRows).Error; err != nil {
		return nil, translate(err)
	}
	photos, steps := map[models.ID][]models.ID{}, map[models.ID][]models.FindingStep{}
	for _, row := range photoRows {
		photos[row.FindingID] = append(photos[row.FindingID], row.MediaID)
	}
	for _, row := range stepRows {
		note, err := s.openText(row.NoteSealed, findingStepColumn(row.Ordinal), row.FindingID)
		if err != nil {
			return nil, err
		}
		steps[row.FindingID] = append(steps[row.FindingID],
			models.FindingStep{State: row.State, At: instant(row.At), ByID: row.ByID, Note: note})
	}
	findings := make([]models.Finding, 0, len(rows))
	for _, row := range rows {
		description, err := s.openText(row.DescriptionSealed, "findings.description", row.ID)
		if err != nil {
			return nil, err
		}
		findings = append(findings, models.Finding{
			ID: row.ID, OrderID: row.OrderID, Place: models.Place{Station: row.StationID, Compound: row.CompoundID},
			FinderID: row.FinderID, Kind: row.Kind, Description: description, CheckpointID: row.CheckpointID, RoundID: row.RoundID,
			Fix:     fixOf(row.Lat, row.Lng, row.AccuracyM, row.Crs, row.IsMock),
			FoundAt: instant(row.FoundAt), PhoneAt: instant(row.PhoneAt), ReceivedAt: instant(row.ReceivedAt), State: row.State,
			DismissedReason: row.DismissedReason, MediaIDs: photos[row.ID], Steps: steps[row.ID],
		})
	}
	return findings, nil
}
