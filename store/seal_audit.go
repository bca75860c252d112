package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"xunfang/models"
)

const (
	sealEvery   = 250 * time.Millisecond // an entry is in the chain within a second
	sealAtOnce  = 500                    // entries linked in one transaction: a few milliseconds of the writer
	sealLease   = 5 * time.Second        // after this another replica takes over from one that died
	sealerLease = "audit"
)

var (
	errNotSealer = errors.New("store: another replica seals the audit")
	errSealRace  = errors.New("store: the audit chain moved while it was sealed")
)

// Sealer links new audit entries into the chain of their station. Writers only insert
// entries, each with its own MAC; the order of the chain is the sealer's business alone, so
// that nobody queues for it. Of several replicas one seals, by lease.
type Sealer struct {
	store  *Store
	holder string
	now    func() time.Time
}

// NewSealer makes the sealer of one replica; holder is the replica's own name.
func NewSealer(s *Store, holder string, now func() time.Time) *Sealer {
	return &Sealer{store: s, holder: holder, now: now}
}

// Run seals until ctx ends, and then returns nil. What fails is logged and tried again.
func (s *Sealer) Run(ctx context.Context) error {
	pause := time.NewTimer(0)
	defer pause.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-pause.C:
		}
		sealed, err := s.guarded(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			s.store.log.ErrorContext(ctx, "audit sealing failed", slog.Any("error", err))
			pause.Reset(4 * sealEvery)
		case sealed == sealAtOnce:
			pause.Reset(0) // there is more
		default:
			pause.Reset(sealEvery)
		}
	}
}

func (s *Sealer) guarded(ctx context.Context) (sealed int, err error) {
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("store: panic while sealing: %v\n%s", problem, debug.Stack())
		}
	}()
	return s.SealOnce(ctx)
}

// SealOnce links at most 500 entries that wait, and says how many. It is 0 without an error
// when none waits or another replica has the lease.
func (s *Sealer) SealOnce(ctx context.Context) (int, error) {
	mac := s.store.config.AuditMAC
	if mac == nil {
		return 0, errNoMAC
	}
	// Everything is read and computed outside the transaction, which then only writes, and
	// only if the heads are still those that were read.
	waiting := []auditRow{}
	err := s.store.read(ctx).Select("station_id", "id", "actor_id", "mac").Where("sealed = 0").
		Order("station_id, id").Limit(sealAtOnce).Find(&waiting).Error
	if err != nil || len(waiting) == 0 {
		return 0, translate(err)
	}
	parts, err := s.link(ctx, waiting)
	if err != nil {
		return 0, err
	}
	err = s.store.Atomically(ctx, func(tx *Store) error {
		mine, err := tx.claimLease(ctx, sealerLease, s.holder, s.now(), sealLease)
		if err != nil {
			return err
		}
		if !mine {
			return errNotSealer
		}
		for _, part := range parts {
			part.after.Mac = headMAC(mac, part.after)
			if err := tx.extendChain(ctx, part); err != nil {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, errNotSealer) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return len(waiting), nil
}

// chainPart is what one station's chain grows by.
type chainPart struct {
	before, after auditHeadRow
	links         []auditLinkRow
}

// link computes the links of the entries, which are ordered by station.
func (s *Sealer) link(ctx context.Context, waiting []auditRow) ([]chainPart, error) {
	parts := []chainPart{}
	for _, row := range waiting {
		if len(parts) == 0 || parts[len(parts)-1].after.StationID != row.StationID {
			head, err := s.store.auditHead(ctx, row.StationID)
			if err != nil {
				return nil, err
			}
			parts = append(parts, chainPart{before: head, after: head})
		}
		part := &parts[len(parts)-1]
		var link auditLinkRow
		part.after, link = part.after.next(row)
		part.links = append(part.links, link)
	}
	return parts, nil
}

// auditHead reads a station's head; that of an empty chain when there is none.
func (s *Store) auditHead(ctx context.Context, station models.ID) (auditHeadRow, error) {
	heads := []auditHeadRow{}
	if err := s.read(ctx).Where("station_id = ?", station).Find(&heads).Error; err != nil {
		return auditHeadRow{}, translate(err)
	}
	if len(heads) == 0 {
		return newHead(station), nil
	}
	return heads[0], nil
}

// extendChain moves the head, inserts the links and marks their entries; each must find
// exactly what was read, or the whole is undone.
func (s *Store) extendChain(ctx context.Context, part chainPart) error {
	if part.before.Seq == 0 {
		if err := s.write(ctx).Create(&part.after).Error; err != nil {
			return errors.Join(translate(err), errSealRace)
		}
	} else {
		moved := s.write(ctx).Model(&auditHeadRow{}).
			Where("station_id = ? AND seq = ? AND hash = ?", part.before.StationID, part.before.Seq, part.before.Hash).
			Updates(map[string]any{"seq": part.after.Seq, "hash": part.after.Hash, "mac": part.after.Mac})
		if moved.Error != nil || moved.RowsAffected != 1 {
			return errors.Join(translate(moved.Error), errSealRace)
		}
	}
	if err := s.write(ctx).Create(&part.links).Error; err != nil {
		return translate(err)
	}
	ids := make([]models.ID, 0, len(part.links))
	for _, link := range part.links {
		ids = append(ids, link.EntryID)
	}
	// By key and not by "sealed = 0": a scan of that index would wait for writers' open transactions.
	marked := s.write(ctx).Model(&auditRow{}).Where("station_id = ? AND id IN ?", part.before.StationID, ids).
		Update("sealed", 1)
	if marked.Error != nil || marked.RowsAffected != int64(len(ids)) {
		return errors.Join(translate(marked.Error), errSealRace)
	}
	return nil
}
