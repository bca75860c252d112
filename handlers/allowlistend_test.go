package handlers_test

import (
	"net/http"
	"testing"
	"time"

	"xunfang/models"
)

// passDoorIs wants the state of a pass's door, and its reason, as the host sees them.
func (r *rig) passDoorIs(name string, pass response, door models.ID, state, reason string) {
	r.t.Helper()
	list, _ := r.call(r.Resident, http.MethodGet, "/v1/visitor-passes/"+pass.text("id"), nil).must(200).at("doors").([]any)
	for _, entry := range list {
		if one, _ := entry.(map[string]any); one["door_id"] == string(door) {
			if why, _ := one["reason"].(string); one["state"] != state || why != reason {
				r.t.Errorf("%s: the door is %v %q, want %s %q", name, one["state"], why, state, reason)
			}
			return
		}
	}
	r.t.Errorf("%s: not a door of the pass", name)
}

// A controller that asks for no list any more lets nobody in once the last one has ended: passes say so and the device says so, until
// it asks again.
func TestPassesSayThatAListHasEnded(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		gate, long := rig.terminal(rig.One.GateDevice, rig.One.Gate), map[string]any{"ends_at": at(rig.clock.Now().Add(20 * 24 * time.Hour))}
		listOf := func() any {
			return rig.call(rig.Admin, http.MethodGet, "/v1/devices/"+string(gate.device.ID), nil).must(200).at("allow_list.expired")
		}
		if listOf() != nil {
			t.Error("it has never asked for a list")
		}
		gate.fetch(200)
		held := rig.pass(rig.Resident, long)
		gate.fetch(200)
		gate.fetch(304)
		waits, made := rig.pass(rig.Resident, long), rig.clock.Now()
		ends := models.ListEnd(made, models.AllowListLife)

		rig.advance(ends.Add(-time.Millisecond).Sub(made))
		rig.passDoorIs("held, at the last moment", held, gate.door, "issued", "")
		rig.passDoorIs("waiting, at the last moment", waits, gate.door, "pending", "")
		if listOf() != false {
			t.Errorf("at the last moment: expired %v", listOf())
		}
		rig.advance(time.Millisecond)
		rig.passDoorIs("held, at the end", held, gate.door, "failed", models.PassListExpired)
		rig.passDoorIs("waiting, at the end", waits, gate.door, "failed", models.PassListExpired)
		rig.passDoorIs("a door that asks", held, rig.One.UnitDoor, "issued", "")
		gate.scans("at the end", held, models.OfflineExpired)
		if listOf() != true {
			t.Errorf("at the end: expired %v", listOf())
		}

		gate.fetch(200) // it is back
		rig.passDoorIs("given and not yet stored", held, gate.door, "failed", models.PassListExpired)
		rig.passDoorIs("waiting again", waits, gate.door, "pending", "")
		gate.fetch(304)
		rig.passDoorIs("stored", held, gate.door, "issued", "")
		rig.passDoorIs("arrived", waits, gate.door, "issued", "")
		if listOf() != false {
			t.Errorf("back: expired %v", listOf())
		}
	})
}

// A list can be asked for while the last visit of a pass goes on: of what is used up it has the doors that are still to come.
func TestAListWhileTheLastVisitGoesOn(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		gate, unit := rig.terminal(rig.One.GateDevice, rig.One.Gate), rig.terminal(rig.One.UnitDevice, rig.One.UnitDoor)
		gate.fetch(200)
		unit.fetch(200)
		made := rig.pass(rig.Resident, nil)
		if got := rig.enter(rig.Guard, rig.One.Gate, made.text("qr_payload")); got.text("decision") != "open" {
			t.Fatalf("at the gate: %s", got.Text)
		}
		gate.fetch(200)
		unit.fetch(200)
		gate.scans("it was here", made, models.OfflineDoor)
		unit.types("on its way", made, "")
		rig.advance(models.VisitWindow)
		gate.fetch(200)
		gate.scans("over", made, models.OfflineDenied)
	})
}

// Property hears of each vehicle that waits for it, and nothing of whose it is.
func TestPropertyIsToldOfAVehicleToConfirm(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		made := rig.pendingVehicle(rig.Resident, map[string]any{"kind": "car", "plate": "川J10852", "colour": "白"}).must(201)
		for name, one := range map[string]struct {
			who  *caller
			want int
		}{
			"property": {rig.Property, 1}, "the owner": {rig.Resident, 0}, "the guard": {rig.Guard, 0}, "the officer": {rig.Officer, 0},
		} {
			if got := rig.inboxHas(one.who.ID, models.AlertVehiclePending, made.text("id")); got != one.want {
				t.Errorf("%s was told %d times", name, got)
			}
		}
		if rig.heardOfVehicle(rig.Property) != 0 { // and names no plate
			t.Error("property keeps no vehicle")
		}
		rig.pendingVehicle(rig.Resident, map[string]any{"kind": "car", "plate": "川JO2345"}).must(422)
		alerts := 0
		if err := rig.sql.QueryRow("SELECT COUNT(*) FROM alerts WHERE kind = ?", models.AlertVehiclePending).Scan(&alerts); err != nil || alerts != 1 {
			t.Errorf("%d alerts: %v", alerts, err)
		}
	})
}
