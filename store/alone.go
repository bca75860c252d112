package store

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// attemptPause is how much longer each attempt of a lost transaction may wait than the one before.
const attemptPause = 50 * time.Millisecond

// pause waits, or until ctx ends.
func pause(ctx context.Context, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// alone runs one function in a transaction of its own, again if the transaction is lost.
func (c *committer) alone(ctx context.Context, job *job) error {
	var err error
	for attempt := range maxAttempts {
		if attempt > 0 { // whom it met it would meet again at once
			pause(ctx, rand.N(time.Duration(attempt)*attemptPause)) //nolint:gosec // nothing secret: that two do not meet again
		}
		var again bool
		if again, err = c.try(ctx, job); !again {
			return err
		}
		if ctx.Err() != nil { // the whole group has waited for the database long enough
			return busy(err)
		}
	}
	if lostTransaction(err) {
		return busy(err)
	}
	return translate(err)
}

// try is one attempt; again says that nothing of it is in the database and it may succeed yet.
func (c *committer) try(ctx context.Context, job *job) (again bool, err error) {
	c.buffer.reset()
	if err := c.conn.start(ctx); err != nil {
		return true, err
	}
	ctx = context.WithoutCancel(ctx) // what has begun is ended: a cut commit would leave open what happened
	if job.attempt > 0 {
		c.counts.reruns.Add(1)
	}
	err = job.turn(&transaction{db: c.db, buffer: &c.buffer})
	if _ = c.conn.note(err); c.conn.lost != nil {
		err = c.conn.lost
		c.conn.rollback(ctx)
		return !job.gone, err
	}
	if err != nil {
		c.conn.rollback(ctx)
		return false, err
	}
	if err := c.buffer.flush(c.db); err != nil {
		c.conn.rollback(ctx)
		return lostTransaction(err), translate(err)
	}
	switch err := c.conn.commit(ctx); {
	case err == nil:
		c.count(1)
		return false, nil
	case outcomeUnknown(err):
		c.conn.drop()
		return false, busy(errors.Join(errOutcomeUnknown, err))
	default:
		c.conn.rollback(ctx)
		return true, err
	}
}
