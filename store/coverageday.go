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
func (d *dayCount) add(ctx context.Context, changes []coverageQueueRow) error {
	minutes, err := queuedMinutes(changes)
	if err != nil {
		return err
	}
	people := slices.Sorted(maps.Keys(minutes))
	before, err := d.store.coveragePresences(ctx, d.station, d.day, people)
	if err != nil {
		return err
	}
	d.sheets = map[sheetName]models.CoverSheet{}
	for _, person := range people {
		found, err := d.found(ctx, person, minutes[person])
		if err != nil {
			return err
		}
		after := before[person].Replace(minutes[person], found)
		if err := d.move(ctx, before[person].Spread(), after.Spread()); err != nil {
			return err
		}
		d.presences = append(d.presences, coveragePresenceRow{
			Day: d.day, StationID: d.station, PersonID: person, Presence: after.Bytes(),
		})
	}
	return nil
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

// move brings the sheets to what has changed of one person. One person after another: all their minutes at once would be
// hundreds of megabytes after a day without a network.
func (d *dayCount) move(ctx context.Context, before, after models.Presence) error {
	for spot, added := range after {
		removed := before[spot]
		both := added
		added.Cut(removed)
		removed.Cut(both)
		if err := d.change(ctx, spot, removed, added); err != nil {
			return err
		}
	}
	for spot, removed := range before {
		if _, still := after[spot]; still {
			continue
		}
		if err := d.change(ctx, spot, removed, models.MinuteSet{}); err != nil {
			return err
		}
	}
	return nil
}

func (d *dayCount) change(ctx context.Context, spot models.Spot, removed, added models.MinuteSet) error {
	if removed.IsEmpty() && added.IsEmpty() {
		return nil
	}
	name := sheetName{spot.Kind, spot.Mode}
	sheet, read := d.sheets[name]
	if !read {
		var err error
		if sheet, err = d.sheet(ctx, name); err != nil {
			return err
		}
		d.sheets[name] = sheet
	}
	if err := sheet.Change(spot.Place, removed, added); err != nil {
		return fmt.Errorf("store: sheet %s %s of day %d: %w", spot.Kind, spot.Mode, d.day, err)
	}
	return nil
}

// sheet reads a sheet as it was counted last; one without places when nothing was.
func (d *dayCount) sheet(ctx context.Context, name sheetName) (models.CoverSheet, error) {
	rows := []coverageSheetRow{}
	err := d.store.read(ctx).Where("station_id = ? AND kind = ? AND mode = ? AND day = ?", d.station, name.kind, name.mode, d.day).
		Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return models.CoverSheet{}, translate(err)
	}
	return rows[0].parse()
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
