package media

import (
	"context"
	"time"

	"golang.org/x/sync/semaphore"

	"xunfang/models"
)

// busyPause is when a caller who found no room may come back.
const busyPause = 5 * time.Second

// Cleaner is Clean for many callers at once, with the memory of all of them bounded.
type Cleaner struct {
	limits Limits
	places chan struct{}
	pixels *semaphore.Weighted
}

// NewCleaner makes a cleaner; one serves the whole process.
func NewCleaner(limits Limits) *Cleaner {
	return &Cleaner{
		limits: limits,
		places: make(chan struct{}, limits.Waiting),
		pixels: semaphore.NewWeighted(int64(limits.PixelsAtOnce)),
	}
}

// Clean is the function Clean when its turn comes. CodeBusy when Limits.Waiting callers are here
// already, when no room was found within Limits.Wait, or when ctx ended before.
func (c *Cleaner) Clean(ctx context.Context, data []byte) (Picture, error) {
	select {
	case c.places <- struct{}{}:
		defer func() { <-c.places }()
	default:
		return Picture{}, models.Fail(models.CodeBusy).After(busyPause)
	}
	source, err := inspect(data, c.limits)
	if err != nil {
		return Picture{}, err
	}
	// A picture dearer than the whole budget is decoded alone rather than never.
	cost := int64(min(source.cost(), c.limits.PixelsAtOnce))
	waiting, cancel := context.WithTimeout(ctx, c.limits.Wait)
	defer cancel()
	if err := c.pixels.Acquire(waiting, cost); err != nil {
		return Picture{}, models.Fail(models.CodeBusy).After(busyPause).Because(err)
	}
	defer c.pixels.Release(cost)
	return source.clean()
}
