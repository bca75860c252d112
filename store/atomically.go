package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync/atomic"
	"time"

	"gorm.io/gorm"
)

var (
	errNested = errors.New("store: Atomically inside Atomically")
	errClosed = errors.New("store: closed")
	errFull   = errors.New("store: the queue of writers is full")
	errWaited = errors.New("store: waited too long for a turn to write")
	errGone   = errors.New("store: the caller's goroutine ended inside its transaction")
)

// transaction is one run of one function inside a transaction.
type transaction struct {
	db      *gorm.DB
	buffer  *laterBuffer
	job     *job
	attempt int
	over    atomic.Bool
}

// session gives the connection to one statement. The caller's cancellation is left out:
// once it runs, a function is awaited.
func (t *transaction) session(ctx context.Context) *gorm.DB {
	db := t.db.WithContext(context.WithoutCancel(ctx))
	if t.over.Load() {
		db.Error = errOver
	}
	return db
}

// Atomically runs fn in a transaction, the only kind of transaction there is: everything
// that fn writes through tx is on disk when Atomically returns nil, and nothing of it is
// there when it returns an error.
//
// Callers that come at the same time share one commit: their functions run one after
// another in one transaction, and an error or panic of one undoes only its own work. If the
// shared transaction is lost, each function runs again alone, at most three times. So fn must
// be safe to run again: it starts from nothing each time (no append to outer variables, no
// network, no message sent), and tx.Attempt tells which run it is. What must happen once
// after the commit goes to tx.AfterCommit.
//
// fn runs on the caller's goroutine. It must be quick, as others wait; use only tx, not
// the outer Store; and not keep tx, nor use it from another goroutine.
//
// Errors: fn's own; CodeBusy when the queue is full, the turn did not come within
// QueueTimeout, or the database stayed locked; ctx's when it ended before fn's turn. When
// the connection breaks during the commit itself, nobody knows whether it happened: the
// error is CodeBusy and fn is not run again, so that nothing happens twice.
func (s *Store) Atomically(ctx context.Context, fn func(tx *Store) error) error {
	if s.tx != nil {
		return errNested
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	job := &job{store: s.shared, fn: fn, events: make(chan event, 1), ran: make(chan error, 1)}
	if err := s.enqueue(job); err != nil {
		return err
	}
	patience := time.NewTimer(s.config.QueueTimeout)
	defer patience.Stop()
	ended, late := ctx.Done(), patience.C
	for {
		select {
		case next := <-job.events:
			if next.tx != nil {
				job.run(next.tx)
				continue
			}
			if next.err == nil {
				job.runHooks(ctx)
			}
			return next.err
		case <-ended:
			if job.leave() {
				return ctx.Err()
			}
			ended = nil // its turn has come: it is awaited
		case <-late:
			if job.leave() {
				return busy(errWaited)
			}
			late = nil
		}
	}
}

// enqueue puts the job where the committers take it, without waiting.
func (s *shared) enqueue(job *job) error {
	s.closing.RLock()
	defer s.closing.RUnlock()
	if s.closed {
		return busy(errClosed)
	}
	select {
	case s.queue <- job:
		return nil
	default:
		return busy(errFull)
	}
}

// Attempt tells a function inside Atomically which run it is, from 1; 0 outside.
func (s *Store) Attempt() int {
	if s.tx == nil {
		return 0
	}
	return s.tx.attempt
}

// AfterCommit runs the hook on the caller's goroutine once the transaction is on disk, and
// never if it is not. A panic in it is logged. Outside Atomically it does nothing.
func (s *Store) AfterCommit(hook func()) {
	if s.tx != nil && !s.tx.over.Load() {
		s.tx.job.hooks = append(s.tx.job.hooks, hook)
	}
}

func (j *job) runHooks(ctx context.Context) {
	for _, hook := range j.hooks {
		func() {
			defer func() {
				if problem := recover(); problem != nil {
					j.store.log.ErrorContext(ctx, "panic after commit",
						slog.String("problem", fmt.Sprint(problem)), slog.String("stack", string(debug.Stack())))
				}
			}()
			hook()
		}()
	}
}
