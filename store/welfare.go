package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"xunfang/models"
)

type welfareRow struct {
	ID         models.ID `gorm:"primaryKey"`
	OrderID    models.ID
	StationID  models.ID
	PersonID   models.ID
	RunningOf  *models.ID // the person while it runs
	IntervalMs int64
	GraceMs    int64
	CreatedAt  int64 `gorm:"autoCreateTime:false"`
	UntilAt    int64
	AnsweredAt int64
	WarnedAt   int64
	State      models.WelfareState
	ActsAt     int64
	SosID      models.ID
	EndedAt    int64
	Version    int64
}

func (welfareRow) TableName() string { return "welfare_timers" }

func newWelfareRow(timer models.WelfareTimer) welfareRow {
	row := welfareRow{
		ID: timer.ID, OrderID: timer.OrderID, StationID: timer.StationID, PersonID: timer.PersonID,
		IntervalMs: timer.Interval.Milliseconds(), GraceMs: timer.Grace.Milliseconds(), CreatedAt: millis(timer.CreatedAt),
		UntilAt: millis(timer.UntilAt), AnsweredAt: millis(timer.AnsweredAt), WarnedAt: millis(timer.WarnedAt), State: timer.State,
		ActsAt: millis(timer.ActsAt), SosID: timer.SOSID, EndedAt: millis(timer.EndedAt), Version: timer.Version,
	}
	if timer.EndedAt.IsZero() {
		row.RunningOf = &timer.PersonID
	}
	return row
}

// AddWelfareTimer writes a new timer; CodeAlreadyExists when the id is taken, or the person has one running.
func (s *Store) AddWelfareTimer(ctx context.Context, timer models.WelfareTimer) error {
	row := newWelfareRow(timer)
	return translate(s.write(ctx).Create(&row).Error)
}

// WelfareTimer reads one timer; CodeNotFound when there is none.
func (s *Store) WelfareTimer(ctx context.Context, id models.ID) (models.WelfareTimer, error) {
	rows := []welfareRow{}
	if err := s.read(ctx).Where("id = ?", id).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return models.WelfareTimer{}, orNotFound(translate(err))
	}
	return rows[0].timer(), nil
}

// LockWelfareTimer keeps a timer for this transaction and reads it; CodeNotFound when there is none.
func (s *Store) LockWelfareTimer(ctx context.Context, id models.ID) (models.WelfareTimer, error) {
	if err := lockRow(ctx, s, welfareRow{}, id); err != nil {
		return models.WelfareTimer{}, err
	}
	return s.WelfareTimer(ctx, id)
}

// UpdateWelfareTimer writes a timer that was read and changed, once: CodeBusy when somebody changed it meanwhile.
func (s *Store) UpdateWelfareTimer(ctx context.Context, timer models.WelfareTimer) error {
	read := timer.Version
	timer.Version = read + 1
	row := newWelfareRow(timer)
	done := s.write(ctx).Model(&welfareRow{}).Where("id = ? AND version = ?", timer.ID, read).Select("*").Updates(&row)
	if done.Error == nil && done.RowsAffected != 1 {
		return models.Fail(models.CodeBusy).After(retryAfter)
	}
	return translate(done.Error)
}

// DueWelfareTimers lists timers that need the service now, the longest due first.
func (s *Store) DueWelfareTimers(ctx context.Context, now time.Time, limit int) ([]models.ID, error) {
	due := []models.ID{}
	err := s.read(ctx).Model(&welfareRow{}).Where("acts_at > 0 AND acts_at <= ?", millis(now)).
		Order("acts_at").Limit(limit).Pluck("id", &due).Error
	return due, translate(err)
}

// WelfareTimers lists timers within sight, newest first; running ones only, where that is wanted.
func (s *Store) WelfareTimers(ctx context.Context, sights []models.Sight, running bool, page Page) ([]models.WelfareTimer, error) {
	base := func() *gorm.DB {
		query := s.read(ctx).Model(&welfareRow{})
		if running {
			query = query.Where("ended_at = 0")
		}
		return query
	}
	cols := columns{order: "order_id", newest: true, owner: "person_id"}
	rows, err := sightPages(ctx, base, sights, cols, page, func(row welfareRow) models.ID { return row.OrderID })
	timers := make([]models.WelfareTimer, 0, len(rows))
	for _, row := range rows {
		timers = append(timers, row.timer())
	}
	return timers, err
}

func (row welfareRow) timer() models.WelfareTimer {
	return models.WelfareTimer{
		ID: row.ID, OrderID: row.OrderID, StationID: row.StationID, PersonID: row.PersonID,
		Interval: time.Duration(row.IntervalMs) * time.Millisecond, Grace: time.Duration(row.GraceMs) * time.Millisecond,
		CreatedAt: instant(row.CreatedAt), UntilAt: instant(row.UntilAt), AnsweredAt: instant(row.AnsweredAt),
		WarnedAt: instant(row.WarnedAt), State: row.State, ActsAt: instant(row.ActsAt), SOSID: row.SosID,
		EndedAt: instant(row.EndedAt), Version: row.Version,
	}
}
