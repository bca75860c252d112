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

// TipAskings tells who was asked to help with tips of a station since an instant. Keep the station's row first: of two tips at the
// same time the second sees whom the first asked.
func (s *Store) TipAskings(ctx context.Context, station models.ID, since time.Time) ([]models.TipAsking, error) {
	rows := []struct {
		TipID, IntoID, PersonID models.ID
		Lat, Lng                float64
		AskedAt                 int64
	}{}
	err := s.read(ctx).Table("tips").
		Select("tips.id AS tip_id, COALESCE(tip_merges.into_id, '') AS into_id, tip_helpers.person_id, tips.lat, tips.lng, tip_helpers.asked_at").
		Joins("JOIN tip_helpers ON tip_helpers.tip_id = tips.id").Joins("LEFT JOIN tip_merges ON tip_merges.tip_id = tips.id").
		Where("tips.station_id = ? AND tips.order_id >= ? AND tips.lat IS NOT NULL", station, models.FirstIDAt(since)).
		Limit(maxOnDuty).Scan(&rows).Error
	askings := make([]models.TipAsking, 0, len(rows))
	for _, row := range rows {
		askings = append(askings, models.TipAsking{
			TipID: row.TipID, IntoID: row.IntoID, PersonID: row.PersonID, At: models.Position{Lat: row.Lat, Lng: row.Lng},
			AskedAt: instant(row.AskedAt),
		})
	}
	return askings, translate(err)
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
