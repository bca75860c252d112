package store

import (
	"context"
	"crypto/hmac"

	"xunfang/models"
)

// Record writes an audit entry in the transaction of what it tells of. ID and At are the
// caller's; ReasonHash is set here. The reason, if there is one, is kept sealed beside the
// entry so that it can be erased. Errors: CodeUnprocessable when the entry is not fit to be kept.
func (s *Store) Record(_ context.Context, entry models.AuditEntry, reason models.Secret) error {
	if s.tx == nil {
		return errOutside
	}
	if s.config.AuditMAC == nil {
		return errNoMAC
	}
	if err := entry.Check(); err != nil {
		return err
	}
	if len(reason) > models.MaxAuditReason {
		return models.Unfit("reason", models.FieldTooLong, "<= 2000 bytes")
	}
	entry.ReasonHash = nil
	if reason != "" {
		row, hash := s.newReason(entry, reason)
		entry.ReasonHash = hash
		later(s, row)
	}
	row, err := newAuditRow(entry, s.config.AuditMAC)
	if err != nil {
		return err
	}
	later(s, row)
	return nil
}

// RecordAlone writes an entry that belongs to no other effect, such as a refusal.
func (s *Store) RecordAlone(ctx context.Context, entry models.AuditEntry, reason models.Secret) error {
	return s.Atomically(ctx, func(tx *Store) error { return tx.Record(ctx, entry, reason) })
}

// EraseReason deletes the text of an entry's reason for ever; the entry and the chain stay
// whole. CodeNotFound when there is none. Call it in a transaction that records the erasing.
func (s *Store) EraseReason(ctx context.Context, station, entry models.ID) error {
	result := s.write(ctx).Where("station_id = ? AND entry_id = ?", station, entry).Delete(&auditReasonRow{})
	if result.Error == nil && result.RowsAffected == 0 {
		return models.Fail(models.CodeNotFound)
	}
	return translate(result.Error)
}

func equalMAC(a, b []byte) bool { return len(a) > 0 && hmac.Equal(a, b) }
