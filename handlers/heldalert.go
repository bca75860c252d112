package handlers

import (
	"context"
	"errors"
	"time"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// addAlerts writes alerts in the transaction of their cause. Those that tell of what somebody nameless or hidden did wait
// until models.HeldUntil: their ids order inboxes and streams, so they can neither say when it was nor lie about it.
// What is held has no id yet.
func addAlerts(ctx context.Context, tx *store.Store, alerts []models.Alert) error {
	asked := api.From(ctx)
	for at, alert := range alerts {
		if asked.Anonymous || asked.Principal.Unknown() {
			made := alert.ID.Time() // to the millisecond, unlike the request's own time
			if err := tx.HoldAlert(ctx, models.CoarseID(alert.ID, made), alert, models.HeldUntil(alert.Severity, made)); err != nil {
				return err
			}
			alerts[at].ID = ""
			continue
		}
		recipients, err := tx.AddAlert(ctx, alert)
		if err != nil {
			return err
		}
		alerts[at].Recipients = recipients
	}
	return nil
}

// alertedAll wakes, after the commit, what carries alerts further; those that are held are not there yet.
func (h *Server) alertedAll(ctx context.Context, alerts []models.Alert) {
	for _, alert := range alerts {
		if alert.ID != "" {
			h.alerted(ctx, alert)
		}
	}
}

// tellAfter runs a transaction and, once it is committed, wakes what carries the alerts further that it wrote. Of a transaction
// that is tried again the last try's alone are told.
func (h *Server) tellAfter(ctx context.Context, decide func(tx *store.Store) ([]models.Alert, error)) error {
	var told []models.Alert
	err := h.Store.Atomically(ctx, func(tx *store.Store) error {
		var err error
		told, err = decide(tx)
		return err
	})
	if err == nil {
		h.alertedAll(ctx, told)
	}
	return err
}

const (
	heldEvery = time.Second
	heldBatch = 200 // written in one round
)

// KeepHeldAlerts writes the alerts whose time has come, until ctx ends.
func (h *Server) KeepHeldAlerts(ctx context.Context) error {
	return h.every(ctx, heldEvery, func() error { return h.WriteHeldAlerts(ctx) })
}

// WriteHeldAlerts writes every held alert whose time has come, with the id of this moment. Of any number of replicas one
// does.
func (h *Server) WriteHeldAlerts(ctx context.Context) error {
	due, err := h.Store.DueHeldAlerts(ctx, h.Now(), heldBatch)
	return errors.Join(err, eachOf(due, func(id models.ID) error { return h.writeHeldAlert(ctx, id) }))
}

func (h *Server) writeHeldAlert(ctx context.Context, id models.ID) error {
	var alert models.Alert
	err := h.Store.Atomically(ctx, func(tx *store.Store) error {
		var err error
		if alert, err = tx.TakeHeldAlert(ctx, id); err != nil {
			return err
		}
		alert.ID = h.NewID() // with the writer's turn, so that ids come in the order of their commits
		alert.Recipients, err = tx.AddAlert(ctx, alert)
		return err
	})
	if models.CodeOf(err) == models.CodeNotFound { // somebody was quicker
		return nil
	}
	if err == nil {
		h.alerted(ctx, alert)
	}
	return err
}
