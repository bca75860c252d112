package handlers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

// The codes of a group's guests are counted at the doors that the group is moved to, as every other code is.
func TestMovedGroupIsCountedAtItsDoors(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		gate, now := rig.One.Gate, rig.clock.Now()
		first := rig.pass(rig.Neighbour, map[string]any{"max_uses": 9, "ends_at": at(now.Add(48 * time.Hour))})
		group := rig.pass(rig.Resident, map[string]any{"kind": "group", "max_guests": 2, "door_ids": []models.ID{rig.One.UnitDoor}})
		rig.change(rig.Resident, group.text("id"), map[string]any{"door_ids": []models.ID{rig.One.BuildingDoor}}).must(200) // of nobody
		for _, place := range []string{"x", "y"} {
			rig.takeCode(group.text("guest_path"), strings.Repeat(place, 43), "").must(303)
		}
		mine := rig.pass(rig.Resident, map[string]any{"door_ids": []models.ID{gate}})
		if got := rig.enter(rig.Guard, gate, first.text("code")); asks(got) != "open" {
			t.Errorf("with two codes: %s", got.Text)
		}
		rig.wordedIn(rig.Resident, "guest") // of the group that is full
		rig.wordedIn(rig.Neighbour, "visitor")
		move, before := map[string]any{"door_ids": []models.ID{gate}}, rig.rows()
		if full := rig.change(rig.Resident, group.text("id"), move).must(409); full.code() != models.CodeTooManyCodes {
			t.Errorf("three codes of one host: %s", full.Text)
		}
		sameRows(t, before, rig.rows())
		rig.call(rig.Resident, http.MethodPost, "/v1/visitor-passes/"+mine.text("id")+"/revoke", nil).must(200)
		rig.change(rig.Resident, group.text("id"), move).must(200)
		if got := rig.enter(rig.Guard, gate, first.text("code")); asks(got) != "extension" {
			t.Errorf("with three codes: %s", got.Text)
		}
	}, func(settings *rigSettings) {
		settings.codes = models.DefaultCodeRules()
		settings.codes.Few, settings.codes.Most = 2, 40 // 2 of one host
	})
}
