package store

import (
	"context"
	"time"

	"xunfang/models"
)

// coverageChangeRow says that something about a person's minutes of one day was written and is not counted yet.
// It is written in the transaction of what it tells of, and deleted in the one of the count.
type coverageChangeRow struct {
	StationID   models.ID `gorm:"primaryKey"`
	ID          models.ID `gorm:"primaryKey"`
	PersonID    models.ID
	Day         int64
	FirstMinute int
	LastMinute  int
	ReceivedAt  int64
}

func (coverageChangeRow) TableName() string { return "coverage_changes" }

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

// coverageChange gathers what a batch changes: one row for each person and day.
type coverageChange struct{ rows []coverageChangeRow }

func (c *coverageChange) note(station, person models.ID, minute int64, received time.Time) {
	at := time.Unix(minute*60, 0)
	day := models.CoverDay(at)
	ofDay := int(minute - day*models.DayMinutes)
	for known := range c.rows {
		row := &c.rows[known]
		if row.StationID == station && row.PersonID == person && row.Day == day {
			row.FirstMinute, row.LastMinute = min(row.FirstMinute, ofDay), max(row.LastMinute, ofDay)
			return
		}
	}
	c.rows = append(c.rows, coverageChangeRow{
		StationID: station, PersonID: person, Day: day, FirstMinute: ofDay, LastMinute: ofDay, ReceivedAt: millis(received),
	})
}

func (c *coverageChange) write(tx *Store) {
	if tx.config.NoCover {
		return
	}
	for _, row := range c.rows {
		row.ID = tx.config.NewID()
		later(tx, row)
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

// maxChanges is how many changes are counted at once.
const maxChanges = 2000

// coverageChanges are a station's oldest changes of one day: of the day that the oldest is about.
func (s *Store) coverageChanges(ctx context.Context, station models.ID) ([]coverageChangeRow, error) {
	rows := []coverageChangeRow{}
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
		err := s.read(ctx).Model(&coverageChangeRow{}).Where("station_id > ?", last).Order("station_id").Limit(1).Pluck("station_id", &next).Error
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
	waiting := []coverageChangeRow{}
	err := s.read(ctx).Where("station_id = ?", station).Order("id").Limit(1).Find(&waiting).Error
	if err != nil || len(waiting) == 0 {
		return now, translate(err)
	}
	return instant(min(waiting[0].ReceivedAt, millis(now))), nil
}
