package handlers

import (
	"cmp"
	"context"
	"slices"

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
	inbox, err := h.inbox(ctx, h.Store, filter, page)
	if err != nil {
		return nil, err
	}
	h.fetchedInbox(ctx, inbox)
	wire := wireInboxItem(api.From(ctx).Language)
	items, next := listed(ctx, inbox, page, wire, func(item models.InboxItem) models.ID { return item.Alert.ID })
	return api.ListMyInbox200JSONResponse{Items: items, NextCursor: next}, nil
}

// inbox lists the caller's alerts, with those about what they reported hidden, newest first.
func (h *Server) inbox(ctx context.Context, from *store.Store, filter store.InboxFilter, page store.Page) ([]models.InboxItem, error) {
	who := api.From(ctx).Principal
	inbox, err := from.Inbox(ctx, who.ID, filter, page)
	if err != nil || who.Alias == "" {
		return inbox, err
	}
	hidden, err := from.Inbox(ctx, who.Alias, filter, page)
	if err != nil || len(hidden) == 0 {
		return inbox, err
	}
	inbox = append(inbox, hidden...)
	slices.SortFunc(inbox, func(one, other models.InboxItem) int { return cmp.Compare(other.Alert.ID, one.Alert.ID) })
	return inbox[:min(len(inbox), page.Limit)], nil
}

// wireInboxItem writes what is in an inbox in the language of whoever reads it.
func wireInboxItem(language string) func(models.InboxItem) api.InboxItem {
	return func(item models.InboxItem) api.InboxItem {
		alert := item.Alert
		title, body := alert.In(language)
		return api.InboxItem{
			AlertId: alert.ID, Kind: alert.Kind, Severity: api.Severity(alert.Severity), Title: title.Reveal(),
			Body: body.Reveal(), CreatedAt: api.At(alert.CreatedAt), ExpiresAt: api.At(alert.ExpiresAt),
			CancelledAt: api.AtOrNil(alert.CancelledAt), RequiresAck: alert.RequiresAck, AcknowledgedAt: api.AtOrNil(item.AcknowledgedAt),
			About: idOrNil(alert.AboutID),
		}
	}
}
