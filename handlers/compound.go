package handlers

import (
	"context"
	"strings"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// ListCompounds answers GET /v1/compounds.
func (h *Server) ListCompounds(
	ctx context.Context, request api.ListCompoundsRequestObject,
) (api.ListCompoundsResponseObject, error) {
	page, err := pageOf(ctx, request.Params.Limit, request.Params.Cursor)
	if err != nil {
		return nil, err
	}
	compounds, err := h.Store.Compounds(ctx, models.Sights(models.OpListCompounds, api.From(ctx).Principal), page)
	if err != nil {
		return nil, err
	}
	items, next := listed(ctx, compounds, page, wireCompound, func(compound models.Compound) models.ID { return compound.ID })
	return api.ListCompounds200JSONResponse{Items: items, NextCursor: next}, nil
}

// CreateCompound answers POST /v1/compounds.
func (h *Server) CreateCompound(
	ctx context.Context, request api.CreateCompoundRequestObject,
) (api.CreateCompoundResponseObject, error) {
	asked, body := api.From(ctx), request.Body
	compound := models.Compound{
		ID: h.NewID(), StationID: asked.Principal.StationID, Name: strings.TrimSpace(body.Name), Kind: string(body.Kind),
		Centre: fixOf(&body.Position).Position, CreatedAt: asked.Now,
	}
	what := &deed{operation: models.OpCreateCompound, kind: "compound", id: compound.ID}
	answer, err := act(ctx, h, what, 201, func(tx *store.Store) (api.Compound, error) {
		if err := models.May(what.operation, asked.Principal, models.Object{Place: compound.Place()}); err != nil {
			return api.Compound{}, err
		}
		return wireCompound(compound), tx.AddCompound(ctx, compound)
	})
	if err != nil {
		return nil, err
	}
	h.places.drop(compound.StationID)
	return api.CreateCompound201JSONResponse(answer), nil
}

// UpdateCompound answers PATCH /v1/compounds/{compound_id}.
func (h *Server) UpdateCompound(
	ctx context.Context, request api.UpdateCompoundRequestObject,
) (api.UpdateCompoundResponseObject, error) {
	body := request.Body
	what := &deed{operation: models.OpUpdateCompound, kind: "compound", id: request.CompoundId}
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.Compound, error) {
		if err := tx.LockCompound(ctx, request.CompoundId); err != nil {
			return api.Compound{}, err
		}
		compound, err := tx.Compound(ctx, request.CompoundId)
		if err == nil {
			err = models.May(what.operation, api.From(ctx).Principal, models.Object{Place: compound.Place()})
		}
		if err != nil {
			return api.Compound{}, err
		}
		if body.Name != nil {
			compound.Name = strings.TrimSpace(*body.Name)
		}
		if body.Kind != nil {
			compound.Kind = string(*body.Kind)
		}
		if body.Position != nil {
			compound.Centre = fixOf(body.Position).Position
		}
		return wireCompound(compound), tx.UpdateCompound(ctx, compound)
	})
	if err != nil {
		return nil, err
	}
	h.places.drop(api.From(ctx).Principal.StationID)
	return api.UpdateCompound200JSONResponse(answer), nil
}

func wireCompound(compound models.Compound) api.Compound {
	return api.Compound{
		Id: compound.ID, Name: compound.Name, Kind: api.CompoundKind(compound.Kind), Position: wirePosition(compound.Centre),
	}
}
