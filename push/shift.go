package push

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// shift is one Run of a Worker: who is under way, and what is to be recorded.
type shift struct {
	*Worker
	sending context.Context //nolint:containedctx // of the attempts; it outlives Run's by the grace
	slots   chan struct{}   // one for each attempt under way
	freed   chan struct{}   // says that slots were given back
	under   sync.WaitGroup
	hired   int
	waiting chan Delivery // to those who make the attempts
	results chan Result
	done    chan struct{}
}

func newShift(sending context.Context, worker *Worker) *shift {
	return &shift{
		Worker: worker, sending: sending,
		slots: make(chan struct{}, worker.config.Concurrency), freed: make(chan struct{}, 1),
		waiting: make(chan Delivery, worker.config.Concurrency),
		results: make(chan Result, worker.config.Concurrency), done: make(chan struct{}),
	}
}

// claimAll claims and starts until ctx ends. It claims only what can start at once, so that no lease
// runs while its delivery waits, and waits for a quarter of the slots, so that a claim is worth its
// transaction.
func (s *shift) claimAll(ctx context.Context) {
	enough := max(1, s.config.Concurrency/4)
	failures := 0
	for ctx.Err() == nil {
		free := cap(s.slots) - len(s.slots) // only this goroutine takes slots
		if free < enough {
			s.wait(ctx, s.freed, s.config.Poll)
			continue
		}
		limit := min(free, s.config.Batch)
		claimed, err := s.claim(ctx, limit)
		if err != nil && ctx.Err() == nil {
			failures++
			s.config.Logger.Error("push: claiming failed", "error", err)
			s.wait(ctx, nil, s.config.Poll*time.Duration(min(failures, 30)))
			continue
		}
		failures = 0
		for _, delivery := range claimed[:min(len(claimed), free)] {
			s.slots <- struct{}{}
			s.under.Add(1)
			s.underWay.Add(1)
			s.hire(delivery)
		}
		if len(claimed) < limit { // nothing more is due
			s.wait(ctx, s.wake, s.config.Poll)
		}
	}
}

// hire gives a delivery to one of those who make attempts, and begins another one as long as there are fewer than slots. They
// stay until the end: a goroutine for each attempt would grow its stack anew each time, a tenth of all the work.
func (s *shift) hire(delivery Delivery) {
	if s.hired < len(s.slots) && s.hired < cap(s.slots) {
		s.hired++
		go func() {
			for delivery := range s.waiting {
				s.deliver(delivery)
			}
		}()
	}
	s.waiting <- delivery
}

// wait ends with a signal, the time, or ctx, whichever is first.
func (s *shift) wait(ctx context.Context, signal <-chan struct{}, atMost time.Duration) {
	timer := time.NewTimer(atMost)
	defer timer.Stop()
	select {
	case <-signal:
	case <-timer.C:
	case <-ctx.Done():
	}
}

func (s *shift) claim(ctx context.Context, limit int) (claimed []Delivery, err error) {
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("push: panic in the outbox: %v", problem)
		}
	}()
	bounded, cancel := context.WithTimeout(ctx, s.config.Lease/2)
	defer cancel()
	return s.outbox.ClaimDeliveries(bounded, s.config.Owner, limit, s.config.Lease, s.config.Now())
}

// finishAll records results until there are no more. Whatever came while one batch was being written
// is the next: a slow database makes larger batches, not more of them.
func (s *shift) finishAll() {
	defer close(s.done)
	for first := range s.results {
		batch := append(make([]Result, 0, s.config.Batch), first)
	more:
		for len(batch) < s.config.Batch {
			select {
			case next, ok := <-s.results:
				if !ok {
					break more
				}
				batch = append(batch, next)
			default:
				break more
			}
		}
		s.finishBatch(batch)
	}
}

// finishBatch tries three times. Afterwards the leases lapse, and the deliveries are made again:
// twice is allowed, never is not.
func (s *shift) finishBatch(batch []Result) {
	var err error
	for try := range 3 {
		if try > 0 {
			s.wait(context.Background(), nil, 100*time.Millisecond<<try)
		}
		if err = s.finish(batch); err == nil {
			return
		}
	}
	s.config.Logger.Error("push: recording failed", "deliveries", len(batch), "error", err)
}

func (s *shift) finish(batch []Result) (err error) {
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("push: panic in the outbox: %v", problem)
		}
	}()
	// Not the attempts' context: how they ended is recorded even when they were cancelled.
	bounded, cancel := context.WithTimeout(context.WithoutCancel(s.sending), s.config.Lease/2)
	defer cancel()
	return s.outbox.FinishDeliveries(bounded, s.config.Owner, batch, s.config.Now())
}

// close ends finishAll when the last attempt has ended.
func (s *shift) close() {
	close(s.waiting)
	s.under.Wait()
	close(s.results)
}

// over waits for the last result to be recorded.
func (s *shift) over(atMost time.Duration) bool {
	timer := time.NewTimer(atMost)
	defer timer.Stop()
	select {
	case <-s.done:
		return true
	case <-timer.C:
		return false
	}
}
