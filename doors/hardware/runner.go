package hardware

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"golang.org/x/sync/errgroup"

	"xunfang/models"
)

const (
	awayLook   = 10 * time.Second // between looks at a device that is away
	healthTime = 10 * time.Second // for one look
)

// runner keeps one device's events and health.
type runner struct {
	made  *made
	end   context.CancelFunc
	ended chan struct{}
}

func (h *Hardware) start(ctx context.Context, made *made) *runner {
	ctx, cancel := context.WithCancel(ctx)
	one := &runner{made: made, end: cancel, ended: make(chan struct{})}
	go func() {
		defer close(one.ended)
		if made.err != nil {
			h.config.Logger.ErrorContext(ctx, "door hardware: the settings of a device make no driver",
				"device_id", made.device.ID, "driver", made.device.Driver.Kind, "error", made.err)
			h.seen(ctx, made.device.ID, false)
			return
		}
		group := errgroup.Group{}
		group.Go(func() error { return h.again(ctx, made, "events", h.events) })
		group.Go(func() error { return h.again(ctx, made, "health", h.health) })
		_ = group.Wait()
		if closer, ok := made.driver.(interface{ Close() }); ok {
			closer.Close()
		}
	}()
	return one
}

// stop ends the runner and waits for it: the next one must not ask the device at the same time.
func (r *runner) stop() {
	r.end()
	<-r.ended
}

// again runs a part of a runner until the context ends or the driver says that the hardware has none of it. What fails or
// panics starts again, later each time.
func (h *Hardware) again(ctx context.Context, made *made, part string, run func(context.Context, *made) error) error {
	for attempt := 0; ctx.Err() == nil; attempt++ {
		err := guarded(func() error { return run(ctx, made) })
		if errors.Is(err, models.ErrDoorUnable) {
			return nil
		}
		if ctx.Err() == nil {
			h.config.Logger.ErrorContext(ctx, "door hardware: a runner failed",
				"device_id", made.device.ID, "driver", made.device.Driver.Kind, "part", part, "error", err)
		}
		if !pause(ctx, h.config.Backoff(attempt), nil) {
			break
		}
	}
	return nil
}

func guarded(run func() error) (err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			err = fmt.Errorf("panic: %v\n%s", panicked, debug.Stack())
		}
	}()
	return run()
}

// events takes what happens, from the last event that is on disk.
func (h *Hardware) events(ctx context.Context, made *made) error {
	mark, err := h.config.Records.EventMark(ctx, made.device.ID)
	if err != nil {
		return err
	}
	return made.driver.Events(ctx, mark, func(ctx context.Context, event models.DoorEvent) error {
		return h.config.Records.HardwareHappened(ctx, made.device.ID, event)
	})
}

// health looks at the device, and notes whether it is there.
func (h *Hardware) health(ctx context.Context, made *made) error {
	for known, online := false, false; ; known = true {
		asking, cancel := context.WithTimeout(ctx, healthTime)
		health, err := made.driver.Health(asking)
		cancel()
		if errors.Is(err, models.ErrDoorUnable) {
			return err
		}
		if ctx.Err() != nil {
			return nil //nolint:nilerr // what failed was broken off by the end of the run
		}
		now := err == nil && health.Online
		if !known || now != online {
			h.config.Logger.InfoContext(ctx, "door hardware", "device_id", made.device.ID, "driver", made.device.Driver.Kind,
				"online", now, "firmware", health.Firmware, "error", err)
		}
		online = now
		h.seen(ctx, made.device.ID, online)
		wait := h.config.Look
		if !online {
			wait = min(wait, awayLook)
		}
		if !pause(ctx, wait, nil) {
			return nil
		}
	}
}
