package handlers

import (
	"context"
	"strings"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// CreateVehicle answers POST /v1/vehicles. Whether anybody else wrote down the same plate, the answer does not tell.
func (h *Server) CreateVehicle(ctx context.Context, request api.CreateVehicleRequestObject) (api.CreateVehicleResponseObject, error) {
	asked, body := api.From(ctx), request.Body
	vehicle := models.Vehicle{
		ID: h.NewID(), OwnerID: asked.Principal.ID, Kind: models.VehicleKind(body.Kind),
		Plate: models.NormalPlate(value(body.Plate)), Tag: models.NormalPlate(value(body.Tag)),
		Colour: models.Secret(strings.TrimSpace(value(body.Colour))), Model: models.Secret(strings.TrimSpace(value(body.Model))),
		Shared: value(body.Shared), CreatedAt: asked.Now,
	}
	if err := vehicle.Check(); err != nil {
		return nil, err
	}
	what := &deed{operation: models.OpCreateVehicle, kind: "vehicle", id: vehicle.ID}
	var told []models.Alert
	answer, err := act(ctx, h, what, 201, func(tx *store.Store) (api.Vehicle, error) {
		home := models.Home{}
		if body.HomeId != nil {
			var err error
			if home, err = tx.Home(ctx, *body.HomeId); err != nil {
				return api.Vehicle{}, noSuch(err, "home_id")
			}
		}
		place, err := models.VehicleHome(asked.Principal, value(body.HomeId), home.Place)
		if err != nil {
			return api.Vehicle{}, err
		}
		vehicle.Place = place
		if err := roomForVehicle(ctx, tx, vehicle); err != nil {
			return api.Vehicle{}, err
		}
		if err := tx.AddVehicle(ctx, vehicle); err != nil {
			return api.Vehicle{}, err
		}
		told, err = h.tellConfirmers(ctx, tx, vehicle)
		return wireVehicle(ctx)(vehicle), err
	})
	if err != nil {
		return nil, err
	}
	h.alertedAll(ctx, told)
	return api.CreateVehicle201JSONResponse(answer), nil
}

// roomForVehicle refuses one too many, and what the same person wrote down before. Of other people's vehicles it says nothing.
func roomForVehicle(ctx context.Context, tx *store.Store, vehicle models.Vehicle) error {
	count, err := tx.CountVehicles(ctx, vehicle.OwnerID)
	if err != nil {
		return err
	}
	if count >= models.MaxVehicles {
		return models.Unfit("kind", models.FieldTooMany, "<= 10 vehicles")
	}
	again, err := tx.KeepsMark(ctx, vehicle)
	if err == nil && again {
		field := "plate"
		if vehicle.Plate == "" {
			field = "tag"
		}
		err = models.Unfit(field, models.FieldNotUnique, "one of your vehicles has it")
	}
	return err
}

// ListVehicles answers GET /v1/vehicles. Looking at other people's is recorded.
func (h *Server) ListVehicles(ctx context.Context, request api.ListVehiclesRequestObject) (api.ListVehiclesResponseObject, error) {
	asked := api.From(ctx)
	page, err := pageOf(ctx, request.Params.Limit, request.Params.Cursor)
	if err != nil {
		return nil, err
	}
	sights := models.Sights(models.OpListVehicles, asked.Principal)
	filter := store.VehicleFilter{Locked: request.Params.Locked, State: models.VehicleState(value(request.Params.State))}
	vehicles, err := h.Store.Vehicles(ctx, sights, filter, asked.Now, page)
	if err != nil {
		return nil, err
	}
	foreign := foreignIn(vehicles, func(vehicle models.Vehicle) (models.ID, bool) {
		return vehicle.ID, !vehicle.KnownTo(asked.Principal)
	})
	if err := h.lookedAtList(ctx, models.OpListVehicles, "vehicle", foreign); err != nil {
		return nil, err
	}
	items, next := listed(ctx, vehicles, page, wireVehicle(ctx), func(vehicle models.Vehicle) models.ID { return vehicle.ID })
	return api.ListVehicles200JSONResponse{Items: items, NextCursor: next}, nil
}

// GetVehicle answers GET /v1/vehicles/{vehicle_id}. Looking at somebody else's is recorded.
func (h *Server) GetVehicle(ctx context.Context, request api.GetVehicleRequestObject) (api.GetVehicleResponseObject, error) {
	what := &deed{operation: models.OpGetVehicle, kind: "vehicle", id: request.VehicleId}
	vehicle, err := mayVehicle(ctx, h.Store, what)
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	if !vehicle.KnownTo(api.From(ctx).Principal) {
		if err := h.looked(ctx, what); err != nil {
			return nil, err
		}
	}
	return api.GetVehicle200JSONResponse(wireVehicle(ctx)(vehicle)), nil
}

// mayVehicle reads the vehicle that a deed is about, and asks whether the caller may do so with it. Who only lives with the owner
// may no longer when the owner has moved out.
func mayVehicle(ctx context.Context, from *store.Store, what *deed) (models.Vehicle, error) {
	asked := api.From(ctx)
	vehicle, err := from.Vehicle(ctx, what.id)
	if err != nil {
		return vehicle, err
	}
	grant, err := vehicle.May(what.operation, asked.Principal)
	if err != nil {
		return vehicle, err
	}
	if what.role = grant.Role; grant.Role == models.RoleResident && !asked.Principal.Owns(vehicle.OwnerID) {
		lives, err := from.LivesIn(ctx, vehicle.OwnerID, vehicle.Place.Home, asked.Now)
		if err == nil && !lives {
			err = models.Fail(models.CodeNotFound)
		}
		return vehicle, err
	}
	return vehicle, nil
}

// lockedVehicle is mayVehicle in a transaction that changes the vehicle: it keeps the row.
func lockedVehicle(ctx context.Context, tx *store.Store, what *deed) (models.Vehicle, error) {
	if err := tx.LockVehicle(ctx, what.id); err != nil {
		return models.Vehicle{}, err
	}
	return mayVehicle(ctx, tx, what)
}

// UpdateVehicle answers PATCH /v1/vehicles/{vehicle_id}.
func (h *Server) UpdateVehicle(ctx context.Context, request api.UpdateVehicleRequestObject) (api.UpdateVehicleResponseObject, error) {
	body := request.Body
	what := &deed{operation: models.OpUpdateVehicle, kind: "vehicle", id: request.VehicleId}
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.Vehicle, error) {
		vehicle, err := lockedVehicle(ctx, tx, what)
		if err != nil {
			return api.Vehicle{}, err
		}
		if body.Colour != nil {
			vehicle.Colour = models.Secret(strings.TrimSpace(*body.Colour))
		}
		if body.Model != nil {
			vehicle.Model = models.Secret(strings.TrimSpace(*body.Model))
		}
		if body.Shared != nil {
			vehicle.Shared = *body.Shared
		}
		return wireVehicle(ctx)(vehicle), tx.UpdateVehicle(ctx, vehicle)
	})
	if err != nil {
		return nil, err
	}
	return api.UpdateVehicle200JSONResponse(answer), nil
}

// DeleteVehicle answers DELETE /v1/vehicles/{vehicle_id}. A locked one is unlocked first, so that whoever shares it is told.
func (h *Server) DeleteVehicle(ctx context.Context, request api.DeleteVehicleRequestObject) (api.DeleteVehicleResponseObject, error) {
	what := &deed{operation: models.OpDeleteVehicle, kind: "vehicle", id: request.VehicleId}
	_, err := act(ctx, h, what, 204, func(tx *store.Store) (struct{}, error) {
		vehicle, err := lockedVehicle(ctx, tx, what)
		if err == nil && vehicle.Locked {
			err = models.Fail(models.CodeWrongState).WithFields(
				models.FieldError{Field: "state", Code: models.FieldNotAllowed, Want: "locked"})
		}
		if err != nil {
			return struct{}{}, err
		}
		return struct{}{}, tx.DeleteVehicle(ctx, vehicle.ID)
	})
	if err != nil {
		return nil, err
	}
	return api.DeleteVehicle204Response{}, nil
}

// wireVehicle writes a vehicle as the caller may see it: a gate tells it by its colour and its last characters, and who is to
// confirm it sees all of it until then.
func wireVehicle(ctx context.Context) func(models.Vehicle) api.Vehicle {
	who := api.From(ctx).Principal
	return func(vehicle models.Vehicle) api.Vehicle {
		wire := api.Vehicle{
			Id: vehicle.ID, Kind: api.VehicleKind(vehicle.Kind), Mine: who.Owns(vehicle.OwnerID),
			PlateTail: textOrNil(models.PlateTail(vehicle.Mark())), Colour: textOrNil(vehicle.Colour.Reveal()), Shared: vehicle.Shared,
			State: api.VehicleState(vehicle.State()), Locked: vehicle.Locked, CreatedAt: api.At(vehicle.CreatedAt),
		}
		if vehicle.Locked {
			wire.LockedAt = api.AtOrNil(vehicle.LockedAt)
		}
		if vehicle.KnownTo(who) || vehicle.TellableBy(who) {
			wire.HomeId, wire.Plate = idOrNil(vehicle.Place.Home), textOrNil(vehicle.Plate.Reveal())
			wire.Tag, wire.Model = textOrNil(vehicle.Tag.Reveal()), textOrNil(vehicle.Model.Reveal())
		}
		return wire
	}
}
