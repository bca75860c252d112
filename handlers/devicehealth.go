package handlers

import (
	"context"
	"time"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// PutDeviceHealth answers PUT /v1/devices/{device_id}/health. It comes all the time and decides nothing: only a refusal is
// recorded.
func (h *Server) PutDeviceHealth(
	ctx context.Context, request api.PutDeviceHealthRequestObject,
) (api.PutDeviceHealthResponseObject, error) {
	asked, body := api.From(ctx), request.Body
	what := &deed{operation: models.OpPutDeviceHealth, kind: "device", id: request.DeviceId}
	err := models.May(what.operation, asked.Principal, models.Object{Owner: request.DeviceId})
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	about := models.DeviceAbout{
		Firmware: value(body.Firmware), Model: value(body.Model),
		Health: &models.DeviceHealth{
			ReceivedAt: asked.Now, UptimeS: body.UptimeS, BatteryPercent: body.BatteryPercent, SupplyMV: body.SupplyMv,
			DiskFreePercent: body.DiskFreePercent, TemperatureC: body.TemperatureC,
		},
	}
	if body.At != nil {
		drift := models.Drift(*body.At, asked.Now)
		about.ClockDrift = &drift
	}
	err = h.Store.Atomically(ctx, func(tx *store.Store) error {
		if err := tx.DescribeDevice(ctx, request.DeviceId, about); err != nil {
			return err
		}
		return tx.DeviceHeard(ctx, request.DeviceId, asked.Now)
	})
	return api.PutDeviceHealth204Response{}, err
}

// wireAbout adds to a device how it is.
func wireAbout(wire *api.Device, device models.Device, now time.Time, silence time.Duration) {
	about := device.About
	wire.Silent = new(device.Silent(now, silence))
	wire.Firmware, wire.Model, wire.ConnectedAt = textOrNil(about.Firmware), textOrNil(about.Model), api.AtOrNil(about.ConnectedAt)
	if about.ClockDrift != nil {
		wire.ClockDriftMs = new(about.ClockDrift.Milliseconds())
	}
	if health := about.Health; health != nil {
		wire.Health = &api.DeviceHealth{
			ReceivedAt: api.At(health.ReceivedAt), UptimeS: health.UptimeS, BatteryPercent: health.BatteryPercent,
			SupplyMv: health.SupplyMV, DiskFreePercent: health.DiskFreePercent, TemperatureC: health.TemperatureC,
		}
	}
}
