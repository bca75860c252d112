package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
	"xunfang/store/testdb"
)

// What one commit changes is one row of the queue for each station and day, whoever wrote it, and rows have a size.
func TestOneCommitQueuesOneRowForADay(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		noon := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
		queued := func(people int, stations ...models.ID) []string {
			err := s.Atomically(ctx, func(tx *store.Store) error {
				for _, station := range stations {
					for one := range people {
						person := models.ID(fmt.Sprintf("person-%d", one))
						tx.CoverageChanged(station, person, noon, noon.Add(time.Minute), noon)
						tx.CoverageChanged(station, person, noon.Add(24*time.Hour), noon.Add(24*time.Hour+time.Minute), noon)
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			rows := []string{}
			if err := s.Read(ctx).Table("coverage_queue").Order("station_id, id").Pluck("minutes", &rows).Error; err != nil {
				t.Fatal(err)
			}
			err = s.Atomically(ctx, func(tx *store.Store) error { return tx.Write(ctx).Exec("DELETE FROM coverage_queue").Error })
			if err != nil {
				t.Fatal(err)
			}
			return rows
		}
		if rows := queued(3, "one", "two"); len(rows) != 4 || rows[0] != "person-0 720 720;person-1 720 720;person-2 720 720;" {
			t.Errorf("two stations, two days, three people: %q", rows)
		}
		rows, told := queued(5000, "one"), 0
		for _, row := range rows {
			if len(row) > 16<<10 {
				t.Errorf("a row of %d bytes", len(row))
			}
			told += strings.Count(row, ";")
		}
		if told != 10_000 || len(rows) < 2 || len(rows) > 40 {
			t.Errorf("%d rows tell of %d days of people", len(rows), told)
		}
	})
}
