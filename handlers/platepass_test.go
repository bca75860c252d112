package handlers_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

// usesOf is how often a pass was used.
func (r *rig) usesOf(pass response) string {
	r.t.Helper()
	return fmt.Sprint(r.call(r.Resident, http.MethodGet, "/v1/visitor-passes/"+pass.text("id"), nil).must(200).at("uses"))
}

// A visitor drives in as often as the pass says: once an arrival, however often that is read, and out again.
func TestAVehicleUsesItsPassOnceAnArrival(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.gate()
		in, unsure := map[string]any{"direction": "in"}, map[string]any{"direction": "in", "confidence": 0.2}
		made := rig.pass(rig.Resident, map[string]any{"plate": "川J77777"})
		arrival := rig.ids.next()
		for sequence, plate := range []string{"川J77777", "川J77777", "川J1", "川J77777"} {
			more := in
			if plate == "川J1" {
				more = unsure
			}
			rig.readPlate(arrival, sequence, plate, more).must(200)
			rig.readPlate(arrival, sequence, plate, more).must(200) // repeated
		}
		if got := rig.call(rig.One.GateDevice, http.MethodGet, "/v1/arrivals/"+string(arrival), nil).must(200); decided(got) != "open visitor_pass" {
			t.Errorf("read again: %s", got.Text)
		}
		if got := rig.usesOf(made); got != "1" {
			t.Errorf("one arrival used it %s times", got)
		}
		if got := decided(rig.readPlate(rig.ids.next(), 1, "川J77777", nil).must(200)); got != "open visitor_pass" || rig.usesOf(made) != "1" {
			t.Errorf("out again: %s, used %s times", got, rig.usesOf(made))
		}
		if got := decided(rig.readPlate(rig.ids.next(), 1, "川J77777", in).must(200)); got != "hold unknown_plate" {
			t.Errorf("in for the second time: %s", got)
		}
		if got := rig.enter(rig.Device, rig.One.UnitDoor, made.text("code")); got.text("decision") != "open" { // the visit goes on
			t.Errorf("the building's door after the gate: %s", got.Text)
		}
		if heard := rig.inboxHas(rig.Resident.ID, models.AlertVisitorPass, made.text("id")); heard != 1 {
			t.Errorf("the host was told %d times", heard)
		}

		raced, token := rig.pass(rig.Resident, map[string]any{"plate": "川J66666"}), rig.token(rig.One.GateDevice)
		opened := 0
		for _, got := range atOnce(8, func(int) response {
			return rig.callAs(token, http.MethodPost, "/v1/plate-reads", map[string]any{
				"arrival_id": rig.ids.next(), "sequence": 1, "plate": "川J66666", "confidence": 1, "direction": "in", "read_at": instant(rig.clock.Now()),
			})
		}) {
			if decided(got.must(200)) == "open visitor_pass" {
				opened++
			}
		}
		if opened != 1 || rig.usesOf(raced) != "1" {
			t.Errorf("%d vehicles at once by a pass for one, used %s times", opened, rig.usesOf(raced))
		}
	})
}

// What a barrier did by itself is judged by the passes of then.
func TestAReplayedReadingIsOfItsOwnTime(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		gate := rig.gate()
		then := rig.clock.Now().Add(time.Minute)
		ended := rig.pass(rig.Resident, map[string]any{"plate": "川J77777", "ends_at": at(rig.clock.Now().Add(time.Hour))})
		revoked := rig.pass(rig.Resident, map[string]any{"plate": "川J88888"})
		rig.advance(2 * time.Hour)
		rig.call(rig.Resident, http.MethodPost, "/v1/visitor-passes/"+revoked.text("id")+"/revoke", nil).must(200)
		later := rig.pass(rig.Resident, map[string]any{"plate": "川J99999"})
		for plate, want := range map[string]struct {
			reason string
			pass   response
			uses   string
		}{
			"川J77777": {"visitor_pass", ended, "1"}, "川J88888": {"visitor_pass", revoked, "1"}, "川J99999": {"unknown_plate", later, "0"},
		} {
			arrival := rig.ids.next()
			items := []any{map[string]any{
				"arrival_id": arrival, "sequence": 1, "plate": plate, "confidence": 1, "direction": "in", "read_at": instant(then), "decision": "open",
			}}
			for range 2 {
				rig.call(gate, http.MethodPost, "/v1/offline-plate-reads", map[string]any{"items": items}).must(200)
			}
			got := rig.call(gate, http.MethodGet, "/v1/arrivals/"+string(arrival), nil).must(200)
			if got.text("reason") != want.reason || rig.usesOf(want.pass) != want.uses {
				t.Errorf("%s: %s, used %s times", plate, got.Text, rig.usesOf(want.pass))
			}
		}
	})
}

// A locked e-bike beside whose tag a camera reads some plate is held, and its owner told when a barrier alone let it go.
func TestAPlateBesideALockedTag(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		gate := rig.gate()
		id := rig.addVehicle(rig.Resident, map[string]any{"kind": "e_bike", "plate": nil, "tag": "E280 1160"}).must(201).text("id")
		rig.vehicleTo(rig.Resident, id, "lock").must(200)
		arrival := rig.ids.next()
		rig.readPlate(arrival, 1, "", map[string]any{"plate": nil, "tag": "E2801160"}).must(200)
		if got := decided(rig.readPlate(arrival, 2, "川J22222", nil).must(200)); got != "hold locked" {
			t.Errorf("a plate beside the tag: %s", got)
		}
		before := rig.heardOfVehicle(rig.Resident)
		rig.call(gate, http.MethodPost, "/v1/offline-plate-reads", map[string]any{"items": []any{map[string]any{
			"arrival_id": arrival, "sequence": 3, "plate": "川J22222", "confidence": 1, "direction": "out", "read_at": instant(rig.clock.Now()),
			"decision": "open",
		}}}).must(200)
		if got := rig.call(gate, http.MethodGet, "/v1/arrivals/"+string(arrival), nil).must(200); got.at("opened_wrongly") != true ||
			rig.heardOfVehicle(rig.Resident) != before+1 {
			t.Errorf("let go by the barrier alone: %s", got.Text)
		}
	})
}

// Where a barrier's list is cut, what is locked stands in it.
func TestLockedVehiclesAreInACutList(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.addVehicle(rig.Resident, map[string]any{"plate": "川J11111"}).must(201)
		rig.pendingVehicle(rig.Resident, map[string]any{"kind": "car", "plate": "川J33333"}).must(201)
		rig.vehicleTo(rig.Resident, rig.addVehicle(rig.Resident, map[string]any{"plate": "川J22222"}).must(201).text("id"), "lock").must(200)
		for limit, want := range map[int]string{1: "川J22222 true true", 9: "川J22222 true true 川J11111 false true"} {
			marks, err := rig.store.CompoundMarks(t.Context(), rig.One.ID(), rig.clock.Now(), limit)
			texts := []string{}
			for _, mark := range marks {
				texts = append(texts, fmt.Sprint(mark.Text.Reveal(), " ", mark.Locked, " ", mark.Resident))
			}
			if err != nil || strings.Join(texts, " ") != want {
				t.Errorf("%d: %v %v", limit, texts, err)
			}
		}
	})
}
