package handlers

import (
	"context"
	"slices"
	"time"

	"xunfang/api"
	"xunfang/auth"
	"xunfang/models"
	"xunfang/store"
)

// LockVehicle answers POST /v1/vehicles/{vehicle_id}/lock.
func (h *Server) LockVehicle(ctx context.Context, request api.LockVehicleRequestObject) (api.LockVehicleResponseObject, error) {
	answer, err := h.turnLock(ctx, models.OpLockVehicle, request.VehicleId, true)
	if err != nil {
		return nil, err
	}
	return api.LockVehicle200JSONResponse(answer), nil
}

// UnlockVehicle answers POST /v1/vehicles/{vehicle_id}/unlock: the vehicle that waits at a barrier is let out.
func (h *Server) UnlockVehicle(ctx context.Context, request api.UnlockVehicleRequestObject) (api.UnlockVehicleResponseObject, error) {
	answer, err := h.turnLock(ctx, models.OpUnlockVehicle, request.VehicleId, false)
	if err != nil {
		return nil, err
	}
	return api.UnlockVehicle200JSONResponse(answer), nil
}

// turnLock locks or unlocks. The vehicle's row is kept from the reading on, as by everything that asks whether it is locked, so that
// of an unlocking, a release and a reading at the same moment one comes after the other.
func (h *Server) turnLock(ctx context.Context, operation models.Operation, id models.ID, locked bool) (api.Vehicle, error) {
	asked := api.From(ctx)
	what := &deed{operation: operation, kind: "vehicle", id: id}
	var told []models.Alert
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.Vehicle, error) {
		told = nil
		vehicle, err := lockedVehicle(ctx, tx, what)
		if err != nil || vehicle.Locked == locked {
			return wireVehicle(ctx)(vehicle), err
		}
		if locked {
			if err := vehicle.CheckLock(); err != nil {
				return api.Vehicle{}, err
			}
		}
		title := vehicleUnlocked
		if vehicle.Locked = locked; locked {
			vehicle.LockedAt, vehicle.Word.MAC, vehicle.Word.Until = asked.Now, nil, time.Time{}
			title = vehicleLocked
			err = tx.PutReleaseWord(ctx, vehicle.ID, vehicle.Word)
		} else {
			vehicle.UnlockedAt = asked.Now
			err = openHeld(ctx, tx, vehicle.ID, asked.Now)
		}
		if err == nil {
			err = tx.UpdateVehicle(ctx, vehicle)
		}
		if err == nil {
			told, err = h.tellKeepers(ctx, tx, vehicle, title, models.SeverityNormal)
		}
		return wireVehicle(ctx)(vehicle), err
	})
	if err == nil {
		h.alertedAll(ctx, told)
	}
	return answer, err
}

// openHeld lets out what is held at a barrier for being locked.
func openHeld(ctx context.Context, tx *store.Store, vehicle models.ID, now time.Time) error {
	held, err := tx.HeldArrivals(ctx, vehicle, now.Add(-models.ArrivalHeld))
	if err != nil {
		return err
	}
	for _, arrival := range held {
		if arrival, err = tx.LockArrival(ctx, arrival.ID); err != nil {
			return err
		}
		if arrival.VehicleID != vehicle || arrival.CheckRelease(now) != nil { // read anew meanwhile
			continue
		}
		if err := tx.PutArrival(ctx, arrival.Decided(models.BarrierUnlocked, now)); err != nil {
			return err
		}
	}
	return nil
}

// CreateReleaseWord answers POST /v1/vehicles/{vehicle_id}/release-word. The word is in this answer and nowhere else; one given
// before is worth nothing any more.
func (h *Server) CreateReleaseWord(
	ctx context.Context, request api.CreateReleaseWordRequestObject,
) (api.CreateReleaseWordResponseObject, error) {
	asked := api.From(ctx)
	what := &deed{operation: models.OpCreateReleaseWord, kind: "vehicle", id: request.VehicleId}
	word, err := auth.NewReleaseWord(h.Random)
	if err != nil {
		return nil, err
	}
	answer, err := act(ctx, h, what, 201, func(tx *store.Store) (api.ReleaseWord, error) {
		vehicle, err := lockedVehicle(ctx, tx, what)
		if err != nil {
			return api.ReleaseWord{}, err
		}
		vehicle.Word.MAC = h.releaseWordMAC(vehicle.ID, word.Reveal())
		vehicle.Word.Until = asked.Now.Add(models.ReleaseWordLife)
		made := api.ReleaseWord{ReleaseWord: word.Reveal(), ExpiresAt: api.At(vehicle.Word.Until)}
		return made, tx.PutReleaseWord(ctx, vehicle.ID, vehicle.Word)
	})
	if err != nil {
		return nil, err
	}
	return api.CreateReleaseWord201JSONResponse(answer), nil
}

// releaseWordMAC is what stands in the database for a word: of one vehicle, and useless without the pepper.
func (h *Server) releaseWordMAC(vehicle models.ID, word string) []byte {
	return h.Keys.CodeMAC("release_word", string(vehicle)+" "+word)
}

// What those who keep a vehicle are told. Which one stands in no message: a phone shows it to whoever looks over a shoulder.
var (
	vehicleLocked     = spoken{"您的车辆已锁定", "Your vehicle was locked"}
	vehicleUnlocked   = spoken{"您的车辆已解锁", "Your vehicle was unlocked"}
	vehicleHeld       = spoken{"您锁定的车辆在出口被拦下", "Your locked vehicle is held at the exit"}
	vehicleOut        = spoken{"您锁定的车辆可能已出场", "Your locked vehicle may have left"}
	vehicleReleased   = spoken{"您的车辆凭放行口令出场", "Your vehicle was let out by its release word"}
	vehicleOverridden = spoken{"派出所放行了您锁定的车辆", "The station let your locked vehicle out"}
	vehicleGuessed    = spoken{"有人输错您车辆的放行口令", "Somebody entered a wrong release word for your vehicle"}
	vehicleLike       = spoken{"门卫放行了一辆像您锁定车辆的车", "The guard let out a vehicle that is like your locked one"}
	vehicleConfirmed  = spoken{"您登记的车辆已核实", "Your vehicle was confirmed"}
	vehiclePending    = spoken{"您的车辆须重新核实", "Your vehicle has to be confirmed anew"}
	vehicleOpenApp    = spoken{"请打开应用查看；不是您本人的安排，请立即联系派出所。", "Open the app; if this is not your doing, call the station at once."}
)

// vehicleNewsLife is how long the message about a vehicle is worth delivering.
const vehicleNewsLife = 24 * time.Hour

// tellKeepers tells the owner and, where the vehicle is shared, who lives with them, but for the caller.
func (h *Server) tellKeepers(
	ctx context.Context, tx *store.Store, vehicle models.Vehicle, title spoken, severity string,
) ([]models.Alert, error) {
	asked, people := api.From(ctx), []models.ID{vehicle.OwnerID}
	if vehicle.Shared {
		others, err := tx.Residents(ctx, vehicle.Place.Home, asked.Now)
		if err != nil {
			return nil, err
		}
		people = append(people, others...)
	}
	slices.Sort(people)
	people = slices.DeleteFunc(slices.Compact(people), func(person models.ID) bool { return person == asked.Principal.ID })
	if len(people) == 0 {
		return nil, nil
	}
	told := []models.Alert{worded(models.Alert{
		ID: h.NewID(), Kind: models.AlertVehicle, Severity: severity, AboutID: vehicle.ID,
		Audience:  models.Audience{Place: models.Place{Station: vehicle.Place.Station}, People: people},
		CreatedAt: asked.Now, ExpiresAt: asked.Now.Add(vehicleNewsLife),
	}, title, vehicleOpenApp)}
	return told, addAlerts(ctx, tx, told)
}
