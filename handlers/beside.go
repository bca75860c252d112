package handlers

import (
	"context"
	"time"

	"xunfang/models"
	"xunfang/store"
)

const (
	maxBeside  = 64               // how many things may be done beside requests at once
	besideTime = 15 * time.Second // how long one may take
)

// beside does something after the answer, bounded in number and time; a panic is logged.
// When too much is under way it is left undone, and that is logged.
func (h *Server) beside(ctx context.Context, name string, work func(ctx context.Context) error) {
	select {
	case h.besides <- struct{}{}:
	default:
		h.Logger.ErrorContext(ctx, "left undone: too much under way", "work", name)
		return
	}
	ctx = context.WithoutCancel(ctx)
	go func() {
		defer func() {
			<-h.besides
			if panicked := recover(); panicked != nil {
				h.Logger.ErrorContext(ctx, "panic beside a request", "work", name, "panic", panicked)
			}
		}()
		ctx, cancel := context.WithTimeout(ctx, besideTime)
		defer cancel()
		if err := work(ctx); err != nil {
			h.Logger.ErrorContext(ctx, "work beside a request failed", "work", name, "error", err)
		}
	}()
}

const (
	settleEvery = 200 * time.Millisecond
	tidyEvery   = 10 * time.Minute
)

// Run does what must be done by the clock until ctx ends: overdue door commands are settled, and
// what has outlived its use is deleted.
func (h *Server) Run(ctx context.Context) error {
	settle, tidy := time.NewTicker(settleEvery), time.NewTicker(tidyEvery)
	defer settle.Stop()
	defer tidy.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return nil
		case <-settle.C:
			_, err = h.SettleOverdue(ctx)
		case <-tidy.C:
			err = h.Tidy(ctx)
		}
		if err != nil && ctx.Err() == nil {
			h.Logger.ErrorContext(ctx, "upkeep failed", "error", err)
		}
	}
}

// Tidy deletes answers kept for repeats and sessions that ended long ago.
func (h *Server) Tidy(ctx context.Context) error {
	now := h.Now()
	return h.Store.Atomically(ctx, func(tx *store.Store) error {
		if _, err := tx.ForgetAnswers(ctx, now.Add(-models.AnswerLife)); err != nil {
			return err
		}
		return tx.ForgetSessions(ctx, now.Add(-models.RefreshTokenLife))
	})
}
