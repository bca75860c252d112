package main

import (
	"bufio"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

// nextAlert reads a stream up to its next event and gives the event's id.
func nextAlert(t *testing.T, stream *bufio.Reader) string {
	t.Helper()
	got := make(chan string, 1)
	go func() {
		for {
			line, err := stream.ReadString('\n')
			if id, found := strings.CutPrefix(line, "id: "); found || err != nil {
				got <- strings.TrimSpace(id)
				return
			}
		}
	}()
	select {
	case id := <-got:
		return id
	case <-time.After(patience):
		t.Fatal("no alert came")
		return ""
	}
}

func TestAStreamResumes(t *testing.T) {
	s := newSite(t, "sqlite:"+filepath.Join(t.TempDir(), "x.db"), nil)
	server, at := s.serve(nil)
	commander, volunteer := s.signedIn(at.api, models.RoleCommander), s.signedIn(at.api, models.RoleVolunteer)
	send := func() string {
		return commander.want(t, 201, "POST", "/v1/alerts", s.alert(), "Idempotency-Key", string(newID())).field("id")
	}
	before := send() // not of this stream: it begins with what comes after
	stream := openStream(t, volunteer)
	first := send()
	if got := nextAlert(t, stream); got != first {
		t.Fatalf("the first alert is %s, not %s (%s came before)", got, first, before)
	}
	away := volunteer.at(at.api) // the phone is in a tunnel, and comes back on another connection
	second, third := send(), send()
	resumed := openStream(t, away, "Last-Event-ID", first)
	if got := []string{nextAlert(t, resumed), nextAlert(t, resumed)}; got[0] != second || got[1] != third {
		t.Errorf("after %s came %v, not %s and %s", first, got, second, third)
	}
	server.stop()
}

func TestAStreamEndsWithItsSession(t *testing.T) {
	s := newSite(t, "sqlite:"+filepath.Join(t.TempDir(), "x.db"), nil)
	server, at := s.serve(nil)
	lost, kept := s.signedIn(at.api, models.RoleVolunteer), s.signedIn(at.api, models.RoleVolunteer)
	session := lost.want(t, 200, "GET", "/v1/me", nil).field("session_id")
	stream, other := openStream(t, lost), openStream(t, kept)
	kept.want(t, 204, "DELETE", "/v1/me/sessions/"+session, nil)
	ended := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.Discard, stream)
		ended <- err
	}()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("the stream did not end well: %v", err)
		}
	case <-time.After(5 * time.Second):
		t.Error("the stream is open 5 s after its session was revoked")
	}
	lost.want(t, 401, "GET", "/v1/me", nil)
	alert := s.signedIn(at.api, models.RoleCommander).
		want(t, 201, "POST", "/v1/alerts", s.alert(), "Idempotency-Key", string(newID())).field("id")
	if got := nextAlert(t, other); got != alert { // the other session's stream goes on
		t.Errorf("%s came, not %s", got, alert)
	}
	server.stop()
}
