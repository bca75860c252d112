package store

import (
	"context"
	"fmt"

	"xunfang/models"
)

type repairRow struct {
	ID            models.ID `gorm:"primaryKey"`
	OrderID       models.ID
	StationID     models.ID
	CompoundID    models.ID
	BuildingID    models.ID
	UnitID        models.ID
	HomeID        models.ID
	RequesterID   models.ID
	Category      models.RepairCategory
	NoteSealed    []byte
	SpotSealed    []byte
	ContactSealed []byte
	WishFrom      int64
	WishUntil     int64
	State         models.RepairState
	AssignedTo    models.ID
	DueAt         int64
	ClimbsAt      int64
	Climb         models.RepairClimb
	RequestedAt   int64
	AcceptedAt    int64
	DoneAt        int64
	Late          bool
	Reopened      int
	Rating        int
	Version       int
	BodyHash      []byte
}

func (repairRow) TableName() string { return "repairs" }

type repairMediaRow struct {
	RepairID models.ID `gorm:"primaryKey"`
	Stage    int       `gorm:"primaryKey;autoIncrement:false"`
	Ordinal  int       `gorm:"primaryKey;autoIncrement:false"`
	MediaID  models.ID
}

func (repairMediaRow) TableName() string { return "repair_media" }

// The stages of a repair's photos.
const (
	repairBefore = 0
	repairAfter  = 1
)

type repairStepRow struct {
	RepairID   models.ID `gorm:"primaryKey"`
	Ordinal    int       `gorm:"primaryKey;autoIncrement:false"`
	State      models.RepairState
	At         int64
	ByID       models.ID `gorm:"column:by_id"`
	ToID       models.ID `gorm:"column:to_id"`
	NoteSealed []byte
}

func (repairStepRow) TableName() string { return "repair_steps" }

// AddRepair writes a new repair with its photos and first step; CodeAlreadyExists when its id is taken.
func (s *Store) AddRepair(ctx context.Context, repair models.Repair) error {
	row := repairRow{
		ID: repair.ID, OrderID: repair.OrderID, StationID: repair.Place.Station, CompoundID: repair.Place.Compound,
		BuildingID: repair.Place.Building, UnitID: repair.Place.Unit, HomeID: repair.Place.Home, RequesterID: repair.RequesterID,
		Category: repair.Category, NoteSealed: s.sealText(repair.Note, "repairs.note", repair.ID),
		SpotSealed:    s.sealText(repair.Spot, "repairs.spot", repair.ID),
		ContactSealed: s.sealText(repair.Contact, "repairs.contact", repair.ID),
		WishFrom:      millis(repair.WishFrom), WishUntil: millis(repair.WishUntil), State: repair.State, DueAt: millis(repair.DueAt),
		ClimbsAt: millis(repair.ClimbsAt), RequestedAt: millis(repair.RequestedAt), Version: 1, BodyHash: repair.BodyHash,
	}
	if err := s.write(ctx).Create(&row).Error; err != nil {
		return translate(err)
	}
	if err := s.addRepairPhotos(ctx, repair.ID, repairBefore, repair.MediaIDs); err != nil {
		return err
	}
	return s.addRepairStep(ctx, repair.ID, 1, repair.Steps[0])
}

func (s *Store) addRepairPhotos(ctx context.Context, repair models.ID, stage int, photos []models.ID) error {
	rows := make([]repairMediaRow, 0, len(photos))
	for at, media := range photos {
		rows = append(rows, repairMediaRow{RepairID: repair, Stage: stage, Ordinal: at + 1, MediaID: media})
	}
	if len(rows) == 0 {
		return nil
	}
	return translate(s.write(ctx).Create(&rows).Error)
}

func (s *Store) addRepairStep(ctx context.Context, repair models.ID, ordinal int, step models.RepairStep) error {
	return translate(s.write(ctx).Create(&repairStepRow{
		RepairID: repair, Ordinal: ordinal, State: step.State, At: millis(step.At), ByID: step.ByID, ToID: step.ToID,
		NoteSealed: s.sealText(step.Note, repairStepColumn(ordinal), repair),
	}).Error)
}

func repairStepColumn(ordinal int) string { return fmt.Sprintf("repair_steps.note.%d", ordinal) }

// ChangeRepair writes a repair after its last step, with the photos of what was done when there are new ones. CodeWrongState
// with the state that it has now when somebody else was first.
func (s *Store) ChangeRepair(ctx context.Context, repair models.Repair, fresh bool) error {
	done := s.write(ctx).Model(&repairRow{}).Where("id = ? AND version = ?", repair.ID, repair.Version).Updates(map[string]any{
		"state": repair.State, "assigned_to": repair.AssignedTo, "due_at": millis(repair.DueAt), "climbs_at": millis(repair.ClimbsAt),
		"climb": repair.Climb, "accepted_at": millis(repair.AcceptedAt), "done_at": millis(repair.DoneAt), "late": repair.Late,
		"reopened": repair.Reopened, "rating": repair.Rating, "version": repair.Version + 1,
	})
	if done.Error != nil {
		return translate(done.Error)
	}
	if done.RowsAffected == 0 {
		return s.repairElsewhere(ctx, repair.ID)
	}
	if err := s.addRepairStep(ctx, repair.ID, len(repair.Steps), repair.Steps[len(repair.Steps)-1]); err != nil {
		return err
	}
	if !fresh {
		return nil
	}
	err := s.write(ctx).Where("repair_id = ? AND stage = ?", repair.ID, repairAfter).Delete(&repairMediaRow{}).Error
	if err != nil {
		return translate(err)
	}
	return s.addRepairPhotos(ctx, repair.ID, repairAfter, repair.DoneIDs)
}

// repairElsewhere says to which state somebody else took a repair meanwhile.
func (s *Store) repairElsewhere(ctx context.Context, id models.ID) error {
	states := []string{}
	if err := s.read(ctx).Model(&repairRow{}).Where("id = ?", id).Limit(1).Pluck("state", &states).Error; err != nil || len(states) == 0 {
		return orNotFound(translate(err))
	}
	return models.Fail(models.CodeWrongState).
		WithFields(models.FieldError{Field: "state", Code: models.FieldNotAllowed, Want: states[0]})
}

// ClimbRepair writes that a repair whose time has passed climbed one step; false when another replica took the step, or the
// repair has moved on.
func (s *Store) ClimbRepair(ctx context.Context, before, after models.Repair) (bool, error) {
	done := s.write(ctx).Model(&repairRow{}).
		Where("id = ? AND version = ? AND climb = ?", before.ID, before.Version, before.Climb).
		Updates(map[string]any{"climb": after.Climb, "climbs_at": millis(after.ClimbsAt), "late": true})
	return done.RowsAffected == 1, translate(done.Error)
}

// Repair reads one repair; CodeNotFound when there is none.
func (s *Store) Repair(ctx context.Context, id models.ID) (models.Repair, error) {
	rows := []repairRow{}
	if err := s.read(ctx).Where("id = ?", id).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return models.Repair{}, orNotFound(translate(err))
	}
	repairs, err := s.repairs(ctx, rows)
	if err != nil {
		return models.Repair{}, err
	}
	return repairs[0], nil
}

// RepairsOfMedia finds the repairs that a photo is attached to, at most 100.
func (s *Store) RepairsOfMedia(ctx context.Context, media models.ID) ([]models.Repair, error) {
	rows := []repairRow{}
	err := s.read(ctx).Where("id IN (?)", s.read(ctx).Model(&repairMediaRow{}).Select("repair_id").Where("media_id = ?", media)).
		Order("id").Limit(100).Find(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	return s.repairs(ctx, rows)
}

// repairs turns rows into repairs with their photos and steps, in one query each.
func (s *Store) repairs(ctx context.Context, rows []repairRow) ([]models.Repair, error) {
	if len(rows) == 0 {
		return []models.Repair{}, nil
	}
	ids := make([]models.ID, 0, len(rows))
	for _, row := range rows {
		ids = append(ids, row.ID)
	}
	photoRows, stepRows := []repairMediaRow{}, []repairStepRow{}
	if err := s.read(ctx).Where("repair_id IN ?", ids).Order("repair_id, stage, ordinal").Find(&photoRows).Error; err != nil {
		return nil, translate(err)
	}
	if err := s.read(ctx).Where("repair_id IN ?", ids).Order("repair_id, ordinal").Find(&stepRows).Error; err != nil {
		return nil, translate(err)
	}
	photos, steps := map[models.ID][2][]models.ID{}, map[models.ID][]models.RepairStep{}
	for _, row := range photoRows {
		of := photos[row.RepairID]
		of[row.Stage] = append(of[row.Stage], row.MediaID)
		photos[row.RepairID] = of
	}
	for _, row := range stepRows {
		note, err := s.openText(row.NoteSealed, repairStepColumn(row.Ordinal), row.RepairID)
		if err != nil {
			return nil, err
		}
		steps[row.RepairID] = append(steps[row.RepairID],
			models.RepairStep{State: row.State, At: instant(row.At), ByID: row.ByID, ToID: row.ToID, Note: note})
	}
	repairs := make([]models.Repair, 0, len(rows))
	for _, row := range rows {
		repair, err := s.repair(row)
		if err != nil {
			return nil, err
		}
		repair.MediaIDs, repair.DoneIDs, repair.Steps = photos[row.ID][repairBefore], photos[row.ID][repairAfter], steps[row.ID]
		repairs = append(repairs, repair)
	}
	return repairs, nil
}

func (s *Store) repair(row repairRow) (models.Repair, error) {
	repair := models.Repair{
		ID: row.ID, OrderID: row.OrderID, RequesterID: row.RequesterID, Category: row.Category, State: row.State,
		Place: models.Place{
			Station: row.StationID, Compound: row.CompoundID, Building: row.BuildingID, Unit: row.UnitID, Home: row.HomeID,
		},
		WishFrom: instant(row.WishFrom), WishUntil: instant(row.WishUntil), AssignedTo: row.AssignedTo, DueAt: instant(row.DueAt),
		ClimbsAt: instant(row.ClimbsAt), Climb: row.Climb, RequestedAt: instant(row.RequestedAt),
		AcceptedAt: instant(row.AcceptedAt), DoneAt: instant(row.DoneAt), Late: row.Late, Reopened: row.Reopened, Rating: row.Rating,
		Version: row.Version, BodyHash: row.BodyHash,
	}
	for _, text := range []struct {
		into   *models.Secret
		sealed []byte
		column string
	}{{&repair.Note, row.NoteSealed, "note"}, {&repair.Spot, row.SpotSealed, "spot"}, {&repair.Contact, row.ContactSealed, "contact"}} {
		opened, err := s.openText(text.sealed, "repairs."+text.column, row.ID)
		if err != nil {
			return models.Repair{}, err
		}
		*text.into = opened
	}
	return repair, nil
}
