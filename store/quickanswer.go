package store

import (
	"context"

	"gorm.io/gorm/clause"

	"xunfang/models"
)

type quickAnswerRow struct {
	StationID models.ID `gorm:"primaryKey"`
	ID        models.ID `gorm:"primaryKey"`
	Ordinal   int
	TextZH    string `gorm:"column:text_zh"`
	TextEN    string `gorm:"column:text_en"`
	UpdatedAt int64  `gorm:"autoUpdateTime:false"`
	DeletedAt int64
}

func (quickAnswerRow) TableName() string { return "quick_answers" }

// QuickAnswers lists a station's prepared texts, in order: models.QuickAnswersOf.
func (s *Store) QuickAnswers(ctx context.Context, station models.ID) ([]models.QuickAnswer, error) {
	rows := []quickAnswerRow{}
	if err := s.read(ctx).Where("station_id = ?", station).Order("id").Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	own := make([]models.QuickAnswer, 0, len(rows))
	for _, row := range rows {
		own = append(own, models.QuickAnswer{
			ID: row.ID, StationID: row.StationID, TextZH: row.TextZH, TextEN: row.TextEN, Order: row.Ordinal,
			UpdatedAt: instant(row.UpdatedAt), DeletedAt: instant(row.DeletedAt),
		})
	}
	return models.QuickAnswersOf(own), nil
}

// PutQuickAnswer writes a station's own text, new or instead of the one of that id.
func (s *Store) PutQuickAnswer(ctx context.Context, answer models.QuickAnswer) error {
	row := quickAnswerRow{
		StationID: answer.StationID, ID: answer.ID, Ordinal: answer.Order, TextZH: answer.TextZH, TextEN: answer.TextEN,
		UpdatedAt: millis(answer.UpdatedAt), DeletedAt: millis(answer.DeletedAt),
	}
	return translate(s.write(ctx).Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error)
}
