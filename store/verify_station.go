package store

import (
	"bytes"
	"context"
	"time"

	"xunfang/models"
)

// auditCheck verifies one station.
type auditCheck struct {
	store *Store
	mac   func([]byte) []byte
	now   time.Time
	state AuditStation
}

// auditLinkedRow is a link with its entry and reason, whichever of them exist.
type auditLinkedRow struct {
	Entry        auditRow `gorm:"embedded"`
	LinkSeq      int64
	LinkEntry    models.ID
	LinkActor    models.ID
	LinkHash     []byte
	ReasonEntry  models.ID
	ReasonSalt   []byte
	ReasonSealed []byte
}

const (
	linkColumns   = "c.seq AS link_seq, c.entry_id AS link_entry, c.actor_id AS link_actor, c.hash AS link_hash"
	reasonColumns = "COALESCE(r.entry_id, '') AS reason_entry, r.salt AS reason_salt, r.sealed AS reason_sealed"
	joinEntry     = "LEFT JOIN audit_entries AS e ON e.station_id = c.station_id AND e.id = c.entry_id"
	joinLink      = "LEFT JOIN audit_chain AS c ON c.station_id = e.station_id AND c.entry_id = e.id"
	joinReason    = "LEFT JOIN audit_reasons AS r ON r.station_id = e.station_id AND r.entry_id = e.id"
)

// run gives the first problem: along the chain, then its end, then what stands outside it.
func (a *auditCheck) run(ctx context.Context) (*AuditFinding, error) {
	// The head is read first: links that the sealer adds meanwhile come after it.
	head, err := a.store.auditHead(ctx, a.state.StationID)
	if err != nil {
		return nil, err
	}
	for _, part := range []func(context.Context, auditHeadRow) (*AuditFinding, error){a.chain, a.beyond, a.unlinked, a.strayReasons} {
		if finding, err := part(ctx, head); finding != nil || err != nil {
			return finding, err
		}
	}
	return nil, nil //nolint:nilnil // nothing was found
}

func (a *auditCheck) found(problem AuditProblem, seq int64, entry models.ID) *AuditFinding {
	return &AuditFinding{StationID: a.state.StationID, Problem: problem, Seq: seq, EntryID: entry}
}

// chain walks from the first link to the head.
func (a *auditCheck) chain(ctx context.Context, head auditHeadRow) (*AuditFinding, error) {
	at := newHead(a.state.StationID)
	for at.Seq < head.Seq {
		rows := []auditLinkedRow{}
		err := a.store.read(ctx).Table("audit_chain AS c").Select("e.*, "+linkColumns+", "+reasonColumns).
			Joins(joinEntry).Joins(joinReason).
			Where("c.station_id = ? AND c.seq > ? AND c.seq <= ?", a.state.StationID, at.Seq, head.Seq).
			Order("c.seq").Limit(verifyPage).Find(&rows).Error
		if err != nil {
			return nil, translate(err)
		}
		for _, row := range rows {
			if problem := a.link(at, row); problem != "" {
				if row.LinkSeq != at.Seq+1 {
					return a.found(problem, at.Seq+1, ""), nil
				}
				return a.found(problem, row.LinkSeq, row.LinkEntry), nil
			}
			at.Seq, at.Hash = row.LinkSeq, row.LinkHash
		}
		if len(rows) == 0 {
			return a.found(AuditMissing, at.Seq+1, ""), nil // the tail was cut off
		}
	}
	a.state.Seq, a.state.Hash = at.Seq, at.Hash
	if head.Seq > 0 && (!bytes.Equal(head.Hash, at.Hash) || !equalMAC(head.Mac, headMAC(a.mac, head))) {
		return a.found(AuditHeadWrong, head.Seq, ""), nil
	}
	return nil, nil //nolint:nilnil // nothing was found
}

// link checks one link against the one before and its entry.
func (a *auditCheck) link(before auditHeadRow, row auditLinkedRow) AuditProblem {
	switch {
	case row.LinkSeq != before.Seq+1:
		return AuditMissing
	case row.Entry.ID == "":
		return AuditMissing
	case !row.Entry.intact(a.mac):
		return AuditAltered
	case !bytes.Equal(row.LinkHash, linkHash(before.Hash, row.Entry.Mac, row.LinkSeq)):
		return AuditBroken
	case row.LinkActor != row.Entry.ActorID:
		return AuditAltered // the entry itself holds, but a list by actor would hide it or ascribe it to another
	case row.Entry.Sealed != 1:
		return AuditUnlinked
	}
	return a.reason(row)
}

// reason checks a reason that is there; one that is gone was erased.
func (a *auditCheck) reason(row auditLinkedRow) AuditProblem {
	if row.ReasonEntry == "" {
		if len(row.Entry.ReasonHash) > 0 {
			a.state.Erased++
		}
		return ""
	}
	text, err := a.store.openText(row.ReasonSealed, reasonColumn, row.Entry.ID)
	if err != nil || !bytes.Equal(row.Entry.ReasonHash, reasonHash(row.ReasonSalt, text)) {
		return AuditReasonWrong
	}
	return ""
}

// beyond looks for links behind the head as it stands now, in one statement, so that
// links of a sealer at work do not count.
func (a *auditCheck) beyond(ctx context.Context, _ auditHeadRow) (*AuditFinding, error) {
	links := []auditLinkRow{}
	err := a.store.read(ctx).Where(
		"station_id = ? AND seq > COALESCE((SELECT seq FROM audit_heads WHERE station_id = ?), 0)",
		a.state.StationID, a.state.StationID,
	).Order("seq").Limit(1).Find(&links).Error
	if err != nil || len(links) == 0 {
		return nil, translate(err)
	}
	if links[0].Seq == 1 {
		return a.found(AuditHeadWrong, 1, links[0].EntryID), nil // the head itself is gone
	}
	return a.found(AuditInserted, links[0].Seq, links[0].EntryID), nil
}

// unlinked walks the entries that no link names.
func (a *auditCheck) unlinked(ctx context.Context, _ auditHeadRow) (*AuditFinding, error) {
	after := models.ID("")
	for {
		rows := []auditLinkedRow{}
		err := a.store.read(ctx).Table("audit_entries AS e").Select("e.*, "+reasonColumns).Joins(joinLink).Joins(joinReason).
			Where("e.station_id = ? AND e.id > ? AND c.entry_id IS NULL", a.state.StationID, after).
			Order("e.id").Limit(verifyPage).Find(&rows).Error
		if err != nil {
			return nil, translate(err)
		}
		for _, row := range rows {
			switch {
			case row.Entry.Sealed != 0:
				return a.found(AuditUnlinked, 0, row.Entry.ID), nil
			case !row.Entry.intact(a.mac):
				return a.found(AuditAltered, 0, row.Entry.ID), nil
			case a.now.Sub(instant(row.Entry.HappenedAt)) > verifyLate:
				a.state.Late++
			}
			if problem := a.reason(row); problem != "" {
				return a.found(problem, 0, row.Entry.ID), nil
			}
			a.state.Waiting++
			after = row.Entry.ID
		}
		if len(rows) < verifyPage {
			return nil, nil //nolint:nilnil // nothing was found
		}
	}
}

// strayReasons looks for reasons of entries that do not exist.
func (a *auditCheck) strayReasons(ctx context.Context, _ auditHeadRow) (*AuditFinding, error) {
	stray := []models.ID{}
	err := a.store.read(ctx).Table("audit_reasons AS r").
		Joins("LEFT JOIN audit_entries AS e ON e.station_id = r.station_id AND e.id = r.entry_id").
		Where("r.station_id = ? AND e.id IS NULL", a.state.StationID).
		Order("r.entry_id").Limit(1).Pluck("r.entry_id", &stray).Error
	if err != nil || len(stray) == 0 {
		return nil, translate(err)
	}
	return a.found(AuditInserted, 0, stray[0]), nil
}
