package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"xunfang/models"
)

// Page is one page of a list: at most Limit rows that come after the cursor After.
// Lists are walked by one sortable column, so that every page costs the same.
type Page struct {
	After models.ID // the last id of the page before; "" for the first page
	Limit int
}

// columns names where a table keeps what a models.Sight asks for; "" where it does not.
type columns struct {
	order    string // the sortable column
	newest   bool   // newest first
	owner    string
	owned    string // what a row must meet to be the caller's, where more than one column says so
	compound string
	building string
	unit     string
	home     string
}

// sightPages runs one indexed query for each sight and merges them: an OR over several
// columns would make the database walk the table. No sight means an empty page.
func sightPages[R any](
	ctx context.Context, base func() *gorm.DB, sights []models.Sight, cols columns, page Page, key func(R) models.ID,
) ([]R, error) {
	merged := []R{}
	for _, sight := range sights {
		query, visible := cols.where(base().WithContext(ctx), sight)
		if !visible {
			continue
		}
		rows := []R{}
		if err := cols.page(query, page).Find(&rows).Error; err != nil {
			return nil, translate(err)
		}
		merged = append(merged, rows...)
	}
	slices.SortFunc(merged, func(left, right R) int {
		order := strings.Compare(string(key(left)), string(key(right)))
		if cols.newest {
			return -order
		}
		return order
	})
	merged = slices.CompactFunc(merged, func(left, right R) bool { return key(left) == key(right) })
	return merged[:min(len(merged), page.Limit)], nil
}

// page adds the cursor, the order and the limit.
func (c columns) page(query *gorm.DB, page Page) *gorm.DB {
	comparison, direction := " > ?", ""
	if c.newest {
		comparison, direction = " < ?", " DESC"
	}
	if page.After != "" {
		query = query.Where(c.order+comparison, page.After)
	}
	return query.Order(c.order + direction).Limit(page.Limit)
}

// where adds the condition of one sight; false when the table can show it nothing:
// a scope deeper than the table's places contains none of its rows.
func (c columns) where(query *gorm.DB, sight models.Sight) (*gorm.DB, bool) {
	switch {
	case sight.Owner != "" && c.owned != "":
		return query.Where(c.owned, sight.Owner), true
	case sight.Owner != "":
		return query.Where(c.owner+" = ?", sight.Owner), c.owner != ""
	case sight.OnWay.Home != "":
		way := sight.OnWay
		return query.Where("station_id = ?", way.Station).
			Where(c.compound+" = ?", way.Compound).
			Where(c.building+" IN ('', ?)", way.Building).
			Where(c.unit+" IN ('', ?)", way.Unit), c.unit != ""
	}
	return c.within(query, sight.Within)
}

func (c columns) within(query *gorm.DB, place models.Place) (*gorm.DB, bool) {
	if place.Station == "" {
		return query, false
	}
	if place.Compound == "" {
		return query.Where("station_id = ?", place.Station), true
	}
	levels := []struct {
		column string
		id     models.ID
	}{{c.compound, place.Compound}, {c.building, place.Building}, {c.unit, place.Unit}, {c.home, place.Home}}
	for _, level := range levels {
		if level.id == "" {
			continue
		}
		if level.column == "" {
			return query, false
		}
		query = query.Where(level.column+" = ?", level.id)
	}
	return query, true
}

// between keeps rows whose time-ordered id lies in [from, to); zero times do not narrow.
func between(query *gorm.DB, column string, from, to time.Time) *gorm.DB {
	if !from.IsZero() {
		query = query.Where(column+" >= ?", models.FirstIDAt(from))
	}
	if !to.IsZero() {
		query = query.Where(column+" < ?", models.FirstIDAt(to))
	}
	return query
}

// newestFirst sorts rows by a key, drops repeats and keeps a page of them.
func newestFirst[R any](rows []R, limit int, key func(R) models.ID) []R {
	slices.SortFunc(rows, func(left, right R) int { return -strings.Compare(string(key(left)), string(key(right))) })
	rows = slices.CompactFunc(rows, func(left, right R) bool { return key(left) == key(right) })
	return rows[:min(len(rows), limit)]
}

// orNotFound is err, or CodeNotFound where the query went well and found nothing.
func orNotFound(err error) error {
	if err != nil {
		return err
	}
	return models.Fail(models.CodeNotFound)
}
