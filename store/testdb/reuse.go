package testdb

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"xunfang/store"
	"xunfang/store/internal/dsn"
)

// Each runs the test on SQLite, and on MySQL or MariaDB where EnvMySQL is set; under CI=true it must be. The
// schema is made once for a package: on SQLite each test has a copy of an empty database, on MySQL all have the
// same one, emptied before each, so that such tests must not run in parallel. The package's TestMain calls
// ForgetReused in the end.
func Each(t *testing.T, test func(t *testing.T, s *store.Store)) {
	t.Helper()
	EachWith(t, nil, test)
}

// EachWith is Each with settings of the test's own; edit may be nil, and must leave the DSN.
func EachWith(t *testing.T, edit func(*store.Config), test func(t *testing.T, s *store.Store)) {
	t.Helper()
	each(t, test, func(t *testing.T) *store.Store { return openReused(t, copySQLite(t), edit) },
		func(t *testing.T) *store.Store { return openReused(t, emptiedMySQL(t), edit) })
}

// ForgetReused drops what Each keeps on the MySQL server.
func ForgetReused() error {
	if reused.mysql == nil {
		return nil
	}
	server, err := connect(reused.mysql)
	if err != nil {
		return err
	}
	_, err = server.Exec("DROP DATABASE `" + reused.mysql.DBName + "`")
	reused.mysql = nil
	return errors.Join(err, server.Close())
}

// reused is made by the first test that needs it.
var reused struct {
	sqlite sync.Once
	empty  []byte // a migrated SQLite file
	failed error
	mysql  *mysql.Config
}

func openReused(t *testing.T, address string, edit func(*store.Config)) *store.Store {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	config := Config(address)
	if edit != nil {
		edit(&config)
	}
	s, err := store.Open(ctx, config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeStore(t, s) })
	return s
}

func closeStore(t testing.TB, s *store.Store) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := s.Close(ctx); err != nil {
		t.Error(err)
	}
}

// copySQLite gives the DSN of a new copy of an empty database.
func copySQLite(t *testing.T) string {
	t.Helper()
	reused.sqlite.Do(func() { reused.empty, reused.failed = emptySQLite(t.TempDir()) })
	if reused.failed != nil {
		t.Fatal(reused.failed)
	}
	path := filepath.Join(t.TempDir(), "test.db")
	if err := os.WriteFile(path, reused.empty, 0o600); err != nil {
		t.Fatal(err)
	}
	return "sqlite:" + path
}

func emptySQLite(folder string) ([]byte, error) {
	path := filepath.Join(folder, "empty.db")
	if err := migrated("sqlite:" + path); err != nil {
		return nil, err
	}
	// The last one to close it writes the log into the file.
	if log, err := os.Stat(path + "-wal"); err == nil && log.Size() > 0 {
		return nil, errors.New("testdb: the empty database was not closed well")
	}
	return os.ReadFile(path)
}

func migrated(address string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	s, err := store.Open(ctx, Config(address))
	if err != nil {
		return err
	}
	return errors.Join(s.Migrate(ctx), s.Close(ctx))
}

// emptiedMySQL gives the DSN of the one database, with nothing in its tables.
func emptiedMySQL(t *testing.T) string {
	t.Helper()
	if reused.mysql == nil {
		if err := makeMySQL(); err != nil {
			t.Fatal(err)
		}
		return reused.mysql.FormatDSN()
	}
	if err := emptyTables(); err != nil {
		t.Fatal(err)
	}
	return reused.mysql.FormatDSN()
}

func makeMySQL() error {
	settings, err := dsn.MySQL(os.Getenv(EnvMySQL))
	if err != nil {
		return err
	}
	settings.DBName = ""
	server, err := connect(settings)
	if err != nil {
		return err
	}
	own := settings.Clone()
	own.DBName = "xunfang_test_" + strings.ToLower(rand.Text()[:16])
	_, err = server.Exec(fmt.Sprintf("CREATE DATABASE `%s` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", own.DBName))
	if err = errors.Join(err, server.Close()); err != nil {
		return err
	}
	reused.mysql = own
	return migrated(own.FormatDSN())
}

// emptyTables deletes every row but those that say which migrations have run.
func emptyTables() error {
	server, err := connect(reused.mysql)
	if err != nil {
		return err
	}
	return errors.Join(deleteRows(server), server.Close())
}

func deleteRows(server *sql.DB) error {
	names, err := tableNames(server)
	if err != nil {
		return err
	}
	whole, err := server.Begin()
	if err != nil {
		return err
	}
	for _, name := range names {
		statement := "DELETE FROM `" + name + "`"
		if name == "leases" { // its rows come with the schema
			statement = "UPDATE leases SET holder = '', ended_at = 0"
		}
		if _, err := whole.Exec(statement); err != nil {
			return errors.Join(err, whole.Rollback())
		}
	}
	return whole.Commit()
}

func tableNames(server *sql.DB) ([]string, error) {
	tables, err := server.Query(`SELECT table_name FROM information_schema.tables
		WHERE table_schema = DATABASE() AND table_name NOT LIKE '%goose%'`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = tables.Close() }()
	names := []string{}
	for tables.Next() {
		name := ""
		if err := tables.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, tables.Err()
}

func connect(settings *mysql.Config) (*sql.DB, error) {
	connector, err := mysql.NewConnector(settings)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}
