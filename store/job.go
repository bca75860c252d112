package store

import (
	"fmt"
	"runtime/debug"
	"sync/atomic"
)

// job is one function on its way through the queue.
type job struct {
	store   *shared
	fn      func(*Store) error
	events  chan event // to the caller: turns, then the answer; never more than one waits
	ran     chan error // from the caller: how the turn went
	state   atomic.Int32
	attempt int  // turns taken
	gone    bool // the caller's goroutine has ended; written before ran, read after it
	hooks   []func()
	err     error // how its turn in the group went
}

// event is a turn when tx is set, and the answer otherwise.
type event struct {
	tx  *Store
	err error
}

// A job waits until either a committer claims it or its caller leaves.
const (
	waiting int32 = iota
	claimed
	left
)

func (j *job) claim() bool { return j.state.CompareAndSwap(waiting, claimed) }
func (j *job) leave() bool { return j.state.CompareAndSwap(waiting, left) }

// turn lets the caller run its function in the transaction, and waits for it.
func (j *job) turn(tx *transaction) error {
	if j.gone {
		return errGone
	}
	j.attempt++
	j.hooks = nil
	tx.job, tx.attempt = j, j.attempt
	j.events <- event{tx: &Store{shared: j.store, tx: tx}}
	err := <-j.ran
	tx.over.Store(true)
	return err
}

// answer ends the job. It must be called exactly once for a claimed job.
func (j *job) answer(err error) { j.events <- event{err: err} }

// run is the caller's side of turn. It answers the committer whatever the function does:
// return, panic, or end its goroutine, as testing.T.FailNow does.
func (j *job) run(tx *Store) {
	err := errGone
	finished := false
	defer func() {
		if !finished {
			if problem := recover(); problem != nil {
				err = fmt.Errorf("store: panic in a transaction: %v\n%s", problem, debug.Stack())
			} else {
				j.gone = true
			}
		}
		j.ran <- err
	}()
	err = j.fn(tx)
	finished = true
}
