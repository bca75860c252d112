package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"xunfang/models"
)

type tipRow struct {
	ID                models.ID `gorm:"primaryKey"`
	OrderID           models.ID
	StationID         models.ID
	CompoundID        models.ID
	ReporterID        models.ID
	Category          string
	DescriptionSealed []byte
	Lat               *float64
	Lng               *float64
	AccuracyM         float64
	Crs               models.CRS
	OccurredAt        int64
	ReceivedAt        int64
	State             models.TipState
	ClosedReason      string
	BodyHash          []byte
	Reporting         models.Reporting
	CategoryVersion   int
	IsPublic          bool
	AnswersSealed     []byte
}

func (tipRow) TableName() string { return "tips" }

type tipMediaRow struct {
	MediaID models.ID `gorm:"primaryKey"`
	TipID   models.ID
	Ordinal int
}

func (tipMediaRow) TableName() string { return "tip_media" }

type tipStepRow struct {
	TipID      models.ID `gorm:"primaryKey"`
	Ordinal    int       `gorm:"primaryKey;autoIncrement:false"`
	State      models.TipState
	ByID       models.ID `gorm:"column:by_id"`
	NoteSealed []byte
	At         int64
}

func (tipStepRow) TableName() string { return "tip_steps" }

// AddTip writes a new tip with its photos and first step; CodeAlreadyExists when the id,
// or one of the photos, is taken.
func (s *Store) AddTip(ctx context.Context, tip models.Tip) error {
	row := tipRow{
		ID: tip.ID, OrderID: tip.OrderID, StationID: tip.Place.Station, CompoundID: tip.Place.Compound,
		ReporterID: tip.ReporterID, Category: tip.Category,
		DescriptionSealed: s.sealText(tip.Description, "tips.description", tip.ID),
		OccurredAt:        millis(tip.OccurredAt), ReceivedAt: millis(tip.ReceivedAt), State: tip.State, BodyHash: tip.BodyHash,
		Reporting: tip.Reporting, CategoryVersion: max(1, tip.CategoryVersion), IsPublic: tip.Public,
	}
	var err error
	if row.AnswersSealed, err = s.sealAnswers(tip); err != nil {
		return err
	}
	if tip.Reporting == "" {
		row.Reporting = models.ReportingNamed
	}
	if tip.Reporting == models.ReportingAnonymous {
		row.DescriptionSealed = []byte{} // the text is in the sealed content alone
	}
	if tip.Fix != nil {
		row.Lat, row.Lng, row.AccuracyM, row.Crs = &tip.Fix.Lat, &tip.Fix.Lng, tip.Fix.AccuracyM, tip.Fix.ReportedCRS
	}
	if err := s.write(ctx).Create(&row).Error; err != nil {
		return translate(err)
	}
	photos := make([]tipMediaRow, 0, len(tip.MediaIDs))
	for at, media := range tip.MediaIDs {
		photos = append(photos, tipMediaRow{MediaID: media, TipID: tip.ID, Ordinal: at + 1})
	}
	if len(photos) > 0 {
		if err := s.write(ctx).Create(&photos).Error; err != nil {
			return translate(err)
		}
	}
	return s.addTipStep(ctx, tip.ID, 1, models.TipStep{State: tip.State, At: tip.ReceivedAt, ByID: tip.ReporterID})
}

func (s *Store) addTipStep(ctx context.Context, tip models.ID, ordinal int, step models.TipStep) error {
	row := tipStepRow{
		TipID: tip, Ordinal: ordinal, State: step.State, ByID: step.ByID, At: millis(step.At),
		NoteSealed: s.sealText(step.Note, stepColumn(ordinal), tip),
	}
	return translate(s.write(ctx).Create(&row).Error)
}

func stepColumn(ordinal int) string { return fmt.Sprintf("tip_steps.note.%d", ordinal) }

// AdvanceTip moves a tip on from the state it was read in; CodeWrongState when somebody was first. Put its next clock in the same
// transaction.
func (s *Store) AdvanceTip(ctx context.Context, tip models.Tip, step models.TipStep, closedReason string) error {
	done := s.write(ctx).Model(&tipRow{}).Where("id = ? AND state = ?", tip.ID, tip.State).
		Updates(map[string]any{"state": step.State, "closed_reason": closedReason})
	if done.Error != nil {
		return translate(done.Error)
	}
	if done.RowsAffected == 0 {
		return models.Fail(models.CodeWrongState)
	}
	err := s.addTipStep(ctx, tip.ID, len(tip.Steps)+1, step)
	if models.CodeOf(err) == models.CodeAlreadyExists { // of two who schedule an action anew one is first
		return models.Fail(models.CodeWrongState)
	}
	return err
}

// Tip reads one tip; CodeNotFound when there is none.
func (s *Store) Tip(ctx context.Context, id models.ID) (models.Tip, error) {
	rows := []tipRow{}
	if err := s.read(ctx).Where("id = ?", id).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return models.Tip{}, orNotFound(translate(err))
	}
	tips, err := s.tips(ctx, rows)
	if err != nil {
		return models.Tip{}, err
	}
	return tips[0], nil
}

// TipFilter narrows a list of tips; empty fields do not. The times are those of arrival.
type TipFilter struct {
	State      models.TipState
	Category   string
	AssignedTo models.ID
	OverdueAt  time.Time // whose time has passed by then
	Open       bool      // neither resolved nor closed
	From, To   time.Time
}

// Tips lists tips within sight, newest first.
func (s *Store) Tips(ctx context.Context, sights []models.Sight, filter TipFilter, page Page) ([]models.Tip, error) {
	base := func() *gorm.DB {
		query := s.read(ctx).Model(&tipRow{})
		if filter.State != "" {
			query = query.Where("state = ?", filter.State)
		}
		if filter.Category != "" {
			query = query.Where("category = ?", filter.Category)
		}
		if filter.Open {
			query = query.Where("state NOT IN ?", models.EndedTips)
		}
		if filter.AssignedTo != "" {
			query = query.Where("id IN (SELECT tip_id FROM tip_clocks WHERE assigned_to = ?)", filter.AssignedTo)
		}
		if !filter.OverdueAt.IsZero() {
			query = query.Where("id IN (SELECT tip_id FROM tip_clocks WHERE due_at > 0 AND due_at < ?)", millis(filter.OverdueAt))
		}
		return between(query, "order_id", filter.From, filter.To)
	}
	cols := columns{order: "order_id", newest: true, owner: "reporter_id", compound: "compound_id"}
	rows, err := sightPages(ctx, base, sights, cols, page, func(row tipRow) models.ID { return row.OrderID })
	if err != nil {
		return nil, err
	}
	return s.tips(ctx, rows)
}

// tipsWay reads the photos and the steps of tips.
func (s *Store) tipsWay(ctx context.Context, ids []models.ID) (map[models.ID][]models.ID, map[models.ID][]models.TipStep, error) {
	photos, steps := map[models.ID][]models.ID{}, map[models.ID][]models.TipStep{}
	if len(ids) == 0 {
		return photos, steps, nil
	}
	photoRows, stepRows := []tipMediaRow{}, []tipStepRow{}
	if err := s.read(ctx).Where("tip_id IN ?", ids).Order("tip_id, ordinal").Find(&photoRows).Error; err != nil {
		return nil, nil, translate(err)
	}
	if err := s.read(ctx).Where("tip_id IN ?", ids).Order("tip_id, ordinal").Find(&stepRows).Error; err != nil {
		return nil, nil, translate(err)
	}
	for _, row := range photoRows {
		photos[row.TipID] = append(photos[row.TipID], row.MediaID)
	}
	for _, row := range stepRows {
		note, err := s.openText(row.NoteSealed, stepColumn(row.Ordinal), row.TipID)
		if err != nil {
			return nil, nil, err
		}
		steps[row.TipID] = append(steps[row.TipID],
			models.TipStep{State: row.State, At: instant(row.At), ByID: row.ByID, Note: note})
	}
	return photos, steps, nil
}

// tips turns rows into tips with their photos and steps, in one query each.
func (s *Store) tips(ctx context.Context, rows []tipRow) ([]models.Tip, error) {
	ids := make([]models.ID, 0, len(rows))
	for _, row := range rows {
		ids = append(ids, row.ID)
	}
	photos, steps, err := s.tipsWay(ctx, ids)
	if err != nil {
		return nil, err
	}
	shown := []models.ID{}
	for _, media := range photos {
		shown = append(shown, media...)
	}
	signals, err := s.signalsOf(ctx, shown)
	if err != nil {
		return nil, err
	}
	tips := make([]models.Tip, 0, len(rows))
	for _, row := range rows {
		description, err := s.openText(row.DescriptionSealed, "tips.description", row.ID)
		if err != nil {
			return nil, err
		}
		answers, err := s.openAnswers(row)
		if err != nil {
			return nil, err
		}
		tips = append(tips, models.Tip{
			ID: row.ID, OrderID: row.OrderID, Place: models.Place{Station: row.StationID, Compound: row.CompoundID},
			ReporterID: row.ReporterID, Category: row.Category, Description: description,
			Fix:        fixOf(row.Lat, row.Lng, row.AccuracyM, row.Crs, false),
			OccurredAt: instant(row.OccurredAt), ReceivedAt: instant(row.ReceivedAt), State: row.State,
			ClosedReason: row.ClosedReason, MediaIDs: photos[row.ID], Steps: steps[row.ID], BodyHash: row.BodyHash,
			Reporting: row.Reporting, Answers: answers, CategoryVersion: row.CategoryVersion, Public: row.IsPublic,
		})
		for _, media := range photos[row.ID] {
			if said, there := signals[media]; there {
				tips[len(tips)-1].Signals = append(tips[len(tips)-1].Signals, said)
			}
		}
	}
	if err := s.addClocks(ctx, tips); err != nil {
		return nil, err
	}
	if err := s.addUnread(ctx, tips); err != nil {
		return nil, err
	}
	return tips, s.addSealed(ctx, tips)
}
