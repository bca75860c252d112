package uhppote

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

// follow runs Events until the test ends, or until stop.
func (r *rig) follow(after models.DoorEventMark, sink *taken) (stop func()) {
	return run(r.t, func(ctx context.Context) error { return r.driver.Events(ctx, after, sink.take) })
}

// told is what a list of events says, for comparing: "1 access_granted button".
func told(events []models.DoorEvent) string {
	lines := make([]string, 0, len(events))
	for _, event := range events {
		line := fmt.Sprint(event.Index, " ", event.Kind)
		for _, word := range []string{event.Way, event.Reason} {
			if word != "" {
				line += " " + word
			}
		}
		if event.Missing > 0 {
			line += fmt.Sprint(" ", event.Missing)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func (r *rig) expect(sink *taken, want string) {
	r.t.Helper()
	eventually(r.t, want, func() bool { return len(sink.all()) >= strings.Count(want, "\n")+1 })
	if got := told(sink.all()); got != want {
		r.t.Errorf("told\n%s\nwant\n%s", got, want)
	}
}

func TestEventsInOrderWithTheirMeaning(t *testing.T) {
	r := newRig(t, func(config *Config, _ *SimulatorConfig) {
		config.Refer = func(card uint32) string { return fmt.Sprintf("ref-%d", card%100) }
	})
	sink := &taken{}
	r.follow(models.DoorEventMark{}, sink)
	eventually(t, "special events are on", func() bool { return r.heard.count(recordSpecial) > 0 })
	eventually(t, "the first pass is over", func() bool { return r.heard.count(getStatus) > 0 })
	r.simulator.Swipe(10058400, 3)
	if _, err := r.driver.Open(t.Context(), r.command(gate, time.Minute)); err != nil {
		t.Fatal(err)
	}
	r.simulator.Move(3, true)
	r.simulator.Move(3, false)
	r.simulator.PressButton(1)
	r.clock.advance(6 * time.Second)
	r.simulator.Move(1, true)
	r.expect(sink, "1 access_denied card no_rights\n2 access_granted remote\n3 door_opened\n4 door_closed\n"+
		"5 access_granted button\n6 door_opened\n7 door_forced_open forced")
	events := sink.all()
	if events[0].CredentialRef != "ref-0" || events[0].DoorID != gate || events[4].DoorID != frontDoor {
		t.Errorf("%+v", events)
	}
	if events[6].Replayed || !events[6].OccurredAt.Equal(r.clock.now()) {
		t.Errorf("%+v is not live", events[6])
	}
	status, err := r.driver.Status(t.Context(), frontDoor)
	if err != nil || status.Position != models.PositionOpen || status.Alarm != models.AlarmForced || status.Lock != models.LockLocked {
		t.Errorf("%+v %v", status, err)
	}
	r.simulator.Move(1, false)
	eventually(t, "the alarm ends with the door", func() bool {
		status, err := r.driver.Status(t.Context(), frontDoor)
		return err == nil && status.Alarm == models.AlarmNormal && status.Position == models.PositionClosed
	})
}

// What happened while nobody asked comes later, once, and counts as replayed.
func TestEventsAreCaughtUpFromTheMark(t *testing.T) {
	r := newRig(t)
	sink := &taken{}
	stop := r.follow(models.DoorEventMark{}, sink)
	r.simulator.Swipe(1, 1)
	r.expect(sink, "1 access_denied card no_rights")
	stop()
	mark := models.DoorEventMark{Index: 1, OccurredAt: sink.all()[0].OccurredAt}
	r.simulator.PressButton(1)
	r.simulator.PressButton(3)
	r.clock.advance(time.Hour)
	again := &taken{}
	r.follow(mark, again)
	r.expect(again, "2 access_granted button\n3 access_granted button")
	for _, event := range again.all() {
		if !event.Replayed {
			t.Errorf("an hour old, and not replayed: %+v", event)
		}
	}
	eventually(t, "the mark is left on the board too", func() bool {
		index, err := r.driver.Board().EventIndex(t.Context())
		return err == nil && index == 3
	})
}

func TestEventsThatWereOverwrittenAreAGap(t *testing.T) {
	r := newRig(t, func(_ *Config, board *SimulatorConfig) { board.Capacity = 3 })
	first := r.clock.now()
	for range 10 {
		r.simulator.Swipe(1, 1)
	}
	sink := &taken{}
	r.follow(models.DoorEventMark{Index: 2, OccurredAt: first}, sink)
	r.expect(sink, "7 gap overwritten 5\n8 access_denied card no_rights\n9 access_denied card no_rights\n10 access_denied card no_rights")
	if !sink.all()[0].Replayed {
		t.Error("a gap is nothing to act on")
	}
}

func TestEventsGoOnOverTheTop(t *testing.T) {
	r := newRig(t, func(_ *Config, board *SimulatorConfig) { board.Capacity, board.Top = 8, 8 })
	for range 11 { // 4 5 6 7 8 1 2 3 are kept
		r.simulator.Swipe(1, 1)
	}
	sink := &taken{}
	r.follow(models.DoorEventMark{Index: 6, OccurredAt: r.clock.now()}, sink)
	const rest = " access_denied card no_rights"
	r.expect(sink, "7"+rest+"\n8"+rest+"\n1"+rest+"\n2"+rest+"\n3"+rest)
}

// A board that counts anew is noticed by the time of the event under our mark, or by its being gone.
func TestEventsOfABoardThatBeganAnew(t *testing.T) {
	for name, swipes := range map[string]int{"fewer events than before": 2, "more events than before": 7} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			mark := models.DoorEventMark{Index: 5, OccurredAt: r.clock.now().Add(-time.Hour)}
			want := "0 gap restarted"
			for at := range swipes {
				r.simulator.Swipe(1, 1)
				want += fmt.Sprintf("\n%d access_denied card no_rights", at+1)
			}
			sink := &taken{}
			r.follow(mark, sink)
			r.expect(sink, want)
		})
	}
	t.Run("none at all", func(t *testing.T) {
		r := newRig(t)
		sink := &taken{}
		r.follow(models.DoorEventMark{Index: 5, OccurredAt: r.clock.now()}, sink)
		r.expect(sink, "0 gap restarted")
	})
}

// An event that the sink does not take comes again, and nothing after it comes before it.
func TestEventsThatAreNotTakenComeAgain(t *testing.T) {
	r := newRig(t)
	sink := &taken{refuse: errors.New("the database is away")}
	r.simulator.Swipe(1, 1)
	r.simulator.Swipe(1, 3)
	r.follow(models.DoorEventMark{}, sink)
	eventually(t, "the event was offered", func() bool { return r.heard.count(getEvent) > 2 })
	sink.setRefuse(nil)
	r.expect(sink, "1 access_denied card no_rights\n2 access_denied card no_rights")
}

func TestEventsOfABoardThatWasAway(t *testing.T) {
	r := newRig(t)
	sink := &taken{}
	r.lose(func(Function, bool) bool { return true })
	r.follow(models.DoorEventMark{}, sink)
	eventually(t, "the board was looked for", func() bool { return r.heard.count(recordSpecial) >= 2 })
	r.simulator.Swipe(1, 1)
	r.lose(func(Function, bool) bool { return false })
	r.expect(sink, "1 access_denied card no_rights")
}

func TestEventsSetTheClockBeyondItsBound(t *testing.T) {
	for _, test := range []struct {
		off time.Duration
		set bool
	}{{3 * time.Second, false}, {-3 * time.Second, false}, {4 * time.Second, true}, {-48 * time.Hour, true}} {
		r := newRig(t)
		r.simulator.Skew(test.off)
		stop := r.follow(models.DoorEventMark{}, &taken{})
		eventually(t, "two looks", func() bool { return r.heard.count(getStatus) >= 2 })
		stop()
		if set := r.heard.count(setTime) > 0; set != test.set {
			t.Errorf("%v off: set %v", test.off, set)
		}
		if test.set && !r.simulator.Clock().Equal(r.clock.now()) {
			t.Errorf("the board shows %v, it is %v", r.simulator.Clock(), r.clock.now())
		}
	}
}

// The board's own packet is a hint that wakes; what it says is never believed.
func TestEventPacketsAreOnlyHints(t *testing.T) {
	listener, err := Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	run(t, listener.Run)
	for _, old := range []bool{false, true} {
		r := newRig(t, func(config *Config, _ *SimulatorConfig) {
			config.Poll, config.Listener, config.Reachable = time.Hour, listener, listener.Address()
		})
		if old {
			r.simulator.OldFirmware()
		}
		sink := &taken{}
		stop := r.follow(models.DoorEventMark{}, sink)
		eventually(t, "the first pass is over", func() bool { return r.heard.count(getStatus) > 0 })
		asked := r.heard.count(getStatus)
		forged, err := net.Dial("udp4", listener.Address().String())
		if err != nil {
			t.Fatal(err)
		}
		for _, packet := range []string{
			"17200000 78372a18 ff000000 01010101 15cd5b07 20261124120000 01", // forged: somebody was let in
			"17200000 2d553919 ff000000 01010101", "18", "1732",
		} {
			if _, err := forged.Write(literal(t, packet)); err != nil {
				t.Fatal(err)
			}
		}
		_ = forged.Close()
		eventually(t, "the hint woke", func() bool { return r.heard.count(getStatus) > asked })
		if len(sink.all()) != 0 {
			t.Errorf("a forged event was taken: %s", told(sink.all()))
		}
		r.simulator.Swipe(1, 1)
		r.expect(sink, "1 access_denied card no_rights")
		stop()
	}
}

// Leaving never depends on the server: no driver runs here at all.
func TestExitButtonWorksWithoutAnybody(t *testing.T) {
	r := newRig(t)
	r.lose(func(Function, bool) bool { return true })
	r.simulator.PressButton(1)
	if r.simulator.Pulses(1) != 1 {
		t.Error("somebody is locked in")
	}
}
