package store

import (
	"context"
	"time"

	"gorm.io/gorm/clause"

	"xunfang/models"
)

type accessTokenRow struct {
	Name        string `gorm:"primaryKey"`
	ValueSealed []byte
	ExpiresAt   int64
	Version     int64
	LeaseUntil  int64
}

func (accessTokenRow) TableName() string { return "access_tokens" }

// AccessToken reads a provider's token; the zero one when none was ever kept.
func (s *Store) AccessToken(ctx context.Context, name string) (models.AccessToken, error) {
	rows := []accessTokenRow{}
	if err := s.read(ctx).Where("name = ?", name).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return models.AccessToken{}, translate(err)
	}
	value, err := s.openText(rows[0].ValueSealed, "access_tokens.value", models.ID(name))
	return models.AccessToken{Value: value, ExpiresAt: instant(rows[0].ExpiresAt), Version: rows[0].Version}, err
}

// LeaseAccessToken says whether the caller is the one who fetches the token that follows a version, until a time.
func (s *Store) LeaseAccessToken(ctx context.Context, name string, version int64, now, until time.Time) (bool, error) {
	leased := false
	err := s.Atomically(ctx, func(tx *Store) error {
		empty := accessTokenRow{Name: name}
		if err := tx.write(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&empty).Error; err != nil {
			return translate(err)
		}
		done := tx.write(ctx).Model(&accessTokenRow{}).
			Where("name = ? AND version = ? AND lease_until <= ?", name, version, millis(now)).
			Update("lease_until", millis(until))
		leased = done.RowsAffected == 1
		return translate(done.Error)
	})
	return leased, err
}

// FreeAccessToken ends the lease of whoever got no token.
func (s *Store) FreeAccessToken(ctx context.Context, name string, version int64) error {
	return s.Atomically(ctx, func(tx *Store) error {
		return translate(tx.write(ctx).Model(&accessTokenRow{}).Where("name = ? AND version = ?", name, version).
			Update("lease_until", 0).Error)
	})
}

// KeepAccessToken writes a token over the one before it, and ends the lease. A newer one stays.
func (s *Store) KeepAccessToken(ctx context.Context, name string, token models.AccessToken) error {
	return s.Atomically(ctx, func(tx *Store) error {
		return translate(tx.write(ctx).Model(&accessTokenRow{}).Where("name = ? AND version = ?", name, token.Version-1).
			Updates(map[string]any{
				"value_sealed": tx.sealText(token.Value, "access_tokens.value", models.ID(name)),
				"expires_at":   millis(token.ExpiresAt), "version": token.Version, "lease_until": 0,
			}).Error)
	})
}
