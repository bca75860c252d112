package store

import (
	"context"
	"time"

	"xunfang/models"
)

type open311KeyRow struct {
	ID        models.ID `gorm:"primaryKey"`
	StationID models.ID
	Name      string
	MAC       []byte
	CreatedAt int64 `gorm:"autoCreateTime:false"`
	RevokedAt int64
}

func (open311KeyRow) TableName() string { return "open311_keys" }

type open311TipRow struct {
	TipID models.ID `gorm:"primaryKey"`
	KeyID models.ID
}

func (open311TipRow) TableName() string { return "open311_tips" }

// AddOpen311Key writes a new key.
func (s *Store) AddOpen311Key(ctx context.Context, key models.Open311Key) error {
	return translate(s.write(ctx).Create(&open311KeyRow{
		ID: key.ID, StationID: key.StationID, Name: key.Name, MAC: key.MAC, CreatedAt: millis(key.CreatedAt),
	}).Error)
}

// Open311Keys lists a station's keys that may send, by id.
func (s *Store) Open311Keys(ctx context.Context, station models.ID) ([]models.Open311Key, error) {
	rows := []open311KeyRow{}
	err := s.read(ctx).Where("station_id = ? AND revoked_at = 0", station).Order("id").Limit(models.MaxOpen311Keys).Find(&rows).Error
	keys := make([]models.Open311Key, 0, len(rows))
	for _, row := range rows {
		keys = append(keys, row.key())
	}
	return keys, translate(err)
}

// Open311KeyByMAC finds the key that may send; CodeNotFound when there is none.
func (s *Store) Open311KeyByMAC(ctx context.Context, mac []byte) (models.Open311Key, error) {
	rows := []open311KeyRow{}
	if err := s.read(ctx).Where("mac = ? AND revoked_at = 0", mac).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return models.Open311Key{}, orNotFound(translate(err))
	}
	return rows[0].key(), nil
}

// RevokeOpen311Key ends a station's key; false when it has none of that id that may send.
func (s *Store) RevokeOpen311Key(ctx context.Context, station, id models.ID, now time.Time) (bool, error) {
	done := s.write(ctx).Model(&open311KeyRow{}).Where("id = ? AND station_id = ? AND revoked_at = 0", id, station).
		Update("revoked_at", millis(now))
	return done.RowsAffected == 1, translate(done.Error)
}

func (row open311KeyRow) key() models.Open311Key {
	return models.Open311Key{
		ID: row.ID, StationID: row.StationID, Name: row.Name, MAC: row.MAC, CreatedAt: instant(row.CreatedAt),
	}
}

// AddOpen311Tip says that a tip came from a civic app: its words are public.
func (s *Store) AddOpen311Tip(ctx context.Context, tip, key models.ID) error {
	return translate(s.write(ctx).Create(&open311TipRow{TipID: tip, KeyID: key}).Error)
}

// Open311Filter narrows a list of requests; empty fields do not.
type Open311Filter struct {
	IDs      []models.ID
	Services []string // of these categories alone
	Open     bool
	Closed   bool // both or none: whatever their state
	From, To time.Time
}

// Open311Requests lists a station's tips of categories that are public and were when the tip was sent, newest first, at
// most models.MaxOpen311.
func (s *Store) Open311Requests(ctx context.Context, station models.ID, filter Open311Filter) ([]models.Open311Request, error) {
	if len(filter.Services) == 0 {
		return nil, nil
	}
	query := s.read(ctx).Where("station_id = ? AND is_public = ? AND category IN ?", station, true, filter.Services)
	if len(filter.IDs) > 0 {
		query = query.Where("id IN ?", filter.IDs)
	} else {
		switch {
		case filter.Open && !filter.Closed:
			query = query.Where("state NOT IN ?", models.EndedTips)
		case filter.Closed && !filter.Open:
			query = query.Where("state IN ?", models.EndedTips)
		}
		query = between(query, "order_id", filter.From, filter.To)
	}
	rows := []tipRow{}
	if err := query.Order("order_id DESC").Limit(models.MaxOpen311).Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	tips, err := s.tips(ctx, rows)
	if err != nil {
		return nil, err
	}
	open, err := s.openTips(ctx, tips)
	requests := make([]models.Open311Request, 0, len(tips))
	for _, tip := range tips {
		requests = append(requests, models.Open311Request{Tip: tip, Open: open[tip.ID]})
	}
	return requests, err
}

func (s *Store) openTips(ctx context.Context, tips []models.Tip) (map[models.ID]bool, error) {
	ids, open := make([]models.ID, 0, len(tips)), map[models.ID]bool{}
	for _, tip := range tips {
		ids = append(ids, tip.ID)
	}
	if len(ids) == 0 {
		return open, nil
	}
	found := []models.ID{}
	err := s.read(ctx).Model(&open311TipRow{}).Where("tip_id IN ?", ids).Pluck("tip_id", &found).Error
	for _, id := range found {
		open[id] = true
	}
	return open, translate(err)
}
