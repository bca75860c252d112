package webhook

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"xunfang/doors"
	"xunfang/models"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var _ doors.Driver = (*Driver)(nil)

const (
	frontDoor = models.ID("0198c000-0000-7000-8000-0000000000a1")
	secret    = models.Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// The vector of the Standard Webhooks specification's own test suite.
func TestPublishedSignature(t *testing.T) {
	key, err := models.WebhookKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	got := models.WebhookHeaders("msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`), key)
	if got[models.WebhookHeaderSignature] != "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" || got[models.WebhookHeaderTimestamp] != "1614265330" {
		t.Errorf("%v", got)
	}
}

// receiver is a server that keeps what it was sent.
type receiver struct {
	*httptest.Server
	mutex    sync.Mutex
	requests []*http.Request
	bodies   []string
}

func newReceiver(t *testing.T, answer http.HandlerFunc) *receiver {
	t.Helper()
	r := &receiver{}
	r.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, _ := io.ReadAll(request.Body)
		r.mutex.Lock()
		r.requests, r.bodies = append(r.requests, request), append(r.bodies, string(body))
		r.mutex.Unlock()
		answer(w, request)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) count() int {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return len(r.bodies)
}

func (r *receiver) driver(t *testing.T, changes ...func(*Config)) *Driver {
	t.Helper()
	config := Config{
		URL: r.URL + "/open?key=of-the-maker", Secret: secret, Doors: []models.ID{frontDoor}, Now: func() time.Time { return noon },
		AllowPrivate: true, TLS: r.Client().Transport.(*http.Transport).TLSClientConfig,
	}
	for _, change := range changes {
		change(&config)
	}
	driver, err := NewDriver(config)
	if err != nil {
		t.Fatal(err)
	}
	return driver
}

func command(life time.Duration) models.DoorCommand {
	return models.DoorCommand{ID: "0198c000-0000-7000-8000-000000000001", DoorID: frontDoor, RequestedAt: noon, ExpiresAt: noon.Add(life)}
}

func word(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }
}

func TestOrderIsSignedAndComplete(t *testing.T) {
	r := newReceiver(t, word(`{"result":"opened"}`))
	outcome, err := r.driver(t).Open(t.Context(), command(4*time.Second))
	if err != nil || outcome.State != models.CommandOpened || !outcome.Confirmed || r.count() != 1 {
		t.Fatalf("%+v %v, sent %d times", outcome, err, r.count())
	}
	const want = `{"type":"door.open","timestamp":"2026-11-24T12:00:00.000Z","data":{"command_id":"0198c000-0000-7000-8000-000000000001",` +
		`"door_id":"0198c000-0000-7000-8000-0000000000a1","expires_at":"2026-11-24T12:00:04.000Z"}}`
	if r.bodies[0] != want {
		t.Errorf("sent\n%s\nwant\n%s", r.bodies[0], want)
	}
	key, _ := models.WebhookKey(secret)
	for name, value := range models.WebhookHeaders("0198c000-0000-7000-8000-000000000001", noon, []byte(want), key) {
		if got := r.requests[0].Header.Get(name); got != value {
			t.Errorf("%s is %q, want %q", name, got, value)
		}
	}
}

func TestOutcomeIsWhatTheReceiverSays(t *testing.T) {
	for _, test := range []struct {
		name      string
		answer    http.HandlerFunc
		state     models.DoorCommandState
		reason    string
		confirmed bool
	}{
		{"no word", word(""), models.CommandUnknown, models.OutcomeUnconfirmed, false},
		{"another word", word(`{"result":"maybe"}`), models.CommandUnknown, models.OutcomeUnconfirmed, false},
		{"failed", word(`{"result":"failed"}`), models.CommandFailed, models.OutcomeRefused, true},
		{"far too much", word(`{"pad":"` + strings.Repeat("x", maxAnswer) + `","result":"opened"}`), models.CommandUnknown, models.OutcomeUnconfirmed, false},
		{"no", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) }, models.CommandFailed, models.OutcomeRefused, true},
		{"broken", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, models.CommandUnknown, models.OutcomeSilent, false},
		{"elsewhere", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/other", http.StatusSeeOther)
		}, models.CommandFailed, models.OutcomeRefused, true},
		{"hangs up", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, models.CommandUnknown, models.OutcomeSilent, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newReceiver(t, test.answer)
			outcome, err := r.driver(t).Open(t.Context(), command(4*time.Second))
			if outcome.State != test.state || outcome.Reason != test.reason || outcome.Confirmed != test.confirmed || r.count() != 1 {
				t.Errorf("%+v %v, sent %d times", outcome, err, r.count())
			}
			if err != nil && strings.Contains(err.Error(), "of-the-maker") {
				t.Errorf("the address is in the error: %v", err)
			}
		})
	}
}

func TestWhatHasExpiredIsNotSent(t *testing.T) {
	r := newReceiver(t, word(""))
	for _, life := range []time.Duration{0, -time.Second} {
		if outcome, err := r.driver(t).Open(t.Context(), command(life)); err != nil || outcome.State != models.CommandExpired {
			t.Errorf("%v: %+v %v", life, outcome, err)
		}
	}
	// The time passes while the connection is made: nothing is written on it any more.
	var calls int
	late := r.driver(t, func(config *Config) {
		config.Now = func() time.Time {
			if calls++; calls > 1 {
				return noon.Add(time.Hour)
			}
			return noon
		}
	})
	if outcome, err := late.Open(t.Context(), command(4*time.Second)); err != nil || outcome.State != models.CommandExpired {
		t.Errorf("late: %+v %v", outcome, err)
	}
	if r.count() != 0 {
		t.Errorf("sent %d times", r.count())
	}
}

func TestNobodyThere(t *testing.T) {
	r := newReceiver(t, word(""))
	for name, change := range map[string]func(*Config){
		"closed port":             func(config *Config) { config.URL = "https://127.0.0.1:1/key-of-the-maker" },
		"a certificate of others": func(config *Config) { config.TLS = &tls.Config{MinVersion: tls.VersionTLS12} },
		"a private address":       func(config *Config) { config.AllowPrivate = false },
	} {
		outcome, err := r.driver(t, change).Open(t.Context(), command(4*time.Second))
		if !errors.Is(err, models.ErrDoorUnreachable) || outcome.State != models.CommandFailed || outcome.Reason != models.OutcomeUnreachable {
			t.Errorf("%s: %+v %v", name, outcome, err)
		}
		if strings.Contains(fmt.Sprint(err), "of-the-maker") {
			t.Errorf("%s: the address is in the error: %v", name, err)
		}
	}
	if outcome, err := r.driver(t).Open(t.Context(), models.DoorCommand{DoorID: "other", ExpiresAt: noon.Add(time.Minute)}); !errors.Is(err, models.ErrDoorUnknown) || outcome.State != models.CommandFailed {
		t.Errorf("a foreign door: %+v %v", outcome, err)
	}
	if r.count() != 0 {
		t.Errorf("sent %d times", r.count())
	}
}

func TestAddresses(t *testing.T) {
	open, private, local := &Driver{}, &Driver{config: Config{AllowPrivate: true}}, &Driver{local: true}
	for text, want := range map[string][3]bool{ // in the open, with private ones, plain HTTP
		"8.8.8.8": {true, true, false}, "2606:4700::1111": {true, true, false},
		"127.0.0.1": {false, true, true}, "::1": {false, true, true}, "::ffff:127.0.0.1": {false, true, true},
		"10.0.0.1": {false, true, false}, "192.168.1.1": {false, true, false}, "172.16.0.1": {false, true, false}, "fd00::1": {false, true, false},
		"169.254.169.254": {}, "fe80::1": {}, "0.0.0.0": {}, "::": {}, "224.0.0.1": {}, "255.255.255.255": {}, "100.64.0.1": {},
		"0.1.2.3": {}, "64:ff9b::a00:1": {}, "2002:a00:1::": {}, "198.18.0.1": {}, "240.0.0.1": {},
	} {
		address := netip.MustParseAddr(text).Unmap()
		for at, driver := range []*Driver{open, private, local} {
			if got := driver.permitted(address) == nil; got != want[at] {
				t.Errorf("%s, rule %d: %v", text, at, got)
			}
		}
	}
}

func TestConfigurationsThatCannotBe(t *testing.T) {
	good := Config{URL: "https://receiver.example/open", Secret: secret, Doors: []models.ID{frontDoor}, Now: time.Now}
	if _, err := NewDriver(good); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Config){
		"plain HTTP to others":     func(config *Config) { config.URL = "http://receiver.example/open" },
		"plain HTTP to a near one": func(config *Config) { config.URL = "http://192.168.1.9/open" },
		"an account":               func(config *Config) { config.URL = "https://user:word@receiver.example/" },
		"another scheme":           func(config *Config) { config.URL = "file:///etc/passwd" },
		"no host":                  func(config *Config) { config.URL = "https:///open" },
		"no secret":                func(config *Config) { config.Secret = "" },
		"a short secret":           func(config *Config) { config.Secret = "whsec_c2hvcnQ=" },
		"not base64":               func(config *Config) { config.Secret = "whsec_" + models.Secret(strings.Repeat("*", 40)) },
		"no doors":                 func(config *Config) { config.Doors = nil },
	} {
		config := good
		change(&config)
		if _, err := NewDriver(config); err == nil || strings.Contains(err.Error(), "word") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
