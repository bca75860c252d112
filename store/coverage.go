package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm/clause"

	"xunfang/models"
)

// coveragePresenceRow is what of one person is in the sheets of a day.
type coveragePresenceRow struct {
	Day       int64     `gorm:"primaryKey;autoIncrement:false"`
	StationID models.ID `gorm:"primaryKey"`
	PersonID  models.ID `gorm:"primaryKey"`
	Presence  []byte
}

func (coveragePresenceRow) TableName() string { return "coverage_presences" }

// coverageSheetRow is the counts of all places of one kind on one day.
type coverageSheetRow struct {
	StationID models.ID        `gorm:"primaryKey"`
	Kind      models.CoverKind `gorm:"primaryKey"`
	Mode      models.Mode      `gorm:"primaryKey"`
	Day       int64            `gorm:"primaryKey;autoIncrement:false"`
	Sheet     []byte
}

func (coverageSheetRow) TableName() string { return "coverage_sheets" }

// Covers reads what was counted of the places of a kind, under a mode, on the days that a stretch touches. For cells
// the kind is that of models.CellKind. A place at which nobody was is not among them.
func (s *Store) Covers(
	ctx context.Context, station models.ID, kind models.CoverKind, mode models.Mode, within models.Stretch,
) (map[string]models.Cover, error) {
	first, last := within.Days()
	rows := []coverageSheetRow{}
	err := s.read(ctx).Where("station_id = ? AND kind = ? AND mode = ? AND day >= ? AND day <= ?", station, kind, mode, first, last).
		Find(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	covers := map[string]models.Cover{}
	for _, row := range rows {
		sheet, err := row.parse()
		if err != nil {
			return nil, err
		}
		for place, count := range sheet {
			if covers[place] == nil {
				covers[place] = models.Cover{}
			}
			covers[place][row.Day] = count
		}
	}
	return covers, nil
}

func (row coverageSheetRow) parse() (models.CoverSheet, error) {
	sheet, err := models.ParseCoverSheet(row.Sheet)
	if err != nil {
		return nil, fmt.Errorf("store: sheet %s %s of day %d: %w", row.Kind, row.Mode, row.Day, err)
	}
	return sheet, nil
}

// coveragePresences reads what of people is in the sheets of a day.
func (s *Store) coveragePresences(
	ctx context.Context, station models.ID, day int64, people []models.ID,
) (map[models.ID]models.Presence, error) {
	found := map[models.ID]models.Presence{}
	for part := range slices.Chunk(people, maxFlushRows) {
		rows := []coveragePresenceRow{}
		err := s.read(ctx).Where("day = ? AND station_id = ? AND person_id IN ?", day, station, part).Find(&rows).Error
		if err != nil {
			return nil, translate(err)
		}
		for _, row := range rows {
			if found[row.PersonID], err = models.ParsePresence(row.Presence); err != nil {
				return nil, fmt.Errorf("store: presence of %s on day %d: %w", row.PersonID, day, err)
			}
		}
	}
	return found, nil
}

// sheetRows is how many sheets, of up to some hundred kilobytes, go in one statement.
const sheetRows = 16

// writeCoverage writes presences and sheets in the place of those before.
func (s *Store) writeCoverage(ctx context.Context, presences []coveragePresenceRow, sheets []coverageSheetRow) error {
	for part := range slices.Chunk(presences, sheetRows) {
		if err := s.write(ctx).Clauses(clause.OnConflict{UpdateAll: true}).Create(&part).Error; err != nil {
			return translate(err)
		}
	}
	for part := range slices.Chunk(sheets, sheetRows) {
		if err := s.write(ctx).Clauses(clause.OnConflict{UpdateAll: true}).Create(&part).Error; err != nil {
			return translate(err)
		}
	}
	return nil
}

// forgetCoverage deletes who was where on days that can no longer change, and counts that are too old;
// of one day at a time.
func (s *Store) forgetCoverage(ctx context.Context, now time.Time) (int64, error) {
	touched := int64(0)
	for table, kept := range map[string]time.Duration{
		"coverage_presences": models.PresenceKept, "coverage_sheets": models.CoverageKept,
	} {
		days := []int64{}
		before := models.CoverDay(now.Add(-kept)) // the day after it began more than kept ago
		err := s.read(ctx).Table(table).Where("day < ?", before).Order("day").Limit(1).Pluck("day", &days).Error
		if err != nil {
			return touched, translate(err)
		}
		if len(days) == 0 {
			continue
		}
		deleted, err := s.erase(ctx, "DELETE FROM "+table+" WHERE day = ?", days[0])
		if touched += deleted; err != nil {
			return touched, err
		}
	}
	return touched, nil
}
