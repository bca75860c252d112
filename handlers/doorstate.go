package handlers

import (
	"context"
	"time"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// GetDoorState answers GET /v1/doors/{door_id}/state.
func (h *Server) GetDoorState(ctx context.Context, request api.GetDoorStateRequestObject) (api.GetDoorStateResponseObject, error) {
	asked := api.From(ctx)
	what := &deed{operation: models.OpGetDoorState, kind: "door", id: request.DoorId}
	door, err := h.Store.Door(ctx, request.DoorId)
	if err == nil {
		err = models.May(what.operation, asked.Principal, models.Object{Place: door.Place})
	}
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	states, err := h.doorStates(ctx, asked, []models.Door{door})
	if err != nil {
		return nil, err
	}
	return api.GetDoorState200JSONResponse(states[door.ID]), nil
}

// doorStates describes those of the doors whose state the caller may see.
func (h *Server) doorStates(ctx context.Context, asked api.Request, doors []models.Door) (map[models.ID]api.DoorState, error) {
	seen, ids, subjects := []models.Door{}, []models.ID{}, []models.ID{}
	for _, door := range doors {
		if models.May(models.OpGetDoorState, asked.Principal, models.Object{Place: door.Place}) == nil {
			seen, ids = append(seen, door), append(ids, door.ID)
			if subjects = append(subjects, door.ID); door.DeviceID != "" {
				subjects = append(subjects, door.DeviceID)
			}
		}
	}
	if len(seen) == 0 {
		return map[models.ID]api.DoorState{}, nil
	}
	controllers, err := h.Store.Controllers(ctx, seen)
	if err != nil {
		return nil, err
	}
	aspects, err := h.Store.DoorAspects(ctx, subjects)
	if err != nil {
		return nil, err
	}
	held, err := h.Store.HeldOpen(ctx, ids)
	states := map[models.ID]api.DoorState{}
	for _, door := range seen {
		status := models.DescribeDoor(door, controllers[door.DeviceID], aspects, asked.Now)
		states[door.ID] = wireDoorState(status, door.Online, held[door.ID])
	}
	return states, err
}

func wireDoorState(status models.DoorStatus, online bool, held time.Duration) api.DoorState {
	return api.DoorState{
		DoorId: status.DoorID, Mode: api.DoorStateMode(status.Mode), Position: api.DoorStatePosition(status.Position),
		Lock: api.DoorStateLock(status.Lock), Alarm: api.DoorStateAlarm(status.Alarm), Tamper: api.DoorStateTamper(status.Tamper),
		Fault: api.DoorStateFault(status.Fault), Online: online, HeldOpenS: int(held / time.Second), AsOf: api.At(status.At),
	}
}

// PutDoorAlarmSettings answers PUT /v1/doors/{door_id}/alarm-settings.
func (h *Server) PutDoorAlarmSettings(
	ctx context.Context, request api.PutDoorAlarmSettingsRequestObject,
) (api.PutDoorAlarmSettingsResponseObject, error) {
	asked := api.From(ctx)
	what := &deed{operation: models.OpPutDoorAlarms, kind: "door", id: request.DoorId}
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.DoorAlarmSettings, error) {
		door, err := tx.Door(ctx, request.DoorId)
		if err == nil {
			err = models.May(what.operation, asked.Principal, models.Object{Place: door.Place})
		}
		if err != nil {
			return api.DoorAlarmSettings{}, err
		}
		return *request.Body, tx.PutDoorAlarmSettings(ctx, models.DoorAlarmSettings{
			DoorID: door.ID, HeldOpen: time.Duration(request.Body.HeldOpenS) * time.Second,
		})
	})
	if err != nil {
		return nil, err
	}
	return api.PutDoorAlarmSettings200JSONResponse(answer), nil
}

// ListDoorEvents answers GET /v1/door-events. Duress is for who commands everything that the caller sees.
func (h *Server) ListDoorEvents(
	ctx context.Context, request api.ListDoorEventsRequestObject,
) (api.ListDoorEventsResponseObject, error) {
	who, params := api.From(ctx).Principal, request.Params
	page, err := pageOf(ctx, params.Limit, params.Cursor)
	if err != nil {
		return nil, err
	}
	sights := models.Sights(models.OpListDoorEvents, who)
	filter := store.DoorEventFilter{
		DoorID: value(params.DoorId), DeviceID: value(params.DeviceId), Kind: models.DoorEventKind(value(params.Kind)),
		Duress: models.SeesDuress(who, sights), From: instantOf(params.From), To: instantOf(params.To),
	}
	events, err := h.Store.DoorEvents(ctx, sights, filter, page)
	if err != nil {
		return nil, err
	}
	items, next := listed(ctx, events, page, wireDoorEvent, func(event models.DeviceEvent) models.ID { return event.ID })
	return api.ListDoorEvents200JSONResponse{Items: items, NextCursor: next}, nil
}

func wireDoorEvent(event models.DeviceEvent) api.DoorEvent {
	wire := api.DoorEvent{
		Id: event.ID, DoorId: idOrNil(event.DoorID), DeviceId: event.DeviceID, Kind: api.DoorEventKind(event.Kind),
		Reason: textOrNil(event.Reason), OccurredAt: api.At(event.OccurredAt), ReceivedAt: api.At(event.ReceivedAt),
		Replayed: event.Replayed,
	}
	if event.Missing > 0 {
		missing := int64(event.Missing)
		wire.Missing = &missing
	}
	return wire
}
