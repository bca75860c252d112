package main

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"

	_ "github.com/go-sql-driver/mysql" // the driver mysql
	_ "modernc.org/sqlite"             // the driver sqlite
)

const sqlitePrefix = "sqlite:"

const (
	createRows = `CREATE TABLE IF NOT EXISTS bare_check_ins (
		id CHAR(36) NOT NULL PRIMARY KEY, checkpoint_id CHAR(36) NOT NULL, method VARCHAR(16) NOT NULL,
		lat DOUBLE PRECISION NOT NULL, lng DOUBLE PRECISION NOT NULL, accuracy_m DOUBLE PRECISION NOT NULL,
		captured_at VARCHAR(32) NOT NULL)`
	insertRow = `INSERT INTO bare_check_ins (id, checkpoint_id, method, lat, lng, accuracy_m, captured_at)
		VALUES (?, ?, ?, ?, ?, ?, ?)`
	readRows = `SELECT id, order_id, person_id, checkpoint_id, method, lat, lng, accuracy_m, captured_at, received_at, status
		FROM check_ins WHERE checkpoint_id = ? AND order_id < ? ORDER BY order_id DESC LIMIT ?`
)

// rows are the prepared statements that requests share.
type rows struct {
	pools  []*sql.DB
	insert func(values ...any) (sql.Result, error)
	read   *sql.Stmt
}

func openRows(writing, reading string, prepared bool) (*rows, error) {
	writers, err := open(writing, "&_journal_mode=WAL&_synchronous=FULL", 1)
	if err != nil {
		return nil, err
	}
	readers, err := open(reading, "&_query_only=1", 8)
	if err != nil {
		return nil, errors.Join(err, writers.Close())
	}
	opened := &rows{pools: []*sql.DB{writers, readers}}
	_, err = writers.Exec(createRows)
	opened.insert = func(values ...any) (sql.Result, error) { return writers.Exec(insertRow, values...) }
	if err == nil && prepared {
		var kept *sql.Stmt
		if kept, err = writers.Prepare(insertRow); err == nil { //nolint:sqlclosecheck // closed with its pool
			opened.insert = kept.Exec
		}
	}
	if err == nil {
		opened.read, err = readers.Prepare(readRows)
	}
	if err != nil {
		return nil, errors.Join(err, opened.close())
	}
	return opened, nil
}

// open opens a pool as suits the database best: on SQLite as many connections as asked for, one where
// it writes, as it has one writer; on MySQL as many as the most callers there are.
func open(address, more string, sqliteConnections int) (*sql.DB, error) {
	driver, source, connections := "mysql", address, 64
	if path, ok := strings.CutPrefix(address, sqlitePrefix); ok {
		driver, connections = "sqlite", sqliteConnections
		source = "file:" + (&url.URL{Path: path}).EscapedPath() +
			"?_busy_timeout=5000&_txlock=immediate&_pragma=cache_size(-16000)" + more
	}
	pool, err := sql.Open(driver, source)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", driver, err)
	}
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections)
	return pool, nil
}

func (r *rows) close() error {
	errs := []error{}
	for _, pool := range r.pools {
		errs = append(errs, pool.Close())
	}
	return errors.Join(errs...)
}
