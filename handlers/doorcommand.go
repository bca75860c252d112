package handlers

import (
	"context"
	"sync"
	"time"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// OpenDoor answers POST /v1/doors/{door_id}/open: the command, its audit and its answer are on disk
// before anything leaves for the controller. Nothing is ever sent twice.
func (h *Server) OpenDoor(ctx context.Context, request api.OpenDoorRequestObject) (api.OpenDoorResponseObject, error) {
	what := &deed{operation: models.OpOpenDoor, kind: "door", id: request.DoorId}
	if request.Body != nil {
		what.reason = models.Secret(value(request.Body.Reason))
	}
	key, err := h.holdKey(ctx, what.operation)
	if err != nil {
		return nil, err
	}
	defer key.release()
	command, device, err := h.requestOpening(ctx, what, key)
	if err != nil {
		return nil, err
	}
	if command, err = h.sendAndWait(ctx, command, device); err != nil {
		return nil, err
	}
	answer := wireCommand(command)
	if command.State.Ended() {
		return api.OpenDoor200JSONResponse(answer), key.change(ctx, 200, answer)
	}
	return api.OpenDoor202JSONResponse(answer), key.change(ctx, 202, answer)
}

// requestOpening decides and writes the command, and gives the controller as it is set and connected at that moment. Whether
// the key was used is looked at only when something went wrong, for nearly every key is new: a used one cannot be written.
func (h *Server) requestOpening(ctx context.Context, what *deed, key *idempotencyKey) (models.DoorCommand, models.Device, error) {
	asked, command, device := api.From(ctx), models.DoorCommand{}, models.Device{}
	err := h.Store.Atomically(ctx, func(tx *store.Store) error {
		door, controller, err := tx.DoorToOpen(ctx, what.id)
		if err != nil {
			return err
		}
		device = controller
		grant, err := door.MayOpen(asked.Principal, what.reason.Reveal())
		if err != nil {
			return err
		}
		what.role = grant.Role
		if command, err = h.addCommand(ctx, tx, door, device); err != nil {
			return err
		}
		what.facts = map[string]string{"command": string(command.ID)}
		if err := tx.Record(ctx, h.entry(ctx, what, nil), what.reason); err != nil {
			return err
		}
		return key.keep(ctx, tx, 202, wireCommand(command))
	})
	if err == nil {
		return command, device, nil
	}
	if first := key.replay(ctx); first != nil { // also where the answer would be no by now
		return command, device, first
	}
	return command, device, h.refused(ctx, what, err)
}

// sendAndWait sends a command that is written, and waits for its end as long as the caller wants.
func (h *Server) sendAndWait(ctx context.Context, command models.DoorCommand, device models.Device) (models.DoorCommand, error) {
	ended := h.commands.expect(command.ID)
	defer h.commands.forget(command.ID)
	command, err := h.sendCommand(ctx, command, device)
	if wait := api.From(ctx).Wait; err == nil && wait > 0 && !command.State.Ended() {
		waitFor(ctx, ended, wait)
		return h.Store.DoorCommand(ctx, command.ID)
	}
	return command, err
}

// addCommand writes a command to open a door that the caller may open, to its controller as it is set and connected at that
// moment.
func (h *Server) addCommand(ctx context.Context, tx *store.Store, door models.Door, device models.Device) (models.DoorCommand, error) {
	asked := api.From(ctx)
	command := models.DoorCommand{
		ID: h.NewID(), Place: door.Place, DoorID: door.ID, DeviceID: door.DeviceID, PersonID: asked.Principal.ID,
		State: models.CommandRequested, RequestedAt: asked.Now, ExpiresAt: asked.Now.Add(models.DoorCommandLife),
	}
	if err := lockedVehicleAt(ctx, tx, door, asked.Now); err != nil { // by whatever way somebody would open
		return command, err
	}
	if door.DeviceID != "" {
		// Nothing was begun: the phone may ask again. Hardware of other makers needs no broker.
		if err := h.Doors.Ready(); err != nil && door.Driver.Ours() {
			return command, models.Fail(models.CodeBrokerUnavailable).After(minRetry).Because(err)
		}
		if device.Disabled() {
			command.DeviceID = "" // whoever holds a disabled controller is not to be obeyed, nor to obey
		}
	}
	return command, tx.AddDoorCommand(ctx, command)
}

// sendCommand gives the command to the broker, or to the driver of another maker's hardware, unless its time is over
// already. Where the broker does not take it the command has failed: nothing left, so nothing can open.
func (h *Server) sendCommand(ctx context.Context, command models.DoorCommand, device models.Device) (models.DoorCommand, error) {
	state := models.CommandSent
	if command.DeviceID == "" {
		state = models.CommandFailed
	} else if !h.Now().Before(command.ExpiresAt) { // the database kept it waiting
		state = models.CommandExpired
	} else if !device.Driver.Ours() {
		return h.drive(ctx, command, device)
	} else if err := h.Doors.Send(ctx, command, device.SessionNonce); err != nil {
		h.Logger.WarnContext(ctx, "a door command could not be sent", "command_id", command.ID, "error", err)
		state = models.CommandFailed
	}
	return h.moveCommand(ctx, command.ID, state, false, api.From(ctx).Now)
}

// moveCommand enters a state, unless the acknowledgement was quicker, and gives the command as it stands.
func (h *Server) moveCommand(
	ctx context.Context, id models.ID, state models.DoorCommandState, confirmed bool, now time.Time,
) (models.DoorCommand, error) {
	command := models.DoorCommand{}
	err := h.Store.Atomically(ctx, func(tx *store.Store) error {
		if _, err := tx.MoveDoorCommand(ctx, id, state, confirmed, now); err != nil {
			return err
		}
		var err error
		command, err = tx.DoorCommand(ctx, id)
		return err
	})
	if err == nil && command.State.Ended() {
		h.commands.tell(id)
	}
	return command, err
}

// GetDoorCommand answers GET /v1/door-commands/{command_id}.
func (h *Server) GetDoorCommand(
	ctx context.Context, request api.GetDoorCommandRequestObject,
) (api.GetDoorCommandResponseObject, error) {
	who := api.From(ctx).Principal
	what := &deed{operation: models.OpGetDoorCommand, kind: "door_command", id: request.CommandId}
	command, err := h.Store.DoorCommand(ctx, request.CommandId)
	if err == nil {
		err = models.May(what.operation, who, models.Object{Place: command.Place, Owner: command.PersonID})
	}
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	return api.GetDoorCommand200JSONResponse(wireCommand(command)), nil
}

func wireCommand(command models.DoorCommand) api.DoorCommand {
	return api.DoorCommand{
		Id: command.ID, DoorId: command.DoorID, State: api.DoorCommandState(command.State),
		RequestedAt: api.At(command.RequestedAt), ExpiresAt: api.At(command.ExpiresAt),
		EndedAt: api.AtOrNil(command.EndedAt), ConfirmedByDevice: command.Confirmed, Reason: reasonOrNil(command.Reason),
	}
}

func reasonOrNil(reason string) *api.DoorCommandReason {
	if reason == "" {
		return nil
	}
	return new(api.DoorCommandReason(reason))
}

// commandWaiters holds who waits for the end of a command.
type commandWaiters struct {
	mutex   sync.Mutex
	waiting map[models.ID]chan struct{}
}

func (w *commandWaiters) expect(command models.ID) <-chan struct{} {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	ended := make(chan struct{})
	w.waiting[command] = ended
	return ended
}

func (w *commandWaiters) forget(command models.ID) {
	w.mutex.Lock()
	delete(w.waiting, command)
	w.mutex.Unlock()
}

// tell wakes who waits for the command; once.
func (w *commandWaiters) tell(command models.ID) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if ended, found := w.waiting[command]; found {
		close(ended)
		delete(w.waiting, command)
	}
}

func waitFor(ctx context.Context, ended <-chan struct{}, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ended:
	case <-timer.C:
	case <-ctx.Done():
	}
}
