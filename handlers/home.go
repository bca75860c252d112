package handlers

import (
	"context"
	"strings"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// ListHomes answers GET /v1/homes.
func (h *Server) ListHomes(ctx context.Context, request api.ListHomesRequestObject) (api.ListHomesResponseObject, error) {
	page, err := pageOf(ctx, request.Params.Limit, request.Params.Cursor)
	if err != nil {
		return nil, err
	}
	sights := models.Sights(models.OpListHomes, api.From(ctx).Principal)
	homes, err := h.Store.Homes(ctx, sights, value(request.Params.CompoundId), page)
	if err != nil {
		return nil, err
	}
	items, next := listed(ctx, homes, page, wireHome, func(home models.Home) models.ID { return home.ID })
	return api.ListHomes200JSONResponse{Items: items, NextCursor: next}, nil
}

// CreateHome answers POST /v1/homes; its building and unit are found by name, or made.
func (h *Server) CreateHome(ctx context.Context, request api.CreateHomeRequestObject) (api.CreateHomeResponseObject, error) {
	asked, body := api.From(ctx), request.Body
	home := models.Home{
		ID: h.NewID(), Building: strings.TrimSpace(body.Building), Unit: strings.TrimSpace(body.Unit), Label: strings.TrimSpace(body.Label),
	}
	what := &deed{operation: models.OpCreateHome, kind: "home", id: home.ID}
	answer, err := act(ctx, h, what, 201, func(tx *store.Store) (api.Home, error) {
		compound, err := tx.Compound(ctx, body.CompoundId)
		if err == nil {
			err = models.May(what.operation, asked.Principal, models.Object{Place: compound.Place()})
		}
		if err != nil {
			return api.Home{}, noSuch(err, "compound_id")
		}
		building, err := tx.EnsureBuilding(ctx, models.Building{ID: h.NewID(), Place: compound.Place(), Name: home.Building})
		if err != nil {
			return api.Home{}, err
		}
		unit, err := tx.EnsureUnit(ctx, models.Unit{ID: h.NewID(), Place: building.Place, Name: home.Unit})
		if err != nil {
			return api.Home{}, err
		}
		home.Place = unit.Place
		home.Place.Home = home.ID
		return wireHome(home), tx.AddHome(ctx, home)
	})
	if err != nil {
		return nil, err
	}
	return api.CreateHome201JSONResponse(answer), nil
}

// UpdateHome answers PATCH /v1/homes/{home_id}.
func (h *Server) UpdateHome(ctx context.Context, request api.UpdateHomeRequestObject) (api.UpdateHomeResponseObject, error) {
	what := &deed{operation: models.OpUpdateHome, kind: "home", id: request.HomeId}
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.Home, error) {
		home, err := tx.Home(ctx, request.HomeId)
		if err == nil {
			err = models.May(what.operation, api.From(ctx).Principal, models.Object{Place: home.Place})
		}
		if err != nil {
			return api.Home{}, err
		}
		home.Label = strings.TrimSpace(request.Body.Label)
		return wireHome(home), tx.RelabelHome(ctx, home.ID, home.Label)
	})
	if err != nil {
		return nil, err
	}
	return api.UpdateHome200JSONResponse(answer), nil
}

func wireHome(home models.Home) api.Home {
	return api.Home{
		Id: home.ID, CompoundId: home.Place.Compound, BuildingId: home.Place.Building, UnitId: home.Place.Unit,
		Building: home.Building, Unit: home.Unit, Label: home.Label,
	}
}
