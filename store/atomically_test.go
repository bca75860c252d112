package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
	"xunfang/store/testdb"
)

var errOwn = errors.New("the function's own error")

func TestManyCallersGetExactlyWhatTheyWereAnswered(t *testing.T) {
	withNotes(t, nil, func(ctx context.Context, t *testing.T, s *store.Store) {
		const callers, rounds = 64, 20
		var acknowledged, refused atomic.Int64
		var all sync.WaitGroup
		for caller := range callers {
			all.Go(func() {
				for round := range rounds {
					id := noteID(caller, round)
					err := s.Atomically(ctx, func(tx *store.Store) error {
						if err := add(ctx, tx, id, "kept"); err != nil {
							return err
						}
						tx.Later(store.Note{ID: id + " later", Author: "kept"})
						switch rand.IntN(8) {
						case 0:
							return errOwn
						case 1:
							panic("the function's own panic")
						}
						return nil
					})
					if err == nil {
						acknowledged.Add(1)
					} else {
						refused.Add(1)
					}
					// The answer must agree with the database at once, whichever it was.
					if found := count(ctx, t, s, "id IN ?", []string{id, id + " later"}); (err == nil) != (found == 2) || found == 1 {
						t.Errorf("%s: answered %v, but %d of its 2 rows are there", id, err, found)
					}
				}
			})
		}
		all.Wait()
		if rows := count(ctx, t, s, "1 = 1"); int64(rows) != 2*acknowledged.Load() || refused.Load() == 0 {
			t.Errorf("%d rows for %d nil answers (%d refusals)", rows, acknowledged.Load(), refused.Load())
		}
		if stats := s.Stats(); stats.Commits >= stats.Transactions {
			t.Errorf("no commit was shared: %+v", stats)
		}
	})
}

func TestAFailureUndoesOnlyItsOwnWork(t *testing.T) {
	withNotes(t, nil, func(ctx context.Context, t *testing.T, s *store.Store) {
		errs := together(ctx, s,
			func(tx *store.Store) error { return add(ctx, tx, "first", "x") },
			func(tx *store.Store) error { return errors.Join(add(ctx, tx, "error", "x"), errOwn) },
			func(tx *store.Store) error {
				tx.Later(store.Note{ID: "later of error"})
				return errOwn
			},
			func(tx *store.Store) error {
				_ = add(ctx, tx, "panic", "x")
				panic("own panic")
			},
			func(tx *store.Store) error {
				tx.Later(store.Note{ID: "later"})
				return nil
			},
			func(tx *store.Store) error { return add(ctx, tx, "last", "x") },
		)
		for at, want := range []string{"", errOwn.Error(), errOwn.Error(), "own panic", "", ""} {
			if got := fmt.Sprint(errs[at]); want == "" && errs[at] != nil || want != "" && !strings.Contains(got, want) {
				t.Errorf("function %d: got %v, want %q", at, errs[at], want)
			}
		}
		if kept := count(ctx, t, s, "id IN ?", []string{"first", "later", "last"}); kept != 3 {
			t.Errorf("%d of 3 rows of those that succeeded are there", kept)
		}
		if all := count(ctx, t, s, "1 = 1"); all != 3 {
			t.Errorf("%d rows in all: those that failed left something", all)
		}
	})
}

func TestAConditionalUpdateHasOneWinner(t *testing.T) {
	withNotes(t, nil, func(ctx context.Context, t *testing.T, s *store.Store) {
		if err := s.Atomically(ctx, func(tx *store.Store) error { return add(ctx, tx, "code", "unused") }); err != nil {
			t.Fatal(err)
		}
		var winners atomic.Int64
		var all sync.WaitGroup
		for range 200 {
			all.Go(func() {
				won := false
				err := s.Atomically(ctx, func(tx *store.Store) error {
					result := tx.Write(ctx).Model(&store.Note{}).Where("id = ? AND author = ?", "code", "unused").Update("author", "used")
					won = result.RowsAffected == 1
					return result.Error
				})
				if err != nil {
					t.Error(err)
				} else if won {
					winners.Add(1)
				}
			})
		}
		all.Wait()
		if winners.Load() != 1 {
			t.Errorf("%d winners", winners.Load())
		}
	})
}

func TestADuplicateHitsOnlyItsOwnCaller(t *testing.T) {
	exists := models.Fail(models.CodeAlreadyExists)
	writes := map[string]func(ctx context.Context, tx *store.Store, id string) error{
		"at once": func(ctx context.Context, tx *store.Store, id string) error { return add(ctx, tx, id, "x") },
		"later": func(_ context.Context, tx *store.Store, id string) error {
			tx.Later(store.Note{ID: id})
			return nil
		},
	}
	for name, write := range writes {
		t.Run(name, func(t *testing.T) {
			withNotes(t, nil, func(ctx context.Context, t *testing.T, s *store.Store) {
				put := func(id string) func(tx *store.Store) error {
					return func(tx *store.Store) error { return write(ctx, tx, id) }
				}
				if err := s.Atomically(ctx, put("there already")); err != nil {
					t.Fatal(err)
				}
				errs := together(ctx, s, put("a"), put("there already"), put("b"), put("twice"), put("twice"))
				if !errors.Is(errs[1], exists) {
					t.Errorf("the repeat got %v", errs[1])
				}
				if errs[0] != nil || errs[2] != nil {
					t.Errorf("its neighbours got %v and %v", errs[0], errs[2])
				}
				if (errs[3] == nil) == (errs[4] == nil) {
					t.Errorf("of two with one key got %v and %v", errs[3], errs[4])
				}
				if rows := count(ctx, t, s, "1 = 1"); rows != 4 {
					t.Errorf("%d rows, want 4", rows)
				}
			})
		})
	}
}

func TestWhoeverLeavesTheQueueIsSkipped(t *testing.T) {
	withNotes(t, nil, func(ctx context.Context, t *testing.T, s *store.Store) {
		short, leave := context.WithCancel(ctx)
		blocked := make(chan struct{})
		var held sync.WaitGroup
		holdUp(ctx, s, &held, blocked)
		ran := make(chan error, 1)
		go func() {
			ran <- s.Atomically(short, func(tx *store.Store) error { return add(ctx, tx, "left", "x") })
		}()
		for s.Stats().Queued == 0 {
			pause(time.Millisecond)
		}
		leave()
		if err := <-ran; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		close(blocked)
		// Negative control: whose context ends while it runs is awaited, and written.
		running, end := context.WithCancel(ctx)
		err := s.Atomically(running, func(tx *store.Store) error {
			end()
			return add(running, tx, "stayed", "x")
		})
		if err != nil {
			t.Errorf("who ran got %v", err)
		}
		if rows := count(ctx, t, s, "1 = 1"); rows != 1 {
			t.Errorf("%d rows, want that of who stayed", rows)
		}
	})
}

func TestAFullQueueIsBusyAndAWaitEnds(t *testing.T) {
	edit := func(config *store.Config) {
		config.QueueSize, config.QueueTimeout, config.Committers = 1, 50*time.Millisecond, 1
	}
	testdb.EachWith(t, edit, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		blocked, started := make(chan struct{}), make(chan struct{})
		defer close(blocked)
		go func() {
			_ = s.Atomically(ctx, func(*store.Store) error { close(started); <-blocked; return nil })
		}()
		<-started
		nothing := func(*store.Store) error { t.Error("it ran"); return nil }
		waited := make(chan error, 1)
		go func() { waited <- s.Atomically(ctx, nothing) }()
		for s.Stats().Queued == 0 {
			pause(time.Millisecond)
		}
		if err := s.Atomically(ctx, nothing); models.CodeOf(err) != models.CodeBusy {
			t.Errorf("a full queue: got %v", err)
		}
		if err := <-waited; models.CodeOf(err) != models.CodeBusy {
			t.Errorf("a wait too long: got %v", err)
		}
	})
}
