package store

import (
	"context"
	"time"

	"xunfang/models"
)

type hiddenTipRow struct {
	TipID          models.ID `gorm:"primaryKey"`
	IdentitySealed []byte
}

func (hiddenTipRow) TableName() string { return "hidden_tips" }

type identityOpeningRow struct {
	ID           models.ID `gorm:"primaryKey"`
	TipID        models.ID
	AskedBy      models.ID
	ReasonSealed []byte
	AskedAt      int64
	ApprovedBy   models.ID
	ApprovedAt   int64
}

func (identityOpeningRow) TableName() string { return "identity_openings" }

// AddHiddenTip writes a tip with its reporter, encrypted to the station's key.
func (s *Store) AddHiddenTip(ctx context.Context, tip models.Tip, identity []byte) error {
	if err := s.AddTip(ctx, tip); err != nil {
		return err
	}
	return translate(s.write(ctx).Create(&hiddenTipRow{TipID: tip.ID, IdentitySealed: identity}).Error)
}

// HiddenIdentity reads the encrypted reporter of a tip; CodeNotFound when there is none.
func (s *Store) HiddenIdentity(ctx context.Context, tip models.ID) ([]byte, error) {
	rows := []hiddenTipRow{}
	if err := s.read(ctx).Where("tip_id = ?", tip).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return nil, orNotFound(translate(err))
	}
	return rows[0].IdentitySealed, nil
}

// AddIdentityOpening writes one officer's wish.
func (s *Store) AddIdentityOpening(ctx context.Context, opening models.IdentityOpening) error {
	row := identityOpeningRow{
		ID: opening.ID, TipID: opening.TipID, AskedBy: opening.AskedBy, AskedAt: millis(opening.AskedAt),
		ReasonSealed: s.sealText(opening.Reason, "identity_openings.reason", opening.ID),
		ApprovedBy:   opening.ApprovedBy, ApprovedAt: millis(opening.ApprovedAt),
	}
	return translate(s.write(ctx).Create(&row).Error)
}

// ApproveIdentityOpening notes the consent of another officer, once; CodeWrongState when somebody was first.
func (s *Store) ApproveIdentityOpening(ctx context.Context, opening models.ID, by models.ID, now time.Time) error {
	done := s.write(ctx).Model(&identityOpeningRow{}).Where("id = ? AND approved_by = '' AND asked_by <> ?", opening, by).
		Updates(map[string]any{"approved_by": by, "approved_at": millis(now)})
	if done.Error == nil && done.RowsAffected == 0 {
		return models.Fail(models.CodeWrongState)
	}
	return translate(done.Error)
}

// IdentityOpenings lists those of a tip, at most a hundred, the oldest first.
func (s *Store) IdentityOpenings(ctx context.Context, tip models.ID) ([]models.IdentityOpening, error) {
	rows := []identityOpeningRow{}
	if err := s.read(ctx).Where("tip_id = ?", tip).Order("id").Limit(100).Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	openings := make([]models.IdentityOpening, 0, len(rows))
	for _, row := range rows {
		reason, err := s.openText(row.ReasonSealed, "identity_openings.reason", row.ID)
		if err != nil {
			return nil, err
		}
		openings = append(openings, models.IdentityOpening{
			ID: row.ID, TipID: row.TipID, AskedBy: row.AskedBy, Reason: reason, AskedAt: instant(row.AskedAt),
			ApprovedBy: row.ApprovedBy, ApprovedAt: instant(row.ApprovedAt),
		})
	}
	return openings, nil
}
