package handlers

import (
	"context"
	"slices"
	"strconv"
	"time"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// What property is told; which vehicle it is stands in no message.
var (
	vehicleToConfirm = spoken{"有新登记的车辆待核实", "A newly registered vehicle waits to be confirmed"}
	vehicleListBody  = spoken{"请打开应用，在待核实的车辆中查看。", "Open the app and look among the vehicles to confirm."}
)

// tellConfirmers tells the compound's property that a vehicle waits for them. Whose, and which, the list says, where each look is
// recorded. A compound without property is told nothing: its officer sees the list.
func (h *Server) tellConfirmers(ctx context.Context, tx *store.Store, vehicle models.Vehicle) ([]models.Alert, error) {
	now := api.From(ctx).Now
	place := models.Place{Station: vehicle.Place.Station, Compound: vehicle.Place.Compound}
	people, err := tx.HoldersOver(ctx, []models.Role{models.RoleProperty}, place, now)
	people = slices.DeleteFunc(people, func(person models.ID) bool { return person == vehicle.OwnerID })
	if err != nil || len(people) == 0 {
		return nil, err
	}
	told := []models.Alert{worded(models.Alert{
		ID: h.NewID(), Kind: models.AlertVehiclePending, Severity: models.SeverityNormal, AboutID: vehicle.ID,
		Audience:  models.Audience{Place: models.Place{Station: place.Station}, People: people},
		CreatedAt: now, ExpiresAt: now.Add(vehicleNewsLife),
	}, vehicleToConfirm, vehicleListBody)}
	return told, addAlerts(ctx, tx, told)
}

// ConfirmVehicle answers PUT /v1/vehicles/{vehicle_id}/confirmation: only what property, or an officer, has confirmed can be locked,
// and is known at the barriers. Of several people's one plate one is confirmed.
func (h *Server) ConfirmVehicle(ctx context.Context, request api.ConfirmVehicleRequestObject) (api.ConfirmVehicleResponseObject, error) {
	asked, confirmed := api.From(ctx), request.Body.Confirmed
	what := &deed{
		operation: models.OpConfirmVehicle, kind: "vehicle", id: request.VehicleId,
		facts: map[string]string{"confirmed": strconv.FormatBool(confirmed)},
	}
	var told []models.Alert
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.Vehicle, error) {
		told = nil
		vehicle, err := lockedVehicle(ctx, tx, what)
		if err != nil || confirmed == (vehicle.State() == models.VehicleConfirmed) {
			return wireVehicle(ctx)(vehicle), err
		}
		if err := vehicle.CheckConfirmation(confirmed); err != nil {
			return api.Vehicle{}, err
		}
		title := vehiclePending
		if vehicle.ConfirmedAt = (time.Time{}); confirmed {
			vehicle.ConfirmedAt, title = asked.Now, vehicleConfirmed
		}
		if err := tx.ConfirmVehicle(ctx, vehicle); err != nil {
			return api.Vehicle{}, err
		}
		told, err = h.tellKeepers(ctx, tx, vehicle, title, models.SeverityNormal)
		return wireVehicle(ctx)(vehicle), err
	})
	if err != nil {
		return nil, err
	}
	h.alertedAll(ctx, told)
	return api.ConfirmVehicle200JSONResponse(answer), nil
}
