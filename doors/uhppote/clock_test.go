package uhppote

import (
	"context"
	"testing"
	"time"

	"xunfang/models"
)

// nonsense is a board whose clock, and the time of whose newest event, are no times: its battery is empty. Everything else of it works.
func nonsense(t *testing.T, clock byte) (address string, heard <-chan []byte) {
	t.Helper()
	status := literal(t, "17 20 0000 7837 2a18 4e000000 02 01 03 01 ea19cde9 99999999999999 2c")
	for at := range 3 {
		status[37+at], status[51+at] = clock, clock
	}
	return canned(t, status, literal(t, "17 40 0000 7837 2a18 01"), literal(t, "17 30 0000 7837 2a18 20261124120000"),
		literal(t, "17 8e 0000 7837 2a18 01"), literal(t, "17 b4 0000 7837 2a18 4d000000"), literal(t, "17 b2 0000 7837 2a18 01"),
		literal(t, "17 b0 0000 7837 2a18 4e000000 02 01 03 01 ea19cde9 99999999999999 2c"))
}

func nonsenseRig(t *testing.T, clock byte) (driver *Driver, heard <-chan []byte) {
	t.Helper()
	address, heard := nonsense(t, clock)
	r := newRig(t, func(config *Config, _ *SimulatorConfig) { config.Serial, config.Address = python, address })
	return r.driver, heard
}

// A clock that shows nonsense keeps no door shut.
func TestADoorOpensWhateverTheBoardsClockShows(t *testing.T) {
	for _, clock := range []byte{0x99, 0xff} {
		driver, _ := nonsenseRig(t, clock)
		now := driver.config.Now()
		outcome, err := driver.Open(t.Context(), models.DoorCommand{ID: "c", DoorID: gate, RequestedAt: now, ExpiresAt: now.Add(time.Minute)})
		if err != nil || outcome.State != models.CommandOpened {
			t.Errorf("%#x: %+v %v", clock, outcome, err)
		}
	}
}

// It is set, and an event whose time is nonsense does not hold up those behind it: it has the time of its coming, and is history.
func TestAClockThatShowsNonsenseIsSet(t *testing.T) {
	driver, heard := nonsenseRig(t, 0x99)
	sink := &taken{}
	run(t, func(ctx context.Context) error { return driver.Events(ctx, models.DoorEventMark{}, sink.take) })
	eventually(t, "the event is taken", func() bool { return len(sink.all()) == 1 })
	event := sink.all()[0]
	if event.Index != 0x4e || event.Way != models.WayRemote || !event.Replayed || !event.OccurredAt.Equal(driver.config.Now()) {
		t.Errorf("%+v", event)
	}
	eventually(t, "the clock is set", func() bool {
		select {
		case request := <-heard:
			return Function(request[1]) == setTime
		default:
			return false
		}
	})
}
