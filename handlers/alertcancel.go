package handlers

import (
	"context"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// CancelAlert answers POST /v1/alerts/{alert_id}/cancel: nothing climbs any further, and phones are told that it is off.
func (h *Server) CancelAlert(ctx context.Context, request api.CancelAlertRequestObject) (api.CancelAlertResponseObject, error) {
	asked, first := api.From(ctx), false
	what := &deed{operation: models.OpCancelAlert, kind: "alert", id: request.AlertId}
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.AlertCancellation, error) {
		alert, err := tx.Alert(ctx, request.AlertId)
		if err == nil && !mayFollow(asked.Principal, alert) {
			err = models.Fail(models.CodeNotFound)
		}
		if err != nil {
			return api.AlertCancellation{}, err
		}
		cancelled, err := tx.CancelAlert(ctx, alert.ID, asked.Now)
		first = cancelled.CancelledAt.UnixMilli() == asked.Now.UnixMilli()
		return api.AlertCancellation{AlertId: alert.ID, CancelledAt: api.At(cancelled.CancelledAt)}, err
	})
	if err != nil {
		return nil, err
	}
	if first { // a repeat is not told again
		h.climbChanged(ctx, request.AlertId)
	}
	return api.CancelAlert200JSONResponse(answer), nil
}
