// Package store is the database: the only package that knows GORM. It imports models and nothing else of ours.
package store

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"gorm.io/gorm"
)

// Store is one open database. The Store that a function gets inside Atomically
// is the same database seen through the open transaction.
type Store struct {
	*shared
	tx *transaction // nil outside Atomically
}

// shared is what every view of the database has in common.
type shared struct {
	config  Config
	engine  engine
	readers *gorm.DB
	vault   Vault
	pools   []*sql.DB
	queue   chan *job
	repeats lookups      // of check-ins
	closing sync.RWMutex // held for reading while a job is put into the queue
	closed  bool
	serving sync.WaitGroup // committers
	counts  counters
	log     *slog.Logger
}

// counters are added to by the committers and read by Stats.
type counters struct {
	commits, transactions, reruns atomic.Int64
}

// Stats tells how the shared commit is doing; all but Queued count since Open.
type Stats struct {
	Commits      int64 // commits that reached the disk
	Transactions int64 // functions whose work those commits carried
	Reruns       int64 // runs beyond the first of a function
	Queued       int   // functions that wait now
}

// Config is what the database was opened with, defaults filled in. It prints without the DSN.
func (s *Store) Config() Config { return s.config }

// Stats is for metrics; it asks the database nothing.
func (s *Store) Stats() Stats {
	return Stats{
		Commits:      s.counts.commits.Load(),
		Transactions: s.counts.transactions.Load(),
		Reruns:       s.counts.reruns.Load(),
		Queued:       len(s.queue),
	}
}

var (
	errOutside = errors.New("store: a write outside Atomically")
	errOver    = errors.New("store: a transaction used after its function returned")
)

// read gives the connection for reading: the transaction's inside Atomically, so that
// it sees its own writes, and one of the read-only pool outside.
func (s *Store) read(ctx context.Context) *gorm.DB {
	if s.tx != nil {
		return s.tx.session(ctx)
	}
	return s.readers.WithContext(ctx)
}

// write gives the transaction's connection. Outside Atomically every use of it fails,
// so that no write can miss its audit entry.
func (s *Store) write(ctx context.Context) *gorm.DB {
	if s.tx != nil {
		return s.tx.session(ctx)
	}
	db := s.readers.WithContext(ctx)
	db.Error = errOutside
	return db
}

// Ping says whether the database answers, for readiness.
func (s *Store) Ping(ctx context.Context) error {
	var one int
	return translate(s.read(ctx).Raw("SELECT 1").Scan(&one).Error)
}

// millis is how a time stands in a column: unix milliseconds UTC, 0 for none.
func millis(at time.Time) int64 {
	if at.IsZero() {
		return 0
	}
	return at.UnixMilli()
}

// instant is the time of a column's milliseconds, in UTC; the zero time for 0.
func instant(at int64) time.Time {
	if at == 0 {
		return time.Time{}
	}
	return time.UnixMilli(at).UTC()
}
