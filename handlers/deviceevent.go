package handlers

import (
	"context"
	"slices"
	"strconv"
	"time"

	"xunfang/api"
	"xunfang/auth"
	"xunfang/models"
	"xunfang/store"
)

// maxMissingRuns are told in one answer; the next has more.
const maxMissingRuns = 20

// deviceBatch is what one device tells at once, however it came.
type deviceBatch struct {
	device    models.ID
	epoch     string
	counted   bool      // whether the device is asked for what is missing of its count
	firstKept int64     // the oldest that the device still has; 0: it does not say
	id        models.ID // the device's own of a single event without a number
	outcome   string    // of that event, in the device's words
	position  bool      // whether the hardware knows where its doors' leaves are
	events    []models.DeviceEvent
}

// takenEvents is what came of a batch; results are in its order.
type takenEvents struct {
	results []api.DeviceEventResult
	missing []models.SequenceRun
	alerts  []models.Alert
}

// CreateDeviceEvents answers POST /v1/devices/{device_id}/events. The answer says the same of every kind of event: whoever
// stands at the panel learns nothing from it.
func (h *Server) CreateDeviceEvents(
	ctx context.Context, request api.CreateDeviceEventsRequestObject,
) (api.CreateDeviceEventsResponseObject, error) {
	asked, body := api.From(ctx), request.Body
	what := &deed{operation: models.OpTellDeviceEvents, kind: "device", id: request.DeviceId}
	device, err := h.Store.Device(ctx, request.DeviceId)
	if err == nil {
		err = models.May(what.operation, asked.Principal, models.Object{Place: device.Place, Owner: device.ID})
	}
	if err == nil {
		err = h.signedRight(ctx, device, request.Params, asked)
	}
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	batch := deviceBatch{device: device.ID, epoch: body.Epoch, counted: true, firstKept: value(body.FirstKept), position: true}
	for _, event := range body.Events {
		batch.events = append(batch.events, eventOf(event))
	}
	if len(batch.events) == 0 && batch.firstKept == 0 { // it is there, and that is all: nothing that would have to be recorded
		missing, err := h.stillThere(ctx, batch, asked.Now)
		return api.CreateDeviceEvents200JSONResponse(wireTaken(takenEvents{missing: missing})), err
	}
	taken := takenEvents{}
	_, err = act(ctx, h, what, 200, func(tx *store.Store) (api.DeviceEventReceipt, error) {
		if err := tx.DeviceHeard(ctx, device.ID, asked.Now); err != nil {
			return api.DeviceEventReceipt{}, err
		}
		var err error
		taken, err = h.takeEvents(ctx, tx, batch, asked.Now)
		what.facts = map[string]string{"events": strconv.Itoa(len(batch.events))}
		return api.DeviceEventReceipt{}, err
	})
	if err != nil {
		return nil, err
	}
	h.alertedAll(ctx, taken.alerts)
	return api.CreateDeviceEvents200JSONResponse(wireTaken(taken)), nil
}

// stillThere notes that a device was heard, and gives what is still missing of its count: it may not have heard the answer in
// which it was asked, and have nothing new to tell.
func (h *Server) stillThere(ctx context.Context, batch deviceBatch, now time.Time) (missing []models.SequenceRun, err error) {
	err = h.Store.Atomically(ctx, func(tx *store.Store) error {
		if err := tx.DeviceHeard(ctx, batch.device, now); err != nil {
			return err
		}
		count, err := tx.DeviceEpoch(ctx, batch.device, batch.epoch)
		if err != nil || count.High <= count.Through {
			return err
		}
		seen, err := tx.SequencesBeyond(ctx, batch.device, batch.epoch, count.Through)
		_, missing = count.Missing(seen)
		return err
	})
	return missing, err
}

// signedRight holds a batch against its signature. The time is looked at last: only who has the key learns whether it is off.
func (h *Server) signedRight(
	ctx context.Context, device models.Device, params api.CreateDeviceEventsParams, asked api.Request,
) error {
	stamp := value(params.XunfangTimestamp)
	err := h.shows(ctx, device, asked.Now, func(hash []byte) bool {
		return auth.SignedEvents(hash, stamp, asked.Signed, value(params.XunfangSignature))
	})
	if models.CodeOf(err) == models.CodeBadCredentials {
		err = models.Fail(models.CodeBadSignature)
	}
	if err != nil {
		return err
	}
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return models.Fail(models.CodeBadSignature)
	}
	off := asked.Now.Unix() - seconds
	if limit := int64(models.DeviceEventsSigned / time.Second); off > limit || off < -limit {
		return models.Fail(models.CodeSignatureExpired)
	}
	return nil
}

// takeBatch takes what comes otherwise than by a request.
func (h *Server) takeBatch(ctx context.Context, batch deviceBatch) error {
	err := h.tellAfter(ctx, func(tx *store.Store) ([]models.Alert, error) {
		if batch.id != "" { // events from before they were kept apart from passages
			if known, err := tx.HasDeviceEvent(ctx, batch.id); err != nil || known {
				return nil, err
			}
		}
		taken, err := h.takeEvents(ctx, tx, batch, h.Now())
		return taken.alerts, err
	})
	if models.CodeOf(err) == models.CodeNotFound {
		return nil // a device that is no more
	}
	return err
}

// takeEvents writes what is new of a batch, what it changes, and what it sets off. One device's batches go one after
// another. It may be run more than once.
func (h *Server) takeEvents(ctx context.Context, tx *store.Store, batch deviceBatch, now time.Time) (takenEvents, error) {
	if err := tx.LockDevice(ctx, batch.device); err != nil {
		return takenEvents{}, err
	}
	intake, err := h.newIntake(ctx, tx, batch, now)
	if err != nil {
		return takenEvents{}, err
	}
	order := make([]int, len(batch.events))
	for at := range order {
		order[at] = at
	}
	slices.SortStableFunc(order, func(left, right int) int {
		return int(min(1, max(-1, batch.events[left].Sequence-batch.events[right].Sequence)))
	})
	taken := takenEvents{results: make([]api.DeviceEventResult, len(order))}
	for _, at := range order {
		if taken.results[at], err = intake.take(ctx, batch.events[at]); err != nil {
			return takenEvents{}, err
		}
	}
	if err := intake.write(ctx); err != nil {
		return takenEvents{}, err
	}
	taken.alerts = intake.alerts
	if batch.counted {
		taken.missing, err = intake.count(ctx, batch.firstKept)
	}
	return taken, err
}

func eventOf(event api.DeviceEvent) models.DeviceEvent {
	return models.DeviceEvent{Sequence: event.Sequence, DoorEvent: models.DoorEvent{
		DoorID: value(event.DoorId), Kind: models.DoorEventKind(event.Kind), Way: string(value(event.Way)),
		CredentialRef: value(event.CredentialRef), Reason: value(event.Reason), OccurredAt: event.OccurredAt.UTC(),
		Replayed: value(event.Replayed),
	}}
}

func wireTaken(taken takenEvents) api.DeviceEventReceipt {
	wire := api.DeviceEventReceipt{Results: listOf(taken.results), Missing: []api.SequenceRun{}}
	for _, run := range taken.missing[:min(len(taken.missing), maxMissingRuns)] {
		wire.Missing = append(wire.Missing, api.SequenceRun{From: run.From, To: run.To})
	}
	return wire
}
