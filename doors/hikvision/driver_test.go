package hikvision

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"xunfang/doors"
	"xunfang/models"
)

var _ doors.Driver = (*Driver)(nil)

func TestOpenByBothDigests(t *testing.T) {
	for _, algorithm := range []string{"MD5", "SHA-256"} {
		device := newStandIn(t)
		device.algorithm, device.uses = algorithm, 3
		driver, clock := device.driver()
		for range 4 { // the nonce is counted up, then stale, then another one
			outcome, err := driver.Open(t.Context(), command(frontDoor, clock, time.Minute))
			if err != nil || outcome.State != models.CommandOpened || !outcome.Confirmed {
				t.Fatalf("%s: %+v %v", algorithm, outcome, err)
			}
		}
		if device.pulsed("1") != 4 || device.pulsed("2") != 0 || device.staleNonces() == 0 {
			t.Errorf("%s: pulsed %v, %d stale nonces", algorithm, device.pulses, device.staleNonces())
		}
		for _, body := range device.bodies {
			if body != "<RemoteControlDoor><cmd>open</cmd></RemoteControlDoor>" {
				t.Errorf("%s: sent %s", algorithm, body)
			}
		}
	}
}

func TestOpenIsUnconfirmedWhereTheLockStaysLocked(t *testing.T) {
	device := newStandIn(t)
	device.setLock("0,0")
	driver, clock := device.driver()
	outcome, err := driver.Open(t.Context(), command(frontDoor, clock, time.Minute))
	if err != nil || outcome.State != models.CommandUnknown || outcome.Confirmed || outcome.Reason != models.OutcomeUnconfirmed {
		t.Errorf("%+v %v", outcome, err)
	}
	trusting, _ := device.driver(func(config *Config) { config.TrustReply = true })
	if outcome, err := trusting.Open(t.Context(), command(frontDoor, clock, time.Minute)); err != nil || outcome.State != models.CommandOpened {
		t.Errorf("%+v %v", outcome, err)
	}
}

func TestOpenThatHasExpiredIsNotSent(t *testing.T) {
	device := newStandIn(t)
	driver, clock := device.driver()
	for _, life := range []time.Duration{0, -time.Second} {
		if outcome, err := driver.Open(t.Context(), command(frontDoor, clock, life)); err != nil || outcome.State != models.CommandExpired {
			t.Errorf("%v: %+v %v", life, outcome, err)
		}
	}
	if device.sent() != 0 || device.challenges() != 0 {
		t.Error("something was sent")
	}
}

// The time passes while the device asks for credentials: the request that could open never leaves.
func TestOpenThatExpiresBetweenChallengeAndAnswer(t *testing.T) {
	device := newStandIn(t)
	driver, clock := device.driver(func(config *Config) {
		now, calls := config.Now, 0
		config.Now = func() time.Time {
			if calls++; calls == 3 { // Open, the first request, and now the one with credentials
				return now().Add(time.Hour)
			}
			return now()
		}
	})
	outcome, err := driver.Open(t.Context(), command(frontDoor, clock, time.Minute))
	if err != nil || outcome.State != models.CommandExpired || device.challenges() != 1 || device.sent() != 0 {
		t.Errorf("%+v %v, challenged %d times, %v", outcome, err, device.challenges(), device.bodies)
	}
}

func TestOpenThatDoesNotSucceed(t *testing.T) {
	for _, test := range []struct {
		name   string
		answer func(w http.ResponseWriter, r *http.Request) bool
		state  models.DoorCommandState
		reason string
	}{
		{"refused by status", func(w http.ResponseWriter, _ *http.Request) bool {
			w.WriteHeader(http.StatusForbidden)
			return true
		}, models.CommandFailed, models.OutcomeRefused},
		{"refused by code", func(w http.ResponseWriter, _ *http.Request) bool {
			_, _ = io.WriteString(w, `<ResponseStatus><statusCode>4</statusCode></ResponseStatus>`)
			return true
		}, models.CommandFailed, models.OutcomeRefused},
		{"a redirect is not followed", func(w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, "/ISAPI/AccessControl/RemoteControl/door/2", http.StatusTemporaryRedirect)
			return true
		}, models.CommandFailed, models.OutcomeRefused},
		{"nonsense", func(w http.ResponseWriter, _ *http.Request) bool {
			_, _ = io.WriteString(w, "welcome")
			return true
		}, models.CommandUnknown, models.OutcomeSilent},
		{
			"the connection breaks", func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) },
			models.CommandUnknown, models.OutcomeSilent,
		},
		{"endless", func(w http.ResponseWriter, _ *http.Request) bool {
			_, _ = io.WriteString(w, strings.Repeat("x", maxBody+1))
			return true
		}, models.CommandFailed, models.OutcomeRefused},
	} {
		t.Run(test.name, func(t *testing.T) {
			device := newStandIn(t)
			device.answer = test.answer
			driver, clock := device.driver()
			outcome, err := driver.Open(t.Context(), command(frontDoor, clock, time.Minute))
			if err == nil || outcome.State != test.state || outcome.Reason != test.reason || device.sent() != 1 {
				t.Errorf("%+v %v, sent %d times", outcome, err, device.sent())
			}
		})
	}
	t.Run("a wrong password", func(t *testing.T) {
		device := newStandIn(t)
		driver, clock := device.driver(func(config *Config) { config.Password = "another" })
		outcome, err := driver.Open(t.Context(), command(frontDoor, clock, time.Minute))
		if !errors.Is(err, models.ErrDoorRefused) || outcome.State != models.CommandFailed || device.sent() != 0 {
			t.Errorf("%+v %v", outcome, err)
		}
	})
	t.Run("nobody there", func(t *testing.T) {
		device := newStandIn(t)
		driver, clock := device.driver(func(config *Config) { config.URL = "http://127.0.0.1:1" })
		outcome, err := driver.Open(t.Context(), command(frontDoor, clock, time.Minute))
		if !errors.Is(err, models.ErrDoorUnreachable) || outcome.State != models.CommandFailed || outcome.Reason != models.OutcomeUnreachable {
			t.Errorf("%+v %v", outcome, err)
		}
	})
	t.Run("a foreign door", func(t *testing.T) {
		device := newStandIn(t)
		driver, clock := device.driver()
		if outcome, err := driver.Open(t.Context(), command("other", clock, time.Minute)); !errors.Is(err, models.ErrDoorUnknown) || outcome.State != models.CommandFailed {
			t.Errorf("%+v %v", outcome, err)
		}
	})
}

func TestStatusAndHealth(t *testing.T) {
	device := newStandIn(t)
	driver, _ := device.driver(func(config *Config) { config.Doors[1].Contact = false })
	first, err := driver.Status(t.Context(), frontDoor)
	if err != nil || first.Lock != models.LockUnlocked || first.Mode != models.ModeAccessed || first.Position != models.PositionOpen || first.Alarm != models.AlarmUnknown {
		t.Errorf("%+v %v", first, err)
	}
	second, err := driver.Status(t.Context(), gate2)
	if err != nil || second.Lock != models.LockLocked || second.Mode != models.ModeBlocked || second.Position != models.PositionUnknown {
		t.Errorf("%+v %v", second, err)
	}
	device.setLock("3")
	if broken, err := driver.Status(t.Context(), frontDoor); err != nil || broken.Lock != models.LockFault || broken.Fault != models.FaultDetected {
		t.Errorf("%+v %v", broken, err)
	}
	if short, err := driver.Status(t.Context(), gate2); err != nil || short.Lock != models.LockUnknown {
		t.Errorf("a list that is too short: %+v %v", short, err)
	}
	health, err := driver.Health(t.Context())
	if err != nil || !health.Online || health.Model != "DS-K1T671M" || health.Firmware != "V3.2.30" || health.ClockDrift != 5*time.Second {
		t.Errorf("%+v %v", health, err)
	}
	if able := driver.Capabilities(); able.KnowsPosition || able.HoldsCards || able.EventIndex || able.ExpiresCommands || able.TriedOnHardware {
		t.Errorf("too much is promised: %+v", able)
	}
}

func TestEventStream(t *testing.T) {
	device := newStandIn(t)
	driver, _ := device.driver(func(config *Config) { config.Refer = func(credential string) string { return "ref:" + credential[:1] } })
	events := make(chan models.DoorEvent, 16)
	run(t, func(ctx context.Context) error {
		return driver.Events(ctx, models.DoorEventMark{}, func(_ context.Context, event models.DoorEvent) error {
			events <- event
			return nil
		})
	})
	next := func() models.DoorEvent {
		t.Helper()
		select {
		case event := <-events:
			return event
		case <-time.After(10 * time.Second):
			t.Fatal("no event came")
			return models.DoorEvent{}
		}
	}
	// The shape is the one that devices' owners have published.
	const face = `{"ipAddress":"192.168.100.55","dateTime":"2026-11-24T20:00:00+08:00","eventType":"AccessControllerEvent","eventState":"active",` +
		`"AccessControllerEvent":{"deviceName":"Access Controller","majorEventType":5,"subEventType":75,"name":"A Name","doorNo":1,` +
		`"employeeNoString":"7123","serialNo":1199,"currentVerifyMode":"face","picturesNumber":1}}`
	device.stream <- device.part("application/xml", "<EventNotificationAlert><eventType>videoloss</eventType></EventNotificationAlert>")
	device.stream <- device.part("application/json", face) // and nothing after it: it must be told at once
	got := next()
	if got.Kind != models.EventAccessGranted || got.Way != models.WayFace || got.DoorID != frontDoor || got.Index != 1199 || got.CredentialRef != "ref:7" || got.Replayed {
		t.Errorf("%+v", got)
	}
	device.stream <- device.part("image/jpeg", "\xff\xd8\r\n--not the boundary\r\n\xff\xd9")
	device.stream <- device.part("application/json", "{")
	device.stream <- device.part("application/json", `{"eventType":"videoloss"}`)
	device.stream <- device.part("application/json", face) // once more
	device.stream <- ""                                    // the connection ends, and is made again
	device.stream <- device.part("application/json", strings.Replace(strings.Replace(face, "75", "27", 1), "1199", "1200", 1))
	if got := next(); got.Kind != models.EventForcedOpen || got.Index != 1200 {
		t.Errorf("%+v", got)
	}
	stored := strings.Replace(strings.Replace(face, `"serialNo":1199`, `"serialNo":1201,"currentEvent":false`, 1), `"doorNo":1`, `"doorNo":9`, 1)
	device.stream <- device.part("application/json", stored)
	if got := next(); !got.Replayed || got.DoorID != "" {
		t.Errorf("from the device's memory: %+v", got)
	}
	device.stream <- device.part("application/json", strings.Replace(face, "2026-11-24T20:00:00", "2026-11-24T19:59:00", 1))
	if got := next(); !got.Replayed {
		t.Errorf("a minute old: %+v", got)
	}
}

func TestEventStreamThatFallsSilent(t *testing.T) {
	device := newStandIn(t)
	driver, _ := device.driver(func(config *Config) { config.Silence = 50 * time.Millisecond })
	err := driver.stream(t.Context(), &models.DoorEventMark{}, nil)
	if err == nil || !strings.Contains(err.Error(), "silent") {
		t.Errorf("%v", err)
	}
}

func TestAddressesThatCannotBe(t *testing.T) {
	for _, address := range []string{"", "device", "ftp://device", "http://", "http://admin:secret@device", "http://device/path", "http://device?x=1"} {
		if _, err := NewDriver(Config{URL: address}); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", address, err)
		}
	}
}
