package handlers

import (
	"context"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// PutDoorWays answers PUT /v1/doors/{door_id}/ways. Where the door's terminal has no door left that is entered by face, it is
// asked to delete what it enrolled.
func (h *Server) PutDoorWays(ctx context.Context, request api.PutDoorWaysRequestObject) (api.PutDoorWaysResponseObject, error) {
	asked, ways := api.From(ctx), models.WaysOrDefault(doorWays(request.Body.Ways))
	what := &deed{operation: models.OpPutDoorWays, kind: "door", id: request.DoorId}
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.Door, error) {
		door, err := tx.Door(ctx, request.DoorId)
		if err == nil {
			err = models.May(what.operation, asked.Principal, models.Object{Place: door.Place})
		}
		if err == nil {
			err = models.CheckWays(ways)
		}
		if err == nil && door.DeviceID != "" {
			err = tx.LockDevice(ctx, door.DeviceID) // whoever enrols at it now waits
		}
		if err == nil {
			err = tx.SetDoorWays(ctx, door.ID, ways)
		}
		if err == nil && door.DeviceID != "" {
			err = tx.DeleteUnservedFaces(ctx, door.DeviceID, asked.Now)
		}
		door.Ways = ways
		return h.wireDoor(ctx, door), err
	})
	if err != nil {
		return nil, err
	}
	return api.PutDoorWays200JSONResponse(answer), nil
}

func doorWays(ways []api.DoorWay) []string {
	named := make([]string, 0, len(ways))
	for _, way := range ways {
		named = append(named, string(way))
	}
	return named
}

func wireDoorWays(ways []string) *[]api.DoorWay {
	wire := make([]api.DoorWay, 0, len(ways))
	for _, way := range ways {
		wire = append(wire, api.DoorWay(way))
	}
	return &wire
}
