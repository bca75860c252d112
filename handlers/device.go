package handlers

import (
	"context"
	"fmt"
	"strings"
	"time"

	"xunfang/api"
	"xunfang/auth"
	"xunfang/models"
	"xunfang/store"
)

// ListDevices answers GET /v1/devices.
func (h *Server) ListDevices(ctx context.Context, request api.ListDevicesRequestObject) (api.ListDevicesResponseObject, error) {
	page, err := pageOf(ctx, request.Params.Limit, request.Params.Cursor)
	if err != nil {
		return nil, err
	}
	sights := models.Sights(models.OpListDevices, api.From(ctx).Principal)
	filter := store.DeviceFilter{
		Compound: value(request.Params.CompoundId), Kind: string(value(request.Params.Kind)),
		Firmware: value(request.Params.Firmware), Online: request.Params.Online,
	}
	devices, err := h.Store.Devices(ctx, sights, filter, page)
	if err != nil {
		return nil, err
	}
	wire := func(device models.Device) api.Device { return h.wireDevice(ctx, device) }
	items, next := listed(ctx, devices, page, wire, func(device models.Device) models.ID { return device.ID })
	return api.ListDevices200JSONResponse{Items: items, NextCursor: next}, nil
}

// CreateDevice answers POST /v1/devices. The secret is in this answer and nowhere else.
func (h *Server) CreateDevice(ctx context.Context, request api.CreateDeviceRequestObject) (api.CreateDeviceResponseObject, error) {
	asked, body := api.From(ctx), request.Body
	secret, err := auth.NewSecret(h.Random)
	if err != nil {
		return nil, err
	}
	device := models.Device{
		ID: h.NewID(), Name: strings.TrimSpace(body.Name), Kind: string(body.Kind), SecretHash: auth.HashSecret(secret),
		CreatedAt: asked.Now,
	}
	what := &deed{operation: models.OpCreateDevice, kind: "device", id: device.ID, facts: driverFacts(body.Driver)}
	answer, err := act(ctx, h, what, 201, func(tx *store.Store) (api.DeviceSecret, error) {
		compound, err := tx.Compound(ctx, body.CompoundId)
		if err == nil {
			err = models.May(what.operation, asked.Principal, models.Object{Place: compound.Place()})
		}
		if err != nil {
			return api.DeviceSecret{}, noSuch(err, "compound_id")
		}
		device.Place = compound.Place()
		if _, err := h.setDriver(&device, body.Driver, body.DoorIds); err != nil {
			return api.DeviceSecret{}, err
		}
		if err := checkDeviceDoors(ctx, tx, device); err != nil {
			return api.DeviceSecret{}, err
		}
		return h.wireDeviceSecret(ctx, device, secret), tx.AddDevice(ctx, device)
	})
	if err != nil {
		return nil, err
	}
	h.hardwareChanged()
	return api.CreateDevice201JSONResponse(answer), nil
}

// checkDeviceDoors refuses doors outside the device's compound.
func checkDeviceDoors(ctx context.Context, tx *store.Store, device models.Device) error {
	for at, id := range device.DoorIDs {
		door, err := tx.Door(ctx, id)
		if err == nil && !device.Place.Contains(door.Place) {
			err = models.Fail(models.CodeNotFound)
		}
		if err != nil {
			return noSuch(err, fmt.Sprintf("door_ids[%d]", at))
		}
	}
	return nil
}

// UpdateDevice answers PATCH /v1/devices/{device_id}. A new secret, or disabling it, ends its sessions.
func (h *Server) UpdateDevice(ctx context.Context, request api.UpdateDeviceRequestObject) (api.UpdateDeviceResponseObject, error) {
	asked, body := api.From(ctx), request.Body
	fresh, err := auth.NewSecret(h.Random)
	if err != nil {
		return nil, err
	}
	what := &deed{operation: models.OpUpdateDevice, kind: "device", id: request.DeviceId, facts: driverFacts(body.Driver)}
	var ended []models.ID
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.DeviceSecret, error) {
		if err := tx.LockDevice(ctx, request.DeviceId); err != nil {
			return api.DeviceSecret{}, err
		}
		device, err := tx.Device(ctx, request.DeviceId)
		if err == nil {
			err = models.May(what.operation, asked.Principal, models.Object{Place: device.Place})
		}
		if err != nil {
			return api.DeviceSecret{}, err
		}
		secret := models.Secret("")
		if value(body.RotateSecret) {
			secret, device = fresh, device.Replaced(auth.HashSecret(fresh))
		}
		changeDevice(&device, body, asked.Now)
		if err := h.changeDeviceDoors(ctx, tx, &device, body); err != nil {
			return api.DeviceSecret{}, err
		}
		if err := tx.UpdateDevice(ctx, device); err != nil {
			return api.DeviceSecret{}, err
		}
		if ended = nil; secret != "" || device.Disabled() {
			device.Online = false
			ended, err = cutDevice(ctx, tx, device.ID, asked.Now)
		}
		if err == nil {
			err = tx.DeleteUnservedFaces(ctx, device.ID, asked.Now)
		}
		return h.wireDeviceSecret(ctx, device, secret), err
	})
	if err != nil {
		return nil, err
	}
	h.hardwareChanged()
	if h.ended(request.DeviceId, ended...); value(body.RotateSecret) || answer.Disabled {
		h.expel(request.DeviceId)
	}
	return api.UpdateDevice200JSONResponse(answer), nil
}

func changeDevice(device *models.Device, body *api.UpdateDeviceJSONRequestBody, now time.Time) {
	if body.Name != nil {
		device.Name = strings.TrimSpace(*body.Name)
	}
	switch {
	case body.Disabled == nil, *body.Disabled == device.Disabled():
	case *body.Disabled:
		device.DisabledAt = now
	default:
		device.DisabledAt = time.Time{}
	}
}

func (h *Server) changeDeviceDoors(
	ctx context.Context, tx *store.Store, device *models.Device, body *api.UpdateDeviceJSONRequestBody,
) error {
	before := device.Driver
	changed, err := h.setDriver(device, body.Driver, body.DoorIds)
	if err != nil || !changed {
		return err
	}
	if err := checkDeviceDoors(ctx, tx, *device); err != nil {
		return err
	}
	if err := tx.FitDevice(ctx, device.ID, device.DoorIDs); err != nil {
		return err
	}
	if !device.Driver.SameHardware(before) {
		if err := tx.ForgetDeviceCursor(ctx, device.ID); err != nil {
			return err
		}
	}
	return tx.SetDeviceDriver(ctx, *device)
}

func (h *Server) hardwareChanged() {
	if h.Hardware != nil {
		h.Hardware.Changed()
	}
}

// GetDevice answers GET /v1/devices/{device_id}. How it is reached is for those who set it.
func (h *Server) GetDevice(ctx context.Context, request api.GetDeviceRequestObject) (api.GetDeviceResponseObject, error) {
	who, what := api.From(ctx).Principal, &deed{operation: models.OpGetDevice, kind: "device", id: request.DeviceId}
	device, err := h.Store.Device(ctx, request.DeviceId)
	if err == nil {
		err = models.May(what.operation, who, models.Object{Place: device.Place})
	}
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	wire := h.wireDevice(ctx, device)
	if models.May(models.OpListDevices, who, models.Object{Place: device.Place}) != nil {
		wire.Driver = nil
	}
	return api.GetDevice200JSONResponse(wire), nil
}

func (h *Server) wireDevice(ctx context.Context, device models.Device) api.Device {
	wire := api.Device{
		Id: device.ID, Name: device.Name, Kind: api.DeviceKind(device.Kind), CompoundId: device.Place.Compound,
		DoorIds: listOf(device.DoorIDs), Online: device.Online, LastSeenAt: api.AtOrNil(device.LastSeenAt),
		Disabled: device.Disabled(), Driver: wireDriver(device), Capabilities: h.capabilities(ctx, device),
	}
	wireAbout(&wire, device, api.From(ctx).Now, h.silence())
	if made := device.List.Newest(); !made.IsZero() {
		ends := models.ListEnd(made, h.ListLife)
		wire.AllowList = &api.DeviceAllowList{ExpiresAt: api.At(ends), Expired: !api.From(ctx).Now.Before(ends)}
	}
	return wire
}

func (h *Server) wireDeviceSecret(ctx context.Context, device models.Device, secret models.Secret) api.DeviceSecret {
	wire := h.wireDevice(ctx, device)
	return api.DeviceSecret{
		Id: wire.Id, Name: wire.Name, Kind: wire.Kind, CompoundId: wire.CompoundId, DoorIds: wire.DoorIds, Online: wire.Online,
		LastSeenAt: wire.LastSeenAt, Disabled: wire.Disabled, Secret: textOrNil(secret.Reveal()),
		Driver: wire.Driver, Capabilities: wire.Capabilities, Silent: wire.Silent, Firmware: wire.Firmware, Model: wire.Model,
		ConnectedAt: wire.ConnectedAt, ClockDriftMs: wire.ClockDriftMs, Health: wire.Health,
		AllowList: wire.AllowList,
	}
}
