package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"xunfang/models"
	"xunfang/store"
)

// keepPeople walk at once, and each is checked in at most once a minute, as a phone is: from now backwards, over keepSpan.
// Whoever's minutes are used up makes room for somebody new.
const (
	keepPeople = 512
	keepSpan   = 72 * 60 // minutes
)

// strollers hands out people and their next minutes.
type strollers struct {
	lock   sync.Mutex
	people []models.ID
	used   []int // minutes of each
	next   int
}

func newStrollers() *strollers {
	made := &strollers{people: make([]models.ID, keepPeople), used: make([]int, keepPeople)}
	for at := range made.people {
		made.people[at] = newID()
	}
	return made
}

// take gives somebody, and how many minutes ago the first of so many minutes is.
func (w *strollers) take(minutes int) (who models.ID, ago int) {
	w.lock.Lock()
	defer w.lock.Unlock()
	at := w.next
	w.next = (w.next + 1) % keepPeople
	if w.used[at]+minutes > keepSpan {
		w.people[at], w.used[at] = newID(), 0
	}
	ago = w.used[at]
	w.used[at] += minutes
	return w.people[at], ago
}

// keepCover lets callers write check-ins, in turn with nothing queued for the cover and with the queue and its
// counter beside them, each with its audit entry.
func (r *rig) keepCover(ctx context.Context, out io.Writer) error {
	without, err := store.Open(ctx, store.Config{DSN: r.database.ours, AuditMAC: r.keys.AuditMAC, Vault: r.keys, NoCover: true})
	if err != nil {
		return err
	}
	defer func() { _ = without.Close(context.Background()) }()
	people := newStrollers()
	for _, size := range []int{1, 50} {
		ratios := []float64{}
		for turn := range r.asked.rounds + 1 {
			length := keepRounds * r.asked.round // the counter works seldom: a short round would see it all or none of it
			if turn == 0 {
				length = r.asked.warmUp()
			}
			plain, err := r.writeFor(ctx, without, people, size, length)
			if err != nil {
				return err
			}
			counting, stop := context.WithCancel(ctx)
			counter := sync.WaitGroup{}
			counter.Go(func() { _ = store.NewCoverageCounter(r.store, "bench", time.Now).Run(counting) })
			kept, err := r.writeFor(ctx, r.store, people, size, length)
			stop()
			counter.Wait()
			if err != nil {
				return err
			}
			if turn > 0 {
				ratios = append(ratios, kept/plain)
			}
		}
		slices.Sort(ratios)
		ratio := ratios[len(ratios)/2]
		_, err := fmt.Fprintf(out, "%-8s check-ins, %2d at once, with the cover kept: %.2f of those without: %s\n",
			r.database.kind, size, ratio, verdict(ratio > 0.9))
		if err != nil {
			return err
		}
	}
	return nil
}

// writeFor is how many check-ins a second all callers write.
func (r *rig) writeFor(ctx context.Context, opened *store.Store, people *strollers, size int, length time.Duration) (float64, error) {
	begun, written, callers := time.Now(), atomic.Int64{}, sync.WaitGroup{}
	failed := make(chan error, coverPeople)
	for range coverPeople {
		callers.Go(func() {
			for time.Since(begun) < length {
				who, ago := people.take(size)
				if err := r.writeBatch(ctx, opened, who, ago, size); err != nil {
					failed <- err
					return
				}
				written.Add(int64(size))
			}
		})
	}
	callers.Wait()
	close(failed)
	return float64(written.Load()) / time.Since(begun).Seconds(), errors.Join(<-failed)
}

func (r *rig) writeBatch(ctx context.Context, opened *store.Store, who models.ID, ago, size int) error {
	now, batch := time.Now(), make([]models.CheckIn, 0, size)
	for at := range size {
		id, checkpoint := newID(), r.station.checkpoints[(ago+at)%len(r.station.checkpoints)]
		when := now.Add(-time.Duration(ago+at) * time.Minute)
		batch = append(batch, models.CheckIn{
			ID: id, OrderID: models.OrderID(when, id), Place: models.Place{Station: r.station.place.Station}, PersonID: who,
			CheckpointID: checkpoint.ID, Method: models.MethodGPS, CapturedAt: when, ReceivedAt: now,
			Fix:     &models.Fix{Position: checkpoint.At, ReportedCRS: models.WGS84, AccuracyM: 8},
			Verdict: models.Verdict{Status: models.StatusAccepted},
		})
	}
	return opened.Atomically(ctx, func(tx *store.Store) error {
		tx.AddCheckIns(batch)
		return tx.Record(ctx, models.AuditEntry{
			ID: newID(), StationID: r.station.place.Station, At: now, ActorID: who, Operation: models.OpCreateCheckIns, Outcome: models.AuditAllowed,
		}, "")
	})
}
