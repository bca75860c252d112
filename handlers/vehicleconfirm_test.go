package handlers_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"xunfang/models"
)

// Whoever writes down somebody else's plate learns nothing by it, holds nobody up and follows nobody; property confirms one of them.
func TestOnlyAConfirmedVehicleIsKnownAtTheGate(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.gate()
		body := map[string]any{"kind": "car", "plate": "川J10852", "colour": "白"}
		false1 := rig.pendingVehicle(rig.Neighbour, body).must(201).text("id")
		owned := rig.pendingVehicle(rig.Resident, body).must(201)
		id := owned.text("id")
		if owned.text("state") != "pending" {
			t.Errorf("made: %s", owned.Text)
		}
		if got := rig.vehicleTo(rig.Neighbour, false1, "lock"); got.Status != 409 || got.text("errors.0.want") != "pending" {
			t.Errorf("locked: %d %s", got.Status, got.Text)
		}
		if got := decided(rig.readPlate(rig.ids.next(), 1, "川J10852", nil).must(200)); got != "open unknown_plate" {
			t.Errorf("on its way out: %s", got)
		}
		if got := decided(rig.readPlate(rig.ids.next(), 1, "川J10852", map[string]any{"direction": "in"}).must(200)); got != "hold unknown_plate" {
			t.Errorf("coming in: %s", got)
		}
		if got := rig.call(rig.Neighbour, http.MethodGet, "/v1/arrivals", nil).must(200); len(got.items()) != 0 {
			t.Errorf("follows: %s", got.Text)
		}
		for _, who := range []*caller{rig.Property, rig.Officer} { // see what they are to confirm
			got := rig.call(who, http.MethodGet, "/v1/vehicles?state=pending", nil).must(200)
			if len(got.items()) != 2 || strings.Count(got.Text, "川J10852") != 2 || !strings.Contains(got.Text, string(rig.One.Home.Home)) {
				t.Errorf("%s: %s", who.Role, got.Text)
			}
		}
		if got := rig.call(rig.Guard, http.MethodGet, "/v1/vehicles", nil).must(200); strings.Contains(got.Text, "10852") {
			t.Errorf("the guard: %s", got.Text)
		}
		rig.confirmVehicle(rig.Resident, id, true).must(403)

		statuses := []int{}
		for _, got := range atOnce(8, func(at int) response { return rig.confirmVehicle(rig.Property, []string{id, false1}[at%2], true) }) {
			statuses = append(statuses, got.Status)
		}
		kept := rig.call(rig.Property, http.MethodGet, "/v1/vehicles?state=confirmed", nil).must(200)
		if len(kept.items()) != 1 || strings.Contains(kept.Text, "10852\"") || strings.Contains(kept.Text, string(rig.One.Home.Home)) {
			t.Errorf("%v: %s", statuses, kept.Text)
		}
		if kept.text("items.0.id") == false1 { // a mistake of property's
			rig.confirmVehicle(rig.Property, false1, false).must(200)
			rig.confirmVehicle(rig.Property, id, true).must(200)
		}
		rig.confirmVehicle(rig.Officer, false1, true).must(409)
		if heard := rig.heardOfVehicle(rig.Resident); heard != 1 {
			t.Errorf("told %d times", heard)
		}

		arrival := rig.ids.next()
		rig.vehicleTo(rig.Resident, id, "lock").must(200)
		if got := decided(rig.readPlate(arrival, 1, "川J10852", nil).must(200)); got != "hold locked" {
			t.Errorf("confirmed and locked: %s", got)
		}
		rig.confirmVehicle(rig.Property, id, false).must(409)
		rig.vehicleTo(rig.Resident, id, "unlock").must(200)
		rig.call(rig.Resident, http.MethodGet, "/v1/arrivals/"+fmt.Sprint(arrival), nil).must(200)
		rig.confirmVehicle(rig.Property, id, false).must(200)
		rig.confirmVehicle(rig.Property, id, false).must(200)
		rig.call(rig.Resident, http.MethodGet, "/v1/arrivals/"+fmt.Sprint(arrival), nil).must(404)
		if got := len(rig.audit(rig.A, models.OpConfirmVehicle)); got < 4 {
			t.Errorf("recorded %d times", got)
		}
	})
}
