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
		tip, err := tipToMove(ctx, tx, request.TipId)
		if err != nil {
			return api.Tip{}, err
		}
		if err := models.May(what.operation, asked.Principal, models.Object{Place: tip.Place}); err != nil {
			return api.Tip{}, err
		}
		if err := tip.CheckSeen(value(body.SeenSteps)); err != nil {
			return api.Tip{}, err
		}
		if err := tip.CheckOfficersStep(step.State, step.reason, step.actionAt, asked.Now); err != nil {
			return api.Tip{}, err
		}
		if told, err = h.moveTip(ctx, tx, &tip, step); err == nil {
			told, err = h.tellOwner(ctx, tx, tip, tipIsMoved, told)
		}
		return wireTip(asked)(h.opened(ctx, tip)), err
	})
	if err != nil {
		return nil, err
	}
	h.alertedAll(ctx, told)
	return api.CreateTipTransition200JSONResponse(answer), nil
}

// tellOwner tells whose tip it is that somebody else did something with it; who reported it is told of its way already.
func (h *Server) tellOwner(
	ctx context.Context, tx *store.Store, tip models.Tip, title spoken, told []models.Alert,
) ([]models.Alert, error) {
	owner := tip.Clock.AssignedTo
	if owner == "" || owner == api.From(ctx).Principal.ID || owner == tip.ReporterID {
		return told, nil
	}
	return h.tellOfficer(ctx, tx, tip, title, told)
}

// tipToMove reads a tip under its lock: of two who move it at the same time, the second sees what the first has made of it.
func tipToMove(ctx context.Context, tx *store.Store, id models.ID) (models.Tip, error) {
	if err := tx.LockTips(ctx, id); err != nil {
		return models.Tip{}, err
	}
	return tx.Tip(ctx, id)
}

// tipUpdate is the message to the reporter; the tip's own words stay out of it.
func (h *Server) tipUpdate(tip models.Tip, step models.TipStep) models.Alert {
	if tip.Reporting == models.ReportingAnonymous {
		return h.receiptNews(tip, step)
	}
	note := asWritten(step.Note)
	if step.Note == tipMerged.zh {
		note = tipMerged
	}
	return worded(models.Alert{
		ID: h.NewID(), Kind: models.AlertTipUpdate, Severity: models.SeverityNormal, SenderID: step.ByID, AboutID: tip.ID,
		Audience:  models.Audience{Place: models.Place{Station: tip.Place.Station}, People: []models.ID{tip.ReporterID}},
		CreatedAt: step.At, ExpiresAt: step.At.Add(tipUpdateLife),
	}, tipSteps[step.State], note)
}
