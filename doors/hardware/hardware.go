package hardware

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"xunfang/doors"
	"xunfang/doors/uhppote"
	"xunfang/models"
)

// Records is where the devices are written down, and where what they tell goes; handlers.Server is one.
type Records interface {
	// DrivenDevices are the devices of other makers that are switched on.
	DrivenDevices(ctx context.Context) ([]models.Device, error)
	// EventMark is the last event that was taken of a device.
	EventMark(ctx context.Context, device models.ID) (models.DoorEventMark, error)
	// HardwareHappened takes one event. nil: it is on disk.
	HardwareHappened(ctx context.Context, device models.ID, event models.DoorEvent) error
	// HardwareSeen notes whether a device answered.
	HardwareSeen(ctx context.Context, device models.ID, online bool) error
	// StationZone is the zone of the clocks on a station's walls.
	StationZone(ctx context.Context, station models.ID) (*time.Location, error)
}

// Config is what a Hardware needs. What is marked optional may be left out.
type Config struct {
	Records  Records
	Networks models.DoorNetworks
	Now      func() time.Time
	Logger   *slog.Logger

	Listener *uhppote.Listener               // optional: where boards tell that something happened; Run runs it
	Timeout  time.Duration                   // optional: of one reply of a board; 0: 1 s
	Poll     time.Duration                   // optional: between looks for a board's events; 0: 10 s, 30 s with a Listener
	Look     time.Duration                   // optional: between looks at a device's health; 0: 60 s
	Reload   time.Duration                   // optional: between looks for changed settings; 0: 10 s
	Backoff  func(attempt int) time.Duration // optional: before a runner that failed starts again; nil: 1 s to 60 s
}

// Hardware is every device of another maker.
type Hardware struct {
	config Config
	wake   chan struct{}

	mutex sync.Mutex
	made  map[models.ID]*made
}

// made is a driver with the settings it was made from.
type made struct {
	device models.Device
	driver doors.Driver
	err    error // the settings make no driver
}

// New makes a Hardware; nothing is sent before Run or Open.
func New(config Config) *Hardware {
	if config.Poll <= 0 {
		config.Poll = 10 * time.Second
		if config.Listener != nil {
			config.Poll = 30 * time.Second
		}
	}
	if config.Look <= 0 {
		config.Look = time.Minute
	}
	if config.Reload <= 0 {
		config.Reload = 10 * time.Second
	}
	if config.Backoff == nil {
		config.Backoff = func(attempt int) time.Duration { return min(time.Second<<min(attempt, 6), time.Minute) }
	}
	return &Hardware{config: config, wake: make(chan struct{}, 1), made: map[models.ID]*made{}}
}

// Capabilities are what a device does, as its driver declares it; none where its settings make no driver.
func (h *Hardware) Capabilities(ctx context.Context, device models.Device) models.DoorCapabilities {
	if device.Driver.Ours() {
		return doors.OwnCapabilities()
	}
	h.mutex.Lock()
	known := h.made[device.ID]
	h.mutex.Unlock()
	if known != nil && known.err == nil && known.device.Driver.Same(device.Driver) {
		return known.driver.Capabilities()
	}
	driver, err := h.make(ctx, device)
	if err != nil {
		return models.DoorCapabilities{}
	}
	return driver.Capabilities()
}

// Open opens a door through the driver of its device. The settings come with the decision, from the same transaction: a door
// that was fitted to another relay a moment ago is opened there. The outcome always holds; the error is its cause.
func (h *Hardware) Open(ctx context.Context, device models.Device, command models.DoorCommand) (models.DoorOutcome, error) {
	made := h.of(ctx, device)
	if made.err != nil {
		return models.DoorOutcome{State: models.CommandFailed, Reason: models.OutcomeNoDriver, At: h.config.Now()}, made.err
	}
	outcome, err := made.driver.Open(ctx, command)
	switch {
	case outcome.Confirmed || outcome.Reason == models.OutcomeUnconfirmed:
		h.seen(ctx, device.ID, true)
	case outcome.Reason == models.OutcomeUnreachable:
		h.seen(ctx, device.ID, false)
	}
	return outcome, err
}

// Driver is the driver of a device, for what is brought to it besides openings: cards and codes that it holds.
func (h *Hardware) Driver(ctx context.Context, device models.Device) (doors.Driver, error) {
	made := h.of(ctx, device)
	return made.driver, made.err
}

// Changed says that the settings of a device may have changed.
func (h *Hardware) Changed() {
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

// of gives the driver for a device as it is set now.
func (h *Hardware) of(ctx context.Context, device models.Device) *made {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	known := h.made[device.ID]
	if known != nil && known.device.Driver.Same(device.Driver) && slices.Equal(known.device.DoorIDs, device.DoorIDs) &&
		!errors.Is(known.err, errNotNow) {
		return known
	}
	fresh := &made{device: device}
	fresh.driver, fresh.err = h.make(ctx, device)
	h.made[device.ID] = fresh
	return fresh
}

func (h *Hardware) seen(ctx context.Context, device models.ID, online bool) {
	if err := h.config.Records.HardwareSeen(ctx, device, online); err != nil && ctx.Err() == nil {
		h.config.Logger.ErrorContext(ctx, "door hardware: presence could not be noted", "device_id", device, "error", err)
	}
}

// Run keeps a runner for every device until the context ends.
func (h *Hardware) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	if h.config.Listener != nil {
		group.Go(func() error { return h.config.Listener.Run(ctx) })
	}
	group.Go(func() error {
		runners := map[models.ID]*runner{}
		defer func() {
			for _, one := range runners {
				one.stop()
			}
		}()
		for {
			if err := h.reload(ctx, runners); err != nil && ctx.Err() == nil {
				h.config.Logger.ErrorContext(ctx, "door hardware: devices could not be read", "error", err)
			}
			if !pause(ctx, h.config.Reload, h.wake) {
				return nil
			}
		}
	})
	return group.Wait()
}

// reload ends the runners of devices that are gone or set otherwise, and starts those that are missing.
func (h *Hardware) reload(ctx context.Context, runners map[models.ID]*runner) error {
	devices, err := h.config.Records.DrivenDevices(ctx)
	if err != nil {
		return err
	}
	wanted := map[models.ID]*made{}
	for _, device := range devices {
		wanted[device.ID] = h.of(ctx, device)
	}
	for id, one := range runners {
		if wanted[id] != one.made {
			one.stop()
			delete(runners, id)
		}
	}
	for id, made := range wanted {
		if runners[id] == nil {
			runners[id] = h.start(ctx, made)
		}
	}
	h.mutex.Lock()
	defer h.mutex.Unlock()
	for id := range h.made {
		if wanted[id] == nil {
			delete(h.made, id)
		}
	}
	return nil
}

// pause waits; false when the context has ended.
func pause(ctx context.Context, wait time.Duration, wake <-chan struct{}) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
	case <-wake:
	}
	return true
}

// reachable is where boards send what happens.
func (h *Hardware) reachable() netip.AddrPort {
	if h.config.Listener == nil {
		return netip.AddrPort{}
	}
	return h.config.Listener.Address()
}
