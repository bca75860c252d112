package doors

import (
	"testing"
	"time"

	"xunfang/models"
)

func TestBehind(t *testing.T) {
	for _, test := range []struct {
		lag  time.Duration
		want bool
	}{{-time.Hour, false}, {0, false}, {MaxClockSkew, false}, {MaxClockSkew + time.Millisecond, true}, {time.Hour, true}} {
		if got := Behind(noon, noon.Add(test.lag)); got != test.want {
			t.Errorf("%s behind: %v", test.lag, got)
		}
	}
}

// A command is held back for an hour and the controller's clock is set back by an hour: it looks fresh.
func TestAClockThatIsSetEndsTheSession(t *testing.T) {
	for _, test := range []struct {
		set  time.Duration
		want bool // the session is over
	}{
		{0, false},
		{MaxClockStep, false},
		{-MaxClockStep, false},
		{MaxClockStep + time.Millisecond, true},
		{-MaxClockStep - time.Millisecond, true},
		{-time.Hour, true},
	} {
		wall, gone, moved := noon, time.Duration(0), 0
		panel := NewPanel(PanelConfig{
			DeviceID: deviceA, DoorIDs: []models.ID{doorA1}, Verify: newSigner(1).verify, Logger: silent(),
			Now: func() time.Time { return wall }, Elapsed: func() time.Duration { return gone },
			Relay: func(models.ID, models.ID) { moved++ },
		})
		panel.Begin(nonceA)
		wall, gone = noon.Add(time.Hour), time.Hour // time goes by
		if panel.Lapsed() {
			t.Fatal("an hour went by, and that ended the session")
		}
		wall = wall.Add(test.set)
		command := goodCommand()
		command.IssuedAt, command.ExpiresAt = wall.Add(-time.Second), wall.Add(time.Second)
		payload, _ := command.encode()
		token, _ := newSigner(1).sign(payload)
		answer, answered := panel.Receive(Message{Payload: []byte(token)})
		ack, err := decodeAck(answer.Payload)
		if !answered || err != nil || (moved == 0) != test.want || (ack.Reason == ReasonOldNonce) != test.want || panel.Lapsed() != test.want {
			t.Errorf("set by %s: moved %d, %+v", test.set, moved, ack)
		}
		panel.Begin(nonceB)
		if panel.Lapsed() || panel.Nonce() != nonceB {
			t.Errorf("set by %s: the next session is over as well", test.set)
		}
	}
}

// The controller notices by itself that its clock was set, and connects again.
func TestAControllerConnectsAgainWhenItsClockIsSet(t *testing.T) {
	r := newRig(t, "mqtt://"+embedded(t, nil).Address())
	config, own := r.controllerConfig(deviceA, secretA, doorA1), &clock{at: noon}
	config.Now, config.Elapsed = own.now, func() time.Duration { return 0 }
	controller := r.switchOn(config)
	before := r.command(doorA1)
	own.advance(-time.Hour)
	r.clock.advance(-time.Hour)
	eventually(t, "a new session", func() bool { return r.sink.nonce(deviceA) != before.Nonce })
	r.awaitSession(controller)
	r.inject(r.signed(before))
	r.opens(controller, r.command(doorA1))
	if controller.Pulses(before.ID) != 0 {
		t.Error("a command of the session before was obeyed")
	}
}

func TestNothingIsSignedForAClockThatIsBehind(t *testing.T) {
	sink := &recorder{nonces: map[models.ID]string{}}
	gone := time.Duration(0)
	server := &clock{at: noon}
	link, err := NewLink(LinkConfig{
		URL: "mqtt://127.0.0.1:1", User: serverUser, Sign: newSigner(1).sign, Sink: sink, Now: server.now,
		Elapsed: func() time.Duration { return gone }, Logger: silent(),
	})
	if err != nil {
		t.Fatal(err)
	}
	says := func(at time.Time) {
		t.Helper()
		payload, _ := hello{deviceA, nonceA, simulated, at}.encode()
		if err := link.Receive(t.Context(), Message{Topic: deviceTopic(deviceA, leafHello), Payload: payload}); err != nil {
			t.Fatal(err)
		}
	}
	signs := func() bool {
		command := goodCommand()
		command.Nonce, command.IssuedAt, command.ExpiresAt = sink.nonce(deviceA), server.now(), server.now().Add(time.Second)
		_, _, err := link.Seal(deviceA, command)
		return err == nil
	}
	says(noon)
	if !signs() {
		t.Error("a good clock is refused")
	}
	says(noon.Add(-MaxClockSkew - time.Millisecond))
	if signs() || sink.nonce(deviceA) != "" {
		t.Error("signed for a clock that is behind")
	}
	says(noon)
	server.advance(time.Hour) // ours is set wrong: the session was judged by another time
	if signs() {
		t.Error("signed for a session of before our clock was set")
	}
	says(noon)
	if signs() {
		t.Error("signed for a clock that is behind the one we have now")
	}
	server.advance(-time.Hour)
	if says(noon); !signs() {
		t.Error("our clock is right again, and the device has been heard")
	}
	gone += time.Hour
	server.advance(time.Hour) // time goes by
	if !signs() {
		t.Error("an hour went by, and that was taken for a clock that was set")
	}
}
