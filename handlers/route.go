package handlers

import (
	"context"
	"fmt"
	"strings"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// ListRoutes answers GET /v1/routes.
func (h *Server) ListRoutes(ctx context.Context, request api.ListRoutesRequestObject) (api.ListRoutesResponseObject, error) {
	page, err := pageOf(ctx, request.Params.Limit, request.Params.Cursor)
	if err != nil {
		return nil, err
	}
	routes, err := h.Store.Routes(ctx, models.Sights(models.OpListRoutes, api.From(ctx).Principal), page)
	if err != nil {
		return nil, err
	}
	items, next := listed(ctx, routes, page, wireLedRoute(api.From(ctx).Principal), func(route models.Route) models.ID { return route.ID })
	return api.ListRoutes200JSONResponse{Items: items, NextCursor: next}, nil
}

// CreateRoute answers POST /v1/routes.
func (h *Server) CreateRoute(ctx context.Context, request api.CreateRouteRequestObject) (api.CreateRouteResponseObject, error) {
	asked, body := api.From(ctx), request.Body
	route := models.Route{
		ID: h.NewID(), StationID: asked.Principal.StationID, Name: strings.TrimSpace(body.Name),
		Direction: string(body.Direction), Checkpoints: body.CheckpointIds, OfficerID: value(body.OfficerId),
		CreatedAt: asked.Now,
	}
	what := &deed{operation: models.OpCreateRoute, kind: "route", id: route.ID}
	answer, err := act(ctx, h, what, 201, func(tx *store.Store) (api.Route, error) {
		place := models.Place{Station: route.StationID}
		if err := models.May(what.operation, asked.Principal, models.Object{Place: place}); err != nil {
			return api.Route{}, err
		}
		for at, id := range body.CheckpointIds {
			checkpoint, err := tx.Checkpoint(ctx, id)
			if err == nil && !place.Contains(checkpoint.Place) {
				err = models.Fail(models.CodeNotFound)
			}
			if err != nil {
				return api.Route{}, noSuch(err, fmt.Sprintf("checkpoint_ids[%d]", at))
			}
		}
		if err := h.mayLeadRoute(ctx, tx, route.OfficerID); err != nil {
			return api.Route{}, err
		}
		return wireLedRoute(asked.Principal)(route), tx.AddRoute(ctx, route)
	})
	if err != nil {
		return nil, err
	}
	return api.CreateRoute201JSONResponse(answer), nil
}

func wireRoute(route models.Route) api.Route {
	return api.Route{
		Id: route.ID, Name: route.Name, Direction: api.RouteDirection(route.Direction), CheckpointIds: listOf(route.Checkpoints),
	}
}

// listOf is a list that is never null on the wire.
func listOf[T any](values []T) []T {
	if values == nil {
		return []T{}
	}
	return values
}
