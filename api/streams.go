package api

import (
	"context"
	"fmt"
	"sync"
	"time"

	"xunfang/models"
)

// streams counts the open streams, of each person and in all.
type streams struct {
	limits StreamLimits
	mutex  sync.Mutex
	total  int
	each   map[models.ID]int
	empty  chan struct{} // closed and renewed when the last stream ends; nil while there is none
}

func newStreams(limits StreamLimits) *streams {
	if limits.PerPerson < 1 {
		limits.PerPerson = 8
	}
	if limits.Total < 1 {
		limits.Total = 10_000
	}
	if limits.Heartbeat <= 0 {
		limits.Heartbeat = 10 * time.Second
	}
	if limits.Stalled <= 0 {
		limits.Stalled = 15 * time.Second
	}
	return &streams{limits: limits, each: map[models.ID]int{}}
}

// enter counts one in, or says that there are too many.
func (s *streams) enter(person models.ID) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	switch {
	case s.each[person] >= s.limits.PerPerson:
		return models.Fail(models.CodeRateLimited).After(s.limits.Heartbeat)
	case s.total >= s.limits.Total:
		return models.Fail(models.CodeBusy).After(s.limits.Heartbeat)
	}
	s.each[person]++
	s.total++
	if s.empty == nil {
		s.empty = make(chan struct{})
	}
	return nil
}

func (s *streams) leave(person models.ID) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.each[person]--; s.each[person] <= 0 {
		delete(s.each, person)
	}
	if s.total--; s.total == 0 {
		close(s.empty)
		s.empty = nil
	}
}

// wait returns when no stream is open, or with an error when ctx ends first.
func (s *streams) wait(ctx context.Context) error {
	s.mutex.Lock()
	empty := s.empty
	s.mutex.Unlock()
	if empty == nil {
		return nil
	}
	select {
	case <-empty:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("api: streams are still open: %w", ctx.Err())
	}
}
