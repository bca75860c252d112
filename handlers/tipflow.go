package handlers

import (
	"context"
	"errors"
	"time"

	"xunfang/models"
	"xunfang/store"
)

// startTip gives a new tip to whom it belongs, starts its clock, and asks those near a crime in progress to help whom nobody has
// asked yet: all in the transaction that writes it. Give the alerts to alertedAll after the commit.
func (h *Server) startTip(ctx context.Context, tx *store.Store, tip *models.Tip, near []models.ID) ([]models.Alert, error) {
	officer, err := leaderOf(ctx, tx, *tip)
	if err != nil {
		return nil, err
	}
	tip.Clock = models.TipClock{TipID: tip.ID, StationID: tip.Place.Station, AssignedTo: officer, BegunAt: tip.ReceivedAt}
	if err := h.restartClock(ctx, tx, tip); err != nil {
		return nil, err
	}
	category, err := categoryWords(ctx, tx, *tip)
	if err != nil {
		return nil, err
	}
	told := []models.Alert{h.tipAlert(*tip, tipIsNew, category, officer, tip.ReceivedAt)}
	if near, err = stillUnasked(ctx, tx, *tip, near); err != nil {
		return nil, err
	}
	if len(near) > 0 {
		if err := tx.AddTipHelpers(ctx, tip.ID, near, tip.ReceivedAt); err != nil {
			return nil, err
		}
		help := h.tipAlert(*tip, tipNeedsHelp, category, "", tip.ReceivedAt)
		help.Kind, help.Audience.Roles, help.Audience.People = models.AlertTipHelp, nil, near
		told = append(told, help)
	}
	return told, addAlerts(ctx, tx, told)
}

// restartClock sets the clock to the state that the tip is in now.
func (h *Server) restartClock(ctx context.Context, tx *store.Store, tip *models.Tip) error {
	if tip.Clock.TipID == "" { // a tip from before there were clocks
		tip.Clock = models.TipClock{TipID: tip.ID, StationID: tip.Place.Station, BegunAt: tip.ReceivedAt}
	}
	zone, err := tx.StationZone(ctx, tip.Place.Station)
	if err != nil {
		return err
	}
	settings, err := tx.TipSettings(ctx, tip.Place.Station)
	if err != nil {
		return err
	}
	tip.Clock = tip.NextClock(settings.TipPeriods, zone)
	return tx.PutTipClock(ctx, tip.Clock)
}

// tipAlert tells somebody, or the duty desk, of a tip: its category, and neither its words nor whose it is.
func (h *Server) tipAlert(tip models.Tip, title, category spoken, person models.ID, now time.Time) models.Alert {
	alert := worded(models.Alert{
		ID: h.NewID(), Kind: models.AlertTip, Severity: models.SeverityNormal, AboutID: tip.ID,
		Audience:  models.Audience{Place: models.Place{Station: tip.Place.Station}},
		CreatedAt: now, ExpiresAt: now.Add(tipUpdateLife),
	}, title, category)
	if tip.Category == models.CategoryCrime {
		alert.Severity = models.SeverityHigh
	}
	if person == "" {
		alert.Audience.Roles = dutyCommander
	} else {
		alert.Audience.People = []models.ID{person}
	}
	return alert
}

// tipStep is where a tip goes next.
type tipStep struct {
	models.TipStep
	reason   string    // of a closing
	actionAt time.Time // of a scheduled action
	reopened bool
}

// moveTip takes a tip one step on, with its clock, and tells its reporter and those of the tips that were merged into it.
func (h *Server) moveTip(ctx context.Context, tx *store.Store, tip *models.Tip, step tipStep) ([]models.Alert, error) {
	if err := tx.AdvanceTip(ctx, *tip, step.TipStep, step.reason); err != nil {
		return nil, err
	}
	tip.State, tip.ClosedReason, tip.Steps = step.State, step.reason, append(tip.Steps, step.TipStep)
	tip.Clock.ActionAt = step.actionAt
	if step.reopened {
		tip.Clock.BegunAt = step.At
	}
	if err := h.restartClock(ctx, tx, tip); err != nil {
		return nil, err
	}
	if err := creditDeeds(ctx, tx, tip.Place.Station, tip.ID, models.TipEarns(*tip), step.At); err != nil {
		return nil, err
	}
	told := []models.Alert{}
	if tip.ReachedBy() != "" && step.ByID != tip.ReporterID { // nobody is told of what they did themselves
		told = append(told, h.tipUpdate(*tip, step.TipStep))
	}
	if step.reason == models.TipDuplicate { // what was merged into it goes on elsewhere
		return told, addAlerts(ctx, tx, told)
	}
	merged, _, err := tx.TipMerges(ctx, tip.ID)
	if err != nil {
		return nil, err
	}
	others, err := tx.TipsByID(ctx, merged)
	if err != nil {
		return nil, err
	}
	for _, other := range others {
		if other.ReachedBy() != "" {
			quiet := step.TipStep
			quiet.Note = "" // it is for whose tip it is
			told = append(told, h.tipUpdate(other, quiet))
		}
	}
	return told, addAlerts(ctx, tx, told)
}

const (
	tipsEvery = 15 * time.Second
	tipsBatch = 200 // climbed in one round
)

// KeepTips lets tips climb whose time has passed, until ctx ends.
func (h *Server) KeepTips(ctx context.Context) error {
	return h.every(ctx, tipsEvery, func() error { return h.ClimbTips(ctx) })
}

// ClimbTips takes every tip whose time has passed one step up.
func (h *Server) ClimbTips(ctx context.Context) error {
	due, err := h.Store.DueTips(ctx, h.Now(), tipsBatch)
	return errors.Join(err, eachOf(due, func(id models.ID) error { return h.climbTip(ctx, id) }))
}

// climbTip tells the officer's deputy, or the duty commander. Of any number of replicas one does.
func (h *Server) climbTip(ctx context.Context, id models.ID) error {
	now := h.Now()
	tip, err := h.Store.Tip(ctx, id)
	if err != nil {
		return err
	}
	if tip.Clock.ClimbsAt.IsZero() || tip.Clock.ClimbsAt.After(now) { // somebody was quicker
		return nil
	}
	deputy := models.ID("")
	if tip.Clock.Climb == models.TipOnTime && tip.Clock.AssignedTo != "" {
		if deputy, err = h.Store.Deputy(ctx, tip.Clock.AssignedTo); err != nil {
			return err
		}
	}
	settings, err := h.Store.TipSettings(ctx, tip.Place.Station)
	if err != nil {
		return err
	}
	next := tip.Clock.Climbed(tip.State, settings.TipPeriods)
	if deputy == "" && next.Climb == models.TipAtDeputy { // nobody stands in: the commander is told at once
		next = next.Climbed(tip.State, settings.TipPeriods)
	}
	ctx = h.asService(ctx, tip.Place.Station, now)
	what := &deed{operation: models.OpCreateTransition, kind: "tip", id: id, facts: map[string]string{"overdue": string(tip.State)}}
	return h.tellAfter(ctx, func(tx *store.Store) ([]models.Alert, error) {
		mine, err := tx.ClimbTipClock(ctx, tip.Clock, next)
		if err != nil || !mine {
			return nil, err
		}
		category, err := categoryWords(ctx, tx, tip)
		if err != nil {
			return nil, err
		}
		late := h.tipAlert(tip, tipIsLate, category, deputy, now)
		late.Severity = models.SeverityHigh
		alerts := []models.Alert{late}
		if err := addAlerts(ctx, tx, alerts); err != nil {
			return nil, err
		}
		return alerts, tx.Record(ctx, h.entry(ctx, what, nil), "")
	})
}
