package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"time"

	"xunfang/models"
)

const (
	countEvery    = 5 * time.Second  // the least rest between two rounds of counting
	countRest     = 9                // it rests so many times as long as it worked: a tenth of one core at most
	maxCountRest  = 5 * time.Minute  // and no longer than this
	countLease    = 10 * time.Second // after this another replica takes over from one that died
	coverageLease = "coverage"
)

var errNotCounter = errors.New("store: another replica counts the cover")

// CoverageCounter keeps the sheets of all stations caught up with what the queue of changes says. A count is never
// added up from what came in: the minutes that changed are read anew, whatever changed there, so that late, repeated and
// corrected facts lead to what a count of everything would. Of several replicas one counts, by lease.
type CoverageCounter struct {
	store  *Store
	holder string
	now    func() time.Time
}

// NewCoverageCounter makes the counter of one replica; holder is the replica's own name.
func NewCoverageCounter(s *Store, holder string, now func() time.Time) *CoverageCounter {
	return &CoverageCounter{store: s, holder: holder, now: now}
}

// Run counts until ctx ends, and then returns nil. What fails is logged and tried again.
func (c *CoverageCounter) Run(ctx context.Context) error {
	pause := time.NewTimer(countEvery)
	defer pause.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-pause.C:
		}
		begun := c.now()
		counted, err := c.guarded(ctx)
		if err != nil && ctx.Err() == nil {
			c.store.log.ErrorContext(ctx, "counting the cover failed", slog.Any("error", err))
		}
		rest := min(countRest*c.now().Sub(begun), maxCountRest)
		if counted < maxChanges { // else there is more
			rest = max(rest, countEvery)
		}
		pause.Reset(rest)
	}
}

func (c *CoverageCounter) guarded(ctx context.Context) (counted int, err error) {
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("store: panic while counting: %v\n%s", problem, debug.Stack())
		}
	}()
	return c.CountOnce(ctx)
}

// CountOnce counts some of what waits of every station, and says how many changes that were. It is 0 without an error
// when none waits or another replica has the lease. A station that fails does not keep the others.
func (c *CoverageCounter) CountOnce(ctx context.Context) (int, error) {
	stations, err := c.store.coverageStations(ctx)
	if err != nil {
		return 0, err
	}
	counted, errs := 0, []error{}
	for _, station := range stations {
		if mine, err := c.claim(ctx); err != nil || !mine { // before anything is read: one replica bears the cost, not all
			return counted, errors.Join(append(errs, err)...)
		}
		count, err := c.countStation(ctx, station)
		if errors.Is(err, errNotCounter) {
			return counted, errors.Join(errs...)
		}
		counted += count
		errs = append(errs, err)
	}
	return counted, errors.Join(errs...)
}

// claim takes or keeps the lease; false while another replica has it.
func (c *CoverageCounter) claim(ctx context.Context) (mine bool, err error) {
	err = c.store.Atomically(ctx, func(tx *Store) error {
		mine, err = tx.claimLease(ctx, coverageLease, c.holder, c.now(), countLease)
		return err
	})
	return mine, err
}

// countStation counts a station's oldest changes. Everything is read and computed outside the transaction,
// which only writes, and only if the sheets are still of the version that was read first. The changes are read
// before the facts: what comes in between is counted now or later, and never missed.
func (c *CoverageCounter) countStation(ctx context.Context, station models.ID) (int, error) {
	info, ground, err := c.store.CoverageGround(ctx, station)
	if err != nil {
		return 0, err
	}
	state, err := c.store.coverageState(ctx, info)
	if err != nil {
		return 0, err
	}
	changes, err := c.store.coverageChanges(ctx, station)
	if err != nil || len(changes) == 0 {
		return 0, err
	}
	if (ground.Grid.Origin != models.Position{Lat: state.Lat, Lng: state.Lng}) {
		return 0, nil // the station was moved in between, before anything was counted: the next time sees where to
	}
	count := &dayCount{store: c.store, ground: ground, station: station, day: changes[0].Day}
	if models.DayOpen(count.day, c.now()) {
		err := count.add(ctx, changes)
		if errors.Is(err, models.ErrBadCount) {
			c.store.log.ErrorContext(ctx, "a day's cover is counted anew", slog.Int64("day", count.day), slog.Any("error", err))
			return 0, c.store.recountDay(ctx, info, count.day, c.now())
		}
		if err != nil {
			return 0, err
		}
	}
	err = c.store.Atomically(ctx, func(tx *Store) error {
		mine, err := tx.claimLease(ctx, coverageLease, c.holder, c.now(), countLease)
		if err != nil {
			return err
		}
		if !mine {
			return errNotCounter
		}
		if err := tx.moveCoverage(ctx, state); err != nil {
			return err
		}
		if err := tx.writeCoverage(ctx, count.presences, count.sheetRows()); err != nil {
			return err
		}
		return tx.dropChanges(ctx, station, changes)
	})
	switch {
	case errors.Is(err, errCoverageMoved): // nothing was written, and the changes still wait
		return 0, nil
	case err != nil:
		return 0, err
	}
	return len(changes), nil
}

func (s *Store) dropChanges(ctx context.Context, station models.ID, changes []coverageQueueRow) error {
	for part := range slices.Chunk(changes, maxFlushRows) {
		ids := make([]models.ID, 0, len(part))
		for _, change := range part {
			ids = append(ids, change.ID)
		}
		err := s.write(ctx).Where("station_id = ? AND id IN ?", station, ids).Delete(&coverageQueueRow{}).Error
		if err != nil {
			return translate(err)
		}
	}
	return nil
}
