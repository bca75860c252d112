package handlers

import (
	"context"
	"strconv"
	"time"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

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
