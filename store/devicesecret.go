package store

import (
	"context"

	"xunfang/models"
)

func (r deviceRow) oldSecret() models.OldSecret {
	if len(r.OldSecretHash) == 0 {
		return models.OldSecret{}
	}
	return models.OldSecret{Hash: r.OldSecretHash, Until: instant(r.OldSecretUntil)}
}

// DeviceSecrets reads what devices sign in by, and whether they may, and nothing else; a device that is no more is left out.
func (s *Store) DeviceSecrets(ctx context.Context, ids []models.ID) (map[models.ID]models.Device, error) {
	rows, found := []deviceRow{}, map[models.ID]models.Device{}
	if len(ids) == 0 {
		return found, nil
	}
	err := s.read(ctx).Select("id, secret_hash, old_secret_hash, old_secret_until, disabled_at").Where("id IN ?", ids).Find(&rows).Error
	for _, row := range rows {
		found[row.ID] = models.Device{
			ID: row.ID, SecretHash: row.SecretHash, OldSecret: row.oldSecret(), DisabledAt: instant(row.DisabledAt),
		}
	}
	return found, translate(err)
}

// RetireOldSecret ends a device's old secret, if the present one is still the one with the hash; false when it had ended.
func (s *Store) RetireOldSecret(ctx context.Context, device models.Device) (bool, error) {
	done := s.write(ctx).Model(&deviceRow{}).
		Where("id = ? AND secret_hash = ? AND old_secret_hash IS NOT NULL", device.ID, device.SecretHash).
		Updates(map[string]any{"old_secret_hash": nil, "old_secret_until": 0})
	return done.RowsAffected == 1, translate(done.Error)
}

// CutDevice forgets a device's connection to the broker: nothing is signed for it until it says hello again.
func (s *Store) CutDevice(ctx context.Context, device models.ID) error {
	return translate(s.write(ctx).Model(&deviceRow{}).Where("id = ?", device).
		Updates(map[string]any{"session_nonce": "", "online": false}).Error)
}
