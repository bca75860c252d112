package store

import (
	"context"
	"time"

	"xunfang/models"
)

type tipHelperRow struct {
	TipID      models.ID `gorm:"primaryKey"`
	PersonID   models.ID `gorm:"primaryKey"`
	AskedAt    int64
	Answer     models.TipAnswer
	AnsweredAt int64
}

func (tipHelperRow) TableName() string { return "tip_helpers" }

// AddTipHelpers says who was asked to help with a tip.
func (s *Store) AddTipHelpers(ctx context.Context, tip models.ID, people []models.ID, now time.Time) error {
	rows := make([]tipHelperRow, 0, len(people))
	for _, person := range people {
		rows = append(rows, tipHelperRow{TipID: tip, PersonID: person, AskedAt: millis(now)})
	}
	if len(rows) == 0 {
		return nil
	}
	return translate(s.write(ctx).Create(&rows).Error)
}

// AnswerTip writes what somebody who was asked answers, now; CodeNotFound when they were not asked.
func (s *Store) AnswerTip(ctx context.Context, tip, person models.ID, answer models.TipAnswer, now time.Time) error {
	done := s.write(ctx).Model(&tipHelperRow{}).Where("tip_id = ? AND person_id = ?", tip, person).
		Updates(map[string]any{"answer": answer, "answered_at": millis(now)})
	if done.Error == nil && done.RowsAffected == 0 {
		return models.Fail(models.CodeNotFound)
	}
	return translate(done.Error)
}

// TipHelpers lists who was asked to help with a tip, by id: at most models.TipHelpersAsked.
func (s *Store) TipHelpers(ctx context.Context, tip models.ID) ([]models.TipHelper, error) {
	rows := []tipHelperRow{}
	err := s.read(ctx).Where("tip_id = ?", tip).Order("person_id").Limit(models.TipHelpersAsked).Find(&rows).Error
	helpers := make([]models.TipHelper, 0, len(rows))
	for _, row := range rows {
		helpers = append(helpers, models.TipHelper{
			PersonID: row.PersonID, AskedAt: instant(row.AskedAt), Answer: row.Answer, AnsweredAt: instant(row.AnsweredAt),
		})
	}
	return helpers, translate(err)
}
