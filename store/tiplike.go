package store

import (
	"context"
	"time"

	"gorm.io/gorm/clause"

	"xunfang/models"
)

type tipMergeRow struct {
	TipID  models.ID `gorm:"primaryKey"`
	IntoID models.ID
	ByID   models.ID `gorm:"column:by_id"`
	At     int64
}

func (tipMergeRow) TableName() string { return "tip_merges" }

// TipsLike gives when the open tips of a category in an area were received since an instant, the newest first,
// at most models.MaxTipsLike.
func (s *Store) TipsLike(
	ctx context.Context, station models.ID, category string, area models.TipArea, since time.Time,
) ([]time.Time, error) {
	ids := []models.ID{}
	err := s.read(ctx).Model(&tipRow{}).
		Where("station_id = ? AND category = ?", station, category).
		Where("lat >= ? AND lat < ? AND lng >= ? AND lng < ?",
			area.SouthWest.Lat, area.NorthEast.Lat, area.SouthWest.Lng, area.NorthEast.Lng).
		Where("order_id >= ? AND state NOT IN ?", models.FirstIDAt(since), models.EndedTips).
		Order("order_id DESC").Limit(models.MaxTipsLike).Pluck("order_id", &ids).Error
	received := make([]time.Time, 0, len(ids))
	for _, id := range ids {
		received = append(received, id.Time())
	}
	return received, translate(err)
}

// LockTips keeps the rows of those of the tips that exist for this transaction, in one order for all, so that of two officers
// who merge each into the other one waits.
func (s *Store) LockTips(ctx context.Context, ids ...models.ID) error {
	query := s.write(ctx).Model(tipRow{}).Where("id IN ?", ids).Order("id")
	if s.engine.kind == kindMySQL {
		query = query.Clauses(clause.Locking{Strength: "UPDATE"})
	}
	return translate(query.Pluck("id", &[]models.ID{}).Error)
}

// TipsByID reads those of the tips that exist, in the order in which they arrived.
func (s *Store) TipsByID(ctx context.Context, ids []models.ID) ([]models.Tip, error) {
	rows := []tipRow{}
	if err := s.read(ctx).Where("id IN ?", ids).Order("order_id").Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	return s.tips(ctx, rows)
}

// AddTipMerge says that a tip was merged into another one, and with it those that had been merged into it; CodeWrongState when
// that would be more than models.MaxTipMerges. Close the tip in the same transaction, under the locks of both.
func (s *Store) AddTipMerge(ctx context.Context, tip, into, by models.ID, at time.Time) error {
	count := int64(0)
	err := s.write(ctx).Model(&tipMergeRow{}).Where("into_id IN ?", []models.ID{tip, into}).Count(&count).Error
	if err != nil {
		return translate(err)
	}
	if count >= models.MaxTipMerges {
		return models.Fail(models.CodeWrongState)
	}
	err = s.write(ctx).Model(&tipMergeRow{}).Where("into_id = ?", tip).Update("into_id", into).Error
	if err != nil {
		return translate(err)
	}
	return translate(s.write(ctx).Create(&tipMergeRow{TipID: tip, IntoID: into, ByID: by, At: millis(at)}).Error)
}

// TipMerges names the tips that were merged into a tip, in the order in which they arrived, and the one that it was merged into
// itself; "" when it was not.
func (s *Store) TipMerges(ctx context.Context, tip models.ID) (merged []models.ID, into models.ID, err error) {
	err = s.read(ctx).Model(&tipMergeRow{}).Joins("JOIN tips ON tips.id = tip_merges.tip_id").
		Where("tip_merges.into_id = ?", tip).Order("tips.order_id").Limit(models.MaxTipMerges).Pluck("tip_merges.tip_id", &merged).Error
	if err != nil {
		return nil, "", translate(err)
	}
	rows := []tipMergeRow{}
	if err := s.read(ctx).Where("tip_id = ?", tip).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return merged, "", translate(err)
	}
	return merged, rows[0].IntoID, nil
}
