package main

import (
	"bufio"
	"crypto/sha256"
	"database/sql"
	"errors"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"xunfang/auth"
	"xunfang/doors"
	"xunfang/models"
)

// checkUnheard expects of a request without an answer that the server never took it: it was sent on a
// new connection, which nobody accepted any more, and left no trace. (Where the kernel had greeted the client
// for the listener just before it closed, the client sees a reset and not a refusal.)
func checkUnheard(t *testing.T, opened *sql.DB, request lost) {
	t.Helper()
	var unheard unanswered
	if !errors.As(request.err, &unheard) || unheard.reused {
		t.Errorf("a request on an open connection was not answered: %v", request.err)
	}
	for _, id := range request.ids {
		if left := column(t, opened, "SELECT id FROM check_ins WHERE id = ? UNION SELECT id FROM tips WHERE id = ?", id, id); len(left) > 0 {
			t.Errorf("%s was written, and the answer was lost: %v", id, request.err)
		}
	}
	if request.key != "" {
		hash := sha256.Sum256([]byte(request.key))
		if left := column(t, opened, "SELECT operation FROM idempotency_keys WHERE key_hash = ?", hash[:]); len(left) > 0 {
			t.Errorf("%s was carried out, and the answer was lost: %v", left[0], request.err)
		}
	}
}

func TestStopUnderLoadLosesNoAnswer(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn string) {
		s := newSite(t, dsn, nil)
		env := map[string]string{"XUNFANG_MODE": "development", "XUNFANG_LIMITS": "off"}
		rounds := 5
		if testing.Short() {
			rounds = 2
		}
		var people *crowd
		for range rounds {
			server, at := s.serve(env)
			if people == nil {
				people = newCrowd(t, s, at.api)
			}
			var mutex sync.Mutex
			unheard := []lost{}
			people.refused = func(request lost) {
				mutex.Lock()
				defer mutex.Unlock()
				unheard = append(unheard, request)
			}
			people.work(at.api)
			time.Sleep(300 * time.Millisecond) // of load, before the stop
			server.stop()
			people.rest()
			if len(unheard) == 0 {
				t.Error("nobody was at work when the server stopped")
			}
			opened := s.raw()
			for _, request := range unheard {
				checkUnheard(t, opened, request)
			}
			if found := people.ledger.findings(t, opened, nil, ""); len(found) > 0 {
				t.Errorf("after the stop:\n%s", strings.Join(found, "\n"))
			}
			closing(t, opened)
		}
		t.Log(people.ledger.counts())
	})
}

// openStream opens the event stream and reads past its greeting.
func openStream(t testing.TB, who *caller, headers ...string) *bufio.Reader {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, who.base+"/v1/stream", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+who.token)
	for at := 0; at+1 < len(headers); at += 2 {
		request.Header.Set(headers[at], headers[at+1])
	}
	response, err := who.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	reader := bufio.NewReader(response.Body)
	if line, err := reader.ReadString('\n'); err != nil || response.StatusCode != 200 {
		t.Fatalf("the stream: %d %q %v", response.StatusCode, line, err)
	}
	return reader
}

// The order of the stop: streams end, a door that is being opened is still answered, and only then the rest goes.
func TestStopEndsStreamsAndFinishesWhatItBegan(t *testing.T) {
	s := newSite(t, "sqlite:"+filepath.Join(t.TempDir(), "x.db"), nil)
	server, at := s.serve(nil)
	pulsed, release := make(chan struct{}), make(chan struct{})
	controller := s.controller("mqtt://"+at.broker, func(models.ID, models.ID) { close(pulsed); <-release })
	defer controller.Stop(false)
	resident := s.signedIn(at.api, models.RoleResident)
	waitOnline(t, resident, s.gate)
	stream := openStream(t, s.signedIn(at.api, models.RoleVolunteer))

	opened := make(chan answer, 1)
	go func() {
		got, err := resident.send("POST", "/v1/doors/"+string(s.gate)+"/open", nil,
			"Idempotency-Key", string(newID()), "Prefer", "wait=5")
		if err != nil {
			t.Error(err)
		}
		opened <- got
	}()
	select {
	case <-pulsed:
	case <-time.After(patience):
		t.Fatalf("the controller was not asked:\n%s", server.printed)
	}
	begun := time.Now()
	server.signal(syscall.SIGTERM)
	if _, err := io.Copy(io.Discard, stream); err != nil {
		t.Errorf("the stream did not end well: %v", err)
	}
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("the stream ended after %v", took)
	}
	close(release)
	select {
	case got := <-opened:
		if got.status != 200 || got.field("state") != "opened" {
			t.Errorf("the door: %d %s", got.status, got.body)
		}
	case <-time.After(patience):
		t.Fatal("the door's request was not answered")
	}
	if status := server.exit(10*time.Second - time.Since(begun)); status != 0 {
		t.Errorf("exit status %d:\n%s", status, server.printed)
	}
}

// A client that never ends its request must not take the time that doors and database need.
func TestStopCutsOffWhoNeverEnds(t *testing.T) {
	s := newSite(t, "sqlite:"+filepath.Join(t.TempDir(), "x.db"), nil)
	server, at := s.serve(nil)
	connection, err := net.Dial("tcp", strings.TrimPrefix(at.api, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	_, err = io.WriteString(connection, "POST /v1/auth/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{")
	if err != nil {
		t.Fatal(err)
	}
	newCaller(at.api).want(t, 200, "GET", "/healthz", nil) // so that the other connection is taken as well
	begun := time.Now()
	server.signal(syscall.SIGTERM)
	if status := server.exit(10 * time.Second); status != 0 || time.Since(begun) > 9*time.Second {
		t.Errorf("exit status %d after %v:\n%s", status, time.Since(begun), server.printed)
	}
	if logLine(server.printed.String(), "some clients had not ended their requests, and were cut off") == nil {
		t.Error("it does not say that it cut somebody off")
	}
	if strings.Contains(server.printed.String(), "did not end in time") || strings.Contains(server.printed.String(), "did not close well") {
		t.Errorf("the rest had no time left:\n%s", server.printed)
	}
}

// controller switches on a simulated controller of the site's gate.
func (s *site) controller(url string, relay func(door, command models.ID)) *doors.Controller {
	s.t.Helper()
	made, err := doors.NewController(doors.ControllerConfig{
		URL: url, DeviceID: s.device, Secret: s.secret, DoorIDs: []models.ID{s.gate}, Now: time.Now, Relay: relay,
		Verify: func(jws string) ([]byte, error) { return auth.VerifyDoorCommand(jws, s.keys.DoorPublicKeys()) },
	})
	if err != nil {
		s.t.Fatal(err)
	}
	if err := made.Start(); err != nil {
		s.t.Fatal(err)
	}
	return made
}

// waitOnline waits until the server knows that the door's controller is there.
func waitOnline(t testing.TB, who *caller, door models.ID) {
	t.Helper()
	eventually(t, func() bool {
		time.Sleep(100 * time.Millisecond) // its lists are limited for everybody
		list := struct {
			Items []struct {
				ID     models.ID `json:"id"`
				Online bool      `json:"online"`
			} `json:"items"`
		}{}
		who.want(t, 200, "GET", "/v1/doors", nil).read(t, &list)
		for _, one := range list.Items {
			if one.ID == door {
				return one.Online
			}
		}
		return false
	}, "door %s is online", door)
}
