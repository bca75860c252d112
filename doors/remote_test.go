package doors

import (
	"context"
	"errors"
	"testing"
	"time"

	"xunfang/models"
)

var _ Driver = (*Remote)(nil)

// The product's own protocol, seen as one driver among others.
func TestRemoteControllerIsADriver(t *testing.T) {
	var controllers *Controllers
	r := newRig(t, "mqtt://"+embedded(t, nil).Address(), func(config *LinkConfig) {
		controllers = NewControllers(config.Sink, config.Now)
		config.Sink = controllers
	})
	driver := controllers.Driver(r.link, deviceA, []models.ID{doorA1, doorA2})
	command := func(door models.ID, life time.Duration) models.DoorCommand {
		now := r.clock.now()
		return models.DoorCommand{ID: newID(), DoorID: door, DeviceID: deviceA, RequestedAt: now, ExpiresAt: now.Add(life)}
	}
	if outcome, err := driver.Open(t.Context(), command(doorA1, time.Second)); !errors.Is(err, models.ErrDoorUnreachable) || outcome.State != models.CommandFailed {
		t.Errorf("without a controller: %+v %v", outcome, err)
	}
	controller := r.controllerA()
	opening := command(doorA2, 10*time.Second)
	outcome, err := driver.Open(t.Context(), opening)
	if err != nil || outcome.State != models.CommandOpened || !outcome.Confirmed || controller.Pulses(opening.ID) != 1 {
		t.Errorf("%+v %v, %d pulses", outcome, err, controller.Pulses(opening.ID))
	}
	if len(r.sink.acksOf(opening.ID)) != 1 {
		t.Error("the answer did not reach the sink behind")
	}
	if outcome, err := driver.Open(t.Context(), command(doorA1, 0)); err != nil || outcome.State != models.CommandExpired {
		t.Errorf("expired: %+v %v", outcome, err)
	}
	if outcome, err := driver.Open(t.Context(), command("other", time.Second)); !errors.Is(err, models.ErrDoorUnknown) || outcome.State != models.CommandFailed {
		t.Errorf("a foreign door: %+v %v", outcome, err)
	}
	long := command(doorA1, MaxLifetime+time.Second) // the controller refuses it
	if outcome, err := driver.Open(t.Context(), long); !errors.Is(err, models.ErrDoorRefused) || outcome.State != models.CommandFailed || !outcome.Confirmed {
		t.Errorf("refused: %+v %v", outcome, err)
	}
	if health, err := driver.Health(t.Context()); err != nil || !health.Online || health.Firmware == "" {
		t.Errorf("%+v %v", health, err)
	}
	happened := make(chan models.DoorEvent, 4)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- driver.Events(ctx, models.DoorEventMark{}, func(_ context.Context, event models.DoorEvent) error {
			happened <- event
			return nil
		})
	}()
	eventually(t, "somebody listens", func() bool {
		controllers.mutex.Lock()
		defer controllers.mutex.Unlock()
		return controllers.sinks[deviceA] != nil
	})
	if err := controller.Report(t.Context(), Event{ID: newID(), DoorID: doorA1, At: r.clock.now(), Way: WayForced, Outcome: OutcomeGranted}); err != nil {
		t.Fatal(err)
	}
	select {
	case event := <-happened:
		if event.Kind != models.EventForcedOpen || event.DoorID != doorA1 || event.Replayed {
			t.Errorf("%+v", event)
		}
	case <-time.After(patience):
		t.Error("no event came")
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("events ended with %v", err)
	}
	controller.Stop(true)
	eventually(t, "the controller is away", func() bool { _, err := driver.Health(t.Context()); return err != nil })
}

// Nobody answers: the outcome is that nobody knows.
func TestRemoteControllerThatSaysNothing(t *testing.T) {
	var controllers *Controllers
	r := newRig(t, "mqtt://"+embedded(t, nil).Address(), func(config *LinkConfig) {
		controllers = NewControllers(config.Sink, config.Now)
		config.Sink = controllers
	})
	driver := controllers.Driver(r.link, deviceA, []models.ID{doorA1})
	if err := controllers.Hello(t.Context(), deviceA, "AAECAwQFBgcICQoLDA0ODw", "mute", r.clock.now()); err != nil {
		t.Fatal(err)
	}
	now := r.clock.now()
	outcome, err := driver.Open(t.Context(), models.DoorCommand{ID: newID(), DoorID: doorA1, RequestedAt: now, ExpiresAt: now.Add(50 * time.Millisecond)})
	if !errors.Is(err, models.ErrDoorUnreachable) || outcome.State != models.CommandUnknown || outcome.Reason != models.OutcomeSilent {
		t.Errorf("%+v %v", outcome, err)
	}
}
