package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"xunfang/models"
)

// Who hides themselves sees the tip as their own and is told of it; nobody else sees who it is, nor does the database
// or the log say it.
func TestHiddenTip(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.token(rig.Volunteer)
		before := rig.everythingKept()
		tip := rig.seen(map[string]any{"hide_me": true})
		send := func(tip map[string]any) response { return rig.call(rig.Volunteer, http.MethodPost, "/v1/tips", tip) }
		first := send(tip).must(201)
		if again := send(tip).must(200); again.Text != first.Text {
			t.Errorf("the repeat got %s", again.Text)
		}
		id := first.text("id")
		if got := rig.call(rig.Resident, http.MethodPost, "/v1/tips", tip); got.Status != 409 {
			t.Errorf("somebody else with its id: %d", got.Status)
		}
		rig.advanceTip(rig.Officer, id, map[string]any{"state": "acknowledged", "note": "正在赶往现场"}).must(200)
		for who, mine := range map[*caller]bool{rig.Volunteer: true, rig.Officer: false, rig.Commander: false} {
			got := rig.call(who, http.MethodGet, "/v1/tips/"+id, nil).must(200)
			if got.at("mine") != mine || got.at("reporter_id") != nil || got.text("reporting") != "hidden" {
				t.Errorf("%s sees %s", who.Name, got.Text)
			}
			if listed := rig.call(who, http.MethodGet, "/v1/tips", nil).must(200); len(listed.items()) != 1 || listed.at("items.0.mine") != mine {
				t.Errorf("%s lists %s", who.Name, listed.Text)
			}
		}
		if got := rig.call(rig.Volunteer, http.MethodGet, "/v1/tips?mine=true", nil).must(200); len(got.items()) != 1 {
			t.Errorf("their own: %s", got.Text)
		}
		inbox := rig.call(rig.Volunteer, http.MethodGet, "/v1/me/inbox", nil).must(200)
		if len(inbox.items()) != 1 || inbox.text("items.0.about") != id {
			t.Errorf("told: %s", inbox.Text)
		}
		alert := inbox.text("items.0.alert_id")
		rig.call(rig.Volunteer, http.MethodGet, "/v1/alerts/"+alert, nil).must(200)
		rig.call(rig.Volunteer, http.MethodPost, "/v1/alerts/"+alert+"/acknowledge", nil).must(200)

		// What the person does beside it may be known: that they read their list and inbox.
		more := map[string]int{"log": 6}
		for place, text := range rig.everythingKept() {
			if strings.HasPrefix(place, "file ") {
				continue // the tables are what is in it
			}
			if count := strings.Count(text, string(rig.Volunteer.ID)) - strings.Count(before[place], string(rig.Volunteer.ID)); count > more[place] {
				t.Errorf("%s says who it was, %d times more", place, count)
			}
		}
		if text := rig.logs.all(); strings.Contains(text, `"operation":"createTip","status":201`) {
			t.Errorf("the log has the line of the tip: %s", text)
		}
		if got := send(rig.seen(map[string]any{"hide_me": true, "media_ids": []models.ID{rig.photo(rig.Volunteer)}})); got.Status != 422 {
			t.Errorf("with a photo that was uploaded under a name: %d", got.Status)
		}
	})
}

func TestTwoOfficersOpenAnIdentity(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		id := rig.tip(rig.Volunteer, map[string]any{"hide_me": true}).must(201).text("id")
		path := "/v1/tips/" + id
		rig.call(rig.Volunteer, http.MethodPut, "/v1/me/hidden-push-address",
			map[string]any{"kind": "fcm_token", "value": "one-phone", "platform": "android"}).must(204)
		rig.call(rig.Officer, http.MethodGet, path+"/identity", nil).must(404)
		opening := rig.call(rig.Officer, http.MethodPost, path+"/identity-openings", map[string]any{"reason": "需要当面核实"}).must(201)
		approve := path + "/identity-openings/" + opening.text("id") + "/approval"
		if got := rig.call(rig.Officer, http.MethodPost, approve, nil).must(403); got.code() != models.CodeSecondPerson {
			t.Errorf("by who asked: %s", got.Text)
		}
		rig.call(rig.Officer, http.MethodGet, path+"/identity", nil).must(404)
		rig.call(rig.CommanderB, http.MethodPost, approve, nil).must(404)
		other, third := rig.addPerson(models.RoleOfficer, rig.One.Place), rig.addPerson(models.RoleOfficer, rig.One.Place)
		tokens, approved := []string{rig.token(rig.Commander), rig.token(other)}, 0
		for _, got := range atOnce(8, func(at int) response { return rig.callAs(tokens[at%2], http.MethodPost, approve, nil) }) {
			switch {
			case got.Status == 200:
				approved++
			case got.Status != 409 || got.code() != models.CodeWrongState:
				t.Errorf("at once: %d %s", got.Status, got.Text)
			}
		}
		if approved != 1 {
			t.Errorf("%d consents", approved)
		}
		shown := 0
		for _, who := range []*caller{rig.Officer, rig.Commander, other} {
			if got := rig.call(who, http.MethodGet, path+"/identity", nil); got.Status == 200 && got.id("person_id") == rig.Volunteer.ID {
				shown++
			}
		}
		if shown != 2 {
			t.Errorf("it is shown to %d", shown)
		}
		rig.call(third, http.MethodGet, path+"/identity", nil).must(404)
		if looks := rig.audit(rig.A, models.OpGetTipIdentity); len(looks) < 5 {
			t.Errorf("%d looks and refusals are recorded", len(looks))
		}
		records := rig.audit(rig.A, models.OpCreateIdentityOpening)
		if len(records) != 1 || records[0].ActorID != rig.Officer.ID || records[0].Reason != "需要当面核实" {
			t.Errorf("recorded: %+v", records)
		}
		if inbox := rig.call(rig.Volunteer, http.MethodGet, "/v1/me/inbox", nil).must(200); len(inbox.items()) != 2 {
			t.Errorf("the reporter was told: %s", inbox.Text)
		}
		sent := rig.sentTo("one-phone") // both steps, and in words that say nothing
		if len(sent) != 2 || sent[0].AlertKind != models.AlertMessage || sent[1].AlertKind != models.AlertMessage {
			t.Errorf("their phone was told: %+v", sent)
		}
		named := rig.tip(rig.Volunteer, nil).must(201).text("id")
		rig.call(rig.Officer, http.MethodPost, "/v1/tips/"+named+"/identity-openings", map[string]any{"reason": "核实"}).must(409)
	})
}
