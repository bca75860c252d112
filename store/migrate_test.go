package store_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"xunfang/store"
	"xunfang/store/testdb"
)

func TestTheSchemaMustBeTheOneThatIsKnown(t *testing.T) {
	testdb.EachNew(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		if err := errors.Join(s.CheckSchema(ctx), s.Migrate(ctx)); err != nil {
			t.Errorf("a migrated schema: %v", err)
		}
		list, err := s.MigrationStatus(ctx)
		if err != nil || len(list) == 0 {
			t.Fatalf("%v, %v", list, err)
		}
		last := list[len(list)-1].Version
		change := func(statement string, version int64) {
			err := s.Atomically(ctx, func(tx *store.Store) error { return tx.Write(ctx).Exec(statement, version).Error })
			if err != nil {
				t.Fatal(err)
			}
		}
		change("DELETE FROM goose_db_version WHERE version_id = ?", last)
		if err := s.CheckSchema(ctx); !errors.Is(err, store.ErrSchemaOlder) {
			t.Errorf("an older schema: %v", err)
		}
		if !s.IsMySQL() { // a file does not break off half done: TestAFileThatBreaksOffLeavesNothing
			change("INSERT INTO goose_db_version (version_id, is_applied) VALUES (?, 1)", last)
		} else if err := s.Migrate(ctx); err != nil { // each file can be run again
			t.Errorf("a file that broke off: %v", err)
		}
		change("INSERT INTO goose_db_version (version_id, is_applied) VALUES (?, 1)", last+1)
		if err := s.CheckSchema(ctx); !errors.Is(err, store.ErrSchemaNewer) {
			t.Errorf("a newer schema: %v", err)
		}
		if err := s.Migrate(ctx); !errors.Is(err, store.ErrSchemaNewer) {
			t.Errorf("migrating a newer schema: %v", err)
		}
	})
}

func TestReplicasMayMigrateAtOnce(t *testing.T) {
	if os.Getenv(testdb.EnvMySQL) == "" {
		t.Skip(testdb.EnvMySQL + " is not set")
	}
	dsn := testdb.EmptyMySQL(t)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			s, err := store.Open(t.Context(), testdb.Config(dsn))
			if err != nil {
				t.Error(err)
				return
			}
			if err := errors.Join(s.Migrate(t.Context()), s.CheckSchema(t.Context()), s.Close(t.Context())); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

func TestBothTreesHaveTheSameSteps(t *testing.T) {
	names := func(folder string) []string {
		found := []string{}
		err := filepath.WalkDir(folder, func(_ string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() {
				found = append(found, entry.Name())
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	sqlite, mysql := names("migrations/sqlite"), names("migrations/mysql")
	if len(sqlite) != len(mysql) {
		t.Fatalf("sqlite %q, mysql %q", sqlite, mysql)
	}
	for at := range sqlite {
		if sqlite[at] != mysql[at] {
			t.Errorf("sqlite has %s where mysql has %s", sqlite[at], mysql[at])
		}
	}
}

func TestADatabaseWithoutTablesIsRefused(t *testing.T) {
	s, err := store.Open(t.Context(), testdb.Config("sqlite:"+filepath.Join(t.TempDir(), "empty.db")))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.CheckSchema(t.Context()); !errors.Is(err, store.ErrSchemaOlder) {
		t.Errorf("got %v", err)
	}
	if err := s.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

// On SQLite a file is one transaction, so that it need not be possible to run it twice: one that fails in the middle leaves
// nothing of itself, and is run again whole.
func TestAFileThatBreaksOffLeavesNothing(t *testing.T) {
	ctx := t.Context()
	s, err := store.Open(ctx, testdb.Config("sqlite:"+filepath.Join(t.TempDir(), "test.db")))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(ctx); err != nil {
			t.Error(err)
		}
	}()
	tables := func(name string) int64 {
		found := int64(0)
		err := s.Read(ctx).Table("sqlite_master").Where("name = ?", name).Count(&found).Error
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	// 0009 makes squads first and round_members last; the index of this one cannot be made.
	if err := s.Schema(ctx, "CREATE TABLE round_members (other TEXT)"); err != nil {
		t.Fatal(err)
	}
	if err := s.Migrate(ctx); err == nil {
		t.Fatal("a file that cannot be run to its end was")
	}
	list, err := s.MigrationStatus(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range list {
		if step.Applied != (step.Version < 9) {
			t.Errorf("%s: applied %t", step.Name, step.Applied)
		}
	}
	if tables("tips") != 1 || tables("squads") != 0 || tables("ix_rounds_state_starts_at") != 0 {
		t.Error("not all of the files before, or something of the one that broke off")
	}
	if err := s.CheckSchema(ctx); !errors.Is(err, store.ErrSchemaOlder) {
		t.Errorf("a schema that is half there: %v", err)
	}
	if err := s.Schema(ctx, "DROP TABLE round_members"); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Migrate(ctx), s.CheckSchema(ctx)); err != nil || tables("squads") != 1 {
		t.Errorf("run again: %v", err)
	}
}
