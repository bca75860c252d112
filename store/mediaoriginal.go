package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"xunfang/models"
)

type mediaOriginalRow struct {
	ID        models.ID `gorm:"primaryKey"`
	MediaID   models.ID
	BlobName  string
	Sealer    string
	Bytes     int64
	Sha256    []byte
	Kept      int
	CreatedAt int64 `gorm:"autoCreateTime:false"`
}

func (mediaOriginalRow) TableName() string { return "media_originals" }

// BeginOriginal makes an original known before its bytes are written anywhere, so that they can always be found again.
func (s *Store) BeginOriginal(ctx context.Context, original models.MediaOriginal) error {
	return translate(s.write(ctx).Create(&mediaOriginalRow{
		ID: original.ID, MediaID: original.MediaID, BlobName: original.BlobName, Sealer: original.Sealer,
		Bytes: original.Bytes, Sha256: original.SHA256, CreatedAt: millis(original.CreatedAt),
	}).Error)
}

// KeepOriginal says that an original belongs to media that was made.
func (s *Store) KeepOriginal(ctx context.Context, id models.ID) error {
	return translate(s.write(ctx).Model(&mediaOriginalRow{}).Where("id = ?", id).Update("kept", 1).Error)
}

// OriginalOfMedia finds the original of media; CodeNotFound when there is none, or none any more.
func (s *Store) OriginalOfMedia(ctx context.Context, media models.ID) (models.MediaOriginal, error) {
	rows := []mediaOriginalRow{}
	err := s.read(ctx).Where("media_id = ? AND kept = 1", media).Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return models.MediaOriginal{}, orNotFound(translate(err))
	}
	return rows[0].original(), nil
}

func (row mediaOriginalRow) original() models.MediaOriginal {
	return models.MediaOriginal{
		ID: row.ID, MediaID: row.MediaID, BlobName: row.BlobName, Sealer: row.Sealer, Bytes: row.Bytes, SHA256: row.Sha256,
		CreatedAt: instant(row.CreatedAt),
	}
}

// AgedOriginals are some of the originals that have outlived their use: those never counted, those that came with no
// tip, and those of tips that ended long ago.
func (s *Store) AgedOriginals(ctx context.Context, now time.Time, limit int) ([]models.MediaOriginal, error) {
	const noTip = "NOT EXISTS (SELECT 1 FROM tip_media WHERE tip_media.media_id = media_originals.media_id)"
	const ofEnded = "EXISTS (SELECT 1 FROM tip_media JOIN tips ON tips.id = tip_media.tip_id " +
		"WHERE tip_media.media_id = media_originals.media_id AND tips.state IN ? " +
		"AND NOT EXISTS (SELECT 1 FROM tip_steps WHERE tip_steps.tip_id = tips.id AND tip_steps.at >= ?))"
	ended, kept := models.EndedTips, millis(now.Add(-models.OriginalKept))
	found := []models.MediaOriginal{}
	for _, aged := range []func(*gorm.DB) *gorm.DB{
		func(query *gorm.DB) *gorm.DB {
			return query.Where("kept = 0 AND created_at < ?", millis(now.Add(-models.UploadSwept)))
		},
		func(query *gorm.DB) *gorm.DB {
			return query.Where("kept = 1 AND created_at < ?", millis(now.Add(-models.OriginalAlone))).Where(noTip)
		},
		func(query *gorm.DB) *gorm.DB {
			return query.Where("kept = 1 AND created_at < ?", kept).Where(ofEnded, ended, kept)
		},
	} {
		rows := []mediaOriginalRow{}
		if err := aged(s.read(ctx)).Order("created_at, id").Limit(limit).Find(&rows).Error; err != nil {
			return nil, translate(err)
		}
		for _, row := range rows {
			found = append(found, row.original())
		}
	}
	return found, nil
}

// ForgetOriginal deletes the row of an original whose blob is gone.
func (s *Store) ForgetOriginal(ctx context.Context, id models.ID) error {
	return translate(s.write(ctx).Exec("DELETE FROM media_originals WHERE id = ?", id).Error)
}
