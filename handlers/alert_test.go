package handlers_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

// alertTo is an alert to the holders of roles in a place.
func alertTo(kind string, id models.ID, roles ...string) map[string]any {
	return map[string]any{
		"kind": "notice", "severity": "high", "title": "谨防电动车被盗", "body": "今晚请将电动车停入车棚。", "ttl_s": 3600, "requires_ack": true,
		"audience": map[string]any{"roles": roles, "scope": map[string]any{"kind": kind, "id": id}},
	}
}

func (r *rig) alert(who *caller, body map[string]any) response {
	r.t.Helper()
	return r.call(who, http.MethodPost, "/v1/alerts", body)
}

func (r *rig) phone(who *caller, installation, value string) {
	r.t.Helper()
	r.call(who, http.MethodPut, "/v1/me/push-addresses/"+installation, map[string]any{
		"kind": "fcm_token", "value": value, "platform": "android",
	}).must(200)
}

func TestAudienceOfAlerts(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		one := rig.One
		for _, try := range []struct {
			name string
			body map[string]any
			want []*caller
		}{
			{"volunteers of One", alertTo("compound", one.ID(), "volunteer"), []*caller{rig.Volunteer}},
			{"volunteers of the station", alertTo("station", rig.A, "volunteer"), []*caller{rig.Volunteer, rig.VolunteerTwo}},
			{
				"residents and guards of One", alertTo("compound", one.ID(), "resident", "guard"),
				[]*caller{rig.Resident, rig.Flatmate, rig.Neighbour, rig.Guard},
			},
			{"residents of building 1", alertTo("building", one.Building.Building, "resident"), []*caller{rig.Resident, rig.Flatmate}},
			{"residents of home 101", alertTo("home", one.Home.Home, "resident"), []*caller{rig.Resident, rig.Flatmate}},
			{"nobody", alertTo("home", one.Home201.Home, "resident"), nil},
		} {
			got := rig.alert(rig.Commander, try.body).must(201)
			if got.at("recipients") != float64(len(try.want)) {
				t.Errorf("%s: %v recipients, want %d", try.name, got.at("recipients"), len(try.want))
			}
			for _, who := range []*caller{rig.Resident, rig.Flatmate, rig.Neighbour, rig.Guard, rig.Volunteer, rig.VolunteerTwo, rig.Stranger, rig.Outsider, rig.VolunteerB} {
				want := 404
				if slices.Contains(try.want, who) {
					want = 200
				}
				path := "/v1/alerts/" + got.text("id")
				read := rig.call(who, http.MethodGet, path, nil)
				inbox := rig.call(who, http.MethodGet, "/v1/me/inbox", nil).must(200)
				acknowledged := rig.call(who, http.MethodPost, path+"/acknowledge", nil)
				if read.Status != want || acknowledged.Status != want || (inbox.text("items.0.alert_id") == got.text("id")) != (want == 200) {
					t.Errorf("%s: %s reads %d, acknowledges %d, has %s", try.name, who.Name, read.Status, acknowledged.Status, inbox.Text)
				}
				if want == 200 && (read.at("recipients") != nil || read.at("acknowledged") != nil) {
					t.Errorf("%s: %s sees the counts: %s", try.name, who.Name, read.Text)
				}
			}
			after := rig.call(rig.Commander, http.MethodGet, "/v1/alerts/"+got.text("id"), nil).must(200)
			if after.at("acknowledged") != float64(len(try.want)) {
				t.Errorf("%s: %v acknowledged, want %d", try.name, after.at("acknowledged"), len(try.want))
			}
			rig.advance(time.Second)
		}
	})
}

func TestWhoSendsAlertsWhere(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		before := rig.rows()
		for _, try := range []struct {
			who  *caller
			body map[string]any
			want int
		}{
			{rig.Officer, alertTo("compound", rig.Two.ID(), "volunteer"), 422},
			{rig.Officer, alertTo("station", rig.A, "volunteer"), 422},
			{rig.Commander, alertTo("station", rig.B, "volunteer"), 422},
			{rig.Commander, alertTo("compound", rig.ids.next(), "volunteer"), 422},
			{rig.Volunteer, alertTo("compound", rig.One.ID(), "volunteer"), 403},
			{rig.Admin, alertTo("compound", rig.One.ID(), "volunteer"), 403},
		} {
			got := rig.alert(try.who, try.body)
			if got.Status != try.want {
				t.Errorf("%s: %d, want %d: %s", try.who.Name, got.Status, try.want, got.Text)
			}
			if try.want == 422 && strings.Join(got.fields(), "") != "audience.scope.id no_such" {
				t.Errorf("%s: %v", try.who.Name, got.fields())
			}
		}
		sameRows(t, before, rig.rows())
		id := rig.alert(rig.Officer, alertTo("compound", rig.One.ID(), "volunteer")).must(201).text("id")
		rig.call(rig.OfficerTwo, http.MethodGet, "/v1/alerts/"+id, nil).must(404)
		rig.call(rig.CommanderB, http.MethodGet, "/v1/alerts/"+id, nil).must(404)
		rig.call(rig.Commander, http.MethodGet, "/v1/alerts/"+id, nil).must(200)
		if records := rig.audit(rig.A, models.OpCreateAlert); len(records) != 7 {
			t.Errorf("%d of 7 decisions are recorded", len(records))
		}
	})
}

func TestAcknowledging(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		id := rig.alert(rig.Officer, alertTo("compound", rig.One.ID(), "volunteer")).must(201).text("id")
		body := alertTo("compound", rig.One.ID(), "volunteer")
		body["requires_ack"] = false
		rig.alert(rig.Officer, body).must(201)
		open := func() int {
			return len(rig.call(rig.Volunteer, http.MethodGet, "/v1/me/inbox?unacknowledged=true", nil).must(200).items())
		}
		if count := open(); count != 1 {
			t.Errorf("%d ask for an acknowledgement, want 1", count)
		}
		path := "/v1/alerts/" + id + "/acknowledge"
		first := rig.call(rig.Volunteer, http.MethodPost, path, nil).must(200).text("acknowledged_at")
		rig.advance(time.Minute)
		if again := rig.call(rig.Volunteer, http.MethodPost, path, nil).must(200).text("acknowledged_at"); again != first {
			t.Errorf("acknowledged at %s, then at %s", first, again)
		}
		got := rig.call(rig.Officer, http.MethodGet, "/v1/alerts/"+id, nil).must(200)
		if got.at("acknowledged") != 1.0 || open() != 0 {
			t.Errorf("afterwards: %s, %d open", got.Text, open())
		}
		if got.text("expires_at") != at(firstInstant.Add(time.Hour)) {
			t.Errorf("an hour to live ends at %s", got.text("expires_at"))
		}
	})
}

// What is to be sent to phones is written with the alert, or neither is.
func TestAlertAndDeliveriesAreOne(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.phone(rig.Volunteer, "phone-1", "address-one")
		rig.phone(rig.Volunteer, "phone-2", "address-two")
		rig.phone(rig.VolunteerTwo, "phone-3", "address-three")
		rig.breakTable("deliveries")
		before, woken := rig.rows(), rig.woken.value()
		rig.alert(rig.Officer, alertTo("compound", rig.One.ID(), "volunteer")).must(500)
		sameRows(t, before, rig.rows())
		if rig.woken.value() != woken || len(rig.audit(rig.A, models.OpCreateAlert)) != 0 {
			t.Error("the push worker was woken, or the audit written, for an alert that is not there")
		}
		rig.mendTable("deliveries")
		got := rig.alert(rig.Officer, alertTo("compound", rig.One.ID(), "volunteer")).must(201)
		queued, expires := 0, int64(0)
		err := rig.sql.QueryRow("SELECT COUNT(*), MIN(expires_at) FROM deliveries WHERE alert_id = ? AND person_id = ? AND state = 'queued'",
			got.text("id"), string(rig.Volunteer.ID)).Scan(&queued, &expires)
		if err != nil || queued != 2 || rig.rows()["deliveries"] != 2 || expires != rig.clock.Now().Add(time.Hour).UnixMilli() {
			t.Errorf("%d of 2 deliveries, %d in all, until %d: %v", queued, rig.rows()["deliveries"], expires, err)
		}
		if rig.woken.value() != woken+1 {
			t.Error("the push worker was not woken")
		}
		if found := rig.everywhere("谨防电动车被盗", "address-one"); found != "" {
			t.Errorf("words or addresses lie open in %s", found)
		}
	})
}

// An address belongs to whoever registered it last, and never comes back in an answer.
func TestPushAddresses(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.phone(rig.Volunteer, "shared-phone", "one-address")
		rig.phone(rig.Guard, "shared-phone", "one-address")
		body := alertTo("compound", rig.One.ID(), "volunteer", "guard")
		rig.alert(rig.Officer, body).must(201)
		owner := ""
		if err := rig.sql.QueryRow("SELECT person_id FROM deliveries").Scan(&owner); err != nil || owner != string(rig.Guard.ID) || rig.rows()["deliveries"] != 1 {
			t.Errorf("sent to %s, %d in all: %v", owner, rig.rows()["deliveries"], err)
		}
		for range 2 {
			rig.call(rig.Guard, http.MethodDelete, "/v1/me/push-addresses/shared-phone", nil).must(204)
		}
		rig.alert(rig.Officer, body).must(201)
		if count := rig.rows()["deliveries"]; count != 1 {
			t.Errorf("%d deliveries after the address was given up", count)
		}
	})
}
