package handlers

import (
	"context"
	"strings"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// ListDoors answers GET /v1/doors.
func (h *Server) ListDoors(ctx context.Context, request api.ListDoorsRequestObject) (api.ListDoorsResponseObject, error) {
	page, err := pageOf(ctx, request.Params.Limit, request.Params.Cursor)
	if err != nil {
		return nil, err
	}
	asked := api.From(ctx)
	sights := models.Sights(models.OpListDoors, asked.Principal)
	doors, err := h.Store.Doors(ctx, sights, value(request.Params.CompoundId), page)
	if err != nil {
		return nil, err
	}
	states, err := h.doorStates(ctx, asked, doors)
	if err != nil {
		return nil, err
	}
	wire := func(door models.Door) api.Door {
		wire := h.wireDoor(ctx, door)
		if state, seen := states[door.ID]; seen {
			wire.State = &state
		}
		return wire
	}
	items, next := listed(ctx, doors, page, wire, func(door models.Door) models.ID { return door.ID })
	return api.ListDoors200JSONResponse{Items: items, NextCursor: next}, nil
}

// CreateDoor answers POST /v1/doors.
func (h *Server) CreateDoor(ctx context.Context, request api.CreateDoorRequestObject) (api.CreateDoorResponseObject, error) {
	asked, body := api.From(ctx), request.Body
	door := models.Door{
		ID: h.NewID(), Name: strings.TrimSpace(body.Name), Kind: models.DoorKind(body.Kind), CreatedAt: asked.Now,
		Ways: models.WaysOrDefault(doorWays(value(body.Ways))),
	}
	if err := models.CheckWays(door.Ways); err != nil {
		return nil, err
	}
	level, field, id, err := doorPlace(body)
	if err != nil {
		return nil, err
	}
	what := &deed{operation: models.OpCreateDoor, kind: "door", id: door.ID}
	answer, err := act(ctx, h, what, 201, func(tx *store.Store) (api.Door, error) {
		place, err := tx.Place(ctx, level, id)
		if err == nil {
			err = models.May(what.operation, asked.Principal, models.Object{Place: place})
		}
		if err == nil && place.Compound != body.CompoundId {
			err = models.Fail(models.CodeNotFound)
		}
		if err != nil {
			return api.Door{}, noSuch(err, field)
		}
		door.Place = place
		return h.wireDoor(ctx, door), tx.AddDoor(ctx, door)
	})
	if err != nil {
		return nil, err
	}
	return api.CreateDoor201JSONResponse(answer), nil
}

// doorPlace says at which level a door of the kind stands, and which field names the place.
func doorPlace(body *api.CreateDoorJSONRequestBody) (models.Level, string, models.ID, error) {
	switch models.DoorKind(body.Kind) {
	case models.DoorUnit:
		if body.UnitId == nil {
			return "", "", "", models.Unfit("unit_id", models.FieldRequired, "for a unit door")
		}
		return models.LevelUnit, "unit_id", *body.UnitId, nil
	case models.DoorBuilding:
		if body.BuildingId == nil {
			return "", "", "", models.Unfit("building_id", models.FieldRequired, "for a building door")
		}
		return models.LevelBuilding, "building_id", *body.BuildingId, nil
	default:
		if body.UnitId != nil || body.BuildingId != nil {
			return "", "", "", models.Unfit("kind", models.FieldNotAllowed, "a gate stands in no building")
		}
		return models.LevelCompound, "compound_id", body.CompoundId, nil
	}
}

func (h *Server) wireDoor(ctx context.Context, door models.Door) api.Door {
	return api.Door{
		Id: door.ID, Name: door.Name, Kind: api.DoorKind(door.Kind), CompoundId: door.Place.Compound,
		BuildingId: idOrNil(door.Place.Building), UnitId: idOrNil(door.Place.Unit), Online: door.Online,
		Capabilities: h.capabilities(ctx, controller(door)), Ways: wireDoorWays(door.Ways),
	}
}
