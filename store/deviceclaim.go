package store

import (
	"context"
	"time"

	"xunfang/models"
)

type deviceClaimRow struct {
	ID        models.ID `gorm:"primaryKey"`
	StationID models.ID
	DeviceID  models.ID
	CodeMAC   []byte `gorm:"column:code_mac"`
	NonceMAC  []byte `gorm:"column:nonce_mac"`
	CreatedAt int64  `gorm:"autoCreateTime:false"`
	ExpiresAt int64
	UsedAt    int64
}

func (deviceClaimRow) TableName() string { return "device_claims" }

// AddDeviceClaim writes a new claim in place of all that the device had.
func (s *Store) AddDeviceClaim(ctx context.Context, claim models.DeviceClaim) error {
	if err := s.write(ctx).Where("device_id = ?", claim.DeviceID).Delete(&deviceClaimRow{}).Error; err != nil {
		return translate(err)
	}
	row := deviceClaimRow{
		ID: claim.ID, StationID: claim.Place.Station, DeviceID: claim.DeviceID, CodeMAC: claim.CodeMAC,
		CreatedAt: millis(claim.CreatedAt), ExpiresAt: millis(claim.ExpiresAt),
	}
	return translate(s.write(ctx).Create(&row).Error)
}

// DeviceClaim finds a claim by its code; CodeNotFound when there is none.
func (s *Store) DeviceClaim(ctx context.Context, codeMAC []byte) (models.DeviceClaim, error) {
	rows := []deviceClaimRow{}
	if err := s.read(ctx).Where("code_mac = ?", codeMAC).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return models.DeviceClaim{}, orNotFound(translate(err))
	}
	row := rows[0]
	return models.DeviceClaim{
		ID: row.ID, Place: models.Place{Station: row.StationID}, DeviceID: row.DeviceID, CodeMAC: row.CodeMAC, NonceMAC: row.NonceMAC,
		CreatedAt: instant(row.CreatedAt), ExpiresAt: instant(row.ExpiresAt), UsedAt: instant(row.UsedAt),
	}, nil
}

// UseDeviceClaim marks a claim used, once: false when somebody was first.
func (s *Store) UseDeviceClaim(ctx context.Context, id models.ID, nonceMAC []byte, now time.Time) (bool, error) {
	done := s.write(ctx).Model(&deviceClaimRow{}).Where("id = ? AND used_at = 0", id).
		Updates(map[string]any{"used_at": millis(now), "nonce_mac": nonceMAC})
	return done.RowsAffected == 1, translate(done.Error)
}
