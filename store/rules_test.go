package store_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"xunfang/models"
	"xunfang/store"
	"xunfang/store/testdb"
)

func TestHooksRunOnlyAfterACommit(t *testing.T) {
	withNotes(t, nil, func(ctx context.Context, t *testing.T, s *store.Store) {
		told := []string{}
		err := s.Atomically(ctx, func(tx *store.Store) error {
			tx.AfterCommit(func() {
				told = append(told, fmt.Sprint("rows ", count(ctx, t, s, "1 = 1")))
				panic("a hook's panic harms nobody")
			})
			tx.AfterCommit(func() { told = append(told, "second") })
			return add(ctx, tx, "a", "x")
		})
		if err != nil || !slices.Equal(told, []string{"rows 1", "second"}) {
			t.Errorf("got %v, %q", err, told)
		}
		_ = s.Atomically(ctx, func(tx *store.Store) error {
			tx.AfterCommit(func() { t.Error("a hook of a function that failed ran") })
			return errOwn
		})
	})
}

func TestATransactionCannotBeMisused(t *testing.T) {
	withNotes(t, nil, func(ctx context.Context, t *testing.T, s *store.Store) {
		var kept *store.Store
		err := s.Atomically(ctx, func(tx *store.Store) error {
			kept = tx
			if err := tx.Atomically(ctx, func(*store.Store) error { return nil }); err == nil {
				t.Error("a nested Atomically was let through")
			}
			if tx.Attempt() != 1 {
				t.Errorf("attempt %d", tx.Attempt())
			}
			return nil
		})
		if err != nil || s.Attempt() != 0 {
			t.Errorf("got %v, attempt %d", err, s.Attempt())
		}
		if err := add(ctx, kept, "after", "x"); err == nil {
			t.Error("a write after the end was let through")
		}
		if err := add(ctx, s, "outside", "x"); err == nil {
			t.Error("a write outside was let through")
		}
		if err := s.Read(ctx).Exec("INSERT INTO test_notes VALUES ('reader', 'x')").Error; err == nil {
			t.Error("a write on the readers' pool was let through")
		}
		if rows := count(ctx, t, s, "1 = 1"); rows != 0 {
			t.Errorf("%d rows", rows)
		}
	})
}

func TestAGoroutineThatEndsInItsTransactionHoldsNobodyUp(t *testing.T) {
	withNotes(t, nil, func(ctx context.Context, t *testing.T, s *store.Store) {
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_ = s.Atomically(ctx, func(tx *store.Store) error {
				_ = add(ctx, tx, "gone", "x")
				runtime.Goexit()
				return nil
			})
		}()
		<-ended
		if err := s.Atomically(ctx, func(tx *store.Store) error { return add(ctx, tx, "next", "x") }); err != nil {
			t.Error(err)
		}
		if rows := count(ctx, t, s, "1 = 1"); rows != 1 {
			t.Errorf("%d rows, want the next one's", rows)
		}
	})
}

func TestCloseFinishesWhatIsQueued(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		makeNotes(ctx, t, s)
		again := testdb.Reopen(t, s, nil)
		const callers = 100
		errs := make(chan error, callers)
		for at := range callers {
			go func() {
				errs <- again.Atomically(ctx, func(tx *store.Store) error { return add(ctx, tx, noteID(at), "x") })
			}()
		}
		first := <-errs
		if err := again.Close(ctx); err != nil {
			t.Error(err)
		}
		written, refused := 0, 0
		for at := range callers {
			err := first
			if at > 0 {
				err = <-errs
			}
			switch {
			case err == nil:
				written++
			case models.CodeOf(err) == models.CodeBusy:
				refused++
			default:
				t.Error(err)
			}
		}
		if rows := count(ctx, t, s, "1 = 1"); rows != written || written+refused != callers {
			t.Errorf("%d rows for %d nil answers, %d refused", rows, written, refused)
		}
		if err := again.Atomically(ctx, func(*store.Store) error { return nil }); models.CodeOf(err) != models.CodeBusy {
			t.Errorf("after Close: %v", err)
		}
	})
}

func TestAPasswordIsNeverPrinted(t *testing.T) {
	for _, dsn := range []string{
		"mysql://user:pass-word@127.0.0.1:1/db", "user:pass-word@unix(/none)/db", "user:pass-word@tcp(127.0.0.1:1)/db",
		"mysql://user:pass-word@127.0.0.1:one/db", "mysql://user:pass-word", "user:pass-word@nonsense(x)", "mysql://user:pass-word@h/%zz",
	} {
		config := store.Config{DSN: dsn}
		_, err := store.Open(t.Context(), config)
		if err == nil {
			t.Fatalf("%s opened", dsn)
		}
		for _, text := range []string{err.Error(), fmt.Sprintf("%v %+v %#v %s", config, config, config, config), config.LogValue().String()} {
			if strings.Contains(text, "pass-word") {
				t.Errorf("printed: %s", text)
			}
		}
	}
}
