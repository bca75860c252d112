package store_test

import (
	"strings"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
	"xunfang/store/testdb"
)

// Only the replica that has the lease reads what there is to count: the others, however many, cost one look at the queue.
func TestWhoDoesNotCountDoesNotRead(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		w := newCoverWorld(ctx, t, s, "慈音")
		clock := w.now
		one, two := store.NewCoverageCounter(s, "one", func() time.Time { return w.now }), store.NewCoverageCounter(s, "two", func() time.Time { return clock })
		scan := func() {
			w.write(ctx, t, []happening{{checkIn: w.id(), person: w.people[0], counts: true, sign: &w.checkpoints[0], at: w.now.Add(-time.Duration(w.made) * time.Minute)}})
		}
		scan()
		if counted, err := one.CountOnce(ctx); err != nil || counted == 0 {
			t.Fatal(counted, err)
		}
		scan()
		count := func() (counted int, read bool) {
			queries, _ := sentBy(t, s, func() (err error) { counted, err = two.CountOnce(ctx); return err })
			for _, query := range queries {
				read = read || strings.Contains(query, "checkpoints") || strings.Contains(query, "check_ins")
			}
			return counted, read
		}
		if counted, read := count(); counted != 0 || read {
			t.Errorf("while another has the lease: counted %d, read %t", counted, read)
		}
		clock = clock.Add(time.Minute)
		if counted, read := count(); counted == 0 || !read {
			t.Errorf("once the lease has run out: counted %d, read %t", counted, read)
		}
		w.catchUp(ctx, t, two)
		w.compare(ctx, t)
	})
}

// An import that changes where or how cover is counted has the open days counted anew, like the same change by hand.
func TestAnImportHasCoverCountedAnew(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		description := describe(t)
		imported(t, s, description, importNow)
		station, scan := description.Station.ID, models.OrderID(importNow, "scan")
		err := s.Atomically(ctx, func(tx *store.Store) error {
			tx.AddCheckIns([]models.CheckIn{{
				ID: scan, OrderID: scan, Place: models.Place{Station: station}, PersonID: description.People[2].ID,
				CheckpointID: description.Checkpoints[0].ID, CapturedAt: importNow, OccurredAt: importNow, ReceivedAt: importNow,
				Method: models.MethodGPS, Verdict: models.Verdict{Status: models.StatusAccepted},
			}})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		now := importNow
		counter := store.NewCoverageCounter(s, "one", func() time.Time { return now })
		for name, c := range map[string]struct {
			edits []string
			anew  bool
		}{
			"the same":                {nil, false},
			"a person's name":         {[]string{"name: 吴某", "name: 吴某某"}, false},
			"a checkpoint that moves": {[]string{"name: 甲, position: {lat: 30.51", "name: 甲, position: {lat: 30.515"}, true},
			"a route":                 {[]string{"checkpoints: [a, b]}", "checkpoints: [b, a]}"}, true},
			"a street post":           {[]string{"lng: 105.53", "lng: 105.535"}, true},
			"a squad's kind":          {[]string{"kind: night, leader", "kind: vehicle, leader"}, true},
		} {
			imported(t, s, description, now) // back to where it was
			for counted := 1; counted > 0; now = now.Add(time.Second) {
				if counted, err = counter.CountOnce(ctx); err != nil {
					t.Fatal(err)
				}
			}
			imported(t, s, describe(t, c.edits...), now)
			waiting := int64(0)
			if err := s.Read(ctx).Table("coverage_queue").Where("station_id = ?", station).Count(&waiting).Error; err != nil {
				t.Fatal(err)
			}
			if (waiting > 0) != c.anew {
				t.Errorf("%s: %d changes wait", name, waiting)
			}
		}
	})
}
