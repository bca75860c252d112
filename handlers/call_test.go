package handlers_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

const panelSession = "wss://panel.example/session/8f2a"

// ringing lets calls to home 101 ring a phone of somebody's, which has a push address too.
func (r *rig) ringing(who *caller, installation string) {
	r.t.Helper()
	r.phone(who, installation, "token-of-"+installation)
	r.call(who, http.MethodPut, r.consentPath(installation), map[string]any{"version": "2026-11"}).must(200)
}

func (r *rig) consentPath(installation string) string {
	return fmt.Sprintf("/v1/me/call-consents/%s/%s", r.One.Home.Home, installation)
}

func (r *rig) callHome(who *caller, change map[string]any) response {
	r.t.Helper()
	body := map[string]any{"id": r.ids.next(), "door_id": r.One.UnitDoor, "home_id": r.One.Home.Home, "session": panelSession}
	for field, value := range change {
		body[field] = value
	}
	return r.call(who, http.MethodPost, "/v1/calls", body)
}

func (r *rig) callTo(who *caller, id, step string, headers ...string) response {
	r.t.Helper()
	return r.call(who, http.MethodPost, "/v1/calls/"+id+"/"+step, nil, headers...)
}

func (r *rig) callState(who *caller, id string) string {
	r.t.Helper()
	return r.call(who, http.MethodGet, "/v1/calls/"+id, nil).must(200).text("state")
}

// rung names the installations to which something about the call waits to be sent.
func (r *rig) rung(call string) []string {
	r.t.Helper()
	rows, err := r.sql.Query("SELECT installation_id FROM deliveries WHERE alert_id = ? AND state = 'queued' ORDER BY installation_id", call)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	found := []string{}
	for rows.Next() {
		one := ""
		if err := rows.Scan(&one); err != nil {
			r.t.Fatal(err)
		}
		found = append(found, one)
	}
	if rows.Err() != nil {
		r.t.Fatal(rows.Err())
	}
	return found
}

func (r *rig) stepCalls() {
	r.t.Helper()
	if err := r.server.StepCalls(context.Background()); err != nil {
		r.t.Fatal(err)
	}
}

// hinting waits until a stream's last hint about a call has all of some texts.
func hinting(t *testing.T, l *listener, texts ...string) {
	t.Helper()
	until(t, fmt.Sprint("a hint of ", texts), func() bool {
		hints := l.hinted()
		return len(hints) > 0 && !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(hints[len(hints)-1], text) })
	})
}

// Every phone with consent rings, and no other; of any number who answer one does, and only that one opens, once.
func TestCallIsAnsweredOnceAndOpens(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.ringing(rig.Resident, "phone-r")
		rig.ringing(rig.Flatmate, "phone-f")
		rig.phone(rig.Resident, "tablet-without-consent", "token-of-"+"tablet-without-consent")
		rig.phone(rig.Neighbour, "phone-n", "token-of-"+"phone-n")
		one := rig.listenAt(rig.token(rig.Resident), "/v1/stream?installation_id=phone-r", "")
		tablet := rig.listenAt(rig.token(rig.Resident), "/v1/stream?installation_id=tablet-without-consent", "")
		other := rig.listenAt(rig.token(rig.Flatmate), "/v1/stream?installation_id=phone-f", "")

		rang := rig.callHome(rig.Device, nil).must(201)
		id := rang.text("id")
		if got := rig.rung(id); !slices.Equal(got, []string{"phone-f", "phone-r"}) || rang.text("state") != "ringing" {
			t.Errorf("pushed to %v: %s", got, rang.Text)
		}
		hinting(t, one, id, `"ringing"`)
		hinting(t, other, id, `"ringing"`)
		for who, session := range map[*caller]any{rig.Resident: panelSession, rig.Flatmate: panelSession, rig.Device: nil} {
			if got := rig.call(who, http.MethodGet, "/v1/calls/"+id, nil).must(200); got.at("session") != session {
				t.Errorf("the session as %s: %s", who.Name, got.Text)
			}
		}
		tokens := []string{rig.token(rig.Resident), rig.token(rig.Flatmate)}
		winners := []int{}
		for at, got := range atOnce(12, func(at int) response {
			return rig.callAs(tokens[at%2], http.MethodPost, "/v1/calls/"+id+"/answer", nil)
		}) {
			switch {
			case got.Status == 200:
				winners = append(winners, at%2)
			case got.Status != 409 || got.code() != models.CodeWrongState || got.text("errors.0.want") != "answered":
				t.Errorf("%d %s", got.Status, got.Text)
			}
		}
		if len(winners) != 1 {
			t.Fatalf("%d answered", len(winners))
		}
		if left := rig.rung(id); len(left) != 0 {
			t.Errorf("still to be pushed: %v", left)
		}
		who, loser := []*caller{rig.Resident, rig.Flatmate}[winners[0]], []*caller{rig.Flatmate, rig.Resident}[winners[0]]
		streams := []*listener{one, other}
		hinting(t, streams[winners[0]], `"answered"`, `"answered_by_me":true`)
		hinting(t, streams[1-winners[0]], `"answered"`, `"answered_by_me":false`)

		rig.callTo(loser, id, "open").must(409)
		rig.doors.set(opensAtOnce)
		key := []string{"Idempotency-Key", "open-once", "Prefer", "wait=5"}
		opened := rig.callTo(who, id, "open", key...).must(200)
		if opened.text("command.state") != "opened" || opened.text("call.state") != "opened" || opened.id("command.door_id") != rig.One.UnitDoor {
			t.Errorf("opened: %s", opened.Text)
		}
		rig.callTo(who, id, "open", key...).must(200)
		rig.callTo(who, id, "open").must(409)
		if sent := rig.doors.commands(); len(sent) != 1 || sent[0].PersonID != who.ID {
			t.Errorf("%d commands left", len(sent))
		}
		hinting(t, streams[1-winners[0]], `"opened"`)
		if hints := tablet.hinted(); len(hints) != 0 {
			t.Errorf("a phone without consent was told %v", hints)
		}
		after := rig.call(rig.Resident, http.MethodGet, "/v1/calls/"+id, nil).must(200)
		panel := rig.call(rig.Device, http.MethodGet, "/v1/calls/"+id, nil).must(200)
		if after.at("session") != nil || panel.at("answered_by") != nil || panel.at("command_id") != nil || panel.text("state") != "opened" {
			t.Errorf("afterwards: %s, the panel: %s", after.Text, panel.Text)
		}
		if left := rig.counted("SELECT COUNT(*) FROM calls WHERE session_sealed IS NOT NULL"); left != 0 {
			t.Errorf("%d sessions outlived their calls", left)
		}
		for operation, want := range map[models.Operation]int{models.OpAnswerCall: 12, models.OpOpenCall: 3, models.OpOpenDoor: 1} {
			if got := len(rig.audit(rig.A, operation)); got != want {
				t.Errorf("%s is recorded %d times, want %d", operation, got, want)
			}
		}
		if strings.Contains(rig.logs.all(), "panel.example") {
			t.Error("the session is in the log")
		}
	})
}

func (r *rig) counted(query string, values ...any) int {
	r.t.Helper()
	count := 0
	if err := r.sql.QueryRow(query, values...).Scan(&count); err != nil {
		r.t.Fatal(err)
	}
	return count
}

// Unanswered it goes to the list and then the guard; after a minute it is over, whether the keeper has come by or not.
func TestCallIsForwardedAndExpires(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.ringing(rig.Resident, "phone-r")
		rig.ringing(rig.Flatmate, "phone-f")
		rig.phone(rig.Guard, "phone-g", "token-of-"+"phone-g")
		settings := fmt.Sprintf("/v1/homes/%s/call-settings", rig.One.Home.Home)
		rig.call(rig.Resident, http.MethodPut, settings, map[string]any{
			"forward": []any{map[string]any{"person_id": rig.Neighbour.ID, "seconds": 5}},
		}).must(422)
		rig.call(rig.Resident, http.MethodPut, settings, map[string]any{
			"forward": []any{map[string]any{"person_id": rig.Flatmate.ID, "seconds": 10}},
		}).must(200)
		id := rig.callHome(rig.Device, nil).must(201).text("id")
		rig.ran(rig.sql.Exec("UPDATE deliveries SET state = 'sent'"))
		for _, step := range []struct {
			after time.Duration
			state string
			rung  []string
			guard int
		}{
			{35*time.Second - time.Millisecond, "ringing", []string{}, 404},
			{time.Millisecond, "forwarded", []string{"phone-f"}, 404},
			{10*time.Second - time.Millisecond, "forwarded", []string{"phone-f"}, 404},
			{time.Millisecond, "forwarded", []string{"phone-f", "phone-g"}, 200},
			{15*time.Second - time.Millisecond, "forwarded", []string{"phone-f", "phone-g"}, 200},
		} {
			rig.advance(step.after)
			rig.stepCalls()
			rig.stepCalls()
			if state, rung := rig.callState(rig.Resident, id), rig.rung(id); state != step.state || !slices.Equal(rung, step.rung) {
				t.Fatalf("after %s more: %s, rung %v, want %s, %v", step.after, state, rung, step.state, step.rung)
			}
			rig.call(rig.Guard, http.MethodGet, "/v1/calls/"+id, nil).must(step.guard)
			rig.call(rig.GuardTwo, http.MethodGet, "/v1/calls/"+id, nil).must(404)
		}
		rig.callTo(rig.Guard, id, "answer").must(200)
		rig.call(rig.Resident, http.MethodGet, "/v1/calls/"+id, nil).must(200)
		rig.advance(time.Millisecond) // a minute since it rang; no keeper has come by
		for _, who := range []*caller{rig.Guard, rig.Resident} {
			for _, step := range []string{"answer", "open", "refuse"} {
				if got := rig.callTo(who, id, step); got.Status != 404 && (got.Status != 409 || got.text("errors.0.want") != "ended") {
					t.Errorf("%s %s: %d %s", who.Name, step, got.Status, got.Text)
				}
			}
		}
		rig.callTo(rig.Device, id, "hang-up").must(409)
		late := rig.listenAt(rig.token(rig.Flatmate), "/v1/stream?installation_id=phone-f", "")
		if got := rig.call(rig.Resident, http.MethodGet, "/v1/calls/"+id, nil).must(200); got.at("session") != nil || got.text("ended_at") == "" {
			t.Errorf("over: %s", got.Text)
		}
		rig.stepCalls()
		hinting(t, late, `"ended"`)
		if len(late.hinted()) != 1 || len(rig.doors.commands()) != 0 || rig.counted("SELECT COUNT(*) FROM calls WHERE next_at > 0 OR session_sealed IS NOT NULL") != 0 {
			t.Errorf("told late: %v, sent: %v", late.hinted(), rig.doors.commands())
		}
		second := rig.callHome(rig.Device, nil).must(201).text("id")
		rig.advance(models.CallLife)
		rig.callTo(rig.Resident, second, "answer").must(409)
		if got := rig.callState(rig.Device, second); got != "missed" {
			t.Errorf("unanswered it is %s", got)
		}
		rig.stepCalls()
		if left := rig.rung(second); len(left) != 0 {
			t.Errorf("pushed after the end: %v", left)
		}
		list := rig.call(rig.Flatmate, http.MethodGet, "/v1/calls?limit=1", nil).must(200)
		if list.text("items.0.id") != second || list.text("next_cursor") == "" || list.at("items.0.session") != nil {
			t.Errorf("the home's history: %s", list.Text)
		}
		if got := rig.call(rig.Neighbour, http.MethodGet, "/v1/calls", nil).must(200); len(got.items()) != 0 {
			t.Errorf("next door has it too: %s", got.Text)
		}
	})
}

func (r *rig) ran(_ any, err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// A consent that is withdrawn ends the ringing at once and stays as a record; a quiet home's calls go to the guard.
func TestCallConsentAndQuiet(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		first := rig.callHome(rig.Device, nil).must(201)
		if first.text("state") != "forwarded" {
			t.Errorf("without consent: %s", first.Text)
		}
		rig.callTo(rig.Device, first.text("id"), "hang-up").must(200)
		rig.ringing(rig.Resident, "phone-r")
		rig.ringing(rig.Flatmate, "phone-f")
		rig.call(rig.Resident, http.MethodPut, rig.consentPath("phone-r"), map[string]any{"version": "2026-11"}).must(200)
		stream := rig.listenAt(rig.token(rig.Resident), "/v1/stream?installation_id=phone-r", "")
		second := rig.callHome(rig.Device, nil).must(201).text("id")
		hinting(t, stream, second)
		rig.call(rig.Resident, http.MethodDelete, rig.consentPath("phone-r"), nil).must(204)
		rig.call(rig.Resident, http.MethodDelete, rig.consentPath("phone-r"), nil).must(204)
		if left := rig.rung(second); !slices.Equal(left, []string{"phone-f"}) {
			t.Errorf("after the withdrawal %v are rung", left)
		}
		rig.callTo(rig.Flatmate, second, "answer").must(200)
		if got := rig.call(rig.Resident, http.MethodGet, "/v1/me/call-consents", nil).must(200); len(got.items()) != 1 || got.text("items.0.withdrawn_at") == "" {
			t.Errorf("the record: %s", got.Text)
		}
		rig.call(rig.Resident, http.MethodPut, rig.consentPath("phone-r"), map[string]any{"version": "2027-01"}).must(200)
		rig.call(rig.Resident, http.MethodPut, rig.consentPath("phone-r"), map[string]any{"version": "2027-02"}).must(200)
		got := rig.call(rig.Resident, http.MethodGet, "/v1/me/call-consents", nil).must(200)
		if len(got.items()) != 3 || got.at("items.0.withdrawn_at") != nil || got.text("items.1.withdrawn_at") == "" {
			t.Errorf("the record: %s", got.Text)
		}
		if told := len(stream.hinted()); told != 1 {
			t.Errorf("a phone that withdrew was told %d times", told)
		}

		rig.advance(time.Hour)
		quiet := map[string]any{"do_not_disturb_until": at(rig.clock.Now().Add(time.Hour)), "forward": []any{}}
		settings := fmt.Sprintf("/v1/homes/%s/call-settings", rig.One.Home.Home)
		if got := rig.call(rig.Flatmate, http.MethodPut, settings, quiet).must(200); got.text("members.1.person_id") == "" || got.at("members.2") != nil {
			t.Errorf("the settings: %s", got.Text)
		}
		third := rig.callHome(rig.Device, nil).must(201)
		if rung := rig.rung(third.text("id")); third.text("state") != "forwarded" || len(rung) != 0 {
			t.Errorf("a quiet home: %v %s", rung, third.Text)
		}
		list := rig.call(rig.Guard, http.MethodGet, "/v1/calls?live=true", nil).must(200)
		if len(list.items()) != 1 || list.at("items.0.photo_id") != nil {
			t.Errorf("the guard has %s", list.Text)
		}
		if looks := rig.audit(rig.A, models.OpListCalls); len(looks) != 1 || looks[0].ActorID != rig.Guard.ID {
			t.Errorf("the guard's look is recorded %d times", len(looks))
		}
		rig.callTo(rig.Guard, third.text("id"), "answer").must(200)
		rig.doors.set(opensAtOnce)
		rig.callTo(rig.Guard, third.text("id"), "open", "Prefer", "wait=5").must(200)
	})
}

// One panel rings one home three times in two minutes, also when it asks at once; a repeat is no further ring.
func TestCallsAreLimitedAndRepeated(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		token, rang := rig.token(rig.Device), 0
		for _, got := range atOnce(8, func(int) response {
			body := map[string]any{"id": rig.ids.next(), "door_id": rig.One.UnitDoor, "home_id": rig.One.Home.Home}
			return rig.callAs(token, http.MethodPost, "/v1/calls", body)
		}) {
			switch {
			case got.Status == 201:
				rang++
			case got.Status != 429 || got.code() != models.CodeTooManyCalls || got.Header.Get("Retry-After") != "120":
				t.Errorf("%d %s %s", got.Status, got.Header.Get("Retry-After"), got.Text)
			}
		}
		if rang != models.CallBurst {
			t.Errorf("%d rang", rang)
		}
		id := rig.ids.next()
		next := map[string]any{"id": id, "home_id": rig.One.Home102.Home}
		rig.callHome(rig.Device, next).must(201)
		rig.callHome(rig.Device, next).must(200)
		for who, change := range map[*caller]map[string]any{
			rig.Device:           {"id": id, "home_id": rig.One.Home102.Home, "session": "another"},
			rig.One.GateDevice:   {"id": id, "home_id": rig.One.Home102.Home, "door_id": rig.One.Gate},
			rig.Three.GateDevice: {"id": id, "home_id": rig.Three.Home.Home, "door_id": rig.Three.Gate},
		} {
			got := rig.callHome(who, change)
			if got.Status != 409 || !slices.Contains(got.fields(), "id not_unique") || strings.Contains(got.Text, string(rig.One.Home102.Home)) {
				t.Errorf("the id as another's: %d %s", got.Status, got.Text)
			}
		}
		rig.callHome(rig.Device, map[string]any{"home_id": rig.One.Home201.Home}).must(422) // not behind this door
		rig.callHome(rig.Device, map[string]any{"session": strings.Repeat("话", 1000)}).must(422)
		rig.advance(models.CallBurstWithin)
		rig.callHome(rig.Device, nil).must(201)
		list := rig.call(rig.Device, http.MethodGet, fmt.Sprintf("/v1/doors/%s/directory", rig.One.UnitDoor), nil).must(200)
		if len(list.items()) != 2 || list.text("items.0.label") == "" || strings.Contains(list.Text, rig.Resident.Name) {
			t.Errorf("the directory: %s", list.Text)
		}
	})
}
