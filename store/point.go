package store

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"xunfang/models"
)

type pointRuleRow struct {
	StationID  models.ID         `gorm:"primaryKey"`
	Event      models.PointEvent `gorm:"primaryKey"`
	Points     int
	DailyCap   int
	MonthlyCap int
}

func (pointRuleRow) TableName() string { return "point_rules" }

type pointLevelRow struct {
	StationID models.ID `gorm:"primaryKey"`
	MinPoints int       `gorm:"primaryKey;autoIncrement:false"`
	NameZH    string    `gorm:"column:name_zh"`
	NameEN    string    `gorm:"column:name_en"`
}

func (pointLevelRow) TableName() string { return "point_levels" }

type pointEntryRow struct {
	ID        models.ID `gorm:"primaryKey"`
	StationID models.ID
	PersonID  models.ID
	Event     models.PointEvent
	AboutID   models.ID
	Ordinal   int
	Points    int
	EarnedAt  int64
	At        int64
}

func (pointEntryRow) TableName() string { return "point_entries" }

// PointRules reads what a station has set; the defaults where it has set nothing.
func (s *Store) PointRules(ctx context.Context, station models.ID) (models.PointRules, error) {
	rules, levels := []pointRuleRow{}, []pointLevelRow{}
	err := s.read(ctx).Where("station_id = ?", station).Find(&rules).Error
	if err == nil {
		err = s.read(ctx).Where("station_id = ?", station).Order("min_points").Find(&levels).Error
	}
	if err != nil || len(levels) == 0 { // a station that has set rules has levels
		return models.DefaultPointRules(), translate(err)
	}
	set := models.PointRules{}
	for _, event := range models.PointEvents {
		at := slices.IndexFunc(rules, func(row pointRuleRow) bool { return row.Event == event })
		if at >= 0 {
			set.Rules = append(set.Rules, models.PointRule{
				Event: event, Points: rules[at].Points, DailyCap: rules[at].DailyCap, MonthlyCap: rules[at].MonthlyCap,
			})
		}
	}
	for _, row := range levels {
		set.Levels = append(set.Levels, models.PointLevel{MinPoints: row.MinPoints, NameZH: row.NameZH, NameEN: row.NameEN})
	}
	return set, nil
}

// PutPointRules replaces what a station has set. Of two at the same time the later counts, whole.
func (s *Store) PutPointRules(ctx context.Context, station models.ID, set models.PointRules) error {
	if err := lockRow(ctx, s, stationRow{}, station); err != nil {
		return err
	}
	for _, table := range []any{&pointRuleRow{}, &pointLevelRow{}} {
		if err := s.write(ctx).Where("station_id = ?", station).Delete(table).Error; err != nil {
			return translate(err)
		}
	}
	rules, levels := []pointRuleRow{}, []pointLevelRow{}
	for _, rule := range set.Rules {
		rules = append(rules, pointRuleRow{station, rule.Event, rule.Points, rule.DailyCap, rule.MonthlyCap})
	}
	for _, level := range set.Levels {
		levels = append(levels, pointLevelRow{station, level.MinPoints, level.NameZH, level.NameEN})
	}
	if len(rules) > 0 {
		if err := s.write(ctx).Create(&rules).Error; err != nil {
			return translate(err)
		}
	}
	return translate(s.write(ctx).Create(&levels).Error)
}

// LastPointEntries gives, for each person, the newest line of the ledger about one deed.
func (s *Store) LastPointEntries(ctx context.Context, event models.PointEvent, about models.ID) (map[models.ID]models.PointEntry, error) {
	rows := []pointEntryRow{}
	err := s.read(ctx).Where("about_id = ? AND event = ?", about, event).Order("ordinal").Find(&rows).Error
	last := make(map[models.ID]models.PointEntry, len(rows))
	for _, row := range rows {
		last[row.PersonID] = row.entry()
	}
	return last, translate(err)
}

// AddPointEntry writes a line of the ledger; CodeAlreadyExists when there is one of its number.
func (s *Store) AddPointEntry(ctx context.Context, entry models.PointEntry) error {
	row := pointEntryRow{
		ID: entry.ID, StationID: entry.StationID, PersonID: entry.PersonID, Event: entry.Event, AboutID: entry.AboutID,
		Ordinal: entry.Ordinal, Points: entry.Points, EarnedAt: millis(entry.EarnedAt), At: millis(entry.At),
	}
	return translate(s.write(ctx).Create(&row).Error)
}

// PointsEarned sums what somebody earned by one kind of deed in [from, to), less what was taken back of it.
func (s *Store) PointsEarned(ctx context.Context, person models.ID, event models.PointEvent, from, to time.Time) (int, error) {
	return s.sumPoints(s.read(ctx).Where("person_id = ? AND event = ? AND earned_at >= ? AND earned_at < ?",
		person, event, millis(from), millis(to)))
}

// Points sums the whole ledger of a person, and says how much of it stands in lines that were forgotten. It is one statement, so
// that a line is counted once while it is being forgotten.
func (s *Store) Points(ctx context.Context, person models.ID) (sum, earlier int, err error) {
	lines := int64(0)
	err = s.read(ctx).Raw(`SELECT COALESCE((SELECT SUM(points) FROM point_entries WHERE person_id = ?), 0),
		COALESCE((SELECT points FROM point_balances WHERE person_id = ?), 0)`, person, person).Row().Scan(&lines, &earlier)
	return int(lines) + earlier, earlier, translate(err)
}

func (s *Store) sumPoints(query *gorm.DB) (int, error) {
	sum := int64(0)
	err := query.Model(&pointEntryRow{}).Select("COALESCE(SUM(points), 0)").Row().Scan(&sum)
	return int(sum), translate(err)
}

// PointEntries lists the ledger of a person, newest first.
func (s *Store) PointEntries(ctx context.Context, person models.ID, page Page) ([]models.PointEntry, error) {
	rows := []pointEntryRow{}
	query := s.read(ctx).Where("person_id = ?", person)
	if err := (columns{order: "id", newest: true}).page(query, page).Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	entries := make([]models.PointEntry, 0, len(rows))
	for _, row := range rows {
		entries = append(entries, row.entry())
	}
	return entries, nil
}

func (row pointEntryRow) entry() models.PointEntry {
	return models.PointEntry{
		ID: row.ID, StationID: row.StationID, PersonID: row.PersonID, Event: row.Event, AboutID: row.AboutID,
		Ordinal: row.Ordinal, Points: row.Points, EarnedAt: instant(row.EarnedAt), At: instant(row.At),
	}
}
