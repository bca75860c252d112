package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
)

// worker is something that runs beside the API until its context ends.
type worker struct {
	name string
	run  func(ctx context.Context) error
}

// crew runs the workers of a service. A worker that ends before it is told to, by an error, by a
// panic or just by returning, is the end of the service: a server whose audit is no longer sealed, or
// that no longer hears its doors, must not look alive.
type crew struct {
	log    *slog.Logger
	ctx    context.Context //nolint:containedctx // it is what the workers are told by, not a caller's
	tell   context.CancelFunc
	group  sync.WaitGroup
	failed chan struct{} // closed at the first failure
	once   sync.Once

	mutex sync.Mutex
	errs  []error
}

// newCrew makes a crew that outlives ctx: it is told to end by stop alone.
func newCrew(ctx context.Context, log *slog.Logger) *crew {
	made := &crew{log: log, failed: make(chan struct{})}
	made.ctx, made.tell = context.WithCancel(context.WithoutCancel(ctx))
	return made
}

func (c *crew) start(member worker) {
	c.group.Go(func() {
		err := guarded(c.log, member.name, func() error { return member.run(c.ctx) })
		if err == nil && c.ctx.Err() == nil {
			err = errors.New("it ended by itself")
		}
		if err == nil {
			return
		}
		c.log.Error("a worker failed", "worker", member.name, "error", err)
		c.mutex.Lock()
		c.errs = append(c.errs, fmt.Errorf("%s: %w", member.name, err))
		c.mutex.Unlock()
		c.once.Do(func() { close(c.failed) })
	})
}

// stop tells the workers to end and waits for them, but no longer than ctx. It gives what went
// wrong with any of them since the start.
func (c *crew) stop(ctx context.Context) error {
	c.tell()
	ended := make(chan struct{})
	go func() {
		c.group.Wait()
		close(ended)
	}()
	var late error
	select {
	case <-ended:
	case <-ctx.Done():
		late = errors.New("workers did not end in time")
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return errors.Join(append([]error{late}, c.errs...)...)
}

// guarded turns a panic into an error, so that the program stops in order; where it came from is logged.
func guarded(log *slog.Logger, name string, work func() error) (err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			log.Error("panic", "worker", name, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", panicked)
		}
	}()
	return work()
}
