package handlers_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"xunfang/models"
	"xunfang/store"
)

// socketFrame is what comes over a socket.
type socketFrame struct {
	ID    string         `json:"id"`
	Event string         `json:"event"`
	Data  map[string]any `json:"data"`
}

func (r *rig) socket(who *caller, query string) *websocket.Conn {
	r.t.Helper()
	conn, _, err := websocket.DefaultDialer.Dial(strings.Replace(r.base, "http", "ws", 1)+"/v1/stream/ws?installation_id=the-phone"+query,
		http.Header{"Sec-WebSocket-Protocol": {"xunfang, " + r.token(who)}})
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func (r *rig) frame(conn *websocket.Conn) socketFrame {
	r.t.Helper()
	got := socketFrame{}
	if err := conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		r.t.Fatal(err)
	}
	_, text, err := conn.ReadMessage()
	if err == nil {
		err = json.Unmarshal(text, &got)
	}
	if err != nil {
		r.t.Fatal(err)
	}
	return got
}

// A mini-program hears what other apps hear, goes on where it stopped, says what came to it, and goes with its session.
func TestStreamSocket(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		send := func() string {
			rig.advance(time.Second)
			return rig.alert(rig.Officer, alertTo("compound", rig.One.ID(), "volunteer")).must(201).text("id")
		}
		events := rig.listen(rig.token(rig.Volunteer), "")
		conn := rig.socket(rig.Volunteer, "")
		first, second := send(), send()
		for _, want := range []string{first, second} {
			if got := rig.frame(conn); got.ID != want || got.Event != "alert" || got.Data["alert_id"] != want {
				t.Fatalf("%+v, want %s", got, want)
			}
		}
		until(t, "the other kind of stream", events.has(2))
		if got := rig.frame(rig.socket(rig.Volunteer, "&last_event_id="+first)); got.ID != second {
			t.Errorf("after %s: %+v, want %s", first, got, second)
		}
		say := func(alert, state string) socketFrame {
			text := `{"event":"receipts","data":{"items":[{"alert_id":"` + alert + `","installation_id":"the-phone","channel":"stream","state":"` +
				state + `","at":"` + instant(rig.clock.Now()) + `"}]}}`
			if err := conn.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
				t.Fatal(err)
			}
			return rig.frame(conn)
		}
		if got := say(first, "imagined"); got.Event != "problem" || got.Data["code"] != "invalid_request" {
			t.Errorf("a wrong receipt: %+v", got)
		}
		if got := say(first, "seen"); got.Event != "receipts" || got.Data["taken"] != 1.0 {
			t.Errorf("a receipt: %+v", got)
		}
		told := rig.call(rig.Officer, http.MethodGet, "/v1/alerts/"+first+"/deliveries", nil).must(200)
		if seen, _ := told.at("counts.seen").(float64); seen != 1 {
			t.Errorf("the ledger: %v", told.at("counts"))
		}
		rig.call(rig.Volunteer, http.MethodDelete, "/v1/me/sessions", nil).must(204)
		begun := time.Now()
		_, _, err := conn.ReadMessage()
		if !websocket.IsCloseError(err, websocket.ClosePolicyViolation) || time.Since(begun) > 5*time.Second {
			t.Errorf("after signing out: %v, %v", err, time.Since(begun))
		}
	})
}

// What another replica wrote comes by the look for all streams, and at once where the replica says so; so do ended sessions.
func TestStreamsHearOfOtherReplicas(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		stream, other := rig.listen(rig.token(rig.Volunteer), ""), rig.listen(rig.token(rig.VolunteerTwo), "")
		write := func() models.ID {
			rig.advance(time.Second)
			alert := models.Alert{
				ID: rig.ids.next(), Kind: "notice", Severity: models.SeverityHigh, Title: "t", Body: "b", SenderID: rig.Officer.ID,
				Audience: models.Audience{People: []models.ID{rig.Volunteer.ID}, Place: rig.One.Place}, CreatedAt: rig.clock.Now(),
				ExpiresAt: rig.clock.Now().Add(time.Hour),
			}
			err := rig.store.Atomically(t.Context(), func(tx *store.Store) error {
				_, err := tx.AddAlert(t.Context(), alert)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return alert.ID
		}
		told := write()
		if err := rig.server.Woken(t.Context(), models.WakeAlert, told); err != nil {
			t.Fatal(err)
		}
		until(t, "what another replica tells of", stream.has(1))
		untold := write()
		go func() { _ = rig.server.KeepStreams(t.Context()) }()
		until(t, "what it does not tell of", stream.has(2))
		if ids, _ := stream.got(); ids[0] != string(told) || ids[1] != string(untold) {
			t.Errorf("%v, want %s and %s", ids, told, untold)
		}
		if ids, _ := other.got(); len(ids) != 0 {
			t.Errorf("somebody else's stream has %v", ids)
		}
		_, err := rig.sql.ExecContext(t.Context(), "UPDATE sessions SET revoked_at = 1 WHERE subject_id = ?", string(rig.Volunteer.ID))
		if err != nil {
			t.Fatal(err)
		}
		select {
		case <-stream.ended:
		case <-time.After(5 * time.Second):
			t.Error("5 s after its session was ended elsewhere the stream is open")
		}
	})
}
