package handlers

import (
	"context"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// PutRouteOfficer answers PUT /v1/routes/{route_id}/officer: whose the tips along a route are that lie in no officer's compound.
// Those that were given to somebody before stay theirs.
func (h *Server) PutRouteOfficer(ctx context.Context, request api.PutRouteOfficerRequestObject) (api.PutRouteOfficerResponseObject, error) {
	who, officer := api.From(ctx).Principal, value(request.Body.OfficerId)
	what := &deed{
		operation: models.OpPutRouteOfficer, kind: "route", id: request.RouteId, facts: map[string]string{"officer": string(officer)},
	}
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.Route, error) {
		route, err := tx.Route(ctx, request.RouteId)
		if err == nil {
			err = models.May(what.operation, who, models.Object{Place: models.Place{Station: route.StationID}})
		}
		if err != nil {
			return api.Route{}, err
		}
		if err := h.mayLeadRoute(ctx, tx, officer); err != nil {
			return api.Route{}, err
		}
		route.OfficerID = officer
		return wireLedRoute(who)(route), tx.PutRouteOfficer(ctx, route.ID, officer)
	})
	if err != nil {
		return nil, err
	}
	return api.PutRouteOfficer200JSONResponse(answer), nil
}

// mayLeadRoute says whether somebody, or nobody, may be given the tips along a route: they lie in no compound, and so only who holds
// their role in the whole station may read them.
func (h *Server) mayLeadRoute(ctx context.Context, tx *store.Store, officer models.ID) error {
	if officer == "" {
		return nil
	}
	asked := api.From(ctx)
	leads, err := leadsAt(ctx, tx, officer, models.Place{Station: asked.Principal.StationID}, asked.Now)
	if err == nil && !leads {
		err = models.Unfit("officer_id", models.FieldNoSuch, "an officer or commander of the whole station")
	}
	return err
}

// wireLedRoute writes a route, with who leads it for those who may say so.
func wireLedRoute(who models.Principal) func(models.Route) api.Route {
	return func(route models.Route) api.Route {
		wire := wireRoute(route)
		if models.May(models.OpPutRouteOfficer, who, models.Object{Place: models.Place{Station: route.StationID}}) == nil {
			wire.OfficerId = idOrNil(route.OfficerID)
		}
		return wire
	}
}

// leaderOf is whose a new tip is: who leads the compound that it lies in, else who leads the nearest route; "" for the duty desk.
func leaderOf(ctx context.Context, tx *store.Store, tip models.Tip) (models.ID, error) {
	officer, err := tx.CommunityOfficer(ctx, tip.Place, tip.ReceivedAt)
	if err != nil || officer != "" || tip.Fix == nil {
		return officer, err
	}
	routes, err := tx.RouteLines(ctx, tip.Place.Station)
	if err != nil {
		return "", err
	}
	route, near := models.NearestRoute(tip.Fix.Position, routes, models.TipRouteWithinM)
	if !near {
		return "", nil
	}
	if leads, err := leadsAt(ctx, tx, route.OfficerID, tip.Place, tip.ReceivedAt); err != nil || !leads { // their role has ended
		return "", err
	}
	return route.OfficerID, nil
}
