package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"xunfang/models"
)

// coverageQueueRow says that something about some people's minutes of one day was written and is not counted yet.
// It is written in the transaction of what it tells of, and deleted in the one of the count.
type coverageQueueRow struct {
	StationID  models.ID `gorm:"primaryKey"`
	ID         models.ID `gorm:"primaryKey"`
	Day        int64
	Minutes    string // for each person: the id, the first and the last minute, and a semicolon
	ReceivedAt int64
}

func (coverageQueueRow) TableName() string { return "coverage_queue" }

// maxQueueMinutes is how long the text of one row may get by joining.
const maxQueueMinutes = 16 << 10

// join makes one row of those of a station and day that are written by one commit: an index entry for each of the callers who
// share it would be what keeping the cover costs most.
func (coverageQueueRow) join(rows []coverageQueueRow) []coverageQueueRow {
	type key struct {
		station models.ID
		day     int64
	}
	joined, known := []coverageQueueRow{}, map[key]int{}
	for _, row := range rows {
		at, found := known[key{row.StationID, row.Day}]
		if !found || len(joined[at].Minutes)+len(row.Minutes) > maxQueueMinutes {
			known[key{row.StationID, row.Day}] = len(joined)
			joined = append(joined, row)
			continue
		}
		one := &joined[at]
		one.ID, one.ReceivedAt = min(one.ID, row.ID), min(one.ReceivedAt, row.ReceivedAt)
		one.Minutes += row.Minutes
	}
	return joined
}

// queuedMinutes are the minutes of people that rows tell of.
func queuedMinutes(rows []coverageQueueRow) (map[models.ID]models.MinuteSet, error) {
	minutes := map[models.ID]models.MinuteSet{}
	for _, row := range rows {
		for part := range strings.SplitSeq(strings.TrimSuffix(row.Minutes, ";"), ";") {
			person, first, last := models.ID(""), 0, 0
			if _, err := fmt.Sscan(part, &person, &first, &last); err != nil {
				return nil, fmt.Errorf("store: row %s of the cover's queue: %w", row.ID, err)
			}
			set := minutes[person]
			set.Join(models.MinutesBetween(first, last+1))
			minutes[person] = set
		}
	}
	return minutes, nil
}

// CoverageChanged says, in the transaction of the change, that what counts for a person's cover has changed in
// [from, to): whoever learns later which round a check-in belonged to calls it. AddCheckIns, AddTrackPoints and
// CheckInCountsAnew do so themselves.
func (s *Store) CoverageChanged(station, person models.ID, from, to, now time.Time) {
	change := coverageChange{}
	whole := models.StretchOf(from, to)
	if first, last := whole.Days(); first < last {
		for day := first; day <= last; day++ {
			change.note(station, person, max(whole.From, dayStretch(day).From), now)
			change.note(station, person, min(whole.Until, dayStretch(day).Until)-1, now)
		}
	} else {
		change.note(station, person, whole.From, now)
		change.note(station, person, max(whole.Until-1, whole.From), now)
	}
	change.write(s)
}

// CheckInCountsAnew says, in the transaction of the change, that a check-in counts as something else.
func (s *Store) CheckInCountsAnew(checkIn models.CheckIn, now time.Time) {
	at := countedAt(checkIn)
	s.CoverageChanged(checkIn.Place.Station, checkIn.PersonID, at, at, now)
}

// coverageChange gathers what a batch changes: one stretch for each person and day.
type coverageChange struct{ days []changedDay }

type changedDay struct {
	station, person models.ID
	day             int64
	first, last     int // minutes of the day
	received        time.Time
}

func (c *coverageChange) note(station, person models.ID, minute int64, received time.Time) {
	day := models.CoverDay(time.Unix(minute*60, 0))
	ofDay := int(minute - day*models.DayMinutes)
	for known := range c.days {
		one := &c.days[known]
		if one.station == station && one.person == person && one.day == day {
			one.first, one.last = min(one.first, ofDay), max(one.last, ofDay)
			return
		}
	}
	c.days = append(c.days, changedDay{station: station, person: person, day: day, first: ofDay, last: ofDay, received: received})
}

func (c *coverageChange) write(tx *Store) {
	if tx.config.NoCover {
		return
	}
	for _, one := range c.days {
		later(tx, coverageQueueRow{
			StationID: one.station, ID: tx.config.NewID(), Day: one.day, ReceivedAt: millis(one.received),
			Minutes: fmt.Sprintf("%s %d %d;", one.person, one.first, one.last),
		})
	}
}

// checkInsChangeCoverage queues new check-ins to be counted.
func (s *Store) checkInsChangeCoverage(checkIns []models.CheckIn) {
	change := coverageChange{}
	for _, one := range checkIns {
		change.note(one.Place.Station, one.PersonID, models.StretchOf(countedAt(one), countedAt(one)).From, one.ReceivedAt)
	}
	change.write(s)
}

// tracksChangeCoverage queues new positions to be counted, and what they may replace to be counted no more.
func (s *Store) tracksChangeCoverage(points []models.TrackPoint, replaced []trackRival, now time.Time) {
	change := coverageChange{}
	for _, one := range points {
		change.note(one.StationID, one.PersonID, models.StretchOf(one.At, one.At).From, now)
	}
	for _, one := range replaced {
		if one.RoundID == "" { // it waited, and was never counted
			continue
		}
		at := instant(one.At)
		change.note(one.StationID, one.PersonID, models.StretchOf(at, at).From, now)
	}
	change.write(s)
}

// maxChanges is how many rows of the queue are counted at once.
const maxChanges = 1000

// coverageChanges are a station's oldest changes of one day: of the day that the oldest is about.
func (s *Store) coverageChanges(ctx context.Context, station models.ID) ([]coverageQueueRow, error) {
	rows := []coverageQueueRow{}
	if err := s.read(ctx).Where("station_id = ?", station).Order("id").Limit(maxChanges).Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	kept := rows[:0]
	for _, row := range rows {
		if row.Day == rows[0].Day {
			kept = append(kept, row)
		}
	}
	return kept, nil
}

// coverageStations are the stations with changes that are not counted yet. Each is looked up after the one
// before: a DISTINCT would read the whole queue.
func (s *Store) coverageStations(ctx context.Context) ([]models.ID, error) {
	stations, last := []models.ID{}, models.ID("")
	for {
		next := []models.ID{}
		err := s.read(ctx).Model(&coverageQueueRow{}).Where("station_id > ?", last).Order("station_id").Limit(1).Pluck("station_id", &next).Error
		if err != nil || len(next) == 0 {
			return stations, translate(err)
		}
		last = next[0]
		stations = append(stations, last)
	}
}

// CountedUntil is an instant before which everything that a phone was thanked for is counted. Ask it
// before reading the sheets.
func (s *Store) CountedUntil(ctx context.Context, station models.ID, now time.Time) (time.Time, error) {
	waiting := []coverageQueueRow{}
	err := s.read(ctx).Where("station_id = ?", station).Order("id").Limit(1).Find(&waiting).Error
	if err != nil || len(waiting) == 0 {
		return now, translate(err)
	}
	return instant(min(waiting[0].ReceivedAt, millis(now))), nil
}
