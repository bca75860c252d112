package store

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"xunfang/models"
)

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
	for spot, now := range after {
		one := moved{spot: spot, removed: before[spot], added: now}
		one.removed.Cut(now)
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
