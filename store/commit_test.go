package store_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"xunfang/models"
	"xunfang/store"
	"xunfang/store/testdb"
)

func needMySQL(t *testing.T, s *store.Store) {
	t.Helper()
	if !s.IsMySQL() {
		t.Skip("SQLite has one writer: this cannot happen there")
	}
}

func TestADeadlockIsRunAgain(t *testing.T) {
	withNotes(t, nil, func(ctx context.Context, t *testing.T, s *store.Store) {
		needMySQL(t, s)
		for _, id := range []string{"a", "b"} {
			if err := s.Atomically(ctx, func(tx *store.Store) error { return add(ctx, tx, id, "") }); err != nil {
				t.Fatal(err)
			}
		}
		// Each holds one row before either asks for the other's: the server must break one off.
		var holding sync.WaitGroup
		holding.Add(2)
		var runs, reported atomic.Int64
		touch := func(tx *store.Store, id string) error {
			return tx.Write(ctx).Exec("UPDATE test_notes SET author = CONCAT(author, 'x') WHERE id = ?", id).Error
		}
		cross := func(first, second string) error {
			return s.Atomically(ctx, func(tx *store.Store) error {
				runs.Add(1)
				if err := touch(tx, first); err != nil {
					return err
				}
				if tx.Attempt() == 1 {
					holding.Done()
					holding.Wait()
				}
				if err := touch(tx, second); err != nil {
					reported.Add(1)
				}
				return nil // even an error that is swallowed must not lose work
			})
		}
		errs := make(chan error, 2)
		go func() { errs <- cross("a", "b") }()
		go func() { errs <- cross("b", "a") }()
		for range 2 {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
		if rows := count(ctx, t, s, "author = 'xx'"); rows != 2 {
			t.Errorf("%d of 2 rows were touched twice", rows)
		}
		if runs.Load() != 3 || reported.Load() != 1 {
			t.Errorf("%d runs, %d deadlocks: the test provoked none", runs.Load(), reported.Load())
		}
	})
}

func TestABrokenConnectionBeforeTheCommitIsRunAgain(t *testing.T) {
	withNotes(t, nil, func(ctx context.Context, t *testing.T, s *store.Store) {
		needMySQL(t, s)
		err := s.Atomically(ctx, func(tx *store.Store) error {
			if tx.Attempt() == 1 {
				if err := add(ctx, tx, "lost", "x"); err != nil {
					return err
				}
				kill(ctx, t, s, tx)
			}
			return add(ctx, tx, "written", "x")
		})
		if err != nil {
			t.Error(err)
		}
		if rows := count(ctx, t, s, "id = 'written'"); rows != 1 || count(ctx, t, s, "1 = 1") != 1 {
			t.Error("want the row of the second run and nothing of the first")
		}
	})
}

func TestABrokenConnectionAtTheCommitIsNoSuccess(t *testing.T) {
	withNotes(t, nil, func(ctx context.Context, t *testing.T, s *store.Store) {
		needMySQL(t, s)
		errs := together(ctx, s,
			func(tx *store.Store) error { return add(ctx, tx, "a", "x") },
			func(tx *store.Store) error {
				defer kill(ctx, t, s, tx)
				return add(ctx, tx, "b", "x")
			},
		)
		written := count(ctx, t, s, "1 = 1")
		succeeded := 0
		for _, err := range errs {
			if err == nil {
				succeeded++
			} else if models.CodeOf(err) != models.CodeBusy {
				t.Errorf("got %v", err)
			}
		}
		if succeeded > written {
			t.Errorf("%d were answered nil, %d rows are there", succeeded, written)
		}
	})
}

// kill ends the transaction's connection from another one.
func kill(ctx context.Context, t *testing.T, s, tx *store.Store) {
	t.Helper()
	var id int64
	if err := tx.Read(ctx).Raw("SELECT CONNECTION_ID()").Scan(&id).Error; err != nil {
		t.Error(err)
	}
	if err := s.Read(ctx).Exec("KILL ?", id).Error; err != nil {
		t.Error(err)
	}
}

func TestACommitThatFailsIsNoSuccess(t *testing.T) {
	s := testdb.SQLite(t)
	ctx := t.Context()
	err := s.Schema(ctx, "CREATE TABLE parents (id TEXT PRIMARY KEY)",
		"CREATE TABLE children (parent TEXT REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED)")
	if err != nil {
		t.Fatal(err)
	}
	child := func(parent string) func(tx *store.Store) error {
		return func(tx *store.Store) error {
			return tx.Write(ctx).Exec("INSERT INTO children VALUES (?)", parent).Error
		}
	}
	parent := func(tx *store.Store) error { return tx.Write(ctx).Exec("INSERT INTO parents VALUES ('p')").Error }
	// An orphan shows only at the commit, which fails for all; run alone it fails for its caller.
	if err := s.Atomically(ctx, parent); err != nil {
		t.Fatal(err)
	}
	errs := together(ctx, s, child("p"), child("nobody"), child("p"))
	for at, failed := range []bool{false, true, false} {
		if (errs[at] != nil) != failed {
			t.Errorf("function %d: %v", at, errs[at])
		}
	}
	var children, orphans int64
	s.Read(ctx).Table("children").Count(&children)
	s.Read(ctx).Table("children").Where("parent = 'nobody'").Count(&orphans)
	if children != 2 || orphans != 0 {
		t.Errorf("%d children, %d orphans", children, orphans)
	}
	if s.Stats().Reruns == 0 {
		t.Error("the commit of the group did not fail: the test shows nothing")
	}
}

func TestAFullDiskIsNoSuccess(t *testing.T) {
	s := testdb.SQLite(t)
	ctx := t.Context()
	makeNotes(ctx, t, s)
	var pages int64
	s.Read(ctx).Raw("PRAGMA page_count").Scan(&pages)
	runs := 0
	big := func(tx *store.Store) error {
		runs++
		var limit int64 // of the connection, which is a new one after each failure
		if err := tx.Read(ctx).Raw("PRAGMA max_page_count = " + noteNumber(pages+10)).Scan(&limit).Error; err != nil {
			return err
		}
		return tx.Write(ctx).Exec("INSERT INTO test_notes VALUES ('big', ?)", strings.Repeat("x", 100_000)).Error
	}
	small := func(id string) func(*store.Store) error {
		return func(tx *store.Store) error { return add(ctx, tx, id, "x") }
	}
	errs := together(ctx, s, small("one"), big, small("two"))
	if errs[0] != nil || models.CodeOf(errs[1]) != models.CodeBusy || errs[2] != nil {
		t.Errorf("got %v", errs)
	}
	if rows := count(ctx, t, s, "1 = 1"); rows != 2 || runs != 6 {
		t.Errorf("%d rows, want the two small ones; %d runs, want one shared and five alone", rows, runs)
	}
}
