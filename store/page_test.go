package store_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"xunfang/models"
	"xunfang/store"
	"xunfang/store/testdb"
)

const (
	busyRows  = 12_000 // of the busy checkpoint
	otherRows = 12_000 // of the same station, elsewhere, by other people
	pageRows  = 100
)

// A list must cost the same on every page. The plan says why it does, the clock that it does.
func TestADeepPageCostsWhatTheFirstDoes(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		manyCheckIns(ctx, t, s)
		sight := []models.Sight{{Within: models.Place{Station: "station"}}}
		for name, list := range map[string]struct {
			sights []models.Sight
			filter store.CheckInFilter
			index  string
		}{
			"a busy checkpoint": {sight, store.CheckInFilter{CheckpointID: "busy"}, "ix_check_ins_checkpoint_id_order_id"},
			"a whole station":   {sight, store.CheckInFilter{}, "ix_check_ins_station_id_order_id"},
			"one's own":         {[]models.Sight{{Owner: "walker"}}, store.CheckInFilter{}, "ix_check_ins_person_id_order_id"},
		} {
			deep := models.OrderID(pageEpoch.Add(200*time.Second), "deep") // all but the last two hundred rows lie before it
			for depth, after := range map[string]models.ID{"first": "", "deep": deep} {
				if plan := listPlan(ctx, t, s, list.sights, list.filter, after); !strings.Contains(plan, list.index) || sorts(plan) {
					t.Errorf("%s, %s page: not read in order from %s: %s", name, depth, list.index, plan)
				}
			}
			first, last := listTime(ctx, t, s, list.sights, list.filter, ""), listTime(ctx, t, s, list.sights, list.filter, deep)
			if last > 4*first+2*time.Millisecond {
				t.Errorf("%s: the first page takes %s, a deep one %s", name, first, last)
			}
		}
	})
}

// The negative control: the same look at a list that has no index for its order.
func TestThePlanShowsASort(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		manyCheckIns(ctx, t, s)
		query := "SELECT * FROM check_ins WHERE station_id = 'station' ORDER BY received_at LIMIT 100"
		if plan := explain(ctx, t, s, query); !sorts(plan) {
			t.Errorf("a sort does not show in %s", plan)
		}
	})
}

func sorts(plan string) bool {
	return strings.Contains(plan, "TEMP B-TREE") || strings.Contains(plan, "filesort")
}

var pageEpoch = time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)

// manyCheckIns writes one row each second, by turns at the busy checkpoint and at one of many others.
func manyCheckIns(ctx context.Context, t *testing.T, s *store.Store) {
	t.Helper()
	for written := 0; written < busyRows+otherRows; written += 2000 {
		batch := make([]models.CheckIn, 0, 2000)
		for number := written; number < written+2000; number++ {
			at := pageEpoch.Add(time.Duration(number) * time.Second)
			id := models.OrderID(at, models.ID(fmt.Sprint("check-in ", number)))
			person, point := models.ID("walker"), models.ID("busy")
			if number%2 == 1 {
				person, point = models.ID(fmt.Sprint("person ", number%50)), models.ID(fmt.Sprint("point ", number%60))
			}
			batch = append(batch, models.CheckIn{
				ID: id, OrderID: models.OrderID(at, id), Place: models.Place{Station: "station"}, PersonID: person, CheckpointID: point,
				Method: models.MethodQR, CapturedAt: at, ReceivedAt: at, Verdict: models.Verdict{Status: models.StatusAccepted},
			})
		}
		err := s.Atomically(ctx, func(tx *store.Store) error { tx.AddCheckIns(batch); return nil })
		if err != nil {
			t.Fatal(err)
		}
	}
	analyze := "ANALYZE"
	if s.IsMySQL() {
		analyze = "ANALYZE TABLE check_ins"
	}
	if err := s.Schema(ctx, analyze); err != nil {
		t.Fatal(err)
	}
}

// listPlan is how the database answers the query that CheckIns really sends.
func listPlan(
	ctx context.Context, t *testing.T, s *store.Store, sights []models.Sight, filter store.CheckInFilter, after models.ID,
) string {
	t.Helper()
	sent, values := "", []any(nil)
	callbacks := s.Read(ctx).Callback().Query()
	err := callbacks.After("gorm:query").Register("test:sent", func(db *gorm.DB) {
		sent, values = db.Statement.SQL.String(), slices.Clone(db.Statement.Vars)
	})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := s.CheckIns(ctx, sights, filter, store.Page{After: after, Limit: pageRows})
	if removed := callbacks.Remove("test:sent"); removed != nil || err != nil || len(rows) != pageRows {
		t.Fatal(len(rows), err, removed)
	}
	return explain(ctx, t, s, sent, values...)
}

func explain(ctx context.Context, t *testing.T, s *store.Store, query string, values ...any) string {
	t.Helper()
	prefix := "EXPLAIN QUERY PLAN "
	if s.IsMySQL() {
		prefix = "EXPLAIN "
	}
	plan := []map[string]any{}
	if err := s.Read(ctx).Raw(prefix+query, values...).Scan(&plan).Error; err != nil {
		t.Fatal(err)
	}
	text := strings.Builder{}
	for _, row := range plan {
		for _, column := range []string{"detail", "key", "Extra"} {
			if value, found := row[column]; found {
				_, _ = fmt.Fprintf(&text, "%s=%s ", column, value)
			}
		}
	}
	return text.String()
}

// listTime is the best of several readings, so that a busy machine does not count.
func listTime(
	ctx context.Context, t *testing.T, s *store.Store, sights []models.Sight, filter store.CheckInFilter, after models.ID,
) time.Duration {
	t.Helper()
	times := make([]time.Duration, 0, 9)
	for range 9 {
		began := time.Now()
		if _, err := s.CheckIns(ctx, sights, filter, store.Page{After: after, Limit: pageRows}); err != nil {
			t.Fatal(err)
		}
		times = append(times, time.Since(began))
	}
	return slices.Min(times)
}
