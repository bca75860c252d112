package handlers

import (
	"context"
	"math"
	"time"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// intake is one batch while it is taken, with what it stands on.
type intake struct {
	server *Server
	tx     *store.Store
	batch  deviceBatch
	now    time.Time

	device  models.Device
	doors   map[models.ID]models.Door // its own, of those that are named
	held    map[models.ID]time.Duration
	known   map[int64]bool
	holders map[string]models.ID // of the credentials that are named
	aspects map[aspectKey]models.AspectState
	changed map[aspectKey]bool
	events  []models.DeviceEvent
	alerts  []models.Alert
}

type aspectKey struct {
	subject models.ID
	aspect  models.DoorAspect
}

func (h *Server) newIntake(ctx context.Context, tx *store.Store, batch deviceBatch, now time.Time) (*intake, error) {
	made := &intake{
		server: h, tx: tx, batch: batch, now: now, doors: map[models.ID]models.Door{},
		aspects: map[aspectKey]models.AspectState{}, changed: map[aspectKey]bool{},
	}
	var err error
	if made.device, err = tx.Device(ctx, batch.device); err != nil {
		return nil, err
	}
	if made.device.Disabled() { // an external broker may not know yet
		return nil, models.Fail(models.CodeNotFound)
	}
	for _, id := range made.device.DoorIDs {
		if made.doors[id], err = tx.Door(ctx, id); err != nil {
			return nil, err
		}
	}
	numbers, credentials := make([]int64, 0, len(batch.events)), []string{}
	for _, event := range batch.events {
		numbers = append(numbers, event.Sequence)
		if event.Way == models.WayFace && event.CredentialRef != "" {
			credentials = append(credentials, event.CredentialRef)
		}
	}
	if made.holders, err = tx.FaceHolders(ctx, batch.device, credentials); err != nil {
		return nil, err
	}
	if made.known, err = tx.KnownSequences(ctx, batch.device, batch.epoch, numbers); err != nil {
		return nil, err
	}
	if made.held, err = tx.HeldOpen(ctx, made.device.DoorIDs); err != nil {
		return nil, err
	}
	states, err := tx.DoorAspects(ctx, append([]models.ID{batch.device}, made.device.DoorIDs...))
	for _, state := range states {
		if state.DeviceID == batch.device { // what another controller said of the door is over
			made.aspects[aspectKey{state.SubjectID, state.Aspect}] = state
		}
	}
	return made, err
}

// take takes one event. What is refused is kept by its number, so that nobody asks for it again.
func (i *intake) take(ctx context.Context, event models.DeviceEvent) (api.DeviceEventResult, error) {
	result := api.DeviceEventResult{Sequence: event.Sequence, Result: models.EventAccepted}
	if i.known[event.Sequence] {
		result.Result = models.EventRepeated
		return result, nil
	}
	i.known[event.Sequence] = true
	event.ID, event.DeviceID, event.Epoch = i.server.NewID(), i.device.ID, i.batch.epoch
	event.Place, event.ReceivedAt = i.device.Place, i.now
	event.Replayed = event.Replayed || event.Replays(i.now)
	door, own := i.doors[event.DoorID]
	reason := ""
	switch {
	case event.NeedsDoor():
		reason = models.ReasonDoorNeeded
	case event.DoorID != "" && !own:
		reason = models.ReasonNotOwnDoor
	}
	if reason != "" {
		result.Result, result.Reason = models.EventDeclined, &reason
		event.DoorID, event.Kind, event.Reason = "", models.EventRefused, reason
		i.events = append(i.events, event)
		return result, nil
	}
	if own {
		event.Place = door.Place
	}
	i.events = append(i.events, event)
	i.passage(event)
	return result, i.apply(ctx, event)
}

func (i *intake) passage(event models.DeviceEvent) {
	passage, passed := event.Access()
	if !passed {
		return
	}
	if i.batch.outcome != "" {
		passage.Outcome = i.batch.outcome
	}
	if event.Way == models.WayFace {
		passage.PersonID = i.holders[event.CredentialRef] // whose the credential is, and nothing more
	}
	passage.ID, passage.Place, passage.ReceivedAt, passage.DeviceEventID = i.server.NewID(), event.Place, i.now, i.batch.id
	i.tx.AddAccessEvent(passage)
}

// apply changes what is known of the door, or of the device, and begins and ends alarms.
func (i *intake) apply(ctx context.Context, event models.DeviceEvent) error {
	subjects := []models.ID{event.Subject()}
	if event.DoorID == "" && event.Aspect() == models.AspectLeaf { // power, or a gap: none of its doors is known
		subjects = i.device.DoorIDs
	}
	for _, subject := range subjects {
		key := aspectKey{subject, event.Aspect()}
		state, was := i.aspects[key]
		if !was {
			state = models.AspectState{SubjectID: subject, Aspect: key.aspect, DeviceID: i.device.ID}
		}
		next, step := state.After(event, i.held[subject], i.batch.position)
		if next != state {
			i.aspects[key], i.changed[key] = next, true
		}
		if len(step.Ends) > 0 {
			if err := i.tx.EndDoorAlarms(ctx, subject, step.Ends, event.OccurredAt); err != nil {
				return err
			}
		}
		if step.Begins == "" {
			continue
		}
		alerts, err := i.server.beginDoorAlarm(ctx, i.tx, event, step, i.doors[event.DoorID], i.now)
		if err != nil {
			return err
		}
		i.alerts = append(i.alerts, alerts...)
	}
	return nil
}

func (i *intake) write(ctx context.Context) error {
	if err := i.tx.AddDeviceEvents(ctx, i.events); err != nil {
		return err
	}
	states := []models.AspectState{}
	for key := range i.changed {
		states = append(states, i.aspects[key])
	}
	return i.tx.PutDoorAspects(ctx, states)
}

// count moves the device's count on, keeps what is lost for good as one gap, and lists what is to be sent again.
func (i *intake) count(ctx context.Context, firstKept int64) ([]models.SequenceRun, error) {
	device, epoch := i.device.ID, i.batch.epoch
	count, err := i.tx.DeviceEpoch(ctx, device, epoch)
	if err != nil {
		return nil, err
	}
	for _, event := range i.events {
		count.High = max(count.High, event.Sequence)
	}
	if through := count.Forgets(firstKept); through > count.Through {
		if err := i.lose(ctx, count.Through, through); err != nil {
			return nil, err
		}
		count.Through, count.High = through, max(count.High, through)
	}
	seen, err := i.tx.SequencesBeyond(ctx, device, epoch, count.Through)
	if err != nil {
		return nil, err
	}
	count, missing := count.Missing(seen)
	return missing, i.tx.PutDeviceEpoch(ctx, i.server.NewID(), device, epoch, count, i.now)
}

// lose keeps, as history, how many numbers of (after, through] never came.
func (i *intake) lose(ctx context.Context, after, through int64) error {
	came, err := i.tx.CountSequences(ctx, i.device.ID, i.batch.epoch, after, through)
	if lost := through - after - came; err == nil && lost > 0 {
		err = i.tx.AddDeviceEvents(ctx, []models.DeviceEvent{{
			ID: i.server.NewID(), Place: i.device.Place, DeviceID: i.device.ID, Epoch: models.EpochGap + i.batch.epoch, Sequence: through,
			DoorEvent: models.DoorEvent{
				Kind: models.EventGap, Missing: uint32(min(lost, math.MaxUint32)), OccurredAt: i.now, ReceivedAt: i.now, Replayed: true,
			},
		}})
	}
	return err
}
