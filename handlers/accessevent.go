package handlers

import (
	"context"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// ListAccessEvents answers GET /v1/access-events. Looking at other people's is recorded.
func (h *Server) ListAccessEvents(
	ctx context.Context, request api.ListAccessEventsRequestObject,
) (api.ListAccessEventsResponseObject, error) {
	who, params := api.From(ctx).Principal, request.Params
	page, err := pageOf(ctx, params.Limit, params.Cursor)
	if err != nil {
		return nil, err
	}
	filter := store.AccessEventFilter{
		DoorID: value(params.DoorId), Way: string(value(params.Way)), Outcome: string(value(params.Outcome)),
		From: instantOf(params.From), To: instantOf(params.To),
	}
	events, err := h.Store.AccessEvents(ctx, models.Sights(models.OpListAccessEvents, who), filter, page)
	if err != nil {
		return nil, err
	}
	foreign := foreignIn(events, func(event models.AccessEvent) (models.ID, bool) {
		return event.ID, event.PersonID != who.ID
	})
	if err := h.lookedAtList(ctx, models.OpListAccessEvents, "access_event", foreign); err != nil {
		return nil, err
	}
	items, next := listed(ctx, events, page, wireAccessEvent, func(event models.AccessEvent) models.ID { return event.ID })
	return api.ListAccessEvents200JSONResponse{Items: items, NextCursor: next}, nil
}

func wireAccessEvent(event models.AccessEvent) api.AccessEvent {
	return api.AccessEvent{
		Id: event.ID, DoorId: event.DoorID, OccurredAt: api.At(event.OccurredAt), ReceivedAt: api.At(event.ReceivedAt),
		Way: api.AccessWay(event.Way), Outcome: api.AccessOutcome(event.Outcome),
		PassId: idOrNil(event.PassID), CommandId: idOrNil(event.CommandID),
	}
}
