package doors

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eclipse/paho.golang/paho"

	"xunfang/models"
)

// scenarios are what the protocol promises, whichever broker is in between.
func scenarios(t *testing.T, address string) {
	t.Run("opens once and says so", func(t *testing.T) { opensOnce(t, newRig(t, address)) })
	t.Run("faults open nothing", func(t *testing.T) { faultsOpenNothing(t, newRig(t, address)) })
	t.Run("repeated", func(t *testing.T) { repeatedOpensOnce(t, newRig(t, address)) })
	t.Run("old nonce after reconnect", func(t *testing.T) { oldNonce(t, newRig(t, address)) })
	t.Run("controller was off", func(t *testing.T) { controllerWasOff(t, newRig(t, address)) })
	t.Run("retained", func(t *testing.T) { retained(t, newRig(t, address)) })
	t.Run("reports", func(t *testing.T) { reports(t, newRig(t, address)) })
	t.Run("foreign ears hear nothing", func(t *testing.T) { foreignEars(t, newRig(t, address)) })
	t.Run("round trip", func(t *testing.T) { roundTrip(t, address) })
	t.Run("strangers", func(t *testing.T) { strangers(t, address) })
}

func opensOnce(t *testing.T, r *rig) {
	var pulsed []models.ID
	config := r.controllerConfig(deviceA, secretA, doorA1, doorA2)
	config.Relay = func(doorID, _ models.ID) { pulsed = append(pulsed, doorID) }
	controller := r.switchOn(config)
	r.opens(controller, r.command(doorA2))
	controller.panel.mutex.Lock()
	defer controller.panel.mutex.Unlock()
	if !slices.Equal(pulsed, []models.ID{doorA2}) {
		t.Fatalf("relays: %v", pulsed)
	}
}

func faultsOpenNothing(t *testing.T, r *rig) {
	controller := r.controllerA()
	stranger := newSigner(99)
	payloadOf := func(command Command) []byte {
		payload, err := command.encode()
		if err != nil {
			t.Fatal(err)
		}
		return payload
	}
	cases := []struct {
		name  string
		token func(command Command) string
		want  string // reason of the refusal; "" for silence
	}{
		{"late", func(c Command) string { token := r.signed(c); r.clock.advance(10 * time.Second); return token }, ReasonExpired},
		{"from the future", func(c Command) string {
			c.IssuedAt, c.ExpiresAt = c.IssuedAt.Add(31*time.Second), c.ExpiresAt.Add(31*time.Second)
			return r.signed(c)
		}, ReasonNotYet},
		{"lives too long", func(c Command) string { c.ExpiresAt = c.IssuedAt.Add(61 * time.Second); return r.signed(c) }, ReasonBadLifetime},
		{"other door", func(c Command) string { c.DoorID = doorB1; return r.signed(c) }, ReasonOtherDoor},
		{"other device", func(c Command) string { c.DeviceID = deviceB; return r.signed(c) }, ReasonOtherDevice},
		{"other nonce", func(c Command) string { c.Nonce = nonceB; return r.signed(c) }, ReasonOldNonce},
		{"other action", func(c Command) string { c.Action = "hold_open"; return r.signed(c) }, ReasonUnknownAction},
		{"altered payload", func(c Command) string {
			parts := strings.Split(r.signed(c), ".")
			c.DoorID = doorA2
			parts[1] = base64.RawURLEncoding.EncodeToString(payloadOf(c))
			return strings.Join(parts, ".")
		}, ""},
		{"altered signature", func(c Command) string { return strings.TrimRight(r.signed(c), "AQgw") + "AAAA" }, ""},
		{"unsigned", func(c Command) string { return string(payloadOf(c)) }, ""},
		{"alg none", func(c Command) string {
			header := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","kid":"test-1","typ":"door-command+jws"}`))
			return header + "." + base64.RawURLEncoding.EncodeToString(payloadOf(c)) + "."
		}, ""},
		{"signed by another key", func(c Command) string { token, _ := stranger.sign(payloadOf(c)); return token }, ""},
		{"another kind of token", func(c Command) string {
			return r.signer.signAs(`{"alg":"EdDSA","kid":"test-1","typ":"at+jwt"}`, payloadOf(c))
		}, ""},
		{"signed, with an unknown field", func(c Command) string {
			text := strings.Replace(string(payloadOf(c)), "{", `{"hold":"1",`, 1)
			return r.signer.signAs(`{"alg":"EdDSA","kid":"test-1","typ":"door-command+jws"}`, []byte(text))
		}, ""},
		{"nothing", func(Command) string { return "" }, ""},
	}
	for _, one := range cases {
		t.Run(one.name, func(t *testing.T) {
			command := r.command(doorA1)
			r.inject(one.token(command))
			r.opens(controller, r.command(doorA1)) // the control, and the end of waiting
			if pulses := controller.Pulses(command.ID); pulses != 0 {
				t.Fatalf("the door opened %d times", pulses)
			}
			acks := r.sink.acksOf(command.ID)
			if one.want == "" && len(acks) != 0 {
				t.Fatalf("answered a stranger: %+v", acks)
			}
			if one.want != "" && (len(acks) != 1 || acks[0].Result != ResultRefused || acks[0].Reason != one.want) {
				t.Fatalf("answers %+v, want %s", acks, one.want)
			}
		})
	}
}

func repeatedOpensOnce(t *testing.T, r *rig) {
	controller := r.controllerA()
	command := r.command(doorA1)
	r.opens(controller, command)
	token := r.signed(command)
	r.inject(token)
	r.clock.advance(time.Minute)
	r.inject(token) // late and repeated
	controller.client.cut()
	eventually(t, "a new session", func() bool { return r.sink.nonce(deviceA) != command.Nonce && controller.Ready() })
	r.awaitSession(controller)
	r.inject(token) // and of an old session
	r.opens(controller, r.command(doorA1))
	if pulses := controller.Pulses(command.ID); pulses != 1 {
		t.Fatalf("%d pulses", pulses)
	}
	// An answer can be lost with a connection; whatever comes is the first one again.
	acks := r.sink.acksOf(command.ID)
	if len(acks) < 2 {
		t.Fatalf("answers %+v", acks)
	}
	for _, ack := range acks {
		if ack != acks[0] || ack.Result != ResultOpened {
			t.Fatalf("answers %+v", acks)
		}
	}
}

func oldNonce(t *testing.T, r *rig) {
	controller := r.controllerA()
	command := r.command(doorA1)
	controller.client.cut()
	eventually(t, "the will", func() bool { return r.sink.saidBye(command.Nonce) })
	eventually(t, "a new nonce", func() bool { return r.sink.nonce(deviceA) != command.Nonce })
	r.awaitSession(controller)
	r.inject(r.signed(command))
	r.opens(controller, r.command(doorA1))
	acks := r.sink.acksOf(command.ID)
	if controller.Pulses(command.ID) != 0 || len(acks) != 1 || acks[0].Reason != ReasonOldNonce {
		t.Fatalf("%d pulses, answers %+v", controller.Pulses(command.ID), acks)
	}
}

func controllerWasOff(t *testing.T, r *rig) {
	controller := r.controllerA()
	command := r.command(doorA1)
	controller.Stop(false)
	eventually(t, "the broker says bye for it", func() bool { return r.sink.saidBye(command.Nonce) })
	if err := r.link.Send(t.Context(), deviceA, command); err != nil {
		t.Fatal(err) // the broker has it; nobody listens
	}
	// It comes back within the command's life: time alone would not keep the door closed.
	controller = r.controllerA()
	r.opens(controller, r.command(doorA1))
	if pulses, acks := controller.Pulses(command.ID), r.sink.acksOf(command.ID); pulses != 0 || len(acks) != 0 {
		t.Fatalf("%d pulses, answers %+v", pulses, acks)
	}
}

func retained(t *testing.T, r *rig) {
	controller := r.controllerA()
	command := r.command(doorA1)
	message := &paho.Publish{QoS: 1, Retain: true, Topic: deviceTopic(deviceA, leafCommands), Payload: []byte(r.signed(command))}
	if _, err := r.link.client.live.Load().manager.Publish(t.Context(), message); err == nil {
		t.Fatal("the broker took a retained command")
	}
	r.opens(controller, r.command(doorA1))
	if controller.Pulses(command.ID) != 0 {
		t.Fatal("a retained command opened")
	}
	// Another broker might keep it: the controller itself ignores what comes from a broker's memory.
	controller.received("", &paho.Publish{Retain: true, Payload: message.Payload})
	if controller.Pulses(command.ID) != 0 {
		t.Fatal("a retained command opened")
	}
	controller.received("", &paho.Publish{Payload: message.Payload})
	if controller.Pulses(command.ID) != 1 {
		t.Fatal("the same command, not retained, did not open")
	}
}

func reports(t *testing.T, r *rig) {
	controller := r.controllerA()
	want := make([]Event, 20)
	for at := range want {
		want[at] = Event{ID: newID(), DoorID: doorA1, At: noon, Way: WayCard, Outcome: OutcomeGranted, CredentialRef: "card-7"}
		if err := controller.Report(t.Context(), want[at]); err != nil {
			t.Fatal(err)
		}
	}
	events := func() []Event {
		r.sink.mutex.Lock()
		defer r.sink.mutex.Unlock()
		return slices.Clone(r.sink.events)
	}
	eventually(t, "all events", func() bool { return len(events()) == len(want) })
	if !slices.Equal(events(), want) {
		t.Fatal("events changed, or changed places")
	}
	nonce := r.sink.nonce(deviceA)
	controller.Stop(true)
	eventually(t, "bye", func() bool { return r.sink.saidBye(nonce) })
}

// foreignEars: device B asks for everything and gets nothing that is not its own.
func foreignEars(t *testing.T, r *rig) {
	controller := r.controllerA()
	heard := make(chan string, 100)
	other, _, err := raw(t, r.url, account(string(deviceB), string(deviceB), secretB), func(message *paho.Publish) {
		heard <- message.Topic
	})
	if err != nil {
		t.Fatal(err)
	}
	own := deviceTopic(deviceB, leafCommands)
	for _, filter := range []string{
		"#", "+/#", "xunfang/#", topicRoot + "+/commands", deviceTopic(deviceA, leafCommands),
		"$share/all/xunfang/v1/devices/+/commands", deviceTopic(deviceA, leafAcks), own,
	} {
		// Some brokers refuse the filter, others take it and deliver nothing.
		_, _ = other.Subscribe(t.Context(), &paho.Subscribe{Subscriptions: []paho.SubscribeOptions{{Topic: filter, QoS: 1}}})
	}
	ack, _ := Ack{ID: anID, DoorID: doorA1, Result: ResultOpened, At: noon}.encode()
	_, _ = other.Publish(t.Context(), &paho.Publish{QoS: 1, Topic: deviceTopic(deviceA, leafAcks), Payload: ack})
	_, _ = other.Publish(t.Context(), &paho.Publish{QoS: 1, Topic: deviceTopic(deviceA, leafCommands), Payload: []byte("x")})
	r.opens(controller, r.command(doorA1))
	if err := r.link.deliver(t.Context(), deviceB, []byte("its own"), 60); err != nil {
		t.Fatal(err)
	}
	if topic := <-heard; topic != own { // the control: it does hear, and this came last
		t.Fatalf("device B heard %s", topic)
	}
	if acks := r.sink.acksOf(anID); len(acks) != 0 {
		t.Fatalf("device B answered for A: %+v", acks)
	}
	// The control for that: under its own name it is heard.
	if _, err := other.Publish(t.Context(), &paho.Publish{QoS: 1, Topic: deviceTopic(deviceB, leafAcks), Payload: ack}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "B's own answer", func() bool { return len(r.sink.acksOf(anID)) == 1 })
	r.sink.mutex.Lock()
	defer r.sink.mutex.Unlock()
	if last := r.sink.ackers[len(r.sink.ackers)-1]; last != deviceB {
		t.Fatalf("it came as from %s", last)
	}
}

// roundTrip: the time comes from the link's clock, which here moves by 1 ms at each look.
func roundTrip(t *testing.T, address string) {
	r := newRig(t, address, func(config *LinkConfig) {
		moved := &clock{at: noon}
		config.Now = func() time.Time { moved.advance(time.Millisecond); return moved.now() }
	})
	took, err := r.link.RoundTrip(t.Context())
	if err != nil || took != time.Millisecond {
		t.Fatalf("%v, %v", took, err)
	}
}

func strangers(t *testing.T, address string) {
	for name, packet := range map[string]*paho.Connect{
		"anonymous":             account("anybody", "", ""),
		"anonymous as a device": account(string(deviceA), "", ""),
		"wrong secret":          account(string(deviceA), string(deviceA), secretB),
		"no secret":             account(string(deviceA), string(deviceA), ""),
		"unknown device":        account(string(doorA1), string(doorA1), secretA),
		"wrong server password": account("xunfang-server-raw", serverUser, "server-password-2"),
		"device as the server":  account(string(deviceA), serverUser, secretA),
		"upper-case spelling":   account(strings.ToUpper(string(deviceA)), strings.ToUpper(string(deviceA)), secretA),
	} {
		if _, _, err := raw(t, address, packet, nil); err == nil {
			t.Errorf("%s came in", name)
		}
	}
	if _, _, err := raw(t, address, account(string(deviceA), string(deviceA), secretA), nil); err != nil {
		t.Errorf("control: %v", err)
	}
}
