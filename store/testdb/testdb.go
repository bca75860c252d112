// Package testdb opens databases for tests: real ones, on disk, migrated. It imports store and models only.
package testdb

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"xunfang/store"
)

// EnvMySQL names the variable with the DSN of a MySQL or MariaDB server whose user may create
// databases; tools/with-mariadb.sh sets it.
const EnvMySQL = "XUNFANG_TEST_MYSQL_DSN"

// EachNew is Each for tests that look at the schema or change it: each run migrates a database of its own.
func EachNew(t *testing.T, test func(t *testing.T, s *store.Store)) {
	t.Helper()
	each(t, test, func(t *testing.T) *store.Store { return SQLiteWith(t, nil) },
		func(t *testing.T) *store.Store { return MySQLWith(t, nil) })
}

// each opens a database on SQLite for one run, and one on MySQL or MariaDB for another.
func each(t *testing.T, test func(t *testing.T, s *store.Store), sqlite, mysql func(t *testing.T) *store.Store) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, sqlite(t)) })
	if os.Getenv(EnvMySQL) == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal(EnvMySQL + " is not set, and under CI every test runs on both databases")
		}
		onlySQLite(t)
		return
	}
	t.Run("mysql", func(t *testing.T) { test(t, mysql(t)) })
}

// said keeps the note to one line a test run.
var said sync.Once

func onlySQLite(t *testing.T) {
	t.Helper()
	said.Do(func() { t.Log(EnvMySQL + " is not set: tests run on SQLite only; see tools/with-mariadb.sh") })
}

// SQLite opens a database of the test's own.
func SQLite(t testing.TB) *store.Store {
	t.Helper()
	return SQLiteWith(t, nil)
}

// SQLiteWith is SQLite with settings of the test's own; edit may be nil.
func SQLiteWith(t testing.TB, edit func(*store.Config)) *store.Store {
	t.Helper()
	return open(t, "sqlite:"+filepath.Join(t.TempDir(), "test.db"), edit)
}

// MySQLWith opens a database of the test's own on the server of EnvMySQL, which must be set;
// edit may be nil. The database is dropped at the end.
func MySQLWith(t testing.TB, edit func(*store.Config)) *store.Store {
	t.Helper()
	return open(t, EmptyMySQL(t), edit)
}

// Reopen opens the same database once more, as another replica would.
func Reopen(t testing.TB, s *store.Store, edit func(*store.Config)) *store.Store {
	t.Helper()
	return open(t, s.Config().DSN, edit)
}

// Config is the configuration that test databases are opened with, with keys for tests only.
func Config(dsn string) store.Config {
	return store.Config{DSN: dsn, AuditMAC: mac, Vault: Vault{}}
}

func open(t testing.TB, dsn string, edit func(*store.Config)) *store.Store {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	config := Config(dsn)
	if edit != nil {
		edit(&config)
	}
	s, err := store.Open(ctx, config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := s.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	if err := s.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	return s
}
