package handlers_test

import (
	"net/http"
	"slices"
	"testing"

	"xunfang/models"
)

// Who opens or refuses while it rings has answered by it: of any number who do so at once one wins, and one command at most leaves.
func TestCallIsOpenedOrRefusedAtOnce(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.ringing(rig.Resident, "phone-r")
		rig.ringing(rig.Flatmate, "phone-f")
		rig.doors.set(opensAtOnce)
		id := rig.callHome(rig.Device, nil).must(201).text("id")
		rig.callTo(rig.Guard, id, "open").must(404) // not theirs yet
		rig.callTo(rig.Stranger, id, "refuse").must(404)
		tokens, steps := []string{rig.token(rig.Resident), rig.token(rig.Flatmate)}, []string{"open", "refuse", "answer"}
		won := []string{}
		for at, got := range atOnce(12, func(at int) response {
			return rig.callAs(tokens[at%2], http.MethodPost, "/v1/calls/"+id+"/"+steps[at%3], nil)
		}) {
			switch {
			case got.Status == 200 || got.Status == 202:
				won = append(won, steps[at%3])
			case got.Status != 409 || got.code() != models.CodeWrongState:
				t.Errorf("%d %s", got.Status, got.Text)
			}
		}
		// who has answered may open or refuse afterwards, once
		if slices.Sort(won); len(won) != 1 && (len(won) != 2 || won[0] != "answer") {
			t.Errorf("these won: %v", won)
		}
		if sent := rig.doors.commands(); len(sent) > 1 || (len(sent) == 1) != slices.Contains(won, "open") {
			t.Errorf("%d commands, won: %v", len(sent), won)
		}
		for step, state := range map[string]string{"open": "opened", "refuse": "refused"} {
			next := rig.callHome(rig.Device, nil).must(201).text("id")
			if got := rig.callTo(rig.Flatmate, next, step); got.Status != 200 && got.Status != 202 {
				t.Errorf("%s: %d %s", step, got.Status, got.Text)
			}
			seen := rig.call(rig.Resident, http.MethodGet, "/v1/calls/"+next, nil).must(200)
			if seen.text("state") != state || seen.id("answered_by") != rig.Flatmate.ID || seen.text("answered_at") == "" || len(rig.rung(next)) != 0 {
				t.Errorf("%s: %s", step, seen.Text)
			}
			rig.callTo(rig.Resident, next, step).must(409)
		}
	})
}
