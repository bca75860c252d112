package doors

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strconv"
	"sync"
	"testing"
	"time"

	"xunfang/models"
)

// station is a server that a terminal speaks to, as far as it needs one.
type station struct {
	mutex  sync.Mutex
	away   bool
	loses  bool // the answer to a batch of events
	serial int64
	tags   []string // of the questions for a list
	told   []string
	ids    int
}

func (s *station) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	body := struct {
		Secret string `json:"secret"`
		Events []struct {
			Sequence int64  `json:"sequence"`
			Ref      string `json:"credential_ref"`
		} `json:"events"`
	}{}
	_ = json.NewDecoder(r.Body).Decode(&body)
	switch path := r.URL.Path; {
	case s.away:
		w.WriteHeader(http.StatusServiceUnavailable)
	case path == "/v1/device-claims":
		_, _ = fmt.Fprintf(w, `{"device_id":%q,"secret":"one","door_ids":[%q]}`, deviceA, doorA1)
	case path == "/v1/auth/token":
		_, _ = fmt.Fprintf(w, `{"access_token":%q}`, "token of "+body.Secret)
	case path == "/v1/doors/"+string(doorA1)+"/code-entries":
		_, _ = fmt.Fprint(w, `{"decision":"open"}`)
	case path == "/v1/devices/"+string(deviceA)+"/rotate-secret":
		_, _ = fmt.Fprint(w, `{"secret":"two"}`)
	case path == "/v1/devices/"+string(deviceA)+"/events":
		for _, event := range body.Events {
			s.told = append(s.told, fmt.Sprint(event.Sequence, " ", event.Ref, " ", r.Header.Get("Xunfang-Signature")))
		}
		if s.loses {
			s.loses = false
			panic(http.ErrAbortHandler)
		}
	default: // the list
		tag := strconv.FormatInt(s.serial, 10)
		if s.tags = append(s.tags, r.Header.Get("If-None-Match")); r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("ETag", tag)
		_, _ = fmt.Fprintf(w, `{"jws":%q}`, tag)
	}
}

func (s *station) set(change func()) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	change()
}

// box gives a terminal out of its box whose lists are their serials and whose passes are called by their name.
func (s *station) box(t *testing.T, clock *clock) *Terminal {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	list := models.AllowList{
		DeviceID: deviceA, Issued: noon.Unix(), Expires: noon.Add(time.Hour).Unix(), PauseS: 30, SignedPasses: true,
	}
	made := NewTerminal(TerminalConfig{
		Server: server.URL, Broker: "mqtt://127.0.0.1:1", Now: clock.now, Client: server.Client(),
		NewID: func() models.ID { s.ids++; return models.ID(strconv.Itoa(s.ids)) },
		Keys: TerminalKeys{
			Command: func(string) ([]byte, error) { return nil, errors.New("forged") },
			List: func(jws string, _ models.ID) (models.AllowList, error) {
				held := list
				serial, err := strconv.ParseInt(jws, 10, 64)
				held.Serial = serial
				return held, err
			},
			Pass: func(text string) (models.SignedPass, error) {
				return models.SignedPass{
					Pass: models.ID(text), StartsAt: noon, EndsAt: noon.Add(time.Hour), Uses: 1, Doors: []string{models.DoorDigest(doorA1)},
				}, nil
			},
			Hash: func(secret models.Secret, _ models.AllowList, _ models.VisitorCode) string { return secret.Reveal() },
			Sign: func(secret models.Secret, _ string, _ []byte) string { return "by " + secret.Reveal() },
		},
	})
	t.Cleanup(made.Stop)
	return made
}

// A terminal asks the server while it answers, and decides by its list while it does not; what it did alone is told under one number
// however often it is sent. The way out needs neither.
func TestTerminalLosesItsNetwork(t *testing.T) {
	const pass = "01939c1e-8a00-7000-8000-0000000000f1"
	server, clock := &station{serial: 7}, &clock{at: noon}
	terminal := server.box(t, clock)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	scan := func(name string, want Entry) {
		t.Helper()
		got, err := terminal.Scan(t.Context(), doorA1, pass)
		if err != nil || got != want {
			t.Errorf("%s: %+v %v", name, got, err)
		}
	}
	must(terminal.Claim(t.Context(), "4820 1937 5261 0487"))
	if terminal.Device() != deviceA || terminal.Lock(doorA1) == nil || terminal.Lock(doorB1) != nil {
		t.Error("it is not what the claim made it")
	}
	must(terminal.Refresh(t.Context()))
	if want := []string{"", "7"}; !reflect.DeepEqual(server.tags, want) {
		t.Errorf("asked for the list with %q, want %q", server.tags, want)
	}
	scan("with the server", Entry{Open: true})

	server.set(func() { server.away = true })
	scan("without it", Entry{Open: true, Offline: true})
	terminal.Cut()
	scan("cut off", Entry{Offline: true, Why: models.OfflineUsedUp})
	lock := &Lock{}
	terminal.mutex.Lock()
	terminal.locks[doorA1] = lock // as it is when the relay has let go
	terminal.mutex.Unlock()
	leaves(t, "cut off", lock)

	server.set(func() { server.away, server.loses, server.serial = false, true, 8 })
	if err := terminal.Mend(t.Context()); !errors.Is(err, errServerAway) {
		t.Errorf("the answer was lost: %v", err)
	}
	must(terminal.Refresh(t.Context()))
	ref := models.PassRef(pass)
	if want := []string{"1 " + ref + " by one", "1 " + ref + " by one"}; !reflect.DeepEqual(server.told, want) {
		t.Errorf("told %q, want %q", server.told, want)
	}
	must(terminal.Rotate(t.Context()))
	if token, err := terminal.Token(t.Context()); err != nil || token != "token of two" {
		t.Errorf("after the rotation: %v", err)
	}
	server.set(func() { server.away = true })
	scan("a newer list has come that knows of the use", Entry{Open: true, Offline: true})
}
