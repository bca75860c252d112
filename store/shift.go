package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"xunfang/models"
)

type shiftRow struct {
	ID            models.ID `gorm:"primaryKey"`
	StationID     models.ID
	SquadID       models.ID
	PostID        models.ID
	Name          string
	StartMinute   int
	LengthMinutes int
	Recurrence    models.Recurrence
	Weekdays      int    // bit 0 is Sunday
	Dates         string // with commas between
	FromDate      string
	UntilDate     string
	CreatedAt     int64 `gorm:"autoCreateTime:false"`
	EndedAt       int64
}

func (shiftRow) TableName() string { return "shifts" }

// AddShift writes a new shift.
func (s *Store) AddShift(ctx context.Context, shift models.Shift) error {
	row := newShiftRow(shift)
	return translate(s.write(ctx).Create(&row).Error)
}

// UpdateShift writes a shift's columns.
func (s *Store) UpdateShift(ctx context.Context, shift models.Shift) error {
	row := newShiftRow(shift)
	return translate(s.write(ctx).Model(&shiftRow{}).Where("id = ?", shift.ID).Select("*").Updates(&row).Error)
}

func newShiftRow(shift models.Shift) shiftRow {
	row := shiftRow{
		ID: shift.ID, StationID: shift.StationID, SquadID: shift.SquadID, PostID: shift.PostID, Name: shift.Name,
		StartMinute: shift.StartMinute, LengthMinutes: shift.LengthMinutes, Recurrence: shift.Recurrence,
		FromDate: shift.FromDate.String(), UntilDate: shift.UntilDate.String(),
		CreatedAt: millis(shift.CreatedAt), EndedAt: millis(shift.EndedAt),
	}
	for _, day := range shift.Weekdays {
		row.Weekdays |= 1 << day
	}
	dates := make([]string, 0, len(shift.Dates))
	for _, date := range shift.Dates {
		dates = append(dates, date.String())
	}
	row.Dates = strings.Join(dates, ",")
	return row
}

// EndShift ends a shift with its plans; what has ended before keeps its time.
func (s *Store) EndShift(ctx context.Context, id models.ID, at time.Time) error {
	if err := s.end(ctx, &shiftRow{}, "id = ?", id, at); err != nil { // first, as whoever adds a plan holds its row
		return err
	}
	return s.end(ctx, &roundPlanRow{}, "shift_id = ?", id, at)
}

// Shift reads one shift; CodeNotFound when there is none.
func (s *Store) Shift(ctx context.Context, id models.ID) (models.Shift, error) {
	rows := []shiftRow{}
	if err := s.read(ctx).Where("id = ?", id).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return models.Shift{}, orNotFound(translate(err))
	}
	return rows[0].shift()
}

// Shifts lists shifts within sight, by id. The caller's own are those of squads they belong to.
func (s *Store) Shifts(ctx context.Context, sights []models.Sight, filter PlanFilter, page Page) ([]models.Shift, error) {
	base := func() *gorm.DB { return filter.where(s.read(ctx).Model(&shiftRow{})) }
	rows, err := sightPages(ctx, base, sights, columns{order: "id", owned: "squad_id IN " + squadsOf}, page,
		func(row shiftRow) models.ID { return row.ID })
	if err != nil {
		return nil, err
	}
	shifts := make([]models.Shift, 0, len(rows))
	for _, row := range rows {
		shift, err := row.shift()
		if err != nil {
			return nil, err
		}
		shifts = append(shifts, shift)
	}
	return shifts, nil
}

// StandsAt says whether a shift that has not ended stands at a street post.
func (s *Store) StandsAt(ctx context.Context, post models.ID) (bool, error) {
	found := []models.ID{}
	err := s.read(ctx).Model(&shiftRow{}).Where("post_id = ? AND ended_at = 0", post).Limit(1).Pluck("id", &found).Error
	return len(found) > 0, translate(err)
}

func (row shiftRow) shift() (models.Shift, error) {
	shift := models.Shift{
		ID: row.ID, StationID: row.StationID, SquadID: row.SquadID, PostID: row.PostID, Name: row.Name,
		StartMinute: row.StartMinute, LengthMinutes: row.LengthMinutes, Recurrence: row.Recurrence,
		CreatedAt: instant(row.CreatedAt), EndedAt: instant(row.EndedAt),
	}
	for day := time.Sunday; day <= time.Saturday; day++ {
		if row.Weekdays&(1<<day) != 0 {
			shift.Weekdays = append(shift.Weekdays, day)
		}
	}
	var err error
	if row.Dates != "" {
		for _, text := range strings.Split(row.Dates, ",") {
			date, err := models.ParseDate(text)
			if err != nil {
				return shift, fmt.Errorf("store: shift %s: %w", row.ID, err)
			}
			shift.Dates = append(shift.Dates, date)
		}
	}
	if shift.FromDate, err = models.ParseDate(row.FromDate); err == nil && row.UntilDate != "" {
		shift.UntilDate, err = models.ParseDate(row.UntilDate)
	}
	if err != nil {
		return shift, fmt.Errorf("store: shift %s: %w", row.ID, err)
	}
	return shift, nil
}
