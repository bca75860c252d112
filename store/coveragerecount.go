package store

import (
	"context"
	"errors"
	"time"

	"xunfang/models"
)

// recountRaces bounds how often a day is tried again because a count of it ended at the same moment.
const recountRaces = 5

// RecountCoverage throws away what was counted of the open days of UTC from first to last, and queues everything that is
// known of them to be counted anew. It says how many days those were: the others are closed, and stay.
func (s *Store) RecountCoverage(ctx context.Context, station models.ID, first, last int64, now time.Time) (int, error) {
	info, _, err := s.CoverageGround(ctx, station)
	if err != nil {
		return 0, err
	}
	days := 0
	for day := first; day <= last; day++ {
		if !models.DayOpen(day, now) {
			continue
		}
		err := s.recountDay(ctx, info, day, now)
		for race := 1; errors.Is(err, errCoverageMoved) && race < recountRaces; race++ {
			err = s.recountDay(ctx, info, day, now)
		}
		if err != nil {
			return days, err
		}
		days++
	}
	return days, nil
}

// recountDay does so with one day, in one transaction: who comes to the queue meanwhile is not lost by it.
func (s *Store) recountDay(ctx context.Context, station models.StationInfo, day int64, now time.Time) error {
	people, err := s.coverPeople(ctx, station.ID, day)
	if err != nil {
		return err
	}
	return s.Atomically(ctx, func(tx *Store) error {
		state, err := tx.coverageState(ctx, station)
		if err != nil {
			return err
		}
		if err := tx.moveCoverage(ctx, state); err != nil {
			return err
		}
		for _, statement := range []string{
			"DELETE FROM coverage_presences WHERE station_id = ? AND day = ?",
			"DELETE FROM coverage_sheets WHERE station_id = ? AND day = ?",
		} {
			if err := tx.write(ctx).Exec(statement, station.ID, day).Error; err != nil {
				return translate(err)
			}
		}
		for _, person := range people {
			tx.CoverageChanged(station.ID, person, dayStretch(day).Start(), dayStretch(day).End(), now)
		}
		return nil
	})
}

// CoverageGroundChanged queues, in the transaction of the change, everything known of a station's open days: a place has
// moved, or a squad moves in another way, and what was counted would be another figure than a recount's.
func (s *Store) CoverageGroundChanged(ctx context.Context, station models.ID, now time.Time) error {
	today := models.CoverDay(now.Add(models.MaxFuture))
	for day := today; models.DayOpen(day, now); day-- {
		people, err := s.coverPeople(ctx, station, day)
		if err != nil {
			return err
		}
		for _, person := range people {
			s.CoverageChanged(station, person, dayStretch(day).Start(), dayStretch(day).End(), now)
		}
	}
	return nil
}
