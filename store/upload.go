package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"xunfang/models"
)

type uploadRow struct {
	ID        models.ID `gorm:"primaryKey"`
	StationID models.ID
	OwnerID   models.ID
	Length    int64
	Received  int64
	Parts     int
	CreatedAt int64 `gorm:"autoCreateTime:false"`
	ExpiresAt int64
	EndedAt   int64
}

func (uploadRow) TableName() string { return "uploads" }

type uploadPartRow struct {
	ID       models.ID `gorm:"primaryKey"`
	UploadID models.ID
	Start    int64
	Bytes    int64
	Kept     int
	BlobName string
}

func (uploadPartRow) TableName() string { return "upload_parts" }

// UploadPart is one part of an upload: where its sealed bytes lie.
type UploadPart struct {
	ID       models.ID
	Start    int64
	Bytes    int64
	BlobName string
}

// AddUpload writes a new upload.
func (s *Store) AddUpload(ctx context.Context, upload models.Upload) error {
	return translate(s.write(ctx).Create(&uploadRow{
		ID: upload.ID, StationID: upload.StationID, OwnerID: upload.OwnerID, Length: upload.Length,
		CreatedAt: millis(upload.CreatedAt), ExpiresAt: millis(upload.ExpiresAt),
	}).Error)
}

// Upload reads one upload; CodeNotFound when there is none.
func (s *Store) Upload(ctx context.Context, id models.ID) (models.Upload, error) {
	rows := []uploadRow{}
	if err := s.read(ctx).Where("id = ?", id).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return models.Upload{}, orNotFound(translate(err))
	}
	return rows[0].upload(), nil
}

// UnfinishedUploads are those of a person that still go on.
func (s *Store) UnfinishedUploads(ctx context.Context, owner models.ID, now time.Time) ([]models.Upload, error) {
	rows := []uploadRow{}
	err := s.read(ctx).Where("owner_id = ? AND ended_at = 0 AND expires_at > ?", owner, millis(now)).
		Order("id").Limit(models.MaxUploads + 1).Find(&rows).Error
	uploads := make([]models.Upload, 0, len(rows))
	for _, row := range rows {
		uploads = append(uploads, row.upload())
	}
	return uploads, translate(err)
}

func (row uploadRow) upload() models.Upload {
	return models.Upload{
		ID: row.ID, StationID: row.StationID, OwnerID: row.OwnerID, Length: row.Length, Received: row.Received, Parts: row.Parts,
		CreatedAt: instant(row.CreatedAt), ExpiresAt: instant(row.ExpiresAt), EndedAt: instant(row.EndedAt),
	}
}

// BeginUploadPart makes a part known before its bytes are written anywhere, so that they can always be found again.
func (s *Store) BeginUploadPart(ctx context.Context, upload models.ID, part UploadPart) error {
	if err := s.write(ctx).Create(&uploadPartRow{
		ID: part.ID, UploadID: upload, Start: part.Start, Bytes: part.Bytes, BlobName: part.BlobName,
	}).Error; err != nil {
		return translate(err)
	}
	return translate(s.write(ctx).Model(&uploadRow{}).Where("id = ?", upload).Update("parts", gorm.Expr("parts + 1")).Error)
}

// KeepUploadPart counts a part whose bytes are kept. Of several that begin at one offset the first is counted; the
// others, and those of an upload that has ended, are CodeUploadOffset.
func (s *Store) KeepUploadPart(ctx context.Context, upload models.ID, part UploadPart) error {
	done := s.write(ctx).Model(&uploadRow{}).Where("id = ? AND received = ? AND ended_at = 0", upload, part.Start).
		Update("received", part.Start+part.Bytes)
	if done.Error != nil {
		return translate(done.Error)
	}
	if done.RowsAffected == 0 {
		return models.Fail(models.CodeUploadOffset)
	}
	return translate(s.write(ctx).Model(&uploadPartRow{}).Where("id = ?", part.ID).Update("kept", 1).Error)
}

// UploadParts are the kept parts of an upload in their order; with all, those as well that were never counted.
func (s *Store) UploadParts(ctx context.Context, upload models.ID, all bool) ([]UploadPart, error) {
	rows := []uploadPartRow{}
	query := s.read(ctx).Where("upload_id = ?", upload)
	if !all {
		query = query.Where("kept = 1")
	}
	err := query.Order("start, id").Find(&rows).Error
	parts := make([]UploadPart, 0, len(rows))
	for _, row := range rows {
		parts = append(parts, UploadPart{ID: row.ID, Start: row.Start, Bytes: row.Bytes, BlobName: row.BlobName})
	}
	return parts, translate(err)
}

// EndUpload ends an upload, once; CodeConflict when it has ended before.
func (s *Store) EndUpload(ctx context.Context, id models.ID, now time.Time) error {
	done := s.write(ctx).Model(&uploadRow{}).Where("id = ? AND ended_at = 0", id).Update("ended_at", millis(now))
	if done.Error == nil && done.RowsAffected == 0 {
		return models.Fail(models.CodeConflict)
	}
	return translate(done.Error)
}

// AgedUploads are some of the uploads that ended or expired before a time.
func (s *Store) AgedUploads(ctx context.Context, before time.Time, limit int) ([]models.ID, error) {
	aged := []models.ID{}
	err := s.read(ctx).Model(&uploadRow{}).
		Where("expires_at < ? OR (ended_at > 0 AND ended_at < ?)", millis(before), millis(before)).
		Order("id").Limit(limit).Pluck("id", &aged).Error
	return aged, translate(err)
}

// ForgetUpload deletes an upload's rows, whose blobs are gone.
func (s *Store) ForgetUpload(ctx context.Context, id models.ID) error {
	if err := s.write(ctx).Exec("DELETE FROM upload_parts WHERE upload_id = ?", id).Error; err != nil {
		return translate(err)
	}
	return translate(s.write(ctx).Exec("DELETE FROM uploads WHERE id = ?", id).Error)
}
