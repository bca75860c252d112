package handlers_test

import (
	"net/http"
	"testing"
	"time"

	"xunfang/models"
)

// A tip goes to the officer of the compound that it lies in, else to the officer of the nearest route, else to the duty desk.
func TestTipsAlongARouteGoToItsOfficer(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		leader := rig.addPerson(models.RoleOfficer, models.Place{Station: rig.A})
		street := models.Position{Lat: 30.5250, Lng: 105.6060} // the checkpoint of the route that lies in no compound
		lead := func(officer models.ID) response {
			return rig.call(rig.Commander, http.MethodPut, "/v1/routes/"+string(rig.Route)+"/officer", map[string]any{"officer_id": officer})
		}
		tipAt := func(at models.Position) response {
			return rig.tip(rig.Volunteer, map[string]any{"position": spot(at, nil)}).must(201)
		}
		owner := func(name string, tip response, want *caller) {
			t.Helper()
			wanted := any(nil)
			if want != nil {
				wanted = string(want.ID)
			}
			if got := rig.call(rig.Commander, http.MethodGet, "/v1/tips/"+tip.text("id"), nil).must(200); got.at("assigned_to") != wanted {
				t.Errorf("%s: it is %v's, want %v", name, got.at("assigned_to"), wanted)
			}
		}
		owner("nobody leads it", tipAt(street), nil)
		if told := rig.inboxOf(rig.Commander, models.AlertTip); told != 1 {
			t.Errorf("the duty desk was told %d times", told)
		}
		for _, stranger := range []*caller{rig.Officer, rig.OfficerB, rig.Volunteer} { // of one compound, of elsewhere, no officer
			if got := lead(stranger.ID); got.Status != 422 || got.fields()[0] != "officer_id no_such" {
				t.Errorf("%s leads it: %d %s", stranger.Name, got.Status, got.Text)
			}
		}
		if got := lead(leader.ID).must(200); got.text("officer_id") != string(leader.ID) {
			t.Errorf("the route: %s", got.Text)
		}
		tip := tipAt(street)
		owner("along the route", tip, leader)
		if told := rig.inboxOf(leader, models.AlertTip); told != 1 {
			t.Errorf("the route's officer was told %d times", told)
		}
		rig.advanceTip(leader, tip.text("id"), map[string]any{"state": "acknowledged"}).must(200)
		owner("in a compound", tipAt(rig.One.At), rig.Officer)
		owner("far from both", tipAt(models.Position{Lat: 30.57, Lng: 105.66}), nil)
		owner("beside the line", tipAt(off(street, 140, 0)), leader)
		owner("too far beside it", tipAt(off(street, 170, 0)), nil)

		got := rig.call(rig.Commander, http.MethodGet, "/v1/routes", nil).must(200)
		other := rig.call(rig.Volunteer, http.MethodGet, "/v1/routes", nil).must(200)
		if got.at("items.0.officer_id") != string(leader.ID) || other.at("items.0.officer_id") != nil {
			t.Errorf("who leads the route: %s %s", got.Text, other.Text)
		}
		if records := rig.audit(rig.A, models.OpPutRouteOfficer); len(records) != 4 || records[0].Facts["officer"] != string(leader.ID) {
			t.Errorf("recorded: %+v", records)
		}
		rig.clock.advance(time.Second)
		if _, err := rig.sql.Exec("UPDATE role_grants SET ends_at = ? WHERE person_id = ?", rig.clock.Now().UnixMilli(), string(leader.ID)); err != nil {
			t.Fatal(err)
		}
		owner("the officer's role has ended", tipAt(street), nil)
		if none := rig.call(rig.Commander, http.MethodPut, "/v1/routes/"+string(rig.Route)+"/officer", map[string]any{}).must(200); none.at("officer_id") != nil {
			t.Errorf("nobody leads it: %s", none.Text)
		}
	})
}

func TestARouteIsMadeWithItsOfficer(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		route := func(name string, officer models.ID) response {
			return rig.call(rig.Commander, http.MethodPost, "/v1/routes", map[string]any{
				"name": name, "direction": "other", "checkpoint_ids": []models.ID{rig.Street}, "officer_id": officer,
			}, "Idempotency-Key", "route-"+name)
		}
		if got := route("with-officer", rig.Commander.ID).must(201); got.text("officer_id") != string(rig.Commander.ID) {
			t.Errorf("the route: %s", got.Text)
		}
		route("without", rig.Officer.ID).must(422)
	})
}
