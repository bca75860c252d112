package store

import (
	"context"
	"time"

	"xunfang/models"
)

// TipMediaSize is how much has come with a tip: its files, and the bytes of those whose originals are still kept.
func (s *Store) TipMediaSize(ctx context.Context, tip models.ID) (models.TipMediaSize, error) {
	size := models.TipMediaSize{}
	err := s.read(ctx).Raw("SELECT COUNT(DISTINCT tip_media.media_id), COALESCE(SUM(media_originals.bytes), 0) FROM tip_media "+
		"LEFT JOIN media_originals ON media_originals.media_id = tip_media.media_id AND media_originals.kept = 1 "+
		"WHERE tip_media.tip_id = ?", tip).Row().Scan(&size.Count, &size.Bytes)
	return size, translate(err)
}

// AttachToTip adds a file to those of a tip, after the ones that it has. Take the tip's lock first.
func (s *Store) AttachToTip(ctx context.Context, tip, media models.ID) error {
	last := 0
	err := s.write(ctx).Raw("SELECT COALESCE(MAX(ordinal), 0) FROM tip_media WHERE tip_id = ?", tip).Scan(&last).Error
	if err != nil {
		return translate(err)
	}
	return translate(s.write(ctx).Create(&tipMediaRow{MediaID: media, TipID: tip, Ordinal: last + 1}).Error)
}

// TipMediaSince counts the files of a tip, but for one, that were made at or after a time.
func (s *Store) TipMediaSince(ctx context.Context, tip, but models.ID, since time.Time) (int, error) {
	count := int64(0)
	err := s.read(ctx).Model(&mediaRow{}).Where("id IN (SELECT media_id FROM tip_media WHERE tip_id = ?)", tip).
		Where("id <> ? AND created_at >= ?", but, millis(since)).Count(&count).Error
	return int(count), translate(err)
}
