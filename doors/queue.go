package doors

import (
	"context"
	"hash/fnv"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"xunfang/models"
)

// How long the link waits for its sink.
const (
	SinkLimit  = 5 * time.Second // one report
	DrainLimit = 3 * time.Second // all that is queued when the link ends
	addLimit   = time.Second     // a full queue holds up the MQTT reader this long, then drops
)

type task func(ctx context.Context) error

// queue lets a fixed number of workers carry out tasks; those of one device keep their order,
// because a device always has the same worker.
type queue struct {
	lanes   []chan task
	ending  chan struct{}
	dropped atomic.Uint64
	logger  *slog.Logger
	logs    rate.Sometimes
}

func newQueue(workers, length int, logger *slog.Logger) *queue {
	if workers <= 0 {
		workers = 16
	}
	if length <= 0 {
		length = 256
	}
	queue := &queue{
		lanes: make([]chan task, workers), ending: make(chan struct{}),
		logger: logger, logs: rate.Sometimes{First: 3, Interval: logEvery},
	}
	for lane := range queue.lanes {
		queue.lanes[lane] = make(chan task, length)
	}
	return queue
}

// around runs the workers while inner runs, and then until the lanes are empty or DrainLimit
// is over. The workers' context outlives ctx, so that what was received is still handed over.
func (q *queue) around(ctx context.Context, inner func() error) error {
	working, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	var group sync.WaitGroup
	for _, lane := range q.lanes {
		group.Go(func() { q.work(working, lane) })
	}
	err := inner()
	close(q.ending)
	timer := time.AfterFunc(DrainLimit, cancel)
	defer timer.Stop()
	group.Wait()
	return err
}

func (q *queue) work(ctx context.Context, lane <-chan task) {
	for {
		select {
		case one := <-lane:
			q.carryOut(ctx, one)
		case <-q.ending:
			for ctx.Err() == nil {
				select {
				case one := <-lane:
					q.carryOut(ctx, one)
				default:
					return
				}
			}
			return
		}
	}
}

func (q *queue) carryOut(ctx context.Context, one task) {
	defer func() {
		if cause := recover(); cause != nil {
			q.logger.Error("panic in door report", "cause", cause)
		}
	}()
	limited, cancel := context.WithTimeout(ctx, SinkLimit)
	defer cancel()
	if err := one(limited); err != nil {
		q.logs.Do(func() { q.logger.Error("door report failed", "error", err) })
	}
}

// add queues a task of a device. When its lane is full, it waits a moment and then drops the
// task: one slow lane must not keep the answers of every other door waiting for ever.
func (q *queue) add(deviceID models.ID, one task) {
	lane := q.lanes[laneOf(deviceID, len(q.lanes))]
	select {
	case lane <- one:
		return
	default:
	}
	timer := time.NewTimer(addLimit)
	defer timer.Stop()
	select {
	case lane <- one:
	case <-q.ending:
		q.drop(deviceID)
	case <-timer.C:
		q.drop(deviceID)
	}
}

func (q *queue) drop(deviceID models.ID) {
	q.dropped.Add(1)
	q.logs.Do(func() { q.logger.Error("door report dropped", "device_id", deviceID) })
}

func laneOf(deviceID models.ID, lanes int) int {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(deviceID))
	return int(hash.Sum32() % uint32(lanes)) //nolint:gosec // lanes is small and positive
}
