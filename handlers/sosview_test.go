package handlers_test

import (
	"context"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
)

func (r *rig) sosPost(who *caller, id, what string, body any) response {
	r.t.Helper()
	return r.call(who, http.MethodPost, "/v1/sos/"+id+"/"+what, body)
}

// inSOS sets a scene: the auxiliary is near, the car a little further; the volunteer calls from One.
func (r *rig) inSOS(change map[string]any) (id string, car *caller) {
	r.t.Helper()
	car = r.addPerson(models.RoleAuxiliary, r.Two.Place)
	r.onDuty(r.A, models.SquadFoot, r.Auxiliary)
	r.onDuty(r.A, models.SquadVehicle, car)
	r.standsAt(r.Auxiliary, off(r.One.At, 300, 0))
	r.standsAt(car, off(r.One.At, 0, -800))
	return r.sos(r.Volunteer, change).must(201).text("id"), car
}

// The caller sees who comes and how far they are; who was asked sees where the caller goes; others see nothing.
func TestWhoSeesWhatOfAnSOS(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		id, car := rig.inSOS(nil)
		rig.sosPost(rig.Volunteer, id, "positions", map[string]any{"items": []any{
			map[string]any{"at": instant(rig.clock.Now().Add(time.Second)), "position": spot(off(rig.One.At, 100, 0), nil)},
		}}).must(204)
		rig.sosPost(rig.Auxiliary, id, "responses", map[string]any{"state": "coming"}).must(200)
		rig.sosPost(car, id, "responses", map[string]any{"state": "cannot"}).must(200)

		mine := rig.view(rig.Volunteer, id).must(200)
		if mine.at("asked") != 3.0 || mine.text("helpers.0.name") != rig.Auxiliary.Name || mine.text("helpers.0.role") != "auxiliary" ||
			mine.at("helpers.0.distance_m") != 300.0 || mine.text("helpers.0.reply") != "coming" || mine.at("helpers.1") != nil || mine.at("trail.0") != nil {
			t.Errorf("the caller sees %s", mine.Text)
		}
		near := off(rig.One.At, 300, 0)
		for _, text := range []string{strconv.FormatFloat(near.Lat, 'f', -1, 64), car.Name, rig.Auxiliary.Phone} {
			if strings.Contains(mine.Text, text) {
				t.Errorf("the caller sees %s in %s", text, mine.Text)
			}
		}
		rig.advance(2 * time.Second)
		rig.sosPost(rig.Volunteer, id, "positions", map[string]any{"items": []any{
			map[string]any{"at": instant(rig.clock.Now()), "position": spot(off(rig.One.At, 200, 0), nil)},
		}}).must(204)
		if got := rig.view(rig.Commander, id).must(200); got.at("helpers.0.distance_m") != 100.0 {
			t.Errorf("the way was not shorter: %s", got.Text)
		}
		// The caller, who can say anything of their own place, is told a class and no more.
		for _, metres := range []float64{100, 250, 500} {
			rig.advance(2 * time.Second)
			rig.sosPost(rig.Volunteer, id, "positions", map[string]any{"items": []any{
				map[string]any{"at": instant(rig.clock.Now()), "position": spot(off(rig.One.At, metres, 0), nil)},
			}}).must(204)
			if mine := rig.view(rig.Volunteer, id).must(200); mine.at("helpers.0.distance_m") != 300.0 {
				t.Errorf("at %v m the caller is told %v", metres, mine.at("helpers.0.distance_m"))
			}
		}
		for _, one := range []*caller{rig.Auxiliary, car, rig.Commander, rig.Officer} {
			got := rig.view(one, id).must(200)
			trail, _ := got.at("trail").([]any)
			if len(trail) != 5 || got.text("caller_name") != rig.Volunteer.Name || len(got.at("helpers").([]any)) != 3 {
				t.Errorf("%s sees %s", one.Name, got.Text)
			}
		}
		listed := func(who *caller) bool {
			return rig.call(who, http.MethodGet, "/v1/sos?open=true", nil).must(200).text("items.0.id") == id
		}
		for _, one := range []*caller{rig.Guard, rig.Resident, rig.VolunteerTwo, rig.OfficerTwo, rig.Admin, rig.OfficerB, rig.CommanderB, rig.VolunteerB} {
			rig.view(one, id).must(404)
			rig.sosPost(one, id, "acknowledge", nil).must(404)
			rig.sosPost(one, id, "responses", map[string]any{"state": "coming"}).must(404)
			rig.sosPost(one, id, "resolve", map[string]any{"outcome": "false_alarm"}).must(404)
			rig.sosPost(one, id, "positions", map[string]any{"items": []any{
				map[string]any{"at": instant(rig.clock.Now()), "position": spot(rig.Three.At, nil)},
			}}).must(404)
			if listed(one) {
				t.Errorf("%s has it in the list", one.Name)
			}
		}
		for _, one := range []*caller{rig.Volunteer, rig.Auxiliary, car, rig.Commander, rig.Officer} {
			if !listed(one) {
				t.Errorf("%s has it not in the list", one.Name)
			}
		}
		rig.sosPost(rig.Auxiliary, id, "positions", map[string]any{"items": []any{
			map[string]any{"at": instant(rig.clock.Now()), "position": spot(rig.Three.At, nil)},
		}}).must(404)

		rig.sosPost(rig.Auxiliary, id, "resolve", map[string]any{"outcome": "resolved", "note": "已送回家中"}).must(200)
		over := rig.view(rig.Auxiliary, id).must(200)
		if over.at("trail.0") != nil || over.at("sos.position") != nil || over.text("sos.state") != "resolved" {
			t.Errorf("after the end who was asked sees %s", over.Text)
		}
		rig.sosPost(rig.Volunteer, id, "resolve", map[string]any{"outcome": "false_alarm"}).must(409)
		rig.sosPost(car, id, "responses", map[string]any{"state": "arrived"}).must(409)
		rig.sosPost(rig.Volunteer, id, "positions", map[string]any{"items": []any{
			map[string]any{"at": instant(rig.clock.Now()), "position": spot(rig.One.At, nil)},
		}}).must(409)
		if found := rig.everywhere("已送回家中"); found != "" {
			t.Errorf("the note lies open in %s", found)
		}
		looks := 0
		for _, record := range rig.audit(rig.A, models.OpGetSOS) {
			if record.Outcome == models.AuditAllowed && record.Facts["state"] == "" {
				looks++
			}
		}
		if looks != 6 {
			t.Errorf("%d of 6 looks by others are recorded", looks)
		}
	})
}

// The caller of a silent call, and whoever holds their phone, notices nothing, and cannot end it.
func TestSilentSOSLeavesNoTrace(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		// The caller is somebody who would be told: on duty, near, an officer there, who leads the squad.
		victim := rig.addPerson(models.RoleOfficer, rig.One.Place)
		rig.onDuty(rig.A, models.SquadFoot, victim, rig.Auxiliary)
		rig.standsAt(victim, rig.One.At)
		rig.standsAt(rig.Auxiliary, off(rig.One.At, 200, 0))
		stream, helper := rig.listen(rig.token(victim), ""), rig.listen(rig.token(rig.Auxiliary), "")
		body := rig.help(map[string]any{"kind": "duress"})
		first := rig.call(victim, http.MethodPost, "/v1/sos", body).must(201)
		id := first.text("id")
		rig.sosPost(rig.Auxiliary, id, "responses", map[string]any{"state": "coming"}).must(200)
		until(t, "the helper's hints", func() bool { return len(helper.hinted()) > 0 })
		again := rig.call(victim, http.MethodPost, "/v1/sos", body).must(200)
		if again.Text != first.Text || first.text("state") != "raised" {
			t.Errorf("first answer %s, repeat %s", first.Text, again.Text)
		}
		rig.view(victim, id).must(404)
		rig.sosPost(victim, id, "acknowledge", nil).must(404)
		rig.sosPost(victim, id, "positions", map[string]any{"items": []any{
			map[string]any{"at": instant(rig.clock.Now()), "position": spot(rig.One.At, nil)},
		}}).must(204)
		{
			over := rig.sosPost(victim, id, "resolve", map[string]any{"outcome": "false_alarm"}).must(200)
			if over.text("state") != "false_alarm" || over.text("ended_at") == "" || over.at("claimed_safe_at") != nil || over.at("acknowledged_at") != nil {
				t.Errorf("the claim is answered %s", over.Text)
			}
		}
		rig.sosPost(victim, id, "resolve", map[string]any{"outcome": "false_alarm"}).must(409) // as of any call that is over
		if got := rig.view(rig.Commander, id).must(200); got.text("sos.state") != "acknowledged" || got.text("sos.claimed_safe_at") == "" || got.at("sos.ended_at") != nil {
			t.Errorf("after the claim: %s", got.Text)
		}
		if count := rig.inboxHas(rig.Auxiliary.ID, "sos_claim", id); count != 1 {
			t.Errorf("the claim was told %d times", count)
		}
		text := rig.call(rig.Auxiliary, http.MethodGet, "/v1/me/inbox", nil).must(200)
		if !strings.Contains(text.text("items.1.body"), "不要致电") || text.text("items.1.severity") != "emergency" {
			t.Errorf("who was asked reads %s", text.Text)
		}
		rig.sosPost(rig.Auxiliary, id, "resolve", map[string]any{"outcome": "resolved"}).must(200)
		rig.sosPost(victim, id, "resolve", map[string]any{"outcome": "false_alarm"}).must(409)
		ids, _ := stream.got()
		inbox := rig.call(victim, http.MethodGet, "/v1/me/inbox", nil).must(200)
		listed := rig.call(victim, http.MethodGet, "/v1/sos", nil).must(200)
		if len(ids) != 0 || len(stream.hinted()) != 0 || len(inbox.items()) != 0 || len(listed.items()) != 0 {
			t.Errorf("a trace: stream %v %v, inbox %s, list %s", ids, stream.hinted(), inbox.Text, listed.Text)
		}
		for _, part := range rig.told(id, 1) {
			if part == victim.ID {
				t.Error("the caller was asked to help themself")
			}
		}
	})
}

// A silent call beside a plain one changes nothing that the phone shows: whoever holds it reads, byte for byte, what a
// phone reads whose owner called plainly each time.
func TestSilentCallBesideAPlainOneShowsNothing(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.onDuty(rig.A, models.SquadFoot, rig.Auxiliary)
		rig.standsAt(rig.Auxiliary, off(rig.One.At, 300, 0))
		unique := regexp.MustCompile(`"[0-9a-f]{8}-[0-9a-f-]{27}"|"20[0-9T:.-]{15,}Z"`)
		play := func(who *caller, second string) (answers []string, silent string) {
			t.Helper()
			rig.token(who)
			stream := rig.listen(rig.token(who), "")
			note := func(got response) response {
				answers = append(answers, got.what[:4]+strconv.Itoa(got.Status)+unique.ReplaceAllString(got.Text, "~"))
				return got
			}
			look := func(id string) {
				note(rig.view(who, id))
				note(rig.call(who, http.MethodGet, "/v1/sos", nil))
				note(rig.call(who, http.MethodGet, "/v1/me/inbox", nil))
			}
			timer := note(rig.call(who, http.MethodPost, "/v1/me/welfare-timers", rig.timer(map[string]any{"interval_minutes": 5, "grace_minutes": 1}))).text("id")
			id := note(rig.sos(who, nil)).text("id")
			rig.sosPost(rig.Auxiliary, id, "responses", map[string]any{"state": "coming"}).must(200)
			look(id)
			again := rig.help(map[string]any{"kind": second})
			if got := note(rig.call(who, http.MethodPost, "/v1/sos", again)); got.text("id") != id {
				t.Errorf("the second call is answered %s", got.Text)
			}
			note(rig.call(who, http.MethodPost, "/v1/sos", again)) // once more
			silent = rig.call(rig.Commander, http.MethodGet, "/v1/sos", nil).must(200).text("items.0.id")
			look(id)
			rig.advance(time.Second)
			note(rig.sosPost(who, id, "positions", map[string]any{"items": []any{
				map[string]any{"at": instant(rig.clock.Now()), "position": spot(off(rig.One.At, 20, 0), nil)},
			}}))
			rig.advance(5 * time.Minute)
			rig.watch(rig.server)
			rig.advance(time.Minute)
			rig.watch(rig.server)
			note(rig.call(who, http.MethodGet, "/v1/welfare-timers", nil))
			note(rig.call(who, http.MethodDelete, "/v1/me/welfare-timers/"+timer, nil))
			note(rig.sosPost(who, id, "resolve", map[string]any{"outcome": "false_alarm"}))
			note(rig.sosPost(who, id, "resolve", map[string]any{"outcome": "false_alarm"}))
			look(id)
			note(rig.call(who, http.MethodPost, "/v1/sos", again)) // a repeat after the end
			next := note(rig.sos(who, nil)).must(201).text("id")
			look(next)
			note(rig.sosPost(who, next, "resolve", map[string]any{"outcome": "resolved"})).must(200)
			for _, hint := range stream.hinted() {
				if silent != id && strings.Contains(hint, silent) {
					t.Errorf("a hint of the silent call: %s", hint)
				}
			}
			return answers, silent
		}
		plain, _ := play(rig.Volunteer, "panic")
		hidden, silent := play(rig.Resident, "duress")
		for at := range plain {
			if want := strings.ReplaceAll(plain[at], rig.Volunteer.Name, rig.Resident.Name); hidden[at] != want {
				t.Errorf("answer %d is\n%s, of a plain caller\n%s", at, hidden[at], want)
			}
		}
		got := rig.view(rig.Commander, silent).must(200)
		if got.text("sos.kind") != "duress" || got.at("sos.ended_at") != nil || got.text("sos.claimed_safe_at") == "" || len(got.at("trail").([]any)) < 2 {
			t.Errorf("the silent call: %s", got.Text)
		}
		if told, claim := rig.inboxHas(rig.Auxiliary.ID, "sos", silent), rig.inboxHas(rig.Auxiliary.ID, "sos_claim", silent); told != 1 || claim != 1 {
			t.Errorf("who was asked was told %d times, of the claim %d times", told, claim)
		}
	})
}

// Graver words are told to those who were asked; what they answered stands.
func TestSOSTellsGraverWords(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		id, _ := rig.inSOS(nil)
		rig.sosPost(rig.Auxiliary, id, "responses", map[string]any{"state": "coming"}).must(200)
		rig.advance(time.Minute)
		for range 2 {
			got := rig.sos(rig.Volunteer, map[string]any{"kind": "man_down"}).must(200)
			if got.text("id") != id || got.text("kind") != "man_down" || got.text("state") != "acknowledged" || got.at("step") != 1.0 {
				t.Errorf("joined: %s", got.Text)
			}
		}
		inbox := rig.call(rig.Auxiliary, http.MethodGet, "/v1/me/inbox", nil).must(200)
		if count := rig.inboxHas(rig.Auxiliary.ID, "sos", id); count != 2 || !strings.Contains(inbox.Text, "疑似倒地") {
			t.Errorf("told %d times: %s", count, inbox.Text)
		}
		// Under threat: those who are on their way must know it, and nobody may ring the caller up.
		rig.sos(rig.Volunteer, map[string]any{"kind": "duress"}).must(200)
		inbox = rig.call(rig.Auxiliary, http.MethodGet, "/v1/me/inbox", nil).must(200)
		if !strings.Contains(inbox.Text, "受到胁迫") || !strings.Contains(inbox.Text, "不要致电") {
			t.Errorf("under threat they read %s", inbox.Text)
		}
		if got := rig.view(rig.Auxiliary, id).must(200); got.at("sos.silent") != true {
			t.Errorf("who was asked sees %s", got.Text)
		}
		if got := rig.view(rig.Volunteer, id).must(200); got.at("sos.silent") != false || got.text("sos.state") != "acknowledged" {
			t.Errorf("the caller sees %s", got.Text)
		}
	})
}

// Writing to a stream proves nothing; a phone that asks for its inbox, or for the call, has it.
func TestSOSIsDeliveredWhenAPhoneFetchesIt(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		caller, stream := rig.listen(rig.token(rig.Volunteer), ""), rig.listen(rig.token(rig.Auxiliary), "")
		id, car := rig.inSOS(nil)
		until(t, "the alert", stream.has(1))
		state := func() string { return rig.view(rig.Volunteer, id).must(200).text("sos.state") }
		if got := state(); got != "raised" {
			t.Errorf("after a write to a stream: %s", got)
		}
		rig.view(rig.Officer, id).must(200) // was not asked
		if got := state(); got != "raised" {
			t.Errorf("after a look by who was not asked: %s", got)
		}
		rig.advance(time.Second)
		rig.call(rig.Auxiliary, http.MethodGet, "/v1/me/inbox", nil).must(200)
		got := rig.view(rig.Volunteer, id).must(200)
		if got.text("sos.state") != "delivered" || got.text("sos.delivered_at") != at(rig.clock.Now()) {
			t.Errorf("after the inbox: %s", got.Text)
		}
		until(t, "the caller's hint", func() bool {
			return slices.ContainsFunc(caller.hinted(), func(data string) bool { return strings.Contains(data, `"delivered"`) && strings.Contains(data, id) })
		})
		rig.advance(time.Second)
		rig.view(car, id).must(200)
		if again := rig.view(rig.Volunteer, id).must(200); again.text("sos.delivered_at") != got.text("sos.delivered_at") {
			t.Errorf("delivered twice: %s", again.Text)
		}
		if ids, _ := caller.got(); len(ids) != 0 {
			t.Errorf("hints carry ids: %v", ids)
		}
	})
}

// Where somebody was is gone a day after the call has ended, and not before.
func TestSOSTrailIsForgotten(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		id, _ := rig.inSOS(nil)
		forget := func() int {
			if _, err := rig.store.ForgetOld(context.Background(), rig.clock.Now()); err != nil {
				t.Fatal(err)
			}
			return rig.rows()["sos_positions"]
		}
		rig.advance(100 * 24 * time.Hour)
		if left := forget(); left != 1 {
			t.Errorf("of an open call %d are left", left)
		}
		rig.sosPost(rig.Auxiliary, id, "resolve", map[string]any{"outcome": "resolved"}).must(200)
		rig.advance(24*time.Hour - time.Millisecond)
		if left := forget(); left != 1 {
			t.Errorf("too early: %d are left", left)
		}
		rig.advance(time.Millisecond)
		if left := forget(); left != 0 || rig.rows()["sos"] != 1 {
			t.Errorf("%d are left", left)
		}
		rig.advance(models.AlertKept)
		forget()
		if rows := rig.rows(); rows["sos"]+rows["sos_calls"]+rows["sos_helpers"] != 0 {
			t.Errorf("in the end: %v", rows)
		}
	})
}

// A check-in tells where somebody is at once, without being read again; one that was not accepted tells nothing.
func TestCheckInsTellWhereSomebodyIs(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.onDuty(rig.A, models.SquadFoot, rig.Auxiliary)
		rig.onDuty(rig.A, models.SquadFoot, rig.Guard)
		id := rig.sos(rig.Resident, nil).must(201).text("id") // looks at the database, where nobody is
		rig.sosPost(rig.Resident, id, "resolve", map[string]any{"outcome": "false_alarm"}).must(200)
		rig.checkIn(rig.Auxiliary, rig.here(nil)).must(200)
		rig.checkIn(rig.Guard, rig.here(map[string]any{"position": spot(rig.One.At, map[string]any{"is_mock": true})})).must(200)
		second := rig.sos(rig.Resident, nil).must(201).text("id")
		if got := rig.told(second, 1); !slices.Equal(got, ids(rig.Auxiliary, rig.Commander)) {
			t.Errorf("asked %v", got)
		}
		rig.write(func(ctx context.Context, tx *store.Store) error { // as another replica
			return tx.AddTrackPoints(ctx, []models.TrackPoint{{
				Fix: models.Fix{Position: rig.One.At}, PersonID: rig.Guard.ID, StationID: rig.A, RoundID: rig.ids.next(), At: rig.clock.Now(),
				Source: models.SourceApp,
			}}, rig.clock.Now())
		})
		third := rig.sos(rig.Neighbour, nil).must(201).text("id")
		if got := rig.told(third, 1); !slices.Contains(got, rig.Guard.ID) {
			t.Errorf("asked %v", got)
		}
	})
}
