package handlers

import (
	"context"
	"time"

	"xunfang/api"
	"xunfang/auth"
	"xunfang/models"
	"xunfang/store"
)

// heldArrival keeps the rows of what a deed is about, the vehicle's before the arrival's, and reads them. The caller's right was
// asked for first, so that nobody holds up another station's barrier. No vehicle is known of some.
func heldArrival(
	ctx context.Context, tx *store.Store, what *deed, vehicle models.ID,
) (models.Arrival, models.Vehicle, error) {
	known := models.Vehicle{}
	if vehicle != "" {
		err := tx.LockVehicle(ctx, vehicle)
		if err == nil {
			known, err = tx.Vehicle(ctx, vehicle)
		}
		if err != nil && models.CodeOf(err) != models.CodeNotFound { // deleted by its owner
			return models.Arrival{}, known, err
		}
	}
	arrival, err := tx.LockArrival(ctx, what.id)
	if err == nil && arrival.VehicleID != vehicle { // another reading came between
		err = models.Fail(models.CodeConflict)
	}
	return arrival, known, err
}

// ReleaseArrival answers POST /v1/arrivals/{arrival_id}/release. A wrong word is an answer and not a refusal: it is counted.
func (h *Server) ReleaseArrival(
	ctx context.Context, request api.ReleaseArrivalRequestObject,
) (api.ReleaseArrivalResponseObject, error) {
	asked := api.From(ctx)
	what := &deed{operation: models.OpReleaseArrival, kind: "arrival", id: request.ArrivalId}
	seen, err := mayArrival(ctx, h.Store, what)
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	var told []models.Alert
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.ReleaseAnswer, error) {
		told = nil
		arrival, vehicle, err := heldArrival(ctx, tx, what, seen.VehicleID)
		if err == nil {
			err = arrival.CheckRelease(asked.Now)
		}
		if err == nil && vehicle.ID == "" { // its owner has moved out, and it is forgotten
			err = models.Fail(models.CodeConflict)
		}
		if err != nil {
			return api.ReleaseAnswer{}, err
		}
		same := auth.SameBytes(vehicle.Word.MAC, h.releaseWordMAC(vehicle.ID, request.Body.ReleaseWord))
		word, outcome := vehicle.Word.Try(same, asked.Now)
		what.facts = map[string]string{"outcome": string(outcome)}
		if outcome == models.ReleaseDone || outcome == models.ReleaseWrong {
			err = tx.PutReleaseWord(ctx, vehicle.ID, word)
		}
		title := vehicleGuessed
		if outcome == models.ReleaseDone && err == nil {
			arrival, title = arrival.Decided(models.BarrierReleased, asked.Now), vehicleReleased
			err = tx.PutArrival(ctx, arrival)
		}
		if err == nil && (outcome == models.ReleaseDone || outcome == models.ReleaseWrong) {
			told, err = h.tellKeepers(ctx, tx, vehicle, title, models.SeverityHigh)
		}
		return api.ReleaseAnswer{
			Outcome: api.ReleaseAnswerOutcome(outcome), TriesLeft: word.TriesLeft(asked.Now),
			RetryAfterS: secondsOrNil(word.Wait(asked.Now)), Arrival: wireArrival(ctx)(arrival),
		}, err
	})
	if err != nil {
		return nil, err
	}
	h.alertedAll(ctx, told)
	return api.ReleaseArrival200JSONResponse(answer), nil
}

// OverrideArrival answers POST /v1/arrivals/{arrival_id}/override.
func (h *Server) OverrideArrival(
	ctx context.Context, request api.OverrideArrivalRequestObject,
) (api.OverrideArrivalResponseObject, error) {
	asked := api.From(ctx)
	what := &deed{
		operation: models.OpOverrideArrival, kind: "arrival", id: request.ArrivalId, reason: models.Secret(request.Body.Reason),
	}
	seen, err := mayArrival(ctx, h.Store, what)
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	var told []models.Alert
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.Arrival, error) {
		told = nil
		arrival, vehicle, err := heldArrival(ctx, tx, what, seen.VehicleID)
		if err == nil {
			err = arrival.CheckOverride(asked.Now)
		}
		if err != nil {
			return api.Arrival{}, err
		}
		locked := arrival.Reason == models.BarrierLocked && vehicle.ID != ""
		arrival = arrival.Decided(models.BarrierOverridden, asked.Now)
		if err := tx.PutArrival(ctx, arrival); err != nil {
			return api.Arrival{}, err
		}
		if locked {
			told, err = h.tellKeepers(ctx, tx, vehicle, vehicleOverridden, models.SeverityHigh)
		}
		return wireArrival(ctx)(arrival), err
	})
	if err != nil {
		return nil, err
	}
	h.alertedAll(ctx, told)
	return api.OverrideArrival200JSONResponse(answer), nil
}

// AdmitArrival answers POST /v1/arrivals/{arrival_id}/admission: what the guard sees is decided about as a certain reading would be.
func (h *Server) AdmitArrival(ctx context.Context, request api.AdmitArrivalRequestObject) (api.AdmitArrivalResponseObject, error) {
	what := &deed{operation: models.OpAdmitArrival, kind: "arrival", id: request.ArrivalId}
	plate := models.NormalPlate(value(request.Body.Plate))
	if plate != "" { // whatever is said of it later, what the guard claimed to see can be checked
		what.subjects = []string{h.Keys.AuditHash("plate", plate.Reveal())}
	}
	if _, err := mayArrival(ctx, h.Store, what); err != nil {
		return nil, h.refused(ctx, what, err)
	}
	var told []models.Alert
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.Arrival, error) {
		told = nil
		arrival, more, err := h.admit(ctx, tx, what.id, plate)
		told = more
		what.facts = map[string]string{"decision": arrival.Decision, "reason": string(arrival.Reason)}
		return wireArrival(ctx)(arrival), err
	})
	if err != nil {
		return nil, err
	}
	h.alertedAll(ctx, told)
	return api.AdmitArrival200JSONResponse(answer), nil
}

// admit decides about the plate or tag that the guard sees. The mark stays as the barrier read it, so that its next reading of the
// same is not a new one. A locked vehicle is held, and who keeps it is told; of one that is only like it they are told as well.
func (h *Server) admit(ctx context.Context, tx *store.Store, id models.ID, plate models.Secret) (models.Arrival, []models.Alert, error) {
	now := api.From(ctx).Now
	before, err := tx.Arrival(ctx, id)
	if err != nil {
		return before, nil, err
	}
	read := models.PlateRead{Mark: plate, Confidence: 1}
	found, err := h.find(ctx, tx, before.Place.Compound, before.Direction, read, now)
	if err == nil && plate != "" && found.Vehicle.ID == "" {
		read.Tag = true
		found, err = h.find(ctx, tx, before.Place.Compound, before.Direction, read, now)
	}
	if err != nil {
		return before, nil, err
	}
	arrival, err := tx.LockArrival(ctx, id)
	if err == nil {
		err = arrival.CheckAdmission(plate, now)
	}
	if err != nil {
		return arrival, nil, err
	}
	like := arrival.LikeID
	next := arrival.Decided(models.BarrierGuard, now)
	if found.Vehicle.ID != "" {
		next.VehicleID, next.OwnerID = found.Vehicle.ID, found.Vehicle.OwnerID
	}
	if decision, reason := models.DecideAtBarrier(read.Reading(arrival.Direction), found.Facts()); reason == models.BarrierLocked {
		next.Decision, next.Reason, next.Opened = decision, reason, arrival.Opened
	}
	if err := tx.PutArrival(ctx, next); err != nil || next.Reason == models.BarrierLocked {
		told, failed := h.tellOfReading(ctx, tx, arrival, next, found.Vehicle)
		if err == nil {
			err = failed
		}
		return next, told, err
	}
	if like == "" {
		return next, nil, nil
	}
	vehicle, err := tx.Vehicle(ctx, like)
	if models.CodeOf(err) == models.CodeNotFound { // deleted by its owner meanwhile
		return next, nil, nil
	}
	if err != nil {
		return next, nil, err
	}
	told, err := h.tellKeepers(ctx, tx, vehicle, vehicleLike, models.SeverityHigh)
	return next, told, err
}

// lockedVehicleAt refuses to open a barrier as a door while a locked vehicle stands there: what lets that out is its owner, their
// word, or the commander. The barrier's own key and a power cut open it as ever.
func lockedVehicleAt(ctx context.Context, tx *store.Store, door models.Door, now time.Time) error {
	if door.Kind != models.DoorGate || door.DeviceID == "" {
		return nil
	}
	holds, err := tx.HoldsLocked(ctx, door.DeviceID, now.Add(-models.LockedAtDoor))
	if err == nil && holds {
		err = models.Fail(models.CodeWrongState).WithFields(
			models.FieldError{Field: "state", Code: models.FieldNotAllowed, Want: "hold locked"})
	}
	return err
}
