package handlers_test

import (
	"bufio"
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// listener reads a stream; it ends with the test.
type listener struct {
	mutex  sync.Mutex
	ids    []string
	hints  []string // data of events that are no alerts
	alerts []string // data of those that are
	hint   bool
	beats  int
	opened chan struct{}
	ended  chan struct{}
	cancel context.CancelFunc
}

// listen opens a stream; last is the Last-Event-ID, or "".
func (r *rig) listen(token, last string) *listener {
	r.t.Helper()
	return r.listenAt(token, "/v1/stream", last)
}

func (r *rig) listenAt(token, path, last string) *listener {
	r.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	headers := []string{"Accept", "text/event-stream"}
	if last != "" {
		headers = append(headers, "Last-Event-ID", last)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(r.request(token, http.MethodGet, path, nil, headers...).WithContext(ctx))
	if err != nil || answer.StatusCode != 200 {
		cancel()
		r.t.Fatalf("the stream: %v %v", answer, err)
	}
	l := &listener{opened: make(chan struct{}), ended: make(chan struct{}), cancel: cancel}
	go func() {
		defer close(l.ended)
		defer func() { _ = answer.Body.Close() }()
		for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
			l.take(lines.Text())
		}
	}()
	r.t.Cleanup(l.stop)
	select {
	case <-l.opened:
	case <-time.After(10 * time.Second):
		r.t.Fatal("the stream did not open")
	}
	return l
}

func (l *listener) take(line string) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	id, event := strings.CutPrefix(line, "id: ")
	if name, named := strings.CutPrefix(line, "event: "); named {
		l.hint = name != "alert"
	}
	switch data, given := strings.CutPrefix(line, "data: "); {
	case given && l.hint:
		l.hints = append(l.hints, data)
	case given:
		l.alerts = append(l.alerts, data)
	}
	switch {
	case line == ": open":
		close(l.opened)
	case line == ":":
		l.beats++
	case event:
		l.ids = append(l.ids, id)
	}
}

func (l *listener) stop() { l.cancel(); <-l.ended }

func (l *listener) got() ([]string, int) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return slices.Clone(l.ids), l.beats
}

func (l *listener) hinted() []string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return slices.Clone(l.hints)
}

func (l *listener) has(count int) func() bool {
	return func() bool { ids, _ := l.got(); return len(ids) >= count }
}

func TestStreamGoesOnWhereItStopped(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		send := func() string {
			rig.advance(time.Second)
			return rig.alert(rig.Officer, alertTo("compound", rig.One.ID(), "volunteer")).must(201).text("id")
		}
		token := rig.token(rig.Volunteer)
		before, first := send(), rig.listen(token, "")
		want := []string{send(), send(), send()}
		until(t, "three alerts", first.has(3))
		if ids, _ := first.got(); !slices.Equal(ids, want) {
			t.Errorf("streamed %v, want %v", ids, want)
		}
		other := rig.listen(rig.token(rig.VolunteerTwo), "")
		first.stop()
		want = append(want, send(), send())
		second := rig.listen(token, want[2])
		want = append(want, send())
		until(t, "what came meanwhile", second.has(3))
		if ids, _ := second.got(); !slices.Equal(ids, want[3:]) {
			t.Errorf("after Last-Event-ID %s: %v, want %v", want[2], ids, want[3:])
		}
		if ids, _ := other.got(); len(ids) != 0 {
			t.Errorf("somebody else's stream has %v", ids)
		}
		inbox := []string{before}
		for _, item := range rig.call(rig.Volunteer, http.MethodGet, "/v1/me/inbox", nil).must(200).items() {
			if entry, _ := item.(map[string]any); entry["alert_id"] != before {
				id, _ := entry["alert_id"].(string)
				inbox = slices.Insert(inbox, 1, id)
			}
		}
		if !slices.Equal(inbox[1:], want) {
			t.Errorf("the inbox has %v, the streams had %v", inbox[1:], want)
		}
	})
}

// However many alerts are sent at once, a stream has each once and in the end all that the inbox has.
func TestStreamLosesNothingAtOnce(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		stream, token := rig.listen(rig.token(rig.Volunteer), ""), rig.token(rig.Officer)
		want := []string{}
		for _, got := range atOnce(40, func(int) response {
			return rig.callAs(token, http.MethodPost, "/v1/alerts", alertTo("compound", rig.One.ID(), "volunteer"))
		}) {
			want = append(want, got.must(201).text("id"))
		}
		until(t, "forty alerts", stream.has(40))
		ids, _ := stream.got()
		slices.Sort(ids)
		slices.Sort(want)
		if !slices.Equal(ids, want) {
			t.Errorf("the stream has %d, %d were sent", len(ids), len(want))
		}
	})
}

func TestStreamEndsWithItsSession(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		ended := func(stream *listener, what string) {
			t.Helper()
			select {
			case <-stream.ended:
			case <-time.After(5 * time.Second):
				t.Errorf("5 s after %s the stream is still open", what)
			}
		}
		stream := rig.listen(rig.token(rig.Volunteer), "")
		rig.call(rig.Volunteer, http.MethodDelete, "/v1/me/sessions", nil).must(204)
		ended(stream, "signing out everywhere")

		stream = rig.listen(rig.token(rig.Resident), "")
		rig.call(rig.Admin, http.MethodPatch, "/v1/people/"+string(rig.Resident.ID), map[string]any{"disabled": true}).must(200)
		ended(stream, "closing the account")

		pair := rig.password(rig.Guard.Account, testPassword).must(200)
		stream, other := rig.listen(pair.text("access_token"), ""), rig.listen(rig.token(rig.Flatmate), "")
		rig.call(nil, http.MethodPost, "/v1/auth/revoke", map[string]any{"token": pair.text("refresh_token")}).must(200)
		ended(stream, "revoking the token")
		select {
		case <-other.ended:
			t.Error("somebody else's stream ended too")
		default:
		}
	})
}

func TestStreamBeats(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		stream := rig.listen(rig.token(rig.Volunteer), "")
		until(t, "two heartbeats", func() bool { _, beats := stream.got(); return beats >= 2 })
		rig.alert(rig.Officer, alertTo("compound", rig.One.ID(), "volunteer")).must(201)
		until(t, "an alert between heartbeats", stream.has(1))
	}, func(settings *rigSettings) { settings.streams.Heartbeat = 50 * time.Millisecond })
}
