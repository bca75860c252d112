package store_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"xunfang/store"
	"xunfang/store/testdb"
)

// withNotes runs a test on every database, with a table to write in.
func withNotes(t *testing.T, edit func(*store.Config), test func(ctx context.Context, t *testing.T, s *store.Store)) {
	t.Helper()
	testdb.EachWith(t, edit, func(t *testing.T, s *store.Store) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		makeNotes(ctx, t, s)
		test(ctx, t, s)
	})
}

func makeNotes(ctx context.Context, t testing.TB, s *store.Store) {
	t.Helper()
	err := s.Schema(ctx, "CREATE TABLE IF NOT EXISTS test_notes (id VARCHAR(64) NOT NULL PRIMARY KEY, author VARCHAR(64) NOT NULL)")
	if err != nil {
		t.Fatal(err)
	}
}

// add inserts a note at once.
func add(ctx context.Context, tx *store.Store, id, author string) error {
	return store.Translate(tx.Write(ctx).Create(&store.Note{ID: id, Author: author}).Error)
}

func count(ctx context.Context, t testing.TB, s *store.Store, where string, args ...any) int {
	t.Helper()
	var rows int64
	if err := s.Read(ctx).Model(&store.Note{}).Where(where, args...).Count(&rows).Error; err != nil {
		t.Fatal(err)
	}
	return int(rows)
}

// holdUp keeps every committer busy until release is closed. One after another: two that come
// together may share a group, and the second would then wait for the first.
func holdUp(ctx context.Context, s *store.Store, done *sync.WaitGroup, release <-chan struct{}) {
	for range s.Config().Committers {
		started := make(chan struct{})
		done.Go(func() {
			_ = s.Atomically(ctx, func(tx *store.Store) error {
				if tx.Attempt() == 1 {
					close(started)
				}
				<-release
				return nil
			})
		})
		<-started
	}
}

// together holds up the committers until all the functions are queued, so that they share
// groups, and gives their errors in order.
func together(ctx context.Context, s *store.Store, functions ...func(tx *store.Store) error) []error {
	errs := make([]error, len(functions))
	var done sync.WaitGroup
	release := make(chan struct{})
	holdUp(ctx, s, &done, release)
	for at, fn := range functions {
		done.Add(1)
		go func() {
			defer done.Done()
			errs[at] = s.Atomically(ctx, fn)
		}()
	}
	for s.Stats().Queued < len(functions) && ctx.Err() == nil {
		pause(time.Millisecond)
	}
	close(release)
	done.Wait()
	return errs
}

func pause(wait time.Duration) { <-time.After(wait) }

func noteID(numbers ...int) string { return fmt.Sprint("n", numbers) }

func noteNumber(number int64) string { return fmt.Sprint(number) }
