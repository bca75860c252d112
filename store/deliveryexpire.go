package store

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"xunfang/models"
)

// ExpireLook is how many rows one look finds at most, expireBatch how many one transaction ends.
const (
	ExpireLook  = 5000
	expireBatch = 500
)

// ExpireDeliveries ends deliveries that wait though their alert is over, and returns how many; at most ExpireLook a call. A
// worker ends those that it claims, but of a provider that takes nothing it claims next to nothing. What somebody had begun to
// send and did not live to end may have left: it failed, and the phone may still say more. What is under way just now is left to
// its worker.
//
// No index is made for it: every delivery of every alert would pay at each of its states for what a few looks a minute read.
func (s *Store) ExpireDeliveries(ctx context.Context, now time.Time) (int, error) {
	over, ended := []models.ID{}, 0
	err := overdue(s.read(ctx), now).Limit(ExpireLook).Pluck("id", &over).Error
	if err != nil {
		return 0, translate(err)
	}
	for batch := range slices.Chunk(over, expireBatch) {
		err := s.Atomically(ctx, func(tx *Store) error {
			for _, end := range []struct {
				state models.DeliveryState
				which string
			}{{models.DeliveryExpired, "lease_owner = ''"}, {models.DeliveryFailed, "lease_owner <> ''"}} {
				done := overdue(tx.write(ctx), now).Where("id IN ?", batch).Where(end.which).Updates(map[string]any{
					"state": end.state, "reason": models.ReasonExpired, "lease_owner": "", "lease_until": 0, "updated_at": millis(now),
				})
				if done.Error != nil {
					return translate(done.Error)
				}
				ended += int(done.RowsAffected)
			}
			return nil
		})
		if err != nil {
			return ended, err
		}
	}
	return ended, nil
}

// overdue are the deliveries that wait though their alert is over.
func overdue(from *gorm.DB, now time.Time) *gorm.DB {
	return from.Model(&deliveryRow{}).
		Where("state = ? AND expires_at <= ? AND lease_until < ?", models.DeliveryQueued, millis(now), millis(now))
}
