package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"runtime/debug"
	"slices"
	"time"

	"xunfang/models"
)

const (
	countEvery    = 2 * time.Second  // the least rest between two rounds of counting
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
		count, err := c.countStation(ctx, station)
		if errors.Is(err, errNotCounter) {
			return counted, errors.Join(errs...)
		}
		counted += count
		errs = append(errs, err)
	}
	return counted, errors.Join(errs...)
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

func (s *Store) dropChanges(ctx context.Context, station models.ID, changes []coverageChangeRow) error {
	for part := range slices.Chunk(changes, maxFlushRows) {
		ids := make([]models.ID, 0, len(part))
		for _, change := range part {
			ids = append(ids, change.ID)
		}
		err := s.write(ctx).Where("station_id = ? AND id IN ?", station, ids).Delete(&coverageChangeRow{}).Error
		if err != nil {
			return translate(err)
		}
	}
	return nil
}

// dayCount counts changes of one station and day.
type dayCount struct {
	store     *Store
	ground    *models.Ground
	station   models.ID
	day       int64
	presences []coveragePresenceRow
	sheets    map[sheetName]models.CoverSheet
}

type sheetName struct {
	kind models.CoverKind
	mode models.Mode
}

// add counts the changed minutes of people anew.
func (d *dayCount) add(ctx context.Context, changes []coverageChangeRow) error {
	minutes := map[models.ID]models.MinuteSet{}
	for _, change := range changes {
		set := minutes[change.PersonID]
		set.Join(models.MinutesBetween(change.FirstMinute, change.LastMinute+1))
		minutes[change.PersonID] = set
	}
	people := slices.Sorted(maps.Keys(minutes))
	before, err := d.store.coveragePresences(ctx, d.station, d.day, people)
	if err != nil {
		return err
	}
	moved := []moved{}
	for _, person := range people {
		found, err := d.found(ctx, person, minutes[person])
		if err != nil {
			return err
		}
		after := before[person].Replace(minutes[person], found)
		moved = append(moved, differences(before[person].Spread(), after.Spread())...)
		d.presences = append(d.presences, coveragePresenceRow{
			Day: d.day, StationID: d.station, PersonID: person, Presence: after.Bytes(),
		})
	}
	return d.move(ctx, moved)
}

// found is where a person was in some minutes, by what is written of them now.
func (d *dayCount) found(ctx context.Context, person models.ID, minutes models.MinuteSet) (models.Presence, error) {
	facts := []models.CoverFact{}
	for _, stretch := range (models.Cover{d.day: models.Headcount{minutes}}).Present(dayStretch(d.day)) {
		more, err := d.store.coverFacts(ctx, d.station, person, stretch)
		if err != nil {
			return nil, err
		}
		facts = append(facts, more...)
	}
	return d.ground.Presence(facts), nil
}

// moved is what of one person changes in one place.
type moved struct {
	spot           models.Spot
	removed, added models.MinuteSet
}

func differences(before, after models.Presence) []moved {
	found := []moved{}
	for spot, new := range after {
		one := moved{spot: spot, removed: before[spot], added: new}
		one.removed.Cut(new)
		one.added.Cut(before[spot])
		if !one.removed.IsEmpty() || !one.added.IsEmpty() {
			found = append(found, one)
		}
	}
	for spot, old := range before {
		if _, still := after[spot]; !still {
			found = append(found, moved{spot: spot, removed: old})
		}
	}
	return found
}

// move brings the sheets, read for it, to what has changed.
func (d *dayCount) move(ctx context.Context, all []moved) error {
	kinds, modes := map[models.CoverKind]bool{}, map[models.Mode]bool{}
	d.sheets = map[sheetName]models.CoverSheet{}
	for _, one := range all {
		kinds[one.spot.Kind], modes[one.spot.Mode] = true, true
		d.sheets[sheetName{one.spot.Kind, one.spot.Mode}] = models.CoverSheet{}
	}
	if len(all) == 0 {
		return nil
	}
	rows := []coverageSheetRow{}
	err := d.store.read(ctx).Where("station_id = ? AND kind IN ? AND mode IN ? AND day = ?",
		d.station, slices.Sorted(maps.Keys(kinds)), slices.Sorted(maps.Keys(modes)), d.day).Find(&rows).Error
	if err != nil {
		return translate(err)
	}
	for _, row := range rows {
		name := sheetName{row.Kind, row.Mode}
		if _, touched := d.sheets[name]; !touched {
			continue
		}
		if d.sheets[name], err = row.parse(); err != nil {
			return err
		}
	}
	for _, one := range all {
		if err := d.sheets[sheetName{one.spot.Kind, one.spot.Mode}].Change(one.spot.Place, one.removed, one.added); err != nil {
			return fmt.Errorf("store: sheet %s %s of day %d: %w", one.spot.Kind, one.spot.Mode, d.day, err)
		}
	}
	return nil
}

func (d *dayCount) sheetRows() []coverageSheetRow {
	rows := make([]coverageSheetRow, 0, len(d.sheets))
	for name, sheet := range d.sheets {
		rows = append(rows, coverageSheetRow{
			StationID: d.station, Kind: name.kind, Mode: name.mode, Day: d.day, Sheet: sheet.Bytes(),
		})
	}
	return rows
}
