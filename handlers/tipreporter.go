package handlers

import (
	"context"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// withdraw closes a tip for its own reporter, and tells whose it was.
func (h *Server) withdraw(ctx context.Context, tx *store.Store, tip *models.Tip, by models.ID) ([]models.Alert, error) {
	now := api.From(ctx).Now
	told, err := h.moveTip(ctx, tx, tip, tipStep{
		TipStep: models.TipStep{State: models.TipClosed, At: now, ByID: by}, reason: models.ClosedWithdrawn,
	})
	if err != nil {
		return nil, err
	}
	return h.tellOfficer(ctx, tx, *tip, tipIsWithdrawn, told)
}

// reopen takes a tip up again for its own reporter, and tells whose it is.
func (h *Server) reopen(
	ctx context.Context, tx *store.Store, tip *models.Tip, by models.ID, why models.Secret,
) ([]models.Alert, error) {
	now := api.From(ctx).Now
	told, err := h.moveTip(ctx, tx, tip, tipStep{
		TipStep: models.TipStep{State: models.TipAcknowledged, At: now, ByID: by, Note: why}, reopened: true,
	})
	if err != nil {
		return nil, err
	}
	return h.tellOfficer(ctx, tx, *tip, tipIsReopened, told)
}

func (h *Server) tellOfficer(
	ctx context.Context, tx *store.Store, tip models.Tip, title spoken, told []models.Alert,
) ([]models.Alert, error) {
	category, err := categoryWords(ctx, tx, tip)
	if err != nil {
		return told, err
	}
	officer := []models.Alert{h.tipAlert(tip, title, category, tip.Clock.AssignedTo, api.From(ctx).Now)}
	err = addAlerts(ctx, tx, officer)
	return append(told, officer...), err
}

// ownTip reads the caller's own tip to move it, and asks whether they may do so with it.
func (h *Server) ownTip(ctx context.Context, tx *store.Store, what *deed) (models.Tip, error) {
	tip, err := tipToMove(ctx, tx, what.id)
	if err == nil {
		err = models.May(what.operation, api.From(ctx).Principal, models.Object{Place: tip.Place, Owner: tip.ReporterID})
	}
	if err == nil && tip.Reporting == models.ReportingHidden {
		api.Hide(ctx) // else the record of it, and the line in the log, would say whose tip it is
	}
	return tip, err
}

// CreateTipWithdrawal answers POST /v1/tips/{tip_id}/withdrawal.
func (h *Server) CreateTipWithdrawal(
	ctx context.Context, request api.CreateTipWithdrawalRequestObject,
) (api.CreateTipWithdrawalResponseObject, error) {
	asked := api.From(ctx)
	what := &deed{operation: models.OpWithdrawTip, kind: "tip", id: request.TipId}
	var told []models.Alert
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.Tip, error) {
		tip, err := h.ownTip(ctx, tx, what)
		if err == nil {
			err = tip.CheckWithdrawal()
		}
		if err != nil {
			return api.Tip{}, err
		}
		told, err = h.withdraw(ctx, tx, &tip, tip.ReporterID)
		return wireTip(asked)(tip), err
	})
	if err != nil {
		return nil, err
	}
	h.alertedAll(ctx, told)
	return api.CreateTipWithdrawal200JSONResponse(answer), nil
}

// CreateTipReopening answers POST /v1/tips/{tip_id}/reopening.
func (h *Server) CreateTipReopening(
	ctx context.Context, request api.CreateTipReopeningRequestObject,
) (api.CreateTipReopeningResponseObject, error) {
	asked := api.From(ctx)
	what := &deed{operation: models.OpReopenTip, kind: "tip", id: request.TipId}
	var told []models.Alert
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.Tip, error) {
		tip, err := h.ownTip(ctx, tx, what)
		if err == nil {
			err = tip.CheckReopening(api.From(ctx).Now)
		}
		if err != nil {
			return api.Tip{}, err
		}
		told, err = h.reopen(ctx, tx, &tip, tip.ReporterID, models.Secret(request.Body.Reason))
		return wireTip(asked)(tip), err
	})
	if err != nil {
		return nil, err
	}
	h.alertedAll(ctx, told)
	return api.CreateTipReopening200JSONResponse(answer), nil
}

// CreateReceiptReopening answers POST /v1/receipt/reopening.
func (h *Server) CreateReceiptReopening(
	ctx context.Context, _ api.CreateReceiptReopeningRequestObject,
) (api.CreateReceiptReopeningResponseObject, error) {
	asked := api.From(ctx)
	what := &deed{operation: models.OpReopenReceiptTip, kind: "tip", id: asked.Principal.ID}
	var told []models.Alert
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.ReceiptTip, error) {
		tip, err := h.receiptTipToMove(ctx, tx, what.operation)
		if err == nil {
			err = tip.CheckReopening(asked.Now)
		}
		if err != nil {
			return api.ReceiptTip{}, err
		}
		told, err = h.reopen(ctx, tx, &tip, "", "") // why is for the dialogue: a note would be kept unsealed
		return wireReceiptTip(tip, asked.Language), err
	})
	if err != nil {
		return nil, err
	}
	h.alertedAll(ctx, told)
	return api.CreateReceiptReopening200JSONResponse(answer), nil
}
