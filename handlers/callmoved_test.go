package handlers_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

// Of somebody who moved out the home's settings name nothing, and the consent is kept no longer than one that was withdrawn.
func TestWhoMovedOutLeavesNothingAtTheDoor(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.ringing(rig.Resident, "phone-r")
		rig.ringing(rig.Flatmate, "phone-f")
		settings := fmt.Sprintf("/v1/homes/%s/call-settings", rig.One.Home.Home)
		rig.call(rig.Flatmate, http.MethodPut, settings, map[string]any{"forward": []any{
			map[string]any{"person_id": rig.Flatmate.ID, "seconds": 10}, map[string]any{"person_id": rig.Resident.ID, "seconds": 5},
		}}).must(200)
		rig.endHome(rig.Flatmate)
		left := rig.call(rig.Resident, http.MethodGet, settings, nil).must(200)
		if strings.Contains(left.Text, string(rig.Flatmate.ID)) || left.text("forward.0.person_id") != string(rig.Resident.ID) {
			t.Errorf("who has moved out is still named: %s", left.Text)
		}
		rig.advance(models.CallConsentKept - time.Minute)
		rig.forgetOld()
		if got := rig.rows()["call_consents"]; got != 2 {
			t.Errorf("%d consents a minute before their end", got)
		}
		rig.advance(2 * time.Minute)
		rig.forgetOld()
		if got := rig.rows()["call_consents"]; got != 1 {
			t.Errorf("%d consents, want the one of who lives there", got)
		}
	})
}
