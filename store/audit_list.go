package store

import (
	"context"

	"gorm.io/gorm"

	"xunfang/models"
)

// auditRecordRow is an entry with what belongs to it.
type auditRecordRow struct {
	Entry        auditRow `gorm:"embedded"`
	Seq          int64
	ChainHash    []byte
	ReasonSealed []byte
}

// ListAudit lists a station's entries, newest first, before the given id ("" for the newest).
// It walks indexes of (station, …, id), so every page costs the same.
func (s *Store) ListAudit(
	ctx context.Context, station models.ID, filter models.AuditFilter, before models.ID, limit int,
) ([]models.AuditRecord, error) {
	rows := []auditRecordRow{}
	for _, query := range auditQueries(s.read(ctx), s.engine.kind, station, filter, before) {
		found := []auditRecordRow{}
		if err := query.Limit(limit).Find(&found).Error; err != nil {
			return nil, translate(err)
		}
		rows = append(rows, found...)
	}
	rows = newestFirst(rows, limit, func(row auditRecordRow) models.ID { return row.Entry.ID })
	records := make([]models.AuditRecord, 0, len(rows))
	for _, row := range rows {
		// A row that was tampered with is still shown; finding it is VerifyAudit's work.
		entry, _ := row.Entry.entry()
		record := models.AuditRecord{AuditEntry: entry, Seq: row.Seq, Hash: row.ChainHash}
		record.Erased = len(entry.ReasonHash) > 0 && len(row.ReasonSealed) == 0
		reason, err := s.openText(row.ReasonSealed, reasonColumn, entry.ID)
		if err != nil {
			return nil, translate(err)
		}
		record.Reason = reason
		records = append(records, record)
	}
	return records, nil
}

// auditQueries are the statements, each newest first, whose answers together hold the page. The actor's index
// is kept by the sealer: the entries that wait for it are asked for first, so that one which is linked between
// the two statements stands in both answers and not in neither.
func auditQueries(db *gorm.DB, kind string, station models.ID, filter models.AuditFilter, before models.ID) []*gorm.DB {
	if filter.ActorID == "" || filter.ObjectID != "" { // one object has few entries, whoever the actor
		entries := "audit_entries AS e"
		if filter.ObjectID != "" {
			entries += indexHint(kind, "audit_entries_object")
		}
		return []*gorm.DB{auditEntries(db, entries, station, filter, before)}
	}
	waiting := auditEntries(db, "audit_entries AS e"+indexHint(kind, "audit_entries_unsealed"), station, filter, before).
		Where("e.sealed = 0") // spelled out: SQLite does not see that a parameter fits the partial index
	return []*gorm.DB{waiting, auditByActor(db, kind, station, filter, before)}
}

const auditColumns = "e.*, COALESCE(c.seq, 0) AS seq, c.hash AS chain_hash, r.sealed AS reason_sealed"

// auditEntries walks the table of entries by its key or the index named in from.
func auditEntries(db *gorm.DB, from string, station models.ID, filter models.AuditFilter, before models.ID) *gorm.DB {
	query := db.Table(from).Select(auditColumns).Joins(joinLink).Joins(joinReason).Where("e.station_id = ?", station)
	if before != "" {
		query = query.Where("e.id < ?", before)
	}
	return narrowed(query, filter).Order("e.id DESC")
}

// auditByActor walks the links of one actor. The databases are told to begin there: left alone, MariaDB walks
// the links of the whole station to find those of one actor, or sorts.
func auditByActor(db *gorm.DB, kind string, station models.ID, filter models.AuditFilter, before models.ID) *gorm.DB {
	inOrder := "CROSS JOIN"
	if kind == kindMySQL {
		inOrder = "STRAIGHT_JOIN"
	}
	query := db.Table("audit_chain AS c"+indexHint(kind, "audit_chain_actor")).Select(auditColumns).
		Joins(inOrder+" audit_entries AS e ON e.station_id = c.station_id AND e.id = c.entry_id").Joins(joinReason).
		Where("c.station_id = ? AND c.actor_id = ?", station, filter.ActorID)
	if before != "" {
		query = query.Where("c.entry_id < ?", before)
	}
	return narrowed(query, filter).Order("c.entry_id DESC")
}

// narrowed keeps the entries that fit the filter, whatever a link says of them.
func narrowed(query *gorm.DB, filter models.AuditFilter) *gorm.DB {
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
	return query
}

// indexHint makes the database read this index and no other.
func indexHint(kind, index string) string {
	if kind == kindMySQL {
		return " FORCE INDEX (" + index + ")"
	}
	return " INDEXED BY " + index
}
