package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"xunfang/models"
)

type streetPostRow struct {
	ID            models.ID `gorm:"primaryKey"`
	StationID     models.ID
	CompoundID    models.ID
	Name          string
	Lat           float64
	Lng           float64
	RadiusM       int
	MaxGapMinutes int
	CreatedAt     int64 `gorm:"autoCreateTime:false"`
	EndedAt       int64 // part of the unique key, so that the name of one that ended is free again
}

func (streetPostRow) TableName() string { return "street_posts" }

// AddStreetPost writes a new street post; CodeAlreadyExists when the station has one of that name.
func (s *Store) AddStreetPost(ctx context.Context, post models.StreetPost) error {
	row := newStreetPostRow(post)
	return translate(s.write(ctx).Create(&row).Error)
}

// UpdateStreetPost writes a street post's columns; CodeAlreadyExists when the station has one of that name.
func (s *Store) UpdateStreetPost(ctx context.Context, post models.StreetPost) error {
	row := newStreetPostRow(post)
	return translate(s.write(ctx).Model(&streetPostRow{}).Where("id = ?", post.ID).Select("*").Updates(&row).Error)
}

func newStreetPostRow(post models.StreetPost) streetPostRow {
	return streetPostRow{
		ID: post.ID, StationID: post.Place.Station, CompoundID: post.Place.Compound, Name: post.Name,
		Lat: post.At.Lat, Lng: post.At.Lng, RadiusM: post.RadiusM, MaxGapMinutes: int(post.MaxGap / time.Minute),
		CreatedAt: millis(post.CreatedAt), EndedAt: millis(post.EndedAt),
	}
}

// EndStreetPost ends a street post; one that has ended before keeps its time.
func (s *Store) EndStreetPost(ctx context.Context, id models.ID, at time.Time) error {
	return s.end(ctx, &streetPostRow{}, "id = ?", id, at)
}

// StreetPost reads one street post; CodeNotFound when there is none.
func (s *Store) StreetPost(ctx context.Context, id models.ID) (models.StreetPost, error) {
	rows := []streetPostRow{}
	if err := s.read(ctx).Where("id = ?", id).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return models.StreetPost{}, orNotFound(translate(err))
	}
	return rows[0].post(), nil
}

// StreetPosts lists street posts within sight, by id.
func (s *Store) StreetPosts(ctx context.Context, sights []models.Sight, filter PlanFilter, page Page) ([]models.StreetPost, error) {
	base := func() *gorm.DB { return filter.where(s.read(ctx).Model(&streetPostRow{})) }
	rows, err := sightPages(ctx, base, sights, columns{order: "id", compound: "compound_id"}, page,
		func(row streetPostRow) models.ID { return row.ID })
	posts := make([]models.StreetPost, 0, len(rows))
	for _, row := range rows {
		posts = append(posts, row.post())
	}
	return posts, err
}

func (row streetPostRow) post() models.StreetPost {
	return models.StreetPost{
		ID: row.ID, Place: models.Place{Station: row.StationID, Compound: row.CompoundID}, Name: row.Name,
		At: models.Position{Lat: row.Lat, Lng: row.Lng}, RadiusM: row.RadiusM,
		MaxGap: time.Duration(row.MaxGapMinutes) * time.Minute, CreatedAt: instant(row.CreatedAt), EndedAt: instant(row.EndedAt),
	}
}
