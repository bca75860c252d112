package handlers_test

import (
	"testing"

	"xunfang/models"
)

// A barrier that neither numbers its readings nor has a clock is decided about in the order in which they come.
func TestReadingsWithoutANumber(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.gate()
		id := rig.addVehicle(rig.Resident, nil).must(201).text("id")
		rig.vehicleTo(rig.Resident, id, "lock").must(200)
		arrival, bare := rig.ids.next(), map[string]any{"sequence": nil, "read_at": nil}
		for at, one := range []struct {
			plate, want string
			wrongly     bool
		}{
			{"川J1O852", "open unknown_plate", false},
			{"川J10852", "hold locked", true},
			{"川J10852", "hold locked", true}, // the same again, as after an answer that was lost
			{"川J20000", "open unknown_plate", true},
			{"川J10852", "hold locked", true},
		} {
			got := rig.readPlate(arrival, 0, one.plate, bare).must(200)
			if decided(got) != one.want || got.at("opened_wrongly") != one.wrongly || got.at("sequence") != float64(at) {
				t.Errorf("%d: %s", at, got.Text)
			}
		}
		got := rig.call(rig.Guard, "GET", "/v1/arrivals/"+string(arrival), nil).must(200)
		if got.at("reads") != 5.0 || got.text("read_at") != instant(rig.clock.Now()) {
			t.Errorf("in the end: %s", got.Text)
		}
		if first := (models.Arrival{}).Numbered(models.NextRead); first != 0 {
			t.Errorf("the first is number %d", first)
		}
	})
}
