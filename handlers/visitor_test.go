package handlers_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

// at writes an instant as the API does.
func at(instant time.Time) string { return instant.UTC().Format("2006-01-02T15:04:05.000Z") }

// passBody is a visitor pass for the next twelve hours; change may be nil.
func passBody(rig *rig, change map[string]any) map[string]any {
	body := map[string]any{
		"visitor_name": "王师傅", "plate": "川J12345", "starts_at": at(rig.clock.Now()), "ends_at": at(rig.clock.Now().Add(12 * time.Hour)),
	}
	for field, value := range change {
		body[field] = value
	}
	return body
}

// pass makes a visitor pass.
func (r *rig) pass(who *caller, change map[string]any) response {
	r.t.Helper()
	return r.call(who, http.MethodPost, "/v1/visitor-passes", passBody(r, change)).must(201)
}

// enter types a code at a door and gives the answer.
func (r *rig) enter(who *caller, door models.ID, code string) response {
	r.t.Helper()
	return r.enterWith(who, door, code, "")
}

// enterWith types a code and its extension.
func (r *rig) enterWith(who *caller, door models.ID, code, extension string) response {
	r.t.Helper()
	body := map[string]any{"code": code}
	if extension != "" {
		body["extension"] = extension
	}
	return r.call(who, http.MethodPost, "/v1/doors/"+string(door)+"/code-entries", body).must(200)
}

func sameIDs(value any, want ...models.ID) bool {
	list, _ := value.([]any)
	have := []models.ID{}
	for _, entry := range list {
		text, _ := entry.(string)
		have = append(have, models.ID(text))
	}
	slices.Sort(have)
	slices.Sort(want)
	return slices.Equal(have, want)
}

func TestPassLeadsHome(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		one := rig.One
		made := rig.pass(rig.Resident, nil)
		if !sameIDs(made.at("door_ids"), one.Gate, one.BuildingDoor, one.UnitDoor) {
			t.Errorf("by default the doors are %v", made.at("door_ids"))
		}
		if code := made.text("code"); len(code) != 10 || len(made.text("extension")) != 4 ||
			!strings.HasPrefix(made.text("qr_payload"), "XF1.V."+code+"."+made.text("extension")+".") {
			t.Errorf("code %q, qr %q", code, made.text("qr_payload"))
		}
		if made.text("state") != "active" || made.id("home_id") != one.Home.Home || made.at("uses") != 0.0 {
			t.Errorf("the pass is %s", made.Text)
		}
		staff := rig.pass(rig.Property, nil)
		if !sameIDs(staff.at("door_ids"), one.Gate) {
			t.Errorf("property's doors are %v", staff.at("door_ids"))
		}
		rig.pass(rig.Property, map[string]any{"door_ids": []models.ID{one.OtherUnitDoor}})
		refuse := func(name string, who *caller, change map[string]any, field string) scenario {
			return scenario{
				name: name, who: who, method: http.MethodPost, path: "/v1/visitor-passes", body: passBody(rig, change),
				want: 422, code: models.CodeUnprocessable, fields: []string{field},
			}
		}
		now := rig.clock.Now()
		before := rig.rows()
		rig.play(t,
			refuse("a neighbour's door", rig.Resident, map[string]any{"door_ids": []models.ID{one.Gate, one.OtherUnitDoor}}, "door_ids[1] no_such"),
			refuse("another compound's door", rig.Property, map[string]any{"door_ids": []models.ID{rig.Two.Gate}}, "door_ids[0] no_such"),
			refuse("a missing door", rig.Resident, map[string]any{"door_ids": []models.ID{rig.ids.next()}}, "door_ids[0] no_such"),
			refuse("somebody else's home", rig.Resident, map[string]any{"home_id": one.OtherHome.Home}, "home_id no_such"),
			refuse("an empty window", rig.Resident, map[string]any{"ends_at": at(now)}, "ends_at too_small"),
			refuse("a past window", rig.Resident, map[string]any{"starts_at": at(now.Add(-time.Hour)), "ends_at": at(now)}, "ends_at too_small"),
			refuse("over 31 days", rig.Resident, map[string]any{"ends_at": at(now.Add(models.MaxPassLength + time.Millisecond))}, "ends_at too_large"),
		)
		sameRows(t, before, rig.rows())
	})
}

// The code is in one answer and nowhere after it.
func TestCodeIsShownOnce(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		made := rig.pass(rig.Resident, nil)
		code, path := made.text("code"), "/v1/visitor-passes/"+made.text("id")
		texts := map[string]string{}
		for _, who := range []*caller{rig.Resident, rig.Property} {
			texts[who.Name+" reads"] = rig.call(who, http.MethodGet, path, nil).must(200).Text
			texts[who.Name+" lists"] = rig.call(who, http.MethodGet, "/v1/visitor-passes", nil).must(200).Text
		}
		entered := rig.enter(rig.Guard, rig.One.Gate, code)
		texts["entry"] = entered.Text
		texts["events"] = rig.call(rig.Resident, http.MethodGet, "/v1/access-events", nil).must(200).Text
		texts["audit"] = rig.call(rig.Commander, http.MethodGet, "/v1/audit-entries?limit=100", nil).must(200).Text
		texts["revoke"] = rig.call(rig.Resident, http.MethodPost, path+"/revoke", nil).must(200).Text
		texts["database"], texts["log"] = rig.everywhere(code), rig.logs.all()
		for where, text := range texts {
			if strings.Contains(text, code) || strings.Contains(text, "qr_payload") {
				t.Errorf("%s: the code is there again: %s", where, text)
			}
		}
		if found := rig.everywhere("王师傅", "川J12345", rig.Resident.Phone, rig.Resident.Name); found != "" {
			t.Errorf("plain personal data lies in %s", found)
		}
		if entered.text("decision") != "open" {
			t.Errorf("the code does not open: this test shows nothing: %s", entered.Text)
		}
	})
}

func TestPassWindowToTheMillisecond(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		start, end := rig.clock.Now().Add(time.Hour), rig.clock.Now().Add(2*time.Hour)
		code := rig.pass(rig.Resident, map[string]any{"starts_at": at(start), "ends_at": at(end), "max_uses": 9}).text("code")
		for _, moment := range []struct {
			after time.Time
			want  string
		}{
			{start.Add(-time.Millisecond), "deny"},
			{start, "open"},
			{end.Add(-time.Millisecond), "open"},
			{end, "deny"},
		} {
			rig.advance(moment.after.Sub(rig.clock.Now()))
			if got := rig.enter(rig.Guard, rig.One.Gate, code); got.text("decision") != moment.want {
				t.Errorf("at %s (window %s to %s): %s", at(moment.after), at(start), at(end), got.Text)
			}
		}
	})
}

func TestPassUsesAndRevoke(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		made := rig.pass(rig.Resident, map[string]any{"max_uses": 2})
		path := "/v1/visitor-passes/" + made.text("id")
		for use, want := range []string{"open", "open", "deny"} {
			if got := rig.enter(rig.Guard, rig.One.Gate, made.text("code")); got.text("decision") != want {
				t.Errorf("use %d: %s", use+1, got.Text)
			}
		}
		if got := rig.call(rig.Resident, http.MethodGet, path, nil).must(200); got.text("state") != "used" || got.at("uses") != 2.0 {
			t.Errorf("after two uses: %s", got.Text)
		}
		other := rig.pass(rig.Resident, nil)
		revoke := "/v1/visitor-passes/" + other.text("id") + "/revoke"
		rig.call(rig.Neighbour, http.MethodPost, revoke, nil).must(404)
		rig.call(rig.Flatmate, http.MethodPost, revoke, nil).must(404)
		rig.call(rig.PropertyTwo, http.MethodPost, revoke, nil).must(404)
		first := rig.call(rig.Resident, http.MethodPost, revoke, nil).must(200)
		if first.text("state") != "revoked" {
			t.Errorf("revoked: %s", first.Text)
		}
		rig.advance(time.Minute)
		if again := rig.call(rig.Property, http.MethodPost, revoke, nil).must(200); again.text("revoked_at") != first.text("revoked_at") {
			t.Errorf("revoking again moved the time: %s, then %s", first.Text, again.Text)
		}
		if got := rig.enter(rig.Guard, rig.One.Gate, other.text("code")); got.text("decision") != "deny" {
			t.Errorf("a revoked pass: %s", got.Text)
		}
		for state, want := range map[string]models.ID{"used": made.id("id"), "revoked": other.id("id")} {
			list := rig.call(rig.Resident, http.MethodGet, "/v1/visitor-passes?state="+state, nil).must(200)
			if len(list.items()) != 1 || list.id("items.0.id") != want {
				t.Errorf("%s: %s", state, list.Text)
			}
		}
	})
}
