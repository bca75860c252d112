package handlers

import (
	"context"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// ListWatchConcerns answers GET /v1/watch-concerns.
func (h *Server) ListWatchConcerns(
	ctx context.Context, request api.ListWatchConcernsRequestObject,
) (api.ListWatchConcernsResponseObject, error) {
	asked, params := api.From(ctx), request.Params
	page, err := pageOf(ctx, params.Limit, params.Cursor)
	if err != nil {
		return nil, err
	}
	state := value(params.State)
	filter := store.ConcernFilter{
		Kind: models.ConcernKind(value(params.Kind)), Open: state == "open", Ended: state == "ended",
		From: instantOf(params.From), To: instantOf(params.To),
	}
	zone, err := h.Store.StationZone(ctx, asked.Principal.StationID)
	if err != nil {
		return nil, err
	}
	found, err := h.Store.ListConcerns(ctx, models.Sights(models.OpListWatchConcerns, asked.Principal), filter, page)
	if err != nil {
		return nil, err
	}
	words := watchWords{zone: zone, english: asked.Language == "en"}
	items, next := listed(ctx, found, page, words.wire, func(concern models.Concern) models.ID { return concern.ID })
	return api.ListWatchConcerns200JSONResponse{Items: items, NextCursor: next}, nil
}
