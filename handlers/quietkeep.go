package handlers

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"xunfang/models"
)

const (
	quietEvery = time.Minute
	maxGathers = 1000 // rounds of one look; the others have the next
)

// quietCounts are what the keeper counted last, for the metrics.
type quietCounts struct{ held, stale atomic.Int64 }

// HeldPushes is how many pushes waited for the end of quiet hours when that was counted last.
func (h *Server) HeldPushes() int64 { return h.quiet.held.Load() }

// StaleAddresses is how many addresses were stale when that was counted last.
func (h *Server) StaleAddresses() int64 { return h.quiet.stale.Load() }

// KeepQuiet makes digests when quiet hours end, and lets nothing wait for who has come on duty, until ctx ends.
func (h *Server) KeepQuiet(ctx context.Context) error {
	return h.every(ctx, quietEvery, func() error { return h.SettleQuiet(ctx) })
}

// SettleQuiet looks once. Any number of replicas may: of what each makes one does.
func (h *Server) SettleQuiet(ctx context.Context) error {
	now := h.Now()
	held, err := h.Store.CountHeld(ctx, now)
	errs := []error{err}
	if held > 0 {
		errs = append(errs, h.releaseOnDuty(ctx, now))
	}
	made := 0
	for range maxGathers {
		some, err := h.Store.GatherDigests(ctx, now)
		errs = append(errs, err)
		if made += some; err != nil || some == 0 {
			break
		}
	}
	if made > 0 {
		h.wakePush()
	}
	stale, err := h.Store.CountStaleAddresses(ctx, now)
	h.quiet.held.Store(held)
	h.quiet.stale.Store(stale)
	return errors.Join(append(errs, err)...)
}

// releaseOnDuty sends what waited for people who have come on duty meanwhile.
func (h *Server) releaseOnDuty(ctx context.Context, now time.Time) error {
	stations, err := h.Store.Stations(ctx)
	errs, released := []error{err}, 0
	for _, station := range stations {
		people := []models.ID{}
		onDuty, err := h.Store.OnDuty(ctx, station.ID, now)
		errs = append(errs, err)
		for _, one := range onDuty {
			people = append(people, one.PersonID)
		}
		some, err := h.Store.ReleaseHeld(ctx, people, now)
		errs, released = append(errs, err), released+some
	}
	if released > 0 {
		h.wakePush()
	}
	return errors.Join(errs...)
}

// heldBack counts of some people those whose push of an alert would wait at an instant.
func (h *Server) heldBack(
	ctx context.Context, alert models.Alert, people map[models.ID]bool, station models.ID, at time.Time,
) (int, error) {
	if !alert.Waits() {
		return 0, nil
	}
	night, err := h.Store.QuietNight(ctx, station, at)
	held := 0
	for person := range people {
		if _, _, waits := night.Holds(alert, person); waits {
			held++
		}
	}
	return held, err
}
