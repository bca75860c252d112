package handlers_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

func (r *rig) nearby(who *caller, category string, at models.Position) response {
	r.t.Helper()
	return r.call(who, http.MethodGet, fmt.Sprintf("/v1/tips/nearby?category=%s&lat=%f&lng=%f", category, at.Lat, at.Lng), nil).must(200)
}

func (r *rig) merge(who *caller, tip, into string) response {
	r.t.Helper()
	return r.call(who, http.MethodPost, "/v1/tips/"+tip+"/merges", map[string]any{"into_id": into})
}

func TestTipsNearby(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		same := func(name string, got response, count string, hours any) {
			t.Helper()
			if got.text("count") != count || fmt.Sprint(got.at("newest_hours")) != fmt.Sprint(hours) {
				t.Errorf("%s: %s", name, got.Text)
			}
		}
		same("before anything", rig.nearby(rig.Resident, "theft", rig.One.At), "none", nil)
		first := rig.tip(rig.Volunteer, nil).must(201).text("id")
		rig.clock.advance(90 * time.Minute)
		same("one and a half hours later", rig.nearby(rig.Resident, "theft", rig.One.At), "one", 2)
		same("another category", rig.nearby(rig.Resident, "hazard", rig.One.At), "none", nil)
		far := models.Position{Lat: rig.One.At.Lat + 0.01, Lng: rig.One.At.Lng}
		same("a kilometre away", rig.nearby(rig.Resident, "theft", far), "none", nil)
		rig.tip(rig.VolunteerTwo, nil).must(201)
		same("two", rig.nearby(rig.Resident, "theft", rig.One.At), "few", 1)
		if got := rig.nearby(rig.OfficerB, "theft", rig.One.At); got.text("count") != "none" {
			t.Errorf("somebody of another station: %s", got.Text)
		}
		for _, state := range []string{"acknowledged", "investigating", "resolved"} {
			rig.advanceTip(rig.Officer, first, map[string]any{"state": state}).must(200)
		}
		got := rig.nearby(rig.Resident, "theft", rig.One.At)
		same("what is resolved does not count", got, "one", 1)
		for _, secret := range []string{first, "自行车", string(rig.Volunteer.ID), string(rig.One.Place.Compound), "lat"} {
			if strings.Contains(got.Text, secret) {
				t.Errorf("the answer tells %q: %s", secret, got.Text)
			}
		}
		rig.clock.advance(73 * time.Hour)
		same("after three days", rig.nearby(rig.Resident, "theft", rig.One.At), "none", nil)
	})
}

func TestMergingTips(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		ids := []string{}
		for _, who := range []*caller{rig.Volunteer, rig.Resident, rig.VolunteerTwo} {
			ids = append(ids, rig.tip(who, nil).must(201).text("id"))
			rig.clock.advance(time.Minute)
		}
		rig.merge(rig.Officer, ids[0], ids[1]).must(200)
		got := rig.merge(rig.Officer, ids[1], ids[2]).must(200)
		if got.text("items.0.id") != ids[0] || got.text("items.1.id") != ids[1] || got.text("items.2.id") != ids[2] {
			t.Errorf("the first is not first: %s", got.Text)
		}
		if again := rig.merge(rig.Officer, ids[0], ids[2]); again.Status != 409 || again.code() != models.CodeWrongState {
			t.Errorf("merged twice: %d %s", again.Status, again.Text)
		}
		if itself := rig.merge(rig.Officer, ids[2], ids[2]); itself.Status != 422 {
			t.Errorf("merged into itself: %d %s", itself.Status, itself.Text)
		}
		list := rig.call(rig.Officer, http.MethodGet, "/v1/tips/"+ids[0]+"/merges", nil).must(200)
		if list.text("into_id") != ids[2] || len(list.items()) != 1 {
			t.Errorf("where the first went: %s", list.Text)
		}
		if own := rig.call(rig.Volunteer, http.MethodGet, "/v1/tips/"+ids[0], nil).must(200); own.text("closed_reason") != "duplicate" {
			t.Errorf("the reporter sees %s", own.Text)
		}
		for language, note := range map[string]string{"zh-CN": "已有人先后报告", "en": "Others have reported the same."} {
			own := rig.call(rig.Volunteer, http.MethodGet, "/v1/tips/"+ids[0], nil, "Accept-Language", language).must(200)
			if !strings.HasPrefix(own.text("steps.1.note"), note) {
				t.Errorf("in %s the reporter reads %s", language, own.Text)
			}
		}
		inbox := rig.call(rig.Volunteer, http.MethodGet, "/v1/me/inbox", nil).must(200)
		if len(inbox.items()) != 1 || inbox.text("items.0.about") != ids[0] {
			t.Errorf("the reporter was told %s", inbox.Text)
		}
		if records := rig.audit(rig.A, models.OpListTipMerges); len(records) != 1 {
			t.Errorf("%d looks at merged tips are recorded", len(records))
		}
	})
}

// Two officers merge each tip into the other at once: one of them is closed, and the other goes on.
func TestMergingBothWaysAtOnce(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		token := rig.token(rig.Officer)
		for range 8 {
			one, other := rig.tip(rig.Volunteer, nil).must(201).text("id"), rig.tip(rig.Resident, nil).must(201).text("id")
			merged := 0
			for _, got := range atOnce(8, func(at int) response {
				from, into := one, other
				if at%2 == 1 {
					from, into = other, one
				}
				return rig.callAs(token, http.MethodPost, "/v1/tips/"+from+"/merges", map[string]any{"into_id": into})
			}) {
				if got.Status == 200 {
					merged++
				} else if got.Status != 409 {
					t.Errorf("%d %s", got.Status, got.Text)
				}
			}
			closed := 0
			for _, id := range []string{one, other} {
				if rig.call(rig.Officer, http.MethodGet, "/v1/tips/"+id, nil).must(200).text("state") == "closed" {
					closed++
				}
			}
			if merged != 1 || closed != 1 {
				t.Fatalf("%d merges, %d closed", merged, closed)
			}
		}
	})
}
