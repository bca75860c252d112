package handlers

import (
	"context"
	"time"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// CreatePlateRead answers POST /v1/plate-reads: what a barrier is to do about what it read.
func (h *Server) CreatePlateRead(
	ctx context.Context, request api.CreatePlateReadRequestObject,
) (api.CreatePlateReadResponseObject, error) {
	asked, body := api.From(ctx), request.Body
	what := &deed{operation: models.OpCreatePlateRead, kind: "arrival", id: body.ArrivalId}
	read := models.PlateRead{
		ArrivalID: body.ArrivalId, Sequence: models.NextRead, Confidence: float64(body.Confidence), ReadAt: asked.Now, ReceivedAt: asked.Now,
	}
	if body.Sequence != nil {
		read.Sequence = *body.Sequence
	}
	if body.ReadAt != nil {
		read.ReadAt = body.ReadAt.Time
	}
	err := markOf(&read, "", value(body.Plate), value(body.Tag))
	if err == nil {
		err = readInTime(read.ReadAt, asked.Now)
	}
	if err != nil {
		return nil, err
	}
	barrier, err := h.barrier(ctx)
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	coming := models.Arrival{ID: body.ArrivalId, Direction: string(body.Direction), Lane: value(body.Lane)}
	var told []models.Alert
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.PlateDecision, error) {
		var arrival models.Arrival
		var err error
		arrival, told, err = h.readPlate(ctx, tx, barrier, coming, read)
		what.facts = map[string]string{"decision": arrival.Decision, "reason": string(arrival.Reason)}
		return wireDecision(arrival), err
	})
	if err != nil {
		return nil, err
	}
	h.alertedAll(ctx, told)
	return api.CreatePlateRead200JSONResponse(answer), nil
}

// barrier is the device that asks; only a barrier may.
func (h *Server) barrier(ctx context.Context) (models.Device, error) {
	device, err := h.Store.Device(ctx, api.From(ctx).Principal.ID)
	if err == nil && device.Kind != models.BarrierKind {
		err = models.Fail(models.CodeForbidden)
	}
	return device, err
}

// markOf takes the plate or the tag of a reading: one of them.
func markOf(read *models.PlateRead, prefix, plate, tag string) error {
	if (plate == "") == (tag == "") {
		return models.Unfit(prefix+"plate", models.FieldRequired, "plate or tag")
	}
	field := "plate"
	if read.Tag = tag != ""; read.Tag {
		field = "tag"
	}
	if read.Mark = models.NormalPlate(plate + tag); read.Mark == "" {
		return models.Unfit(prefix+field, models.FieldFormat, "letters and digits")
	}
	return nil
}

func readInTime(at, now time.Time) error {
	switch {
	case at.After(now.Add(models.MaxReadAhead)):
		return models.Unfit("read_at", models.FieldInFuture, "<= now + 5 min")
	case at.Before(now.Add(-models.MaxReadAge)):
		return models.Unfit("read_at", models.FieldTooSmall, ">= now - 5 min; older ones to /v1/offline-plate-reads")
	default:
		return nil
	}
}

// readPlate takes one reading into its arrival and decides. The vehicle's row is kept before the arrival's, everywhere in this order.
func (h *Server) readPlate(
	ctx context.Context, tx *store.Store, barrier models.Device, coming models.Arrival, read models.PlateRead,
) (models.Arrival, []models.Alert, error) {
	now := api.From(ctx).Now
	found, err := h.find(ctx, tx, barrier.Place.Compound, coming.Direction, read, now)
	if err != nil {
		return coming, nil, err
	}
	coming.OrderID, coming.Place, coming.DeviceID, coming.ReceivedAt = h.NewID(), barrier.Place, barrier.ID, now
	coming.Mark, coming.Tag, coming.ReadAt, coming.DecidedAt = read.Mark, read.Tag, read.ReadAt, now
	coming.Replayed = read.Replayed
	arrival, err := tx.BeginArrival(ctx, coming)
	if err != nil {
		return coming, nil, err
	}
	if arrival.DeviceID != barrier.ID || arrival.Direction != coming.Direction {
		return coming, nil, takenField("arrival_id")
	}
	read.Sequence = arrival.Numbered(read.Sequence)
	switch first, err := tx.PlateRead(ctx, arrival.ID, read.Sequence); {
	case err == nil && (first.Mark != read.Mark || first.Tag != read.Tag):
		return coming, nil, takenField("sequence")
	case err == nil:
		return arrival, nil, nil
	case models.CodeOf(err) != models.CodeNotFound:
		return arrival, nil, err
	}
	told, err := h.takePass(ctx, tx, barrier, arrival, read, &found)
	if err != nil {
		return arrival, nil, err
	}
	decision, reason := models.DecideAtBarrier(read.Reading(arrival.Direction), found.Facts())
	if read.Reason = reason; !read.Replayed { // of a replayed one the barrier itself decided
		read.Decision = decision
	}
	next := arrival.After(read, found, now)
	if err := tx.AddPlateRead(ctx, read); err != nil {
		return arrival, nil, err
	}
	if err := tx.PutArrival(ctx, next); err != nil {
		return arrival, nil, err
	}
	more, err := h.tellOfReading(ctx, tx, arrival, next, found.Vehicle)
	return next, append(told, more...), err
}

// find looks up what was read, and keeps the row of the vehicle that it is of.
func (h *Server) find(
	ctx context.Context, tx *store.Store, compound models.ID, direction string, read models.PlateRead, now time.Time,
) (models.Found, error) {
	found := models.Found{}
	vehicle, err := tx.VehicleOfMark(ctx, compound, read.Mark, read.Tag)
	if err == nil {
		if err = tx.LockVehicle(ctx, vehicle.ID); err == nil {
			found.Vehicle, err = tx.Vehicle(ctx, vehicle.ID)
		}
		if err == nil {
			found.Resident, err = tx.LivesIn(ctx, found.Vehicle.OwnerID, found.Vehicle.Place.Home, now)
		}
		if read.Replayed {
			found.Vehicle.Locked = found.Vehicle.LockedThen(read.ReadAt)
		}
	}
	if err != nil && models.CodeOf(err) != models.CodeNotFound {
		return found, err
	}
	if read.Tag {
		return found, nil
	}
	if direction == models.DirectionOut && read.Reading(direction).Uncertain() {
		if found.LikeID, err = tx.LockedAmong(ctx, compound, models.PlateVariants(read.Mark)); err != nil {
			return found, err
		}
	}
	return found, nil
}

// tellOfReading tells who keeps a locked vehicle that it is held at the exit, or that it may be out already: once an arrival.
func (h *Server) tellOfReading(
	ctx context.Context, tx *store.Store, before, after models.Arrival, vehicle models.Vehicle,
) ([]models.Alert, error) {
	held := after.Reason == models.BarrierLocked && after.VehicleID == vehicle.ID
	again := before.Reason == models.BarrierLocked && before.VehicleID == after.VehicleID
	switch {
	case after.OpenedWrongly && !before.OpenedWrongly && after.VehicleID != vehicle.ID: // told by its tag before
		vehicle, err := tx.Vehicle(ctx, after.VehicleID)
		if models.CodeOf(err) == models.CodeNotFound { // deleted by its owner meanwhile
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		return h.tellKeepers(ctx, tx, vehicle, vehicleOut, models.SeverityEmergency)
	case after.OpenedWrongly && !before.OpenedWrongly:
		return h.tellKeepers(ctx, tx, vehicle, vehicleOut, models.SeverityEmergency)
	case held && !again && !after.Replayed:
		return h.tellKeepers(ctx, tx, vehicle, vehicleHeld, models.SeverityHigh)
	default:
		return nil, nil
	}
}

// wireDecision is what holds of the arrival now, whichever reading was sent: a barrier that repeats an old one must not open by it.
func wireDecision(arrival models.Arrival) api.PlateDecision {
	return api.PlateDecision{
		ArrivalId: arrival.ID, Sequence: arrival.LastSequence, Decision: api.BarrierDecision(arrival.Decision),
		Reason: api.BarrierReason(arrival.Reason), OpenedWrongly: arrival.OpenedWrongly, Replayed: arrival.Replayed,
	}
}
