package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"xunfang/doors"
	"xunfang/models"
)

// fleetReady bounds how long all controllers may take to connect and say hello.
const fleetReady = 30 * time.Second

// Fleet is every controller of the demo station, each a real MQTT client that follows
// docs/door-protocol.md and moves no relay.
type Fleet struct {
	broker  string
	keys    doors.TerminalKeys
	secrets map[models.ID]models.Secret
	devices map[models.ID]models.Device

	mutex   sync.Mutex
	running map[models.ID]*doors.Controller

	terminals   []*doors.Terminal
	kept        sync.WaitGroup
	stopKeeping context.CancelFunc
}

// NewFleet makes a fleet for the devices of a description; nothing is connected yet.
func NewFleet(
	broker string, devices []models.Device, secrets map[models.ID]models.Secret, keys doors.TerminalKeys,
) *Fleet {
	fleet := &Fleet{
		broker: broker, keys: keys, secrets: secrets,
		devices: map[models.ID]models.Device{}, running: map[models.ID]*doors.Controller{},
	}
	for _, device := range devices {
		fleet.devices[device.ID] = device
	}
	return fleet
}

// Start switches every controller on and waits until all of them are there.
func (f *Fleet) Start(ctx context.Context) error {
	for id := range f.devices {
		if err := f.on(id); err != nil {
			return err
		}
	}
	missing := 0
	if !waitUntil(ctx, fleetReady, func() bool { missing = f.missing(); return missing == 0 }) {
		return fmt.Errorf("%d of %d controllers did not connect: %w", missing, len(f.devices), errors.Join(ctx.Err()))
	}
	return nil
}

// Stop switches every controller off in order.
func (f *Fleet) Stop() {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.stopTerminals()
	for id, controller := range f.running {
		controller.Stop(true)
		delete(f.running, id)
	}
}

func (f *Fleet) missing() int {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	count := 0
	for _, controller := range f.running {
		if !controller.Ready() {
			count++
		}
	}
	return count
}

// on switches a controller on; like one that gets its power back, it has forgotten everything.
func (f *Fleet) on(id models.ID) error {
	device, known := f.devices[id]
	if !known {
		return fmt.Errorf("no controller %s", id)
	}
	controller, err := doors.NewController(doors.ControllerConfig{
		URL: f.broker, DeviceID: id, Secret: f.secrets[id], DoorIDs: device.DoorIDs, Verify: f.keys.Command,
		Now: time.Now, Relay: func(models.ID, models.ID) {}, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return err
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.running[id] = controller
	return controller.Start()
}

// off takes a controller's power away.
func (f *Fleet) off(id models.ID) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if controller := f.running[id]; controller != nil {
		controller.Stop(false)
		delete(f.running, id)
	}
}

// pulses says how often a command has moved the relay of a controller.
func (f *Fleet) pulses(device, command models.ID) int {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if controller := f.running[device]; controller != nil {
		return controller.Pulses(command)
	}
	return 0
}
