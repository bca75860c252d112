package uhppote

import (
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"xunfang/models"
)

func TestOpenPulsesTheRightDoorOnce(t *testing.T) {
	r := newRig(t)
	outcome, err := r.driver.Open(t.Context(), r.command(gate, 4*time.Second))
	if err != nil || outcome.State != models.CommandOpened || !outcome.Confirmed || outcome.Reason != "" {
		t.Fatalf("%+v %v", outcome, err)
	}
	for door, want := range map[uint8]int{1: 0, 2: 0, 3: 1, 4: 0} {
		if got := r.simulator.Pulses(door); got != want {
			t.Errorf("door %d was pulsed %d times, want %d", door, got, want)
		}
	}
}

func TestOpenOfAForeignDoorSendsNothing(t *testing.T) {
	r := newRig(t)
	outcome, err := r.driver.Open(t.Context(), r.command(elsewhere, 4*time.Second))
	if !errors.Is(err, models.ErrDoorUnknown) || outcome.State != models.CommandFailed || outcome.Reason != models.OutcomeOtherDoor {
		t.Errorf("%+v %v", outcome, err)
	}
	if r.heard.count(getStatus)+r.heard.count(openDoor) != 0 {
		t.Error("the board was asked")
	}
}

// Both edges: a millisecond before the expiry it is sent, at the expiry it is not.
func TestOpenAtItsExpiry(t *testing.T) {
	for _, test := range []struct {
		left time.Duration
		want models.DoorCommandState
	}{{50 * time.Millisecond, models.CommandOpened}, {0, models.CommandExpired}, {-time.Second, models.CommandExpired}} {
		r := newRig(t)
		outcome, _ := r.driver.Open(t.Context(), r.command(frontDoor, test.left))
		if outcome.State != test.want {
			t.Errorf("%v before its expiry: %+v", test.left, outcome)
		}
		if sent := r.heard.count(openDoor) > 0; sent != (test.want == models.CommandOpened) {
			t.Errorf("%v before its expiry: sent %v", test.left, sent)
		}
	}
}

// The time passes while the board is being asked whether it is there: then nothing may be sent any more.
func TestOpenThatExpiresBehindTheProbe(t *testing.T) {
	r := newRig(t)
	r.lose(func(function Function, reply bool) bool {
		if function == getStatus && reply {
			r.clock.advance(5 * time.Second)
		}
		return false
	})
	outcome, err := r.driver.Open(t.Context(), r.command(frontDoor, 4*time.Second))
	if err != nil || outcome.State != models.CommandExpired || r.heard.count(openDoor) != 0 {
		t.Errorf("%+v %v, sent %d", outcome, err, r.heard.count(openDoor))
	}
}

func TestOpenThatExpiresInTheQueue(t *testing.T) {
	r := newRig(t)
	release, err := r.driver.board.wire.take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	outcome, err := r.driver.Open(t.Context(), r.command(frontDoor, 30*time.Millisecond))
	if err == nil || outcome.State == models.CommandOpened || r.heard.count(openDoor) != 0 {
		t.Errorf("%+v %v", outcome, err)
	}
}

func TestOpenWithoutABoardSendsNothing(t *testing.T) {
	r := newRig(t)
	r.lose(func(Function, bool) bool { return true })
	outcome, err := r.driver.Open(t.Context(), r.command(frontDoor, 4*time.Second))
	if !errors.Is(err, models.ErrDoorUnreachable) || outcome.State != models.CommandFailed ||
		outcome.Reason != models.OutcomeUnreachable || r.heard.count(openDoor) != 0 {
		t.Errorf("%+v %v, sent %d", outcome, err, r.heard.count(openDoor))
	}
}

// The reply is lost: the board's own events say that it opened, and nothing is sent twice.
func TestOpenWhoseReplyIsLost(t *testing.T) {
	r := newRig(t)
	r.loseFirst(openDoor, true, 1)
	outcome, err := r.driver.Open(t.Context(), r.command(frontDoor, 4*time.Second))
	if err != nil || outcome.State != models.CommandOpened || !outcome.Confirmed {
		t.Errorf("%+v %v", outcome, err)
	}
	if r.simulator.Pulses(1) != 1 || r.heard.count(openDoor) != 1 {
		t.Errorf("pulsed %d times, asked %d times", r.simulator.Pulses(1), r.heard.count(openDoor))
	}
}

// The request is lost: the board shows that nothing happened, so it is asked once more.
func TestOpenWhoseRequestIsLost(t *testing.T) {
	r := newRig(t)
	r.loseFirst(openDoor, false, 1)
	outcome, err := r.driver.Open(t.Context(), r.command(frontDoor, 4*time.Second))
	if err != nil || outcome.State != models.CommandOpened || r.simulator.Pulses(1) != 1 || r.heard.count(openDoor) != 2 {
		t.Errorf("%+v %v, pulsed %d times, asked %d times", outcome, err, r.simulator.Pulses(1), r.heard.count(openDoor))
	}
}

// The same close to the expiry: the second request would have no time for its reply, so it is not sent.
func TestOpenIsNotRepeatedNearItsExpiry(t *testing.T) {
	r := newRig(t)
	r.lose(func(function Function, reply bool) bool {
		if function == openDoor && !reply {
			r.clock.advance(3900 * time.Millisecond)
			return true
		}
		return false
	})
	outcome, err := r.driver.Open(t.Context(), r.command(frontDoor, 4*time.Second))
	if err == nil || outcome.State != models.CommandUnknown || outcome.Reason != models.OutcomeSilent || outcome.Confirmed {
		t.Errorf("%+v %v", outcome, err)
	}
	if r.heard.count(openDoor) != 1 {
		t.Errorf("asked %d times", r.heard.count(openDoor))
	}
}

// The board falls silent altogether: nobody knows, and nothing is sent again.
func TestOpenIntoSilence(t *testing.T) {
	r := newRig(t)
	var silent bool
	r.lose(func(function Function, reply bool) bool {
		silent = silent || function == openDoor && reply
		return silent
	})
	outcome, err := r.driver.Open(t.Context(), r.command(frontDoor, 4*time.Second))
	if err == nil || outcome.State != models.CommandUnknown || r.simulator.Pulses(1) != 1 || r.heard.count(openDoor) != 1 {
		t.Errorf("%+v %v, pulsed %d", outcome, err, r.simulator.Pulses(1))
	}
}

// Somebody swipes a card while the reply is lost: a relay that is drawn without our event is nobody's proof.
func TestOpenDoesNotTakeACardForItself(t *testing.T) {
	r := newRig(t)
	r.lose(func(function Function, reply bool) bool { return function == openDoor && !reply })
	released := make(chan struct{})
	go func() {
		defer close(released)
		for r.heard.count(openDoor) == 0 {
			time.Sleep(time.Millisecond)
		}
		r.simulator.PressButton(1)
	}()
	outcome, _ := r.driver.Open(t.Context(), r.command(frontDoor, 4*time.Second))
	<-released
	if outcome.State != models.CommandUnknown || r.heard.count(openDoor) != 1 {
		t.Errorf("%+v, asked %d times", outcome, r.heard.count(openDoor))
	}
}

func TestOpenIsRefusedByABlockedDoor(t *testing.T) {
	r := newRig(t)
	if err := r.driver.Board().SetControl(t.Context(), 1, Control{Mode: normallyClosed, Delay: 5}); err != nil {
		t.Fatal(err)
	}
	outcome, err := r.driver.Open(t.Context(), r.command(frontDoor, 4*time.Second))
	if !errors.Is(err, models.ErrDoorRefused) || outcome.State != models.CommandFailed || !outcome.Confirmed {
		t.Errorf("%+v %v", outcome, err)
	}
}

func TestOpenWithTheRelayVerified(t *testing.T) {
	r := newRig(t, func(config *Config, _ *SimulatorConfig) { config.VerifyRelay = true })
	if outcome, err := r.driver.Open(t.Context(), r.command(frontDoor, 4*time.Second)); err != nil || outcome.State != models.CommandOpened {
		t.Errorf("%+v %v", outcome, err)
	}
}

// A board that says yes and does nothing: the relay is not drawn, there is no event.
func TestOpenByABoardThatOnlySaysSo(t *testing.T) {
	r := newRig(t, func(config *Config, _ *SimulatorConfig) { config.VerifyRelay = true })
	reply, err := parse(literal(t, "17400000 78372a18 01"))
	if err != nil {
		t.Fatal(err)
	}
	outcome, err := r.driver.answered(t.Context(), reply, 1, Status{})
	if err == nil || outcome.State != models.CommandUnknown || outcome.Confirmed || outcome.Reason != models.OutcomeUnconfirmed {
		t.Errorf("%+v %v", outcome, err)
	}
}

// A quarter of everything is lost, in both directions: whatever happens, no command pulses twice, and what the
// outcome says is true.
func TestOpenOverABadNetwork(t *testing.T) {
	r := newRig(t, func(config *Config, _ *SimulatorConfig) { config.Timeout, config.Tries = 40*time.Millisecond, 2 })
	lot := rand.New(rand.NewPCG(1, 2))
	r.lose(func(Function, bool) bool { return lot.IntN(4) == 0 }) // under the simulator's lock
	outcomes := map[string]int{}
	for range 60 {
		before := r.simulator.Pulses(1)
		outcome, _ := r.driver.Open(t.Context(), r.command(frontDoor, time.Minute))
		pulses := r.simulator.Pulses(1) - before
		r.clock.advance(10 * time.Second) // the relay falls
		outcomes[string(outcome.State)+" "+outcome.Reason]++
		possible := map[models.DoorCommandState][2]int{
			models.CommandOpened: {1, 1}, models.CommandFailed: {0, 0}, models.CommandUnknown: {0, 1},
		}[outcome.State]
		if pulses < possible[0] || pulses > possible[1] {
			t.Errorf("%+v, and %d pulses", outcome, pulses)
		}
	}
	t.Log(outcomes)
	if outcomes["opened "] < 30 || len(outcomes) < 2 {
		t.Errorf("a test of nothing: %v", outcomes)
	}
}

// One at a time: 20 callers, 20 pulses, and never two requests at once at the board.
func TestOpenByManyAtOnce(t *testing.T) {
	r := newRig(t, func(config *Config, _ *SimulatorConfig) { config.Timeout = patience })
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			if outcome, err := r.driver.Open(t.Context(), r.command(frontDoor, time.Minute)); outcome.State != models.CommandOpened {
				t.Errorf("%+v %v", outcome, err)
			}
		})
	}
	group.Wait()
	if r.simulator.Pulses(1) != 20 {
		t.Errorf("pulsed %d times", r.simulator.Pulses(1))
	}
}

// Junk, other boards' replies, other functions and other events are read over, and what comes too late for one
// request is never taken for the reply to the next.
func TestRepliesThatAreNoneAreReadOver(t *testing.T) {
	address, _ := canned(t,
		[]byte{}, []byte{0x17}, make([]byte, size), make([]byte, 65),
		literal(t, "17320000 2d553919 19990101000000"),                            // another board
		literal(t, "17300000 78372a18 19990101000000"),                            // another function
		literal(t, "19320000 78372a18 19990101000000"),                            // begins as nothing does
		literal(t, "17320000 78372a18 20210528135130"),                            // this is the time
		literal(t, "17320000 78372a18 19990101000000"),                            // too late
		literal(t, "19200000 78372a18 07000000 01"),                               // an event, not the status that was asked for
		literal(t, "17200000 78372a18"),                                           // this is the status
		literal(t, "17b00000 78372a18 1c000000 02010101 00000000 20190803103429"), // another event
		literal(t, "17b00000 78372a18 1d000000 02010101 00000000 20190803103429"), // this is the event
	)
	board, err := NewBoard(BoardConfig{Serial: python, Address: address, Zone: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if got, err := board.Time(t.Context()); err != nil || !got.Equal(utc(2021, 5, 28, 13, 51, 30)) {
			t.Errorf("time: %v %v", got, err)
		}
		if got, err := board.Status(t.Context()); err != nil || got.Event.Index != 0 {
			t.Errorf("status: %+v %v", got, err)
		}
		if got, err := board.Event(t.Context(), 29); err != nil || got.Index != 29 {
			t.Errorf("event: %+v %v", got, err)
		}
	}
}
