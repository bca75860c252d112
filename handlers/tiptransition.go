package handlers

import (
	"context"
	"time"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// tipUpdateLife is how long the message about a tip's new state is worth delivering.
const tipUpdateLife = 7 * 24 * time.Hour

// CreateTipTransition answers POST /v1/tips/{tip_id}/transitions. The reporter is told in
// the same transaction.
func (h *Server) CreateTipTransition(
	ctx context.Context, request api.CreateTipTransitionRequestObject,
) (api.CreateTipTransitionResponseObject, error) {
	asked, body := api.From(ctx), request.Body
	step := tipStep{
		TipStep: models.TipStep{
			State: models.TipState(body.State), At: asked.Now, ByID: asked.Principal.ID, Note: models.Secret(value(body.Note)),
		},
		reason: string(value(body.Reason)), actionAt: instantOf(body.ActionAt),
	}
	what := &deed{
		operation: models.OpCreateTransition, kind: "tip", id: request.TipId, facts: map[string]string{"state": string(step.State)},
	}
	var told []models.Alert
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.Tip, error) {
		tip, err := tx.Tip(ctx, request.TipId)
		if err != nil {
			return api.Tip{}, err
		}
		if err := models.May(what.operation, asked.Principal, models.Object{Place: tip.Place}); err != nil {
			return api.Tip{}, err
		}
		if err := tip.CheckOfficersStep(step.State, step.reason, step.actionAt, asked.Now); err != nil {
			return api.Tip{}, err
		}
		told, err = h.moveTip(ctx, tx, &tip, step)
		return wireTip(asked.Principal)(h.opened(ctx, tip)), err
	})
	if err != nil {
		return nil, err
	}
	h.alertedAll(ctx, told)
	return api.CreateTipTransition200JSONResponse(answer), nil
}

// tipUpdate is the message to the reporter; the tip's own words stay out of it.
func (h *Server) tipUpdate(tip models.Tip, step models.TipStep) models.Alert {
	words := map[models.TipState]string{
		models.TipAcknowledged:    "民警已收到您的线索",
		models.TipInvestigating:   "民警正在核查您的线索",
		models.TipActionScheduled: "已为您的线索安排处置",
		models.TipResolved:        "您的线索已处理",
		models.TipClosed:          "您的线索已办结",
	}
	if tip.Reporting == models.ReportingAnonymous {
		return h.receiptNews(tip, step)
	}
	return models.Alert{
		ID: h.idAt(step.At), Kind: models.AlertTipUpdate, Severity: models.SeverityNormal,
		Title: models.Secret(words[step.State]), Body: step.Note, SenderID: step.ByID, AboutID: tip.ID,
		Audience:  models.Audience{Place: models.Place{Station: tip.Place.Station}, People: []models.ID{tip.ReporterID}},
		CreatedAt: step.At, ExpiresAt: step.At.Add(tipUpdateLife),
	}
}
