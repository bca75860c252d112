package store_test

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"xunfang/models"
	"xunfang/store"
	"xunfang/store/testdb"
)

// An entry that is linked between two statements of a list stands in it once all the same: the sealer is
// made to run right after each of them.
func TestListAuditByActorWhileItIsSealed(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		record(ctx, t, s, 0, 6)
		seal(ctx, t, s)
		record(ctx, t, s, 6, 12)
		var listing atomic.Bool
		statements, sealed := 0, 0
		err := s.Read(ctx).Callback().Query().After("gorm:query").Register("test:seal", func(*gorm.DB) {
			if listing.CompareAndSwap(true, false) { // not for what the sealer asks
				statements++
				sealed += seal(ctx, t, s)
				listing.Store(true)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		listing.Store(true)
		got := strings.Join(attempts(ctx, t, s, models.AuditFilter{ActorID: auditID(1001)}, "", 12), " ")
		listing.Store(false)
		if got != "11 9 7 5 3 1" {
			t.Errorf("got %q", got)
		}
		if statements < 2 || sealed != 6 {
			t.Errorf("%d statements, %d entries linked between them", statements, sealed)
		}
	})
}

// ledger is what the writers of a test know to be written.
type ledger struct {
	lock    sync.Mutex
	written map[models.ID][]int // by actor
}

func (l *ledger) add(number int) {
	l.lock.Lock()
	defer l.lock.Unlock()
	actor := auditEntry(number).ActorID
	l.written[actor] = append(l.written[actor], number)
}

func (l *ledger) of(actor models.ID) []int {
	l.lock.Lock()
	defer l.lock.Unlock()
	return slices.Clone(l.written[actor])
}

func TestListAuditByActorBesideWritersAndTheSealer(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		const writers, each = 8, 60
		known := &ledger{written: map[models.ID][]int{}}
		var writing, reading sync.WaitGroup
		written := make(chan struct{})
		var linked, mixed atomic.Int64
		for writer := range writers {
			writing.Go(func() {
				for number := writer; number < writers*each; number += writers {
					if err := s.RecordAlone(ctx, auditEntry(number), ""); err != nil {
						t.Error(err)
						return
					}
					known.add(number)
				}
			})
		}
		reading.Go(func() {
			own := sealer(s, "test")
			for {
				count, err := own.SealOnce(ctx)
				if err != nil {
					t.Error(err)
					return
				}
				linked.Add(int64(count))
				select {
				case <-written:
					return
				case <-time.After(5 * time.Millisecond): // so that some wait at any time
				}
			}
		})
		for _, actor := range []models.ID{auditID(1000), auditID(1001)} {
			reading.Go(func() {
				for {
					if inChain, waiting := walkActor(ctx, t, s, actor, known.of(actor)); inChain > 0 && waiting > 0 {
						mixed.Add(1)
					}
					select {
					case <-written:
						return
					default:
					}
				}
			})
		}
		writing.Wait()
		close(written)
		reading.Wait()
		if linked.Load() == 0 || mixed.Load() == 0 {
			t.Errorf("%d entries were linked meanwhile, %d lists showed both kinds: nothing was tried", linked.Load(), mixed.Load())
		}
		for seal(ctx, t, s) > 0 {
		}
		for _, actor := range []models.ID{auditID(1000), auditID(1001)} {
			inChain, waiting := walkActor(ctx, t, s, actor, known.of(actor))
			if inChain != writers*each/2 || waiting != 0 {
				t.Errorf("after sealing %d entries of %s are shown as linked, %d as waiting", inChain, actor, waiting)
			}
		}
	})
}

// walkActor reads an actor's entries page by page. Those that were written before must all be there, none
// twice, none of another. It counts those that were linked and those that were not yet.
func walkActor(ctx context.Context, t *testing.T, s *store.Store, actor models.ID, known []int) (inChain, waiting int) {
	t.Helper()
	seen := map[int]bool{}
	for before := models.ID(""); ; {
		list, err := s.ListAudit(ctx, station, models.AuditFilter{ActorID: actor}, before, 17)
		if err != nil {
			t.Error(err)
			return 0, 0
		}
		for _, record := range list {
			number, err := strconv.Atoi(record.Facts["attempt"])
			if err != nil || seen[number] || record.ActorID != actor || before != "" && record.ID >= before {
				t.Errorf("entry %d of %s after %s: twice %v, %v", number, record.ActorID, before, seen[number], err)
			}
			seen[number], before = true, record.ID
			if record.Seq > 0 {
				inChain++
			} else {
				waiting++
			}
		}
		if len(list) < 17 {
			break
		}
	}
	for _, number := range known {
		if !seen[number] {
			t.Errorf("entry %d of %s is missing", number, actor)
		}
	}
	return inChain, waiting
}
