package handlers_test

import (
	"encoding/json"
	"testing"
	"time"
)

// No position, however wrong, refuses somebody who calls for help; what of it fits is kept.
func TestSOSIsNotRefusedForItsPosition(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		good := spot(rig.One.At, nil)
		with := func(field string, value any) map[string]any { return spot(rig.One.At, map[string]any{field: value}) }
		for _, c := range []struct {
			name     string
			position any
			placed   bool
		}{
			{"good", good, true},
			{"null", nil, false},
			{"a word", "这里", false},
			{"nothing in it", map[string]any{}, false},
			{"accuracy below", with("accuracy_m", -1), true},
			{"accuracy null", with("accuracy_m", nil), true},
			{"accuracy beyond", with("accuracy_m", 200_000), true},
			{"accuracy beyond any number", with("accuracy_m", json.RawMessage("1e300")), true},
			{"small letters", with("crs", "wgs84"), true},
			{"unknown system", with("crs", "CGCS2000"), false},
			{"latitude beyond", with("lat", 91), false},
			{"latitude as text", with("lat", "30.5"), false},
			{"time as number", with("fixed_at", 7), true},
			{"something unknown", with("speed", 3), true},
		} {
			got := rig.sos(rig.Resident, map[string]any{"position": c.position}).must(201)
			if placed := got.at("position.lat") == rig.One.At.Lat; placed != c.placed || !c.placed && got.at("position") != nil {
				t.Errorf("%s: %s", c.name, got.Text)
			}
			rig.sosPost(rig.Resident, got.text("id"), "resolve", map[string]any{"outcome": "false_alarm"}).must(200)
		}
	})
}

// One position of a batch that cannot be read spoils no other.
func TestSOSPositionsAreTakenOneByOne(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		id := rig.sos(rig.Volunteer, nil).must(201).text("id")
		rig.advance(time.Minute)
		item := func(ago time.Duration, position any) map[string]any {
			return map[string]any{"at": instant(rig.clock.Now().Add(-ago)), "position": position}
		}
		send := func(items ...any) response {
			return rig.sosPost(rig.Volunteer, id, "positions", map[string]any{"items": items})
		}
		far := off(rig.One.At, 100, 0)
		send(
			item(3*time.Second, spot(far, map[string]any{"accuracy_m": -1})), item(2*time.Second, nil),
			map[string]any{"at": "gestern", "position": spot(far, nil)}, 7, item(time.Second, spot(far, nil)),
		).must(204)
		if trail, _ := rig.view(rig.Commander, id).must(200).at("trail").([]any); len(trail) != 3 {
			t.Errorf("%d of 3 points are kept", len(trail))
		}
		if got := send(item(0, nil), 7); got.Status != 400 || len(got.fields()) != 2 {
			t.Errorf("nothing usable: %d %s", got.Status, got.Text)
		}
	})
}
