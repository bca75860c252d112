package handlers

import (
	"context"
	"strconv"
	"sync"
	"time"

	"xunfang/models"
	"xunfang/store"
)

// drive opens a door through the driver of its device, beside the request: the answer says where the command stands, and
// who wants to wait for its end says so by Prefer. Where no place is left, the request waits itself.
func (h *Server) drive(ctx context.Context, command models.DoorCommand, device models.Device) (models.DoorCommand, error) {
	ended := h.openings.begin(device.ID)
	work := func(ctx context.Context) error {
		defer ended()
		outcome, err := h.Hardware.Open(ctx, device, command)
		if outcome.State != models.CommandOpened {
			h.Logger.WarnContext(ctx, "door hardware did not open", "command_id", command.ID, "device_id", device.ID,
				"state", outcome.State, "reason", outcome.Reason, "error", err)
		}
		return h.noteOutcome(ctx, command, outcome)
	}
	if h.placeBeside() {
		h.beside(ctx, "opening", work)
		return command, nil
	}
	if err := work(ctx); err != nil {
		return command, err
	}
	return h.Store.DoorCommand(ctx, command.ID)
}

// noteOutcome writes the outcome of an opening. What the hardware itself confirmed is also an access event and in the audit, as
// with a controller of our own protocol.
func (h *Server) noteOutcome(ctx context.Context, command models.DoorCommand, outcome models.DoorOutcome) error {
	moved, now := false, h.Now()
	err := h.Store.Atomically(ctx, func(tx *store.Store) error {
		var err error
		if moved, err = tx.MoveDoorCommand(ctx, command.ID, outcome.State, outcome.Confirmed, now); err != nil || !moved {
			return err
		}
		if outcome.Reason != "" {
			if err := tx.NoteDoorCommandReason(ctx, command.ID, outcome.Reason); err != nil {
				return err
			}
		}
		if !outcome.Confirmed {
			return nil
		}
		return h.noteOpening(ctx, tx, command, outcome.State, outcome.Reason, now)
	})
	if err == nil && moved {
		h.commands.tell(command.ID)
	}
	return err
}

// DrivenDevices implements what doors/hardware reads.
func (h *Server) DrivenDevices(ctx context.Context) ([]models.Device, error) {
	return h.Store.DrivenDevices(ctx, models.MaxDriven)
}

// EventMark gives the last event that was taken of a device.
func (h *Server) EventMark(ctx context.Context, device models.ID) (models.DoorEventMark, error) {
	cursor, err := h.Store.DeviceCursor(ctx, device)
	return cursor.Mark, err
}

// StationZone gives the zone of the clocks on a station's walls.
func (h *Server) StationZone(ctx context.Context, station models.ID) (*time.Location, error) {
	return h.Store.StationZone(ctx, station)
}

// HardwareSeen notes whether a device of another maker answered.
func (h *Server) HardwareSeen(ctx context.Context, device models.ID, online bool) error {
	now := h.Now()
	return h.Store.Atomically(ctx, func(tx *store.Store) error { return tx.DeviceSeen(ctx, device, online, now) })
}

// HardwareHappened takes one event of a device of another maker: the event and how far the device has been read are one
// transaction, so that each event is taken once, whenever either side stops.
func (h *Server) HardwareHappened(ctx context.Context, id models.ID, event models.DoorEvent) error {
	if event.Way == models.WayRemote {
		h.openings.settled(ctx, id)
	}
	now := h.Now()
	return h.tellAfter(ctx, func(tx *store.Store) ([]models.Alert, error) {
		device, err := tx.Device(ctx, id)
		if err != nil {
			return nil, err
		}
		cursor := device.Cursor
		cursor.Mark = models.DoorEventMark{Index: event.Index, OccurredAt: event.OccurredAt}
		if event.Kind == models.EventGap {
			cursor.Mark.OccurredAt, cursor.LostAt = time.Time{}, now // the time is ours, not that of an event of the device
			cursor.Lost += int64(event.Missing)
			if err := tx.Record(ctx, h.gapEntry(device, event, now), ""); err != nil {
				return nil, err
			}
			h.Logger.WarnContext(ctx, "events of door hardware are lost", "device_id", id, "missing", event.Missing, "reason", event.Reason)
		}
		if err := tx.SetDeviceCursor(ctx, id, cursor); err != nil {
			return nil, err
		}
		switch event.Kind {
		case models.EventAccessGranted, models.EventAccessDenied:
			return nil, h.takeHardwareEvent(ctx, tx, device, event, now)
		default:
			device.Cursor = cursor
			return h.takeHardwareState(ctx, tx, device, event, now)
		}
	})
}

// takeHardwareState gives what is no passage (opened, forced, held open, tamper, duress) to the same intake as the events of
// every other device: it changes the door's state and raises alarms. The epoch changes whenever the hardware may have
// begun to count anew.
func (h *Server) takeHardwareState(
	ctx context.Context, tx *store.Store, device models.Device, event models.DoorEvent, now time.Time,
) ([]models.Alert, error) {
	batch := deviceBatch{
		device: device.ID, epoch: "driver-" + strconv.FormatInt(max(0, device.Cursor.LostAt.UnixMilli()), 10),
		position: h.Hardware.Capabilities(ctx, device).KnowsPosition,
		events:   []models.DeviceEvent{{DoorEvent: event, Sequence: int64(event.Index)}},
	}
	switch {
	case event.Index == 0:
		batch.epoch = models.EpochEvent + string(h.NewID())
	case event.Kind == models.EventGap: // it bears the number of an event that is lost
		batch.epoch = models.EpochGap + batch.epoch
	}
	taken, err := h.takeEvents(ctx, tx, batch, now)
	return taken.alerts, err
}

// takeHardwareEvent is where passages and refusals at hardware's doors go: to the access events.
func (h *Server) takeHardwareEvent(
	ctx context.Context, tx *store.Store, device models.Device, event models.DoorEvent, now time.Time,
) error {
	passage, ok := event.Access()
	if !ok {
		return nil
	}
	passage.DeviceEventID = event.EventID(device.ID)
	door, err := tx.Door(ctx, passage.DoorID)
	if models.CodeOf(err) == models.CodeNotFound || (err == nil && door.DeviceID != device.ID) {
		return nil
	}
	if err != nil {
		return err
	}
	if passage.DeviceEventID != "" {
		if known, err := tx.HasDeviceEvent(ctx, passage.DeviceEventID); err != nil || known {
			return err
		}
		if passage.Way == models.WayRemote && passage.Outcome == models.AccessGranted {
			claimed, err := tx.ClaimRemoteOpening(ctx, passage,
				passage.OccurredAt.Add(-models.RemoteEventLate), passage.OccurredAt.Add(models.RemoteEventEarly))
			if err != nil || claimed {
				return err
			}
		}
	}
	passage.ID, passage.Place, passage.ReceivedAt = h.NewID(), door.Place, now
	tx.AddAccessEvent(passage)
	return nil
}

func (h *Server) gapEntry(device models.Device, event models.DoorEvent, now time.Time) models.AuditEntry {
	missing := "unknown"
	if event.Missing > 0 {
		missing = strconv.FormatUint(uint64(event.Missing), 10)
	}
	return models.AuditEntry{
		ID: h.NewID(), StationID: device.Place.Station, At: now, ActorID: device.ID, ActorRole: models.RoleDevice,
		Operation: "loseDoorEvents", ObjectKind: "device", ObjectID: device.ID, Outcome: models.AuditAllowed,
		Facts: map[string]string{"missing": missing, "device_reason": event.Reason},
	}
}

// openingBook knows the openings under way at each device, so that the hardware's record of one finds what was written.
type openingBook struct {
	mutex sync.Mutex
	under map[models.ID]map[chan struct{}]bool
}

// begin notes an opening; the function that it gives ends it.
func (b *openingBook) begin(device models.ID) (end func()) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	ended := make(chan struct{})
	if b.under[device] == nil {
		b.under[device] = map[chan struct{}]bool{}
	}
	b.under[device][ended] = true
	return func() {
		b.mutex.Lock()
		defer b.mutex.Unlock()
		close(ended)
		if delete(b.under[device], ended); len(b.under[device]) == 0 {
			delete(b.under, device)
		}
	}
}

// settled waits for the openings that are under way now; each ends within its command's life.
func (b *openingBook) settled(ctx context.Context, device models.ID) {
	b.mutex.Lock()
	waits := make([]chan struct{}, 0, len(b.under[device]))
	for ended := range b.under[device] {
		waits = append(waits, ended)
	}
	b.mutex.Unlock()
	for _, ended := range waits {
		select {
		case <-ended:
		case <-ctx.Done():
			return
		}
	}
}
