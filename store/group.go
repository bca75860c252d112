package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"

	"github.com/go-sql-driver/mysql"
	"gorm.io/gorm"
)

// maxAttempts is how often a function runs alone before its caller is told that it is busy.
const maxAttempts = 5

var errOutcomeUnknown = errors.New("store: the connection broke during the commit")

// committer owns one connection and runs groups of functions on it.
type committer struct {
	*shared
	conn   *writeConn
	db     *gorm.DB
	buffer laterBuffer
	wary   int // groups that still go with savepoints
}

func newCommitter(s *shared) *committer {
	conn := &writeConn{engine: s.engine}
	db := s.readers.Session(&gorm.Session{NewDB: true, Context: context.Background()})
	db.Statement.ConnPool = conn
	return &committer{shared: s, conn: conn, db: db}
}

// serve takes groups until the queue is closed and empty.
func (c *committer) serve() {
	defer c.serving.Done()
	defer c.conn.drop()
	group := make([]*job, 0, c.config.GroupSize)
	for first := range c.queue {
		group = c.gather(group[:0], first)
		c.settle(group)
		clear(group)
	}
}

// gather takes everybody who waits, up to GroupSize. Those just answered are often about
// to come back, and nothing else says so: they are let run first.
func (c *committer) gather(group []*job, first *job) []*job {
	runtime.Gosched()
	next := first
	for {
		if next.claim() {
			group = append(group, next)
		}
		if len(group) == c.config.GroupSize {
			return group
		}
		select {
		case another, open := <-c.queue:
			if !open {
				return group
			}
			next = another
		default:
			return group
		}
	}
}

// settle answers every job of the group, after the commit.
func (c *committer) settle(group []*job) {
	answered := 0
	defer func() {
		if problem := recover(); problem != nil { // ours, not a function's: those never get here
			c.log.Error("panic in the committer", slog.String("problem", fmt.Sprint(problem)), slog.String("stack", string(debug.Stack())))
			c.conn.drop()
			for _, job := range group[answered:] {
				job.answer(fmt.Errorf("store: panic in the committer: %v", problem))
			}
		}
	}()
	// A database that does not answer must not cost every job of the group its own time-out.
	ctx, cancel := context.WithTimeout(context.Background(), c.config.QueueTimeout)
	defer cancel()
	shared := len(group) > 1 && c.together(ctx, group) == settled
	for _, job := range group {
		if !shared {
			job.err = c.alone(ctx, job)
		}
		answered++
		job.answer(job.err)
	}
}

// together runs the group in one transaction and commits it. Savepoints cost a round trip
// for each function, and few fail after they have written: the group goes without them first,
// once more with them if that was wrong, and the next ones with them at once.
func (c *committer) together(ctx context.Context, group []*job) outcome {
	how := notUndone
	if c.wary == 0 {
		how = c.once(ctx, group, false)
	}
	if how == notUndone {
		if c.wary == 0 {
			c.wary = waryGroups
		}
		c.wary--
		how = c.once(ctx, group, true)
	}
	return how
}

// once is one such run. Unless it is settled, nothing of it is in the database.
func (c *committer) once(ctx context.Context, group []*job, savepoints bool) outcome {
	c.buffer.reset()
	if c.conn.start(ctx) != nil {
		return lost
	}
	ctx = context.WithoutCancel(ctx) // what has begun is ended: a cut commit would leave open what happened
	for _, job := range group {
		if job.attempt > 0 {
			c.counts.reruns.Add(1)
		}
		c.conn.turn(savepoints)
		c.buffer.mark()
		job.err = job.turn(&transaction{db: c.db, buffer: &c.buffer})
		if how := c.endTurn(ctx, job.err); how != settled {
			c.conn.rollback(ctx)
			return how
		}
	}
	c.conn.turn(false)
	if c.buffer.flush(c.db) != nil {
		c.conn.rollback(ctx)
		return lost
	}
	switch err := c.conn.commit(ctx); {
	case err == nil:
		c.count(len(group))
		return settled
	case outcomeUnknown(err):
		c.conn.drop()
		for _, job := range group {
			if job.err == nil {
				job.err = busy(errors.Join(errOutcomeUnknown, err))
			}
		}
		return settled
	default:
		c.conn.rollback(ctx)
		return lost
	}
}

// outcome is how a run of a group went.
type outcome int

const (
	settled   outcome = iota // every job has its answer
	notUndone                // one function's work could not be undone alone
	lost                     // the transaction is gone
)

// waryGroups is how many groups take savepoints after one would have needed them.
const waryGroups = 64

// endTurn keeps or undoes one function's work.
func (c *committer) endTurn(ctx context.Context, failed error) outcome {
	_ = c.conn.note(failed)
	if c.conn.lost != nil {
		return lost
	}
	var err error
	if failed != nil {
		c.buffer.cut()
		err = c.conn.undo(ctx)
	} else {
		err = c.conn.keep(ctx)
	}
	switch {
	case err == nil:
		return settled
	case errors.Is(err, errCannotUndo):
		return notUndone
	default:
		return lost
	}
}

func (c *committer) count(functions int) {
	c.counts.commits.Add(1)
	c.counts.transactions.Add(int64(functions))
}

// outcomeUnknown says whether a commit was sent and never answered. ErrBadConn is not
// among them: the driver returns it only when nothing was sent.
func outcomeUnknown(err error) bool {
	return errors.Is(err, mysql.ErrInvalidConn) || deadConnection(err) && !errors.Is(err, errBadConn)
}
