package handlers

import (
	"context"
	"time"

	"xunfang/models"
	"xunfang/store"
)

// Arrived notes a controller's connection to the broker, and what it says of itself: from now on only commands
// with its nonce can open anything.
func (h *Server) Arrived(ctx context.Context, device models.ID, hello models.DeviceHello) error {
	now := h.Now()
	return h.Store.Atomically(ctx, func(tx *store.Store) error { return tx.DeviceArrived(ctx, device, hello, now) })
}

// Left notes the end of a controller's connection.
func (h *Server) Left(ctx context.Context, device models.ID, nonce string) error {
	now := h.Now()
	return h.Store.Atomically(ctx, func(tx *store.Store) error { return tx.DeviceLeft(ctx, device, nonce, now) })
}

// Acknowledged notes what a controller made of a command. Only the door's own controller is believed,
// and only the first word counts.
func (h *Server) Acknowledged(ctx context.Context, device, doorID, commandID models.ID, opened bool, reason string) error {
	now, state := h.Now(), models.CommandFailed
	if opened {
		state = models.CommandOpened
	}
	moved := false
	err := h.Store.Atomically(ctx, func(tx *store.Store) error {
		command, err := tx.DoorCommand(ctx, commandID)
		if err != nil || command.DeviceID != device || command.DoorID != doorID {
			return err
		}
		if moved, err = tx.MoveDoorCommand(ctx, commandID, state, true, now); err != nil || !moved {
			return err
		}
		return h.noteOpening(ctx, tx, command, state, reason, now)
	})
	if err == nil && moved {
		h.commands.tell(commandID)
	}
	if models.CodeOf(err) == models.CodeNotFound {
		return nil // a command nobody gave
	}
	return err
}

// noteOpening writes what the hardware itself said of a command: the access event and the audit.
func (h *Server) noteOpening(
	ctx context.Context, tx *store.Store, command models.DoorCommand, state models.DoorCommandState, reason string, now time.Time,
) error {
	door, err := tx.Door(ctx, command.DoorID)
	if err != nil {
		return err
	}
	event := models.AccessEvent{
		ID: h.NewID(), Place: door.Place, DoorID: command.DoorID, PersonID: command.PersonID, OccurredAt: now,
		ReceivedAt: now, Way: models.WayRemote, Outcome: models.AccessGranted, CommandID: command.ID,
	}
	if state != models.CommandOpened {
		event.Outcome = models.AccessDenied
	}
	tx.AddAccessEvent(event)
	return tx.Record(ctx, h.deviceEntry(command.DeviceID, command, state, reason, now), "")
}

func (h *Server) deviceEntry(
	device models.ID, command models.DoorCommand, state models.DoorCommandState, reason string, now time.Time,
) models.AuditEntry {
	return models.AuditEntry{
		ID: h.NewID(), StationID: command.Place.Station, At: now, ActorID: device, ActorRole: models.RoleDevice,
		Operation: "acknowledgeDoorCommand", ObjectKind: "door_command", ObjectID: command.ID,
		Outcome: models.AuditAllowed, Facts: map[string]string{"state": string(state), "device_reason": reason},
	}
}

// Happened notes what a terminal reports by itself over the broker: face, card, button, forced. It goes the way of all
// events of devices. The protocol numbers none: each is a count of its own, by its id. A repeat is dropped, and so is
// an event at a door that is not the device's own, or of a device that is no more.
func (h *Server) Happened(ctx context.Context, device models.ID, event models.AccessEvent) error {
	kind := models.EventAccessGranted
	switch {
	case event.Way == models.WayForced:
		kind = models.EventForcedOpen
	case event.Outcome == models.AccessDenied:
		kind = models.EventAccessDenied
	}
	batch := deviceBatch{
		device: device, epoch: models.EpochEvent + string(event.DeviceEventID), id: event.DeviceEventID,
		outcome: event.Outcome, events: []models.DeviceEvent{{DoorEvent: models.DoorEvent{
			DoorID: event.DoorID, Kind: kind, Way: event.Way, OccurredAt: event.OccurredAt,
		}}},
	}
	return h.takeBatch(ctx, batch)
}

// overdueBatch is how many overdue commands one look settles.
const overdueBatch = 100

// SettleOverdue ends commands that nobody acknowledged as unknown: also one that still stands as requested,
// for this server or another may have stopped after sending it. It returns how many there were.
func (h *Server) SettleOverdue(ctx context.Context) (int, error) {
	now := h.Now()
	commands, err := h.Store.OverdueDoorCommands(ctx, now.Add(-models.DoorCommandGrace), overdueBatch)
	if err != nil {
		return 0, err
	}
	for _, command := range commands {
		if _, err := h.moveCommand(ctx, command.ID, models.CommandUnknown, false, now); err != nil {
			return 0, err
		}
	}
	return len(commands), nil
}
