package handlers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// No way around the lock: not the barrier as a door, by whom or by what code, however long the vehicle stands there.
func TestNoWayAroundALockedVehicle(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		vehicle, arrival := rig.lockedAtGate()
		code := rig.pass(rig.Neighbour, map[string]any{"max_uses": 2}).text("code")
		entry := "/v1/doors/" + string(rig.One.Gate) + "/code-entries"
		for _, who := range []*caller{rig.One.GateDevice, rig.Guard} {
			if got := rig.call(who, http.MethodPost, entry, map[string]any{"code": code}); got.Status != 409 || !strings.Contains(got.Text, "hold locked") {
				t.Errorf("a visitor's code opens the barrier: %d %s", got.Status, got.Text)
			}
		}
		for sequence := 2; sequence < 24; sequence++ {
			rig.advance(time.Minute)
			rig.readPlate(arrival, sequence, "川J10852", nil).must(200)
		}
		rig.call(rig.Guard, http.MethodPost, "/v1/doors/"+string(rig.One.Gate)+"/open", nil).must(409)
		rig.vehicleTo(rig.Resident, vehicle, "unlock").must(200)
		if got := rig.call(rig.One.GateDevice, http.MethodGet, "/v1/arrivals/"+string(arrival), nil).must(200); decided(got) != "open unlocked" {
			t.Errorf("its owner came after 22 minutes: %s", got.Text)
		}
		if got := rig.enter(rig.One.GateDevice, rig.One.Gate, code); got.text("decision") != "open" {
			t.Errorf("the code was worth something, and is: %s", got.Text)
		}
	})
}

// A pass that is outside of its hours hides no other of the same plate, and a group's plate lets nobody in by a guest's pass.
func TestEveryPassOfAPlateIsLookedAt(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.gate()
		in := map[string]any{"direction": "in"}
		yesterday := strings.ToLower(rig.clock.Now().Add(-48 * time.Hour).Weekday().String())
		rig.pass(rig.Resident, map[string]any{
			"kind": "recurring", "plate": "川J44444", "ends_at": at(rig.clock.Now().Add(30 * 24 * time.Hour)),
			"schedule": map[string]any{"weekdays": []string{yesterday}, "start_time": "09:00", "length_minutes": 60},
		})
		if got := decided(rig.readPlate(rig.ids.next(), 1, "川J44444", in).must(200)); got != "hold unknown_plate" {
			t.Errorf("outside of its hours: %s", got)
		}
		rig.pass(rig.Neighbour, map[string]any{"kind": "vehicle", "plate": "川J44444"})
		if got := decided(rig.readPlate(rig.ids.next(), 1, "川J44444", in).must(200)); got != "open visitor_pass" {
			t.Errorf("the neighbour's visitor today: %s", got)
		}
		group := rig.pass(rig.Resident, map[string]any{"kind": "group", "max_guests": 2, "plate": "川J55555"})
		rig.takeCode(group.text("guest_path"), strings.Repeat("x", 43), "小李").must(303)
		if got := decided(rig.readPlate(rig.ids.next(), 1, "川J55555", in).must(200)); got != "hold unknown_plate" {
			t.Errorf("by the pass of a guest who came on foot: %s", got)
		}
	})
}
