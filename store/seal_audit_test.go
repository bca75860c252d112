package store_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
	"xunfang/store/testdb"
)

func TestSealingBesideWritersAndOtherSealers(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		replica := testdb.Reopen(t, s, nil)
		const entries = 300
		var writers, sealers sync.WaitGroup
		stop := make(chan struct{})
		var sealed [2]int
		for at, on := range []*store.Store{s, replica} {
			sealers.Go(func() {
				own := sealer(on, string(rune('a'+at)))
				for {
					count, err := own.SealOnce(ctx)
					if err != nil {
						t.Error(err)
					}
					sealed[at] += count
					select {
					case <-stop:
						return
					default:
					}
				}
			})
		}
		for writer := range 10 {
			writers.Go(func() { record(ctx, t, []*store.Store{s, replica}[writer%2], writer*30, writer*30+30) })
		}
		writers.Wait()
		close(stop)
		sealers.Wait()
		for {
			count := seal(ctx, t, s) + seal2(ctx, t, s)
			if count == 0 {
				break
			}
			sealed[0] += count
		}
		if sealed[0]+sealed[1] != entries {
			t.Errorf("sealed %v of %d", sealed, entries)
		}
		report := verify(ctx, t, s)
		if len(report.Findings) != 0 || len(report.Stations) != 1 || report.Stations[0].Seq != entries {
			t.Errorf("got %+v", report)
		}
	})
}

// seal2 seals as whoever of the two replicas holds the lease.
func seal2(ctx context.Context, t *testing.T, s *store.Store) int {
	t.Helper()
	total := 0
	for _, holder := range []string{"a", "b"} {
		count, err := sealer(s, holder).SealOnce(ctx)
		if err != nil {
			t.Fatal(err)
		}
		total += count
	}
	return total
}

func TestOneReplicaSealsAndAnotherTakesOver(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		now := auditTime
		clock := func() time.Time { return now }
		first, second := store.NewSealer(s, "first", clock), store.NewSealer(s, "second", clock)
		steps := []struct {
			sealer *store.Sealer
			later  time.Duration
			want   int
		}{
			{first, 0, 1},
			{second, time.Second, 0},     // the first has the lease
			{first, time.Second, 1},      // and keeps it
			{second, 4 * time.Second, 0}, // until it runs out
			{second, time.Second, 2},     // now the first is taken for dead
			{first, time.Second, 0},
			{second, 6 * time.Second, 1}, // and finds itself replaced
		}
		entry := 0
		waiting := 0
		for at, step := range steps {
			record(ctx, t, s, entry, entry+1)
			entry++
			waiting++
			now = now.Add(step.later)
			sealed, err := step.sealer.SealOnce(ctx)
			if err != nil || step.want == 0 && sealed != 0 || step.want != 0 && sealed != waiting {
				t.Errorf("step %d: sealed %d of %d, %v", at, sealed, waiting, err)
			}
			waiting -= sealed
		}
	})
}

func TestTheSealerRunsWithinASecondAndStops(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- sealer(s, "run").Run(ctx) }()
		record(ctx, t, s, 0, 20)
		limit := time.After(5 * time.Second)
		for verify(ctx, t, s).Stations[0].Seq != 20 {
			select {
			case <-limit:
				t.Fatal("not sealed")
			case <-time.After(20 * time.Millisecond):
			}
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func TestStationsHaveChainsOfTheirOwn(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		for number := range 9 {
			entry := auditEntry(number)
			entry.StationID = []models.ID{"a", "b", ""}[number%3]
			if err := s.RecordAlone(ctx, entry, ""); err != nil {
				t.Fatal(err)
			}
		}
		seal(ctx, t, s)
		report := verify(ctx, t, s)
		if len(report.Stations) != 3 || len(report.Findings) != 0 {
			t.Fatalf("got %+v", report)
		}
		for _, station := range report.Stations {
			if station.Seq != 3 {
				t.Errorf("station %q has %d links", station.StationID, station.Seq)
			}
		}
	})
}
