package handlers_test

import (
	"net/http"
	"testing"

	"xunfang/models"
)

// Of a terminal that will never answer an administrator says that nothing is left, and why; what is heard of it later is not believed.
func TestAWipedTerminalOwesNothing(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.faceDoor(rig.One.UnitDoor)
		consent, one := rig.enrolled(rig.Resident, rig.Device, rig.One.UnitDoor)
		_, two := rig.enrolled(rig.Flatmate, rig.Device, rig.One.UnitDoor)
		rig.call(rig.Resident, http.MethodDelete, consentsPath+"/"+consent, nil).must(204)
		rig.advance(models.FaceDeletionTold[0])
		wiping := "/v1/devices/" + string(rig.Device.ID) + "/wiping"
		rig.call(rig.Admin, http.MethodPost, wiping, map[string]any{"reason": ""}).must(400)
		if got := rig.call(rig.Admin, http.MethodPost, wiping, map[string]any{"reason": "主板损坏，已销毁"}).must(200); got.at("enrolments") != 2.0 {
			t.Errorf("wiped: %s", got.Text)
		}
		if got := rig.call(rig.Admin, http.MethodPost, wiping, map[string]any{"reason": "主板损坏，已销毁"}).must(200); got.at("enrolments") != 0.0 {
			t.Errorf("wiped again: %s", got.Text)
		}
		rig.settleFaces()
		if told := rig.inboxHas(rig.Property.ID, models.AlertFaceDeletion, string(rig.Device.ID)); told != 0 {
			t.Errorf("told %d times of what is over", told)
		}
		if got := len(rig.orders(rig.Device).items()); got != 0 {
			t.Errorf("%d orders are left", got)
		}
		for who, id := range map[*caller]string{rig.Resident: one, rig.Flatmate: two} {
			if got := rig.faceState(who, id); got != "deleted terminal_wiped" {
				t.Errorf("%s: %s", who.Name, got)
			}
		}
		if got := rig.audit(rig.A, models.OpConfirmWiping); len(got) != 2 {
			t.Errorf("recorded %d times", len(got))
		}
		if got := rig.confirm(rig.Device, two, "enrolled", "").must(200); got.text("state") != "deletion_requested" {
			t.Errorf("it holds something after all: %s", got.Text)
		}
	})
}
