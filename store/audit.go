package store

import (
	"context"
	"crypto/hmac"

	"gorm.io/gorm"

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

// auditRecordRow is an entry with what belongs to it.
type auditRecordRow struct {
	Entry        auditRow `gorm:"embedded"`
	Seq          int64
	ChainHash    []byte
	ReasonSealed []byte
}

// ListAudit lists a station's entries, newest first, before the given id ("" for the newest).
// It walks one index of (station, …, id), so every page costs the same.
func (s *Store) ListAudit(
	ctx context.Context, station models.ID, filter models.AuditFilter, before models.ID, limit int,
) ([]models.AuditRecord, error) {
	rows := []auditRecordRow{}
	err := auditQuery(s.read(ctx), station, filter, before).Limit(limit).Find(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	records := make([]models.AuditRecord, 0, len(rows))
	for _, row := range rows {
		// A row that was tampered with is still shown; finding it is VerifyAudit's work.
		entry, _ := row.Entry.entry()
		record := models.AuditRecord{AuditEntry: entry, Seq: row.Seq, Hash: row.ChainHash}
		record.Erased = len(entry.ReasonHash) > 0 && len(row.ReasonSealed) == 0
		if record.Reason, err = s.openText(row.ReasonSealed, reasonColumn, entry.ID); err != nil {
			return nil, translate(err)
		}
		records = append(records, record)
	}
	return records, nil
}

func auditQuery(db *gorm.DB, station models.ID, filter models.AuditFilter, before models.ID) *gorm.DB {
	query := db.Table("audit_entries AS e").
		Select("e.*, COALESCE(c.seq, 0) AS seq, c.hash AS chain_hash, r.sealed AS reason_sealed").
		Joins("LEFT JOIN audit_chain AS c ON c.station_id = e.station_id AND c.entry_id = e.id").
		Joins("LEFT JOIN audit_reasons AS r ON r.station_id = e.station_id AND r.entry_id = e.id").
		Where("e.station_id = ?", station)
	if filter.ActorID != "" {
		query = query.Where("e.actor_id = ?", filter.ActorID)
	}
	if filter.ObjectID != "" {
		query = query.Where("e.object_id = ?", filter.ObjectID)
	}
	if filter.Operation != "" {
		query = query.Where("e.operation = ?", filter.Operation)
	}
	if !filter.From.IsZero() {
		query = query.Where("e.happened_at >= ?", millis(filter.From))
	}
	if !filter.To.IsZero() {
		query = query.Where("e.happened_at < ?", millis(filter.To))
	}
	if before != "" {
		query = query.Where("e.id < ?", before)
	}
	return query.Order("e.id DESC")
}

func equalMAC(a, b []byte) bool { return len(a) > 0 && hmac.Equal(a, b) }
