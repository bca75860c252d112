package handlers

import (
	"context"
	"errors"
	"time"

	"xunfang/models"
	"xunfang/store"
)

const (
	maxBeside  = 64               // how many things may be done beside requests at once
	besideTime = 15 * time.Second // how long one may take
)

// placeBeside takes a place for one thing to be done beside requests; false when all are taken. It goes
// to beside, or back by leaveBeside.
func (h *Server) placeBeside() bool {
	select {
	case h.besides <- struct{}{}:
		return true
	default:
		return false
	}
}

func (h *Server) leaveBeside() { <-h.besides }

// beside does something after the answer, in a place taken before, bounded in time; a panic is logged.
func (h *Server) beside(ctx context.Context, name string, work func(ctx context.Context) error) {
	ctx = context.WithoutCancel(ctx)
	go func() {
		defer func() {
			h.leaveBeside()
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
	maxForgets  = 500 // pieces of one tidying; what is left waits for the next
)

// Settle ends door commands that nobody acknowledged, until ctx ends.
func (h *Server) Settle(ctx context.Context) error {
	return h.every(ctx, settleEvery, func() error {
		_, err := h.SettleOverdue(ctx)
		return err
	})
}

// KeepTidy deletes what has outlived its use, until ctx ends.
func (h *Server) KeepTidy(ctx context.Context) error {
	return h.every(ctx, tidyEvery, func() error {
		return errors.Join(h.Tidy(ctx), h.forgetOld(ctx), h.ForgetFindings(ctx), h.ForgetRepairs(ctx), h.ForgetGroupMessages(ctx),
			h.ForgetCalls(ctx), h.ForgetUploads(ctx), h.ForgetOriginals(ctx), h.LapseRewards(ctx), h.EndGrownFaceConsents(ctx),
			h.ForgetConcernReports(ctx), h.EndCallConsents(ctx))
	})
}

// every works by the clock until ctx ends. An error is logged, and there is a next time.
func (h *Server) every(ctx context.Context, wait time.Duration, work func() error) error {
	tick := time.NewTicker(wait)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if err := work(); err != nil && ctx.Err() == nil {
				h.Logger.ErrorContext(ctx, "upkeep failed", "error", err)
			}
		}
	}
}

// eachOf does something about each, and gives all that failed: one that fails must not keep the others.
func eachOf[T any](due []T, do func(one T) error) error {
	errs := []error{}
	for _, one := range due {
		errs = append(errs, do(one))
	}
	return errors.Join(errs...)
}

// forgetOld deletes, in bounded pieces, what has outlived its use.
func (h *Server) forgetOld(ctx context.Context) error {
	for range maxForgets {
		touched, err := h.Store.ForgetOld(ctx, h.Now())
		if err != nil || touched == 0 {
			return err
		}
	}
	return nil
}

// Tidy deletes what has outlived its use: answers kept for repeats, sessions that ended long ago, codes.
func (h *Server) Tidy(ctx context.Context) error {
	now := h.Now()
	h.proofs.tidy(now)
	h.receipts.tidy(now)
	return h.Store.Atomically(ctx, func(tx *store.Store) error {
		if _, err := tx.ForgetAnswers(ctx, now.Add(-models.AnswerLife)); err != nil {
			return err
		}
		if err := tx.ForgetRefreshAnswers(ctx, now); err != nil {
			return err
		}
		if err := tx.ForgetSMSCodes(ctx, now.Add(-models.SMSCodeDay-models.SMSCodeLife)); err != nil {
			return err
		}
		if err := tx.ForgetWeChatConsents(ctx, now.Add(-models.WeChatConsentLife)); err != nil {
			return err
		}
		return tx.ForgetSessions(ctx, now, now.Add(-models.RefreshTokenLife))
	})
}
