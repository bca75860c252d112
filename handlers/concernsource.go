package handlers

import (
	"context"
	"strings"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// CreateConcernSource answers POST /v1/concern-sources: one proposes, and nothing is taken until another approves.
func (h *Server) CreateConcernSource(
	ctx context.Context, request api.CreateConcernSourceRequestObject,
) (api.CreateConcernSourceResponseObject, error) {
	asked, body := api.From(ctx), request.Body
	source := models.ConcernSource{
		ID: h.NewID(), DeviceID: body.DeviceId, Name: strings.TrimSpace(body.Name), Reason: models.Secret(body.Reason),
		ProposedBy: asked.Principal.ID, ProposedAt: asked.Now, ValidUntil: body.ValidUntil.Time,
	}
	if err := source.CheckLife(asked.Now); err != nil {
		return nil, err
	}
	what := &deed{operation: models.OpCreateConcernSource, kind: "concern_source", id: source.ID, reason: source.Reason}
	answer, err := act(ctx, h, what, 201, func(tx *store.Store) (api.ConcernSource, error) {
		device, err := tx.Device(ctx, source.DeviceID)
		var grant models.Grant
		if err == nil {
			grant, err = models.By(what.operation, asked.Principal, models.Object{Place: device.Place})
		}
		if err != nil {
			return api.ConcernSource{}, noSuch(err, "device_id")
		}
		source.Place, source.ProposerRole = device.Place, grant.Role
		live, err := tx.LiveConcernSources(ctx, device.Place.Station, asked.Now)
		if err == nil && live >= models.MaxConcernSources {
			err = models.Fail(models.CodeConflict)
		}
		if err == nil {
			err = tx.AddConcernSource(ctx, source)
		}
		return wireConcernSource(ctx)(source), err
	})
	if err != nil {
		return nil, err
	}
	return api.CreateConcernSource201JSONResponse(answer), nil
}

// ListConcernSources answers GET /v1/concern-sources.
func (h *Server) ListConcernSources(
	ctx context.Context, request api.ListConcernSourcesRequestObject,
) (api.ListConcernSourcesResponseObject, error) {
	page, err := pageOf(ctx, request.Params.Limit, request.Params.Cursor)
	if err != nil {
		return nil, err
	}
	sights := models.Sights(models.OpListConcernSources, api.From(ctx).Principal)
	sources, err := h.Store.ConcernSources(ctx, sights, value(request.Params.DeviceId), page)
	if err != nil {
		return nil, err
	}
	items, next := listed(ctx, sources, page, wireConcernSource(ctx), func(source models.ConcernSource) models.ID { return source.ID })
	return api.ListConcernSources200JSONResponse{Items: items, NextCursor: next}, nil
}

// ApproveConcernSource answers POST /v1/concern-sources/{source_id}/approval: another person than who proposed it, and once.
func (h *Server) ApproveConcernSource(
	ctx context.Context, request api.ApproveConcernSourceRequestObject,
) (api.ApproveConcernSourceResponseObject, error) {
	asked := api.From(ctx)
	what := &deed{operation: models.OpApproveConcernSource, kind: "concern_source", id: request.SourceId}
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.ConcernSource, error) {
		source, role, err := concernSource(ctx, tx, what)
		if err == nil {
			err = source.CheckApproval(asked.Principal.ID, role, asked.Now)
		}
		if err != nil {
			return api.ConcernSource{}, err
		}
		mine, err := tx.ApproveConcernSource(ctx, source.ID, asked.Principal.ID, asked.Now)
		if err == nil && !mine {
			err = models.Fail(models.CodeWrongState)
		}
		source.ApprovedBy, source.ApprovedAt = asked.Principal.ID, asked.Now
		return wireConcernSource(ctx)(source), err
	})
	if err != nil {
		return nil, err
	}
	return api.ApproveConcernSource200JSONResponse(answer), nil
}

// RevokeConcernSource answers POST /v1/concern-sources/{source_id}/revocation. It holds for the next report.
func (h *Server) RevokeConcernSource(
	ctx context.Context, request api.RevokeConcernSourceRequestObject,
) (api.RevokeConcernSourceResponseObject, error) {
	asked := api.From(ctx)
	what := &deed{
		operation: models.OpRevokeConcernSource, kind: "concern_source", id: request.SourceId, reason: models.Secret(request.Body.Reason),
	}
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.ConcernSource, error) {
		source, _, err := concernSource(ctx, tx, what)
		if err == nil {
			err = source.CheckRevocation(asked.Now)
		}
		if err != nil {
			return api.ConcernSource{}, err
		}
		mine, err := tx.RevokeConcernSource(ctx, source.ID, asked.Principal.ID, asked.Now)
		if err == nil && !mine {
			err = models.Fail(models.CodeWrongState)
		}
		source.RevokedBy, source.RevokedAt = asked.Principal.ID, asked.Now
		return wireConcernSource(ctx)(source), err
	})
	if err != nil {
		return nil, err
	}
	return api.RevokeConcernSource200JSONResponse(answer), nil
}

// concernSource reads a source that the caller may decide about, and as what.
func concernSource(ctx context.Context, tx *store.Store, what *deed) (models.ConcernSource, models.Role, error) {
	source, err := tx.ConcernSource(ctx, what.id)
	if err != nil {
		return source, "", err
	}
	grant, err := models.By(what.operation, api.From(ctx).Principal, models.Object{Place: source.Place})
	return source, grant.Role, err
}

func wireConcernSource(ctx context.Context) func(models.ConcernSource) api.ConcernSource {
	now := api.From(ctx).Now
	return func(source models.ConcernSource) api.ConcernSource {
		return api.ConcernSource{
			Id: source.ID, DeviceId: source.DeviceID, Name: source.Name, Reason: source.Reason.Reveal(),
			State: api.ConcernSourceState(source.State(now)), ProposedBy: source.ProposedBy, ProposedAt: api.At(source.ProposedAt),
			ValidUntil: api.At(source.ValidUntil), ApprovedBy: idOrNil(source.ApprovedBy), ApprovedAt: api.AtOrNil(source.ApprovedAt),
			RevokedBy: idOrNil(source.RevokedBy), RevokedAt: api.AtOrNil(source.RevokedAt),
		}
	}
}
