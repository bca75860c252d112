package handlers_test

import (
	"net/http"
	"testing"
)

// Whoever moved out has nothing done in the home any more, and whose account is closed is given no repair.
func TestRepairsOfWhoIsGone(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		id := rig.askRepair(rig.Resident, nil).must(201).text("id")
		second := rig.addPerson(rig.Property.Role, rig.Property.Place)
		rig.call(rig.Admin, http.MethodPatch, "/v1/people/"+string(second.ID), map[string]any{"disabled": true}).must(200)
		if got := rig.repairTo(rig.Property, id, "assignment", map[string]any{"person_id": second.ID}); got.Status != 422 {
			t.Errorf("given to who is gone: %d %s", got.Status, got.Text)
		}
		if got := rig.call(rig.Property, http.MethodPost, "/v1/repair-hand-overs", map[string]any{
			"compound_id": rig.One.ID(), "from_id": rig.Property.ID, "to_id": second.ID,
		}); got.Status != 422 {
			t.Errorf("handed over to who is gone: %d %s", got.Status, got.Text)
		}
		rig.repairTo(rig.Property, id, "assignment", map[string]any{"person_id": rig.Property.ID}).must(200)
		for _, state := range []string{"accepted", "in_progress", "done"} {
			rig.repairTo(rig.Property, id, "transitions", map[string]any{"state": state}).must(200)
		}
		rig.call(rig.Admin, http.MethodPost, "/v1/people/"+string(rig.Resident.ID)+"/roles", map[string]any{ // lives elsewhere now
			"role": "resident", "scope": map[string]any{"kind": "home", "id": rig.One.OtherHome.Home},
		}).must(201)
		roles := "/v1/people/" + string(rig.Resident.ID) + "/roles"
		first := rig.call(rig.Admin, http.MethodGet, roles, nil).must(200).text("items.0.id")
		rig.repairTo(rig.Resident, id, "reopening", map[string]any{}).must(200)
		rig.repairTo(rig.Property, id, "transitions", map[string]any{"state": "accepted"}).must(200)
		rig.repairTo(rig.Property, id, "transitions", map[string]any{"state": "done"}).must(200)
		rig.call(rig.Admin, http.MethodPatch, roles+"/"+first, map[string]any{}).must(200)
		rig.forget(rig.Resident)
		if got := rig.repairTo(rig.Resident, id, "reopening", map[string]any{}); got.Status != 403 {
			t.Errorf("reopened by who moved out: %d %s", got.Status, got.Text)
		}
	})
}
