package push

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"time"
)

// WorkerConfig says how a Worker works. Owner and Now are needed; 0 and nil take the default.
type WorkerConfig struct {
	Owner       string        // names this process in the leases; no two that run may share one
	Concurrency int           // attempts under way at once, of each channel; 896
	Batch       int           // deliveries claimed or finished at once; 512
	Lease       time.Duration // how long a claim holds; an attempt may take half of it; 30 s
	Poll        time.Duration // how often to look for what became due, besides Wake; 1 s
	MaxAttempts int           // 20: about an hour; those while the provider takes nothing do not count
	Grace       time.Duration // how long attempts under way may go on when Run is to end; 3 s
	Now         func() time.Time
	Jitter      func() float64 // in [0, 1), safe for concurrent use
	Logger      *slog.Logger
}

// WorkerStats counts attempts since the Worker was made.
type WorkerStats struct {
	Sent, Gone, Retried, Failed uint64
	UnderWay                    int64
}

// Worker drains an Outbox through channels: at least once, bounded, and never after an alert's expiry.
type Worker struct {
	outbox   Outbox
	channels map[string]Channel
	config   WorkerConfig
	wake     chan struct{}
	running  atomic.Bool
	lanes    *lanes

	sent, gone, retried, failed atomic.Uint64
	underWay                    atomic.Int64
}

// NewWorker makes a Worker; channels is by the kind of address (models.PushAddress.Kind).
func NewWorker(outbox Outbox, channels map[string]Channel, config WorkerConfig) (*Worker, error) {
	if outbox == nil || config.Owner == "" || config.Now == nil {
		return nil, errors.New("push: a worker needs an outbox, an owner and a clock")
	}
	config.Concurrency = orDefault(config.Concurrency, 896)
	config.Batch = orDefault(config.Batch, 512)
	config.Lease = orDefault(config.Lease, 30*time.Second)
	config.Poll = orDefault(config.Poll, time.Second)
	config.MaxAttempts = orDefault(config.MaxAttempts, 20)
	config.Grace = orDefault(config.Grace, 3*time.Second)
	if config.Jitter == nil {
		config.Jitter = rand.Float64
	}
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	return &Worker{
		outbox: outbox, channels: channels, config: config, wake: make(chan struct{}, 1),
		lanes: newLanes(channels, config.Concurrency),
	}, nil
}

func orDefault[T int | time.Duration](value, fallback T) T {
	if value <= 0 {
		return fallback
	}
	return value
}

// Wake says that something was committed to the outbox. It never blocks, and may be called by anybody.
func (w *Worker) Wake() {
	select {
	case w.wake <- struct{}{}:
	default: // a wake-up is waiting already
	}
}

// Stats gives the counts, for metrics and readiness.
func (w *Worker) Stats() WorkerStats {
	return WorkerStats{
		Sent: w.sent.Load(), Gone: w.gone.Load(), Retried: w.retried.Load(), Failed: w.failed.Load(),
		UnderWay: w.underWay.Load(),
	}
}

// Channels gives how each channel does, for metrics and readiness.
func (w *Worker) Channels() []ChannelStats { return w.lanes.stats() }

// Away says whether a channel's provider takes nothing.
func (w *Worker) Away() bool {
	return slices.ContainsFunc(w.lanes.stats(), func(one ChannelStats) bool { return one.Circuit != CircuitClosed })
}

// Run works until ctx ends. Then it claims no more, lets what is under way end within Grace, cancels
// the rest, and records how they ended; what it cannot record comes back when its lease ends. It
// returns nil, or an error when something did not end even then, at most 2 × Grace later.
func (w *Worker) Run(ctx context.Context) error {
	if !w.running.CompareAndSwap(false, true) {
		return errors.New("push: the worker is running already")
	}
	defer w.running.Store(false)
	sending, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	current := newShift(sending, w)
	go current.finishAll()
	current.claimAll(ctx)
	go current.close()
	if current.over(w.config.Grace) {
		return nil
	}
	stop()
	if current.over(w.config.Grace) {
		return nil
	}
	return fmt.Errorf("push: %d attempts did not end", w.underWay.Load())
}
