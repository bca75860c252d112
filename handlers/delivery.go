package handlers

import (
	"context"
	"strconv"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// ListAlertDeliveries answers GET /v1/alerts/{alert_id}/deliveries: to who sent the alert, and to who oversees its audience.
func (h *Server) ListAlertDeliveries(
	ctx context.Context, request api.ListAlertDeliveriesRequestObject,
) (api.ListAlertDeliveriesResponseObject, error) {
	params := request.Params
	what := &deed{operation: models.OpListDeliveries, kind: "alert", id: request.AlertId}
	page, err := pageOf(ctx, params.Limit, params.Cursor)
	if err != nil {
		return nil, err
	}
	alert, err := h.Store.Alert(ctx, request.AlertId)
	if err == nil && !mayFollow(api.From(ctx).Principal, alert) {
		err = models.Fail(models.CodeNotFound)
	}
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	told, err := h.Store.ToldOf(ctx, alert.ID, store.DeliveryFilter{
		State: models.DeliveryState(value(params.State)), Channel: string(value(params.Channel)), NotAcknowledged: value(params.NotAcknowledged),
	}, page)
	if err != nil {
		return nil, err
	}
	counts, err := h.Store.ToldCounts(ctx, alert.ID)
	if err != nil {
		return nil, err
	}
	people := make([]models.ID, 0, len(told))
	for _, one := range told {
		people = append(people, one.PersonID)
		what.subjects = append(what.subjects, string(one.PersonID))
	}
	names, err := h.Store.Names(ctx, people)
	if err != nil {
		return nil, err
	}
	what.facts = map[string]string{"rows": strconv.Itoa(len(told))}
	if err := h.looked(ctx, what); err != nil {
		return nil, err
	}
	wire := func(one models.Told) api.AlertDelivery { return wireTold(one, names[one.PersonID]) }
	items, next := listed(ctx, told, page, wire, func(one models.Told) models.ID { return one.PersonID })
	return api.ListAlertDeliveries200JSONResponse{Counts: wireCounts(counts), Items: items, NextCursor: next}, nil
}

// mayFollow says whether the caller may see who knows of an alert. What is addressed to people by name is between them and
// the service: who reported something hidden is among them.
func mayFollow(who models.Principal, alert models.Alert) bool {
	return oversees(who, alert) || len(alert.Audience.Roles) > 0 && alert.SenderID == who.ID
}

func wireTold(told models.Told, name models.Secret) api.AlertDelivery {
	return api.AlertDelivery{
		PersonId: told.PersonID, Name: name.Reveal(), State: api.DeliveryState(told.State), Channel: textOrNil(told.Channel),
		At: api.AtOrNil(told.At), Reason: textOrNil(told.Reason), AcknowledgedAt: api.AtOrNil(told.AcknowledgedAt), Attempts: told.Attempts,
	}
}

func wireCounts(counts map[models.DeliveryState]int) api.DeliveryCounts {
	people := 0
	for _, number := range counts {
		people += number
	}
	return api.DeliveryCounts{
		People: people, None: counts[models.DeliveryNone], Queued: counts[models.DeliveryQueued], Sent: counts[models.DeliverySent],
		ProviderAccepted: counts[models.DeliveryAccepted], DeviceReceived: counts[models.DeliveryReceived], Seen: counts[models.DeliverySeen],
		Acknowledged: counts[models.DeliveryAcknowledged], Failed: counts[models.DeliveryFailed], Expired: counts[models.DeliveryExpired],
	}
}

// CreateDeliveryReceipts answers POST /v1/me/delivery-receipts.
func (h *Server) CreateDeliveryReceipts(
	ctx context.Context, request api.CreateDeliveryReceiptsRequestObject,
) (api.CreateDeliveryReceiptsResponseObject, error) {
	if err := h.noteReceipts(ctx, request.Body.Items); err != nil {
		return nil, err
	}
	return api.CreateDeliveryReceipts204Response{}, nil
}

// noteReceipts writes what an app says came to it. The audit says that an app reported, and not of what: among the alerts could
// be one about what the person reported hidden.
func (h *Server) noteReceipts(ctx context.Context, items []api.DeliveryReceipt) error {
	asked := api.From(ctx)
	receipts := make([]models.DeliveryReceipt, 0, len(items))
	for _, item := range items {
		receipt := models.DeliveryReceipt{
			AlertID: item.AlertId, InstallationID: item.InstallationId, Channel: string(item.Channel), State: models.DeliveryReceived,
			At: item.At.Time,
		}
		if item.State == api.DeliveryReceiptStateSeen {
			receipt.State = models.DeliverySeen
		}
		receipts = append(receipts, receipt)
	}
	what := &deed{operation: models.OpDeliveryReceipts, kind: "person", id: asked.Principal.ID}
	_, err := act(ctx, h, what, 204, func(tx *store.Store) (bool, error) {
		_, err := tx.NoteReceipts(ctx, asked.Principal.ID, receipts, asked.Now)
		return true, err
	})
	return err
}
