package handlers

import (
	"context"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// ListStopShares answers GET /v1/coverage/stops.
func (h *Server) ListStopShares(ctx context.Context, request api.ListStopSharesRequestObject) (api.ListStopSharesResponseObject, error) {
	ground, err := h.coverGround(ctx, models.OpListStopShares)
	if err != nil {
		return nil, err
	}
	question := coverQuestion{}
	question.from, question.to = span(ctx, request.Params.From, request.Params.To)
	if err := question.check(ground.zone); err != nil {
		return nil, err
	}
	shares, err := h.Store.StopShares(ctx, ground.station.ID, question.from, question.to)
	if err != nil {
		return nil, err
	}
	squads, err := h.Store.SquadNames(ctx, ground.station.ID)
	if err != nil {
		return nil, err
	}
	routes := map[models.ID]string{}
	for _, route := range ground.Routes {
		routes[route.ID] = route.Name
	}
	items := make([]api.StopShare, 0, len(shares))
	for _, share := range shares {
		items = append(items, wireStopShare(share, routes[share.RouteID], squads[share.SquadID]))
	}
	return api.ListStopShares200JSONResponse{Items: items}, nil
}

func wireStopShare(share store.StopShare, route, squad string) api.StopShare {
	item := api.StopShare{
		RouteId: idOrNil(share.RouteID), RouteName: textOrNil(route), SquadId: idOrNil(share.SquadID), SquadName: textOrNil(squad),
		OnTime: share.States[models.StopOnTime], Late: share.States[models.StopLate], Missed: share.States[models.StopMissed],
		Skipped: share.States[models.StopSkipped], Pending: share.States[models.StopPending], Extra: share.States[models.StopExtra],
	}
	if part, due := models.DoneShare(share.States); due {
		item.DoneShare = &part
	}
	return item
}
