package store_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
	"xunfang/store/testdb"
)

// Several replicas count while phones go on writing: nothing is missed and nothing counted twice.
func TestCoverIsCountedBesideWriters(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		w := newCoverWorld(ctx, t, s, "慈音")
		const writers, batches = 4, 15
		all := make([][]happening, writers*batches)
		for at := range all {
			for step := range 6 {
				one := happening{
					checkIn: w.id(), person: w.people[(at+step)%len(w.people)], counts: true, sign: &w.checkpoints[step%3],
					at: w.now.Add(-time.Duration(at*7%40+step*11)*time.Minute + time.Duration(at)*time.Millisecond),
				}
				all[at] = append(all[at], one)
			}
		}
		counting, stop := context.WithCancel(ctx)
		counters, phones := sync.WaitGroup{}, sync.WaitGroup{}
		for _, holder := range []string{"one", "two"} {
			begun := time.Now()                                                                                             //nolint:forbidigo // leases run out as in earnest, only sooner
			counter := store.NewCoverageCounter(s, holder, func() time.Time { return w.now.Add(1000 * time.Since(begun)) }) //nolint:forbidigo // as above
			counters.Go(func() {
				for counting.Err() == nil {
					if _, err := counter.CountOnce(ctx); err != nil {
						t.Errorf("%s: %v", holder, err)
						return
					}
				}
			})
		}
		for writer := range writers {
			phones.Go(func() {
				for batch := range batches {
					err := s.Atomically(ctx, func(tx *store.Store) error {
						tx.AddCheckIns(w.checkIns(all[writer*batches+batch]))
						return nil
					})
					if err != nil {
						t.Error(fmt.Errorf("writer %d: %w", writer, err))
					}
				}
			})
		}
		phones.Wait()
		stop()
		counters.Wait()
		for _, batch := range all {
			w.happened = append(w.happened, batch...)
		}
		late := func() time.Time { return w.now.Add(12 * time.Hour) }
		w.catchUp(ctx, t, store.NewCoverageCounter(s, "three", late))
		w.compare(ctx, t)
	})
}

// After its days a cover no longer changes, and nobody's presence is kept; the counts stay.
func TestCoverOfAClosedDayStays(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		w := newCoverWorld(ctx, t, s, "慈音")
		scan := func() happening {
			return happening{checkIn: w.id(), person: w.people[0], counts: true, sign: &w.checkpoints[0], at: w.now.Add(time.Duration(w.made) * time.Minute)}
		}
		w.write(ctx, t, []happening{scan(), scan()})
		w.catchUp(ctx, t, store.NewCoverageCounter(s, "one", func() time.Time { return w.now }))
		w.compare(ctx, t)
		counted := w.happened
		w.write(ctx, t, []happening{scan()})
		later := w.now.Add(models.CoverOpen + 24*time.Hour)
		w.catchUp(ctx, t, store.NewCoverageCounter(s, "one", func() time.Time { return later }))
		for range 3 {
			if _, err := s.ForgetOld(ctx, later.Add(models.PresenceKept)); err != nil {
				t.Fatal(err)
			}
		}
		kept := int64(-1)
		if err := s.Read(ctx).Table("coverage_presences").Count(&kept).Error; err != nil || kept != 0 {
			t.Errorf("%d presences are kept: %v", kept, err)
		}
		if days, err := s.RecountCoverage(ctx, w.station.ID, models.CoverDay(w.now), models.CoverDay(w.now), later); err != nil || days != 0 {
			t.Errorf("%d closed days are counted anew: %v", days, err)
		}
		w.happened = counted
		w.compare(ctx, t)
	})
}
