package handlers

import (
	"context"
	"strings"
	"time"

	"xunfang/api"
	"xunfang/auth"
	"xunfang/models"
	"xunfang/store"
)

// CreateVisitorPass answers POST /v1/visitor-passes. The code, and the address of the guest's page, are in this answer and
// nowhere else.
func (h *Server) CreateVisitorPass(
	ctx context.Context, request api.CreateVisitorPassRequestObject,
) (api.CreateVisitorPassResponseObject, error) {
	asked := api.From(ctx)
	pass := h.newPass(ctx, request.Body)
	what := &deed{
		operation: models.OpCreateVisitorPass, kind: "visitor_pass", id: pass.ID,
		subjects: []string{h.Keys.AuditHash("name", pass.VisitorName.Reveal())},
	}
	if err := pass.Check(asked.Now); err != nil {
		return nil, err
	}
	token, err := auth.NewSecret(h.Random)
	if err != nil {
		return nil, err
	}
	pass.GuestHash = h.Keys.GuestHash(token)
	answer, err := act(ctx, h, what, 201, func(tx *store.Store) (api.VisitorPassCreated, error) {
		made := pass
		if err := h.placePass(ctx, tx, &made, request.Body); err != nil {
			return api.VisitorPassCreated{}, err
		}
		code, err := h.giveCode(ctx, tx, &made, token)
		if err != nil {
			return api.VisitorPassCreated{}, err
		}
		return h.wirePassCreated(made, code, token, asked.Now), tx.AddVisitorPass(ctx, made)
	})
	if err != nil {
		return nil, err
	}
	return api.CreateVisitorPass201JSONResponse(answer), nil
}

// newPass is what the host asks for, with what the kind fills in.
func (h *Server) newPass(ctx context.Context, body *api.CreateVisitorPassJSONRequestBody) models.VisitorPass {
	asked := api.From(ctx)
	pass := models.VisitorPass{
		ID: h.NewID(), HostID: asked.Principal.ID, VisitorName: models.Secret(strings.TrimSpace(body.VisitorName)),
		Plate: models.Secret(value(body.Plate)), StartsAt: body.StartsAt.Time, EndsAt: body.EndsAt.Time,
		Kind: models.PassKind(value(body.Kind)), Times: passTimes(body.Schedule), MaxGuests: value(body.MaxGuests),
		CreatedAt: asked.Now,
	}
	if pass.Kind == "" {
		pass.Kind = models.KindByUses(value(body.MaxUses))
	}
	if pass.MaxUses = pass.Kind.Uses(); body.MaxUses != nil {
		pass.MaxUses = *body.MaxUses
	}
	if pass.Plate != "" {
		pass.PlateMAC = h.Keys.BlindIndex("plate", models.NormalPlate(pass.Plate.Reveal()).Reveal())
	}
	return pass
}

// placePass finds where a new pass leads and through which doors.
func (h *Server) placePass(
	ctx context.Context, tx *store.Store, pass *models.VisitorPass, body *api.CreateVisitorPassJSONRequestBody,
) error {
	who, home := api.From(ctx).Principal, models.Home{}
	if body.HomeId != nil {
		var err error
		if home, err = tx.Home(ctx, *body.HomeId); err != nil {
			return noSuch(err, "home_id")
		}
	}
	var err error
	if pass.Place, err = models.PassHome(who, value(body.HomeId), home.Place); err != nil {
		return err
	}
	doors, err := tx.CompoundDoors(ctx, pass.Place.Compound)
	if err != nil {
		return err
	}
	if pass.DoorIDs, err = models.PassDoors(value(body.DoorIds), pass.Place, doors, who); err != nil {
		return err
	}
	if pass.Kind == models.PassDelivery {
		if pass.DoorIDs, err = models.DeliveryDoor(value(body.DoorIds), pass.DoorIDs, doors); err != nil {
			return err
		}
	}
	pass.Doors = models.MovedDoors(nil, pass.DoorIDs, doors, pass.CreatedAt)
	return checkHours(ctx, tx, *pass)
}

// ListVisitorPasses answers GET /v1/visitor-passes.
func (h *Server) ListVisitorPasses(
	ctx context.Context, request api.ListVisitorPassesRequestObject,
) (api.ListVisitorPassesResponseObject, error) {
	asked, params := api.From(ctx), request.Params
	page, err := pageOf(ctx, params.Limit, params.Cursor)
	if err != nil {
		return nil, err
	}
	sights := models.Sights(models.OpListVisitorPasses, asked.Principal)
	filter := store.PassFilter{State: models.VisitorPassState(value(params.State)), GroupID: value(params.GroupId)}
	passes, err := h.Store.VisitorPasses(ctx, sights, filter, asked.Now, page)
	if err != nil {
		return nil, err
	}
	foreign := foreignIn(passes, func(pass models.VisitorPass) (models.ID, bool) {
		return pass.ID, pass.HostID != asked.Principal.ID
	})
	if err := h.lookedAtList(ctx, models.OpListVisitorPasses, "visitor_pass", foreign); err != nil {
		return nil, err
	}
	wire := func(pass models.VisitorPass) api.VisitorPass { return h.wirePass(pass, asked.Now) }
	items, next := listed(ctx, passes, page, wire, func(pass models.VisitorPass) models.ID { return pass.ID })
	return api.ListVisitorPasses200JSONResponse{Items: items, NextCursor: next}, nil
}

// GetVisitorPass answers GET /v1/visitor-passes/{pass_id}.
func (h *Server) GetVisitorPass(
	ctx context.Context, request api.GetVisitorPassRequestObject,
) (api.GetVisitorPassResponseObject, error) {
	asked := api.From(ctx)
	what := &deed{operation: models.OpGetVisitorPass, kind: "visitor_pass", id: request.PassId}
	pass, err := h.Store.VisitorPass(ctx, request.PassId)
	if err == nil {
		err = models.May(what.operation, asked.Principal, models.Object{Place: pass.Place, Owner: pass.HostID})
	}
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	if pass.HostID != asked.Principal.ID {
		if err := h.looked(ctx, what); err != nil {
			return nil, err
		}
	}
	return api.GetVisitorPass200JSONResponse(h.wirePass(pass, asked.Now)), nil
}

// RevokeVisitorPass answers POST /v1/visitor-passes/{pass_id}/revoke; revoking twice is no mistake.
func (h *Server) RevokeVisitorPass(
	ctx context.Context, request api.RevokeVisitorPassRequestObject,
) (api.RevokeVisitorPassResponseObject, error) {
	asked := api.From(ctx)
	what := &deed{operation: models.OpRevokeVisitorPass, kind: "visitor_pass", id: request.PassId}
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.VisitorPass, error) {
		pass, err := tx.VisitorPass(ctx, request.PassId)
		if err != nil {
			return api.VisitorPass{}, err
		}
		object := models.Object{Place: pass.Place, Owner: pass.HostID}
		if err := models.May(what.operation, asked.Principal, object); err != nil {
			return api.VisitorPass{}, err
		}
		if _, err := tx.RevokeVisitorPass(ctx, pass.ID, asked.Now); err != nil {
			return api.VisitorPass{}, err
		}
		pass, err = tx.VisitorPass(ctx, pass.ID)
		return h.wirePass(pass, asked.Now), err
	})
	if err != nil {
		return nil, err
	}
	return api.RevokeVisitorPass200JSONResponse(answer), nil
}

func (h *Server) wirePass(pass models.VisitorPass, now time.Time) api.VisitorPass {
	wire := api.VisitorPass{
		Id: pass.ID, VisitorName: pass.VisitorName.Reveal(), Plate: textOrNil(pass.Plate.Reveal()),
		HomeId: idOrNil(pass.Place.Home), DoorIds: listOf(pass.DoorIDs), StartsAt: api.At(pass.StartsAt),
		EndsAt: api.At(pass.EndsAt), MaxUses: pass.MaxUses, Uses: pass.Uses, State: api.VisitorPassState(pass.State(now)),
		CreatedAt: api.At(pass.CreatedAt), RevokedAt: api.AtOrNil(pass.RevokedAt), Kind: api.PassKind(pass.Kind),
		Schedule: wirePassTimes(pass.Times), GroupId: idOrNil(pass.GroupID), ChangedAt: api.AtOrNil(pass.ChangedAt),
		Doors: h.wirePassDoors(pass.Doors, now), VisitUntil: api.AtOrNil(pass.VisitUntil(now)),
	}
	if pass.Kind == models.PassGroup {
		wire.MaxGuests, wire.Guests = &pass.MaxGuests, &pass.Guests
	}
	return wire
}

func (h *Server) wirePassCreated(
	pass models.VisitorPass, code models.VisitorCode, token models.Secret, now time.Time,
) api.VisitorPassCreated {
	wire := h.wirePass(pass, now)
	created := api.VisitorPassCreated{
		Id: wire.Id, VisitorName: wire.VisitorName, Plate: wire.Plate, HomeId: wire.HomeId, DoorIds: wire.DoorIds,
		StartsAt: wire.StartsAt, EndsAt: wire.EndsAt, MaxUses: wire.MaxUses, Uses: wire.Uses, State: wire.State,
		CreatedAt: wire.CreatedAt, RevokedAt: wire.RevokedAt, Kind: wire.Kind, Schedule: wire.Schedule, GroupId: wire.GroupId,
		MaxGuests: wire.MaxGuests, Guests: wire.Guests, ChangedAt: wire.ChangedAt, Doors: wire.Doors,
		VisitUntil: wire.VisitUntil, GuestPath: guestPath + token.Reveal(),
	}
	if code.Code != "" {
		created.Code, created.Extension = textOrNil(code.Code.Reveal()), textOrNil(code.Extension.Reveal())
		created.QrPayload = textOrNil(h.qrPayload(code))
	}
	return created
}
