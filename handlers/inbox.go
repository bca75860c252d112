package handlers

import (
	"context"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// ListMyInbox answers GET /v1/me/inbox.
func (h *Server) ListMyInbox(ctx context.Context, request api.ListMyInboxRequestObject) (api.ListMyInboxResponseObject, error) {
	page, err := pageOf(ctx, request.Params.Limit, request.Params.Cursor)
	if err != nil {
		return nil, err
	}
	filter := store.InboxFilter{Unacknowledged: value(request.Params.Unacknowledged)}
	inbox, err := h.Store.Inbox(ctx, api.From(ctx).Principal.ID, filter, page)
	if err != nil {
		return nil, err
	}
	h.fetchedInbox(ctx, inbox)
	items, next := listed(ctx, inbox, page, wireInboxItem, func(item models.InboxItem) models.ID { return item.Alert.ID })
	return api.ListMyInbox200JSONResponse{Items: items, NextCursor: next}, nil
}

func wireInboxItem(item models.InboxItem) api.InboxItem {
	alert := item.Alert
	return api.InboxItem{
		AlertId: alert.ID, Kind: alert.Kind, Severity: api.Severity(alert.Severity), Title: alert.Title.Reveal(),
		Body: alert.Body.Reveal(), CreatedAt: api.At(alert.CreatedAt), ExpiresAt: api.At(alert.ExpiresAt),
		RequiresAck: alert.RequiresAck, AcknowledgedAt: api.AtOrNil(item.AcknowledgedAt), About: idOrNil(alert.AboutID),
	}
}
