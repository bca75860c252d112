package handlers

import (
	"context"

	"xunfang/api"
	"xunfang/models"
)

// driverOf reads the settings of a request into what a device has; a secret that is not given again goes along to the same
// hardware at the same address, and nowhere else.
func driverOf(wire *api.DeviceDriverSet, before models.DeviceDriver) models.DeviceDriver {
	driver := models.DeviceDriver{
		Kind: models.DriverKind(wire.Kind), Address: value(wire.Address),
		SerialNumber: uint32(value(wire.SerialNumber)), //nolint:gosec // bounded
		User:         value(wire.User), Secret: models.Secret(value(wire.Secret)), CertificateSHA256: value(wire.CertificateSha256),
	}
	for _, door := range value(wire.Doors) {
		driver.Channels = append(driver.Channels, models.DoorChannel{
			DoorID: door.DoorId, Number: door.Channel, Contact: value(door.Contact),
		})
	}
	if driver.Secret == "" && driver.SameHardware(before) {
		driver.Secret = before.Secret
	}
	return driver
}

// driverFacts tell the audit that a driver was set: its kind, and neither address nor secret.
func driverFacts(wire *api.DeviceDriverSet) map[string]string {
	if wire == nil {
		return nil
	}
	return map[string]string{"driver": string(wire.Kind)}
}

// setDriver takes the driver and the doors of a request into the device; false: it leaves both alone.
func (h *Server) setDriver(device *models.Device, wire *api.DeviceDriverSet, doors *[]models.ID) (changed bool, err error) {
	if wire != nil {
		driver := driverOf(wire, device.Driver)
		if !driver.SameHardware(device.Driver) {
			device.Cursor = models.DeviceCursor{}
		}
		if device.Driver = driver; doors == nil && len(driver.Channels) > 0 {
			device.DoorIDs = channelDoors(driver)
		}
	}
	if doors != nil {
		device.DoorIDs = *doors
	}
	if wire == nil && doors == nil {
		return false, nil
	}
	if wire == nil && device.Driver.Ours() {
		return true, nil
	}
	return true, device.Driver.Check(device.DoorIDs, h.Networks)
}

func channelDoors(driver models.DeviceDriver) []models.ID {
	doors := make([]models.ID, 0, len(driver.Channels))
	for _, channel := range driver.Channels {
		doors = append(doors, channel.DoorID)
	}
	return doors
}

// capabilities are what the device of a door or the device itself does, for an answer; nil where there is no device.
func (h *Server) capabilities(ctx context.Context, device models.Device) *api.DoorCapabilities {
	if device.ID == "" || h.Hardware == nil {
		return nil
	}
	words := api.DoorCapabilities{}
	for _, word := range h.Hardware.Capabilities(ctx, device).Words() {
		words = append(words, api.DoorCapability(word))
	}
	return &words
}

// controller is the device of a door, as far as its capabilities need it.
func controller(door models.Door) models.Device {
	device := models.Device{ID: door.DeviceID, Place: door.Place, Driver: door.Driver, DoorIDs: []models.ID{door.ID}}
	if len(door.Driver.Channels) > 0 {
		device.DoorIDs = channelDoors(door.Driver)
	}
	return device
}

func wireDriver(device models.Device) *api.DeviceDriver {
	driver := device.Driver
	if driver.Ours() {
		return &api.DeviceDriver{Kind: api.DriverKind(models.DriverMQTT)}
	}
	wire := &api.DeviceDriver{
		Kind: api.DriverKind(driver.Kind), Address: textOrNil(driver.Address), User: textOrNil(driver.User),
		HasSecret: new(driver.Secret != ""), CertificateSha256: textOrNil(driver.CertificateSHA256),
		LastEventIndex: new(int64(device.Cursor.Mark.Index)), EventsLost: new(device.Cursor.Lost),
		EventsLostAt: api.AtOrNil(device.Cursor.LostAt),
	}
	if driver.SerialNumber != 0 {
		wire.SerialNumber = new(int64(driver.SerialNumber))
	}
	doors := make([]api.DoorChannel, 0, len(driver.Channels))
	for _, channel := range driver.Channels {
		doors = append(doors, api.DoorChannel{DoorId: channel.DoorID, Channel: channel.Number, Contact: new(channel.Contact)})
	}
	wire.Doors = &doors
	return wire
}
