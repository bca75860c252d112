package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/pressly/goose/v3"
	gormsqlite "gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"modernc.org/sqlite"
)

const sqlitePrefix = "sqlite:"

// openSQLite opens one connection that writes and a pool that only reads.
func openSQLite(ctx context.Context, config Config) (engine, error) {
	path := strings.TrimPrefix(config.DSN, sqlitePrefix)
	if path == "" || strings.HasPrefix(path, ":") || strings.HasPrefix(path, "//") {
		return engine{}, errors.New("sqlite: wants sqlite:/path/file.db; a database in memory is not supported")
	}
	// Made here, so that nobody but the owner can read it; SQLite gives its side files the same mode.
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // the operator names the file
	if err != nil {
		return engine{}, fmt.Errorf("sqlite: %w", err)
	}
	if err := file.Close(); err != nil {
		return engine{}, fmt.Errorf("sqlite: %w", err)
	}
	writers, err := sqlitePool(path, config, false)
	if err != nil {
		return engine{}, err
	}
	writers.SetMaxOpenConns(1)
	if err := writers.PingContext(ctx); err != nil { // also turns WAL on, before a reader comes
		return engine{}, errors.Join(fmt.Errorf("sqlite: %w", err), writers.Close())
	}
	readers, err := sqlitePool(path, config, true)
	if err != nil {
		return engine{}, errors.Join(err, writers.Close())
	}
	readers.SetMaxOpenConns(config.MaxReaders)
	readers.SetMaxIdleConns(config.MaxReaders)
	return engine{
		kind: kindSQLite, readers: readers, writers: writers,
		dialect:    func(pool gorm.ConnPool) gorm.Dialector { return dialect{gormsqlite.New(gormsqlite.Config{Conn: pool})} },
		begin:      "BEGIN IMMEDIATE",
		nested:     true,
		openSchema: func() (*sql.DB, error) { return sqlitePool(path, config, false) },
		provider: func(pool *sql.DB) (migrator, error) {
			return newProvider(goose.DialectSQLite3, pool, "migrations/sqlite")
		},
	}, nil
}

func sqlitePool(path string, config Config, readOnly bool) (*sql.DB, error) {
	options := url.Values{
		"_txlock":       {"immediate"}, // a deferred one that turns into a writer fails in spite of busy_timeout
		"_timezone":     {"UTC"},       // times compare as text
		"_busy_timeout": {fmt.Sprint(config.LockTimeout.Milliseconds())},
		"_foreign_keys": {"1"},
		"_dqs":          {"0"}, // "x" is a name, never a text
		"_defensive":    {"1"},
		"_pragma":       {"temp_store(MEMORY)", "cache_size(-16000)", "wal_autocheckpoint(8000)", "journal_size_limit(67108864)"},
	}
	if readOnly {
		options.Set("_query_only", "1")
	} else {
		options.Set("_journal_mode", "WAL")
		options.Set("_synchronous", "FULL") // the commit is on disk before anybody is answered
	}
	connector, err := sqlite.NewConnector("file:" + (&url.URL{Path: path}).EscapedPath() + "?" + options.Encode())
	if err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	return sql.OpenDB(connector), nil
}
