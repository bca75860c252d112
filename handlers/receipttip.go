package handlers

import (
	"context"
	"time"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// GetReceiptTip answers GET /v1/receipt/tip.
func (h *Server) GetReceiptTip(ctx context.Context, _ api.GetReceiptTipRequestObject) (api.GetReceiptTipResponseObject, error) {
	tip, err := h.receiptTip(ctx, h.Store, models.OpGetReceiptTip)
	if err != nil {
		return nil, err
	}
	return api.GetReceiptTip200JSONResponse(wireReceiptTip(tip, api.From(ctx).Language)), nil
}

// receiptTip reads the tip whose receipt the caller holds.
func (h *Server) receiptTip(ctx context.Context, from *store.Store, operation models.Operation) (models.Tip, error) {
	who := api.From(ctx).Principal
	tip, err := from.Tip(ctx, who.ID)
	if err == nil {
		err = models.May(operation, who, models.Object{Place: tip.Place, Owner: tip.ReachedBy()})
	}
	return tip, err
}

// receiptTipToMove is receiptTip under the tip's lock.
func (h *Server) receiptTipToMove(ctx context.Context, tx *store.Store, operation models.Operation) (models.Tip, error) {
	if err := tx.LockTips(ctx, api.From(ctx).Principal.ID); err != nil {
		return models.Tip{}, err
	}
	return h.receiptTip(ctx, tx, operation)
}

// wireReceiptTip writes how far a tip is; of its content nothing, and of the officers only what they wrote for the reporter.
func wireReceiptTip(tip models.Tip, language string) api.ReceiptTip {
	wire := api.ReceiptTip{
		Category: tip.Category, ReceivedAt: api.At(tip.ReceivedAt), State: api.TipState(tip.State),
		ExpectedAt: timeOrNil(tip.Clock.DueAt),
	}
	count := len(tip.MediaIDs)
	wire.MediaCount = &count
	wire.Steps, wire.ClosedReason = wireSteps(tip, language)
	return wire
}

// PutReceiptPushAddress answers PUT /v1/receipt/push-address.
func (h *Server) PutReceiptPushAddress(
	ctx context.Context, request api.PutReceiptPushAddressRequestObject,
) (api.PutReceiptPushAddressResponseObject, error) {
	asked, body := api.From(ctx), request.Body
	address := namelessAddress(asked.Principal.ID, *body, asked.Now)
	what := &deed{operation: models.OpPutReceiptPushAddress, kind: "tip", id: asked.Principal.ID}
	_, err := act(ctx, h, what, 204, func(tx *store.Store) (bool, error) {
		if _, err := h.receiptTip(ctx, tx, what.operation); err != nil {
			return false, err
		}
		return true, tx.PutPushAddress(ctx, address)
	})
	if err != nil {
		return nil, err
	}
	return api.PutReceiptPushAddress204Response{}, nil
}

// namelessAddress is where somebody is told who gave no name: under the id of their tip, or under their alias.
func namelessAddress(of models.ID, body api.ReceiptPushAddressPut, now time.Time) models.PushAddress {
	address := models.PushAddress{
		PersonID: of, InstallationID: models.ReceiptInstallation, Kind: string(body.Kind),
		Value: models.Secret(body.Value), Platform: string(body.Platform), Locale: api.Chinese, UpdatedAt: now,
	}
	if body.Locale != nil {
		address.Locale = string(*body.Locale)
	}
	return address
}

// DeleteReceiptPushAddress answers DELETE /v1/receipt/push-address.
func (h *Server) DeleteReceiptPushAddress(
	ctx context.Context, _ api.DeleteReceiptPushAddressRequestObject,
) (api.DeleteReceiptPushAddressResponseObject, error) {
	who := api.From(ctx).Principal
	what := &deed{operation: models.OpDeleteReceiptPushAddress, kind: "tip", id: who.ID}
	_, err := act(ctx, h, what, 204, func(tx *store.Store) (bool, error) {
		if _, err := h.receiptTip(ctx, tx, what.operation); err != nil {
			return false, err
		}
		return true, tx.ForgetPushAddress(ctx, who.ID, models.ReceiptInstallation)
	})
	if err != nil {
		return nil, err
	}
	return api.DeleteReceiptPushAddress204Response{}, nil
}

// CreateReceiptWithdrawal answers POST /v1/receipt/withdrawal.
func (h *Server) CreateReceiptWithdrawal(
	ctx context.Context, _ api.CreateReceiptWithdrawalRequestObject,
) (api.CreateReceiptWithdrawalResponseObject, error) {
	asked := api.From(ctx)
	what := &deed{operation: models.OpCreateReceiptWithdrawal, kind: "tip", id: asked.Principal.ID}
	var told []models.Alert
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.ReceiptTip, error) {
		tip, err := h.receiptTipToMove(ctx, tx, what.operation)
		if err == nil {
			err = tip.CheckWithdrawal()
		}
		if err != nil {
			return api.ReceiptTip{}, err
		}
		told, err = h.withdraw(ctx, tx, &tip, "")
		return wireReceiptTip(tip, asked.Language), err
	})
	if err != nil {
		return nil, err
	}
	h.alertedAll(ctx, told)
	return api.CreateReceiptWithdrawal200JSONResponse(answer), nil
}

// receiptNews tells the holder of a receipt, wherever they asked to be told, that there is something to read: not what,
// and not that it is about a tip.
func (h *Server) receiptNews(tip models.Tip, step models.TipStep) models.Alert {
	return worded(models.Alert{
		ID: h.NewID(), Kind: models.AlertMessage, Severity: models.SeverityNormal, SenderID: step.ByID, AboutID: tip.ID,
		Audience:  models.Audience{Place: models.Place{Station: tip.Place.Station}, People: []models.ID{tip.ReachedBy()}},
		CreatedAt: step.At, ExpiresAt: step.At.Add(tipUpdateLife),
	}, quietTitle, quietBody)
}
