package push

import (
	"context"
	"fmt"
	"sync"
	"time"

	"xunfang/models"
)

// shift is one Run of a Worker: who is under way, and what is to be recorded.
type shift struct {
	*Worker
	sending context.Context //nolint:containedctx // of the attempts; it outlives Run's by the grace
	freed   chan struct{}   // says that slots were given back
	under   sync.WaitGroup
	hired   int
	looked  time.Time     // when every lane was last asked
	waiting chan Delivery // to those who make the attempts
	results chan Result
	done    chan struct{}
}

func newShift(sending context.Context, worker *Worker) *shift {
	return &shift{
		Worker: worker, sending: sending,
		freed: make(chan struct{}, 1), waiting: make(chan Delivery, worker.config.Concurrency),
		results: make(chan Result, worker.config.Concurrency), done: make(chan struct{}),
	}
}

// claimAll claims and starts until ctx ends. It claims only what can start at once, so that no lease runs while its delivery
// waits. A backlog has a lane asked when a quarter of its slots is free; at each Wake and Poll every lane is asked, for an
// emergency may have come, and for those some slots are kept.
func (s *shift) claimAll(ctx context.Context) {
	failures, look := 0, true
	for ctx.Err() == nil {
		shares := s.lanes.shares(look, s.config.Batch, s.config.Now())
		if len(shares) == 0 {
			look = s.pause(ctx)
			continue
		}
		claimed, err := s.claim(ctx, shares)
		if err != nil && ctx.Err() == nil {
			failures++
			s.config.Logger.Error("push: claiming failed", "error", err)
			s.wait(ctx, s.config.Poll*time.Duration(min(failures, 30)))
			look = true
			continue
		}
		failures, look = 0, false
		for _, delivery := range s.lanes.begin(shares, claimed) {
			s.under.Add(1)
			s.hire(delivery, int(s.underWay.Add(1)))
		}
	}
}

// hire gives a delivery to one of those who make attempts, and begins another one as long as there are fewer than attempts
// under way. They stay until the end: a goroutine for each attempt would grow its stack anew each time, a tenth of all the work.
func (s *shift) hire(delivery Delivery, underWay int) {
	if s.hired < underWay {
		s.hired++
		go func() {
			for delivery := range s.waiting {
				s.deliver(delivery)
			}
		}()
	}
	s.waiting <- delivery
}

// pause waits for a reason to claim, and says whether it is one to ask every lane.
func (s *shift) pause(ctx context.Context) bool {
	timer := time.NewTimer(s.config.Poll - min(s.config.Poll, s.config.Now().Sub(s.looked)))
	defer timer.Stop()
	select {
	case <-s.freed:
		return false
	case <-s.wake:
	case <-timer.C:
	case <-ctx.Done():
	}
	s.looked = s.config.Now()
	return true
}

// wait ends with the time, or ctx, whichever is first.
func (s *shift) wait(ctx context.Context, atMost time.Duration) {
	timer := time.NewTimer(atMost)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

func (s *shift) claim(ctx context.Context, shares []models.DeliveryShare) (claimed []Delivery, err error) {
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("push: panic in the outbox: %v", problem)
		}
	}()
	bounded, cancel := context.WithTimeout(ctx, s.config.Lease/2)
	defer cancel()
	return s.outbox.ClaimShares(bounded, s.config.Owner, shares, s.config.Lease, s.config.Now())
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
			s.wait(context.Background(), 100*time.Millisecond<<try)
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
