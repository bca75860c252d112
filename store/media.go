package store

import (
	"context"
	"time"

	"xunfang/models"
)

type mediaRow struct {
	ID          models.ID `gorm:"primaryKey"`
	StationID   models.ID
	OwnerID     models.ID
	BlobName    string
	ContentType string
	Width       int
	Height      int
	Bytes       int64
	DurationMs  int64
	Sha256      []byte
	Sealer      string
	CreatedAt   int64 `gorm:"autoCreateTime:false"`
}

func (mediaRow) TableName() string { return "media" }

// AddMedia writes what is known of media whose bytes are already kept; CodeAlreadyExists when the id is taken.
func (s *Store) AddMedia(ctx context.Context, media models.Media) error {
	row := mediaRow{
		ID: media.ID, StationID: media.StationID, OwnerID: media.OwnerID, BlobName: media.BlobName,
		ContentType: media.ContentType, Width: media.Width, Height: media.Height, Bytes: media.Bytes,
		DurationMs: media.Duration.Milliseconds(), Sha256: media.SHA256, Sealer: media.Sealer,
		CreatedAt: millis(media.CreatedAt),
	}
	if err := s.write(ctx).Create(&row).Error; err != nil {
		return translate(err)
	}
	return s.addTaken(ctx, media.ID, media.Taken)
}

// Media reads one photo's row; CodeNotFound when there is none.
func (s *Store) Media(ctx context.Context, id models.ID) (models.Media, error) {
	rows := []mediaRow{}
	if err := s.read(ctx).Where("id = ?", id).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return models.Media{}, orNotFound(translate(err))
	}
	return rows[0].media(), nil
}

func (row mediaRow) media() models.Media {
	return models.Media{
		ID: row.ID, StationID: row.StationID, OwnerID: row.OwnerID, BlobName: row.BlobName, ContentType: row.ContentType,
		Width: row.Width, Height: row.Height, Duration: time.Duration(row.DurationMs) * time.Millisecond,
		Bytes: row.Bytes, SHA256: row.Sha256, Sealer: row.Sealer, CreatedAt: instant(row.CreatedAt),
	}
}

// MediaByID finds those of the photos' rows that exist.
func (s *Store) MediaByID(ctx context.Context, ids []models.ID) (map[models.ID]models.Media, error) {
	rows := []mediaRow{}
	if err := s.read(ctx).Where("id IN ?", ids).Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	found := make(map[models.ID]models.Media, len(rows))
	for _, row := range rows {
		found[row.ID] = row.media()
	}
	return found, nil
}

// TipOfMedia finds the tip that a photo is attached to; CodeNotFound when there is none.
func (s *Store) TipOfMedia(ctx context.Context, media models.ID) (models.Tip, error) {
	rows := []tipMediaRow{}
	if err := s.read(ctx).Where("media_id = ?", media).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return models.Tip{}, orNotFound(translate(err))
	}
	return s.Tip(ctx, rows[0].TipID)
}
