package handlers_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

// winsAt enters one code many times at once at several doors and counts who got in at each.
func (r *rig) winsAt(times int, code string, doors ...models.ID) map[models.ID]int {
	r.t.Helper()
	token, wins := r.token(r.Guard), map[models.ID]int{}
	for at, got := range atOnce(times*len(doors), func(number int) response {
		return r.callAs(token, http.MethodPost, "/v1/doors/"+string(doors[number%len(doors)])+"/code-entries", map[string]any{"code": code})
	}) {
		if got.must(200).text("decision") == "open" {
			wins[doors[at%len(doors)]]++
		}
	}
	return wins
}

// A visitor with a one-time code passes the gate, the building and the stairs, each once, and no more.
func TestOneVisitGoesThroughItsDoors(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		gate, tower, stairs := rig.One.Gate, rig.One.BuildingDoor, rig.One.UnitDoor
		made := rig.pass(rig.Resident, nil)
		code, path := made.text("code"), "/v1/visitor-passes/"+made.text("id")
		expect := func(what string, door models.ID, code, want string) {
			t.Helper()
			if got := rig.enter(rig.Guard, door, code); got.text("decision") != want {
				t.Errorf("%s: %s", what, got.Text)
			}
		}
		expect("the gate", gate, code, "open")
		expect("the gate again", gate, code, "deny")
		rig.advance(models.VisitWindow - time.Millisecond)
		expect("the building, in the last millisecond", tower, code, "open")
		expect("the building again", tower, code, "deny")
		page := rig.page(made.text("guest_path")).must(200)
		if codeOn(page) != code || !strings.Contains(page.Text, "已进门") || !strings.Contains(page.Text, "还剩 1 分钟") {
			t.Errorf("between the doors the page shows %s", page.Text)
		}
		got := rig.call(rig.Resident, http.MethodGet, path, nil).must(200)
		if until := at(rig.clock.Now().Add(time.Millisecond)); got.at("uses") != 1.0 || got.text("state") != "used" || got.text("visit_until") != until {
			t.Errorf("want one use, and %s: %s", until, got.Text)
		}
		rig.advance(time.Millisecond)
		expect("the stairs, too late", stairs, code, "deny")
		if page := rig.page(made.text("guest_path")).must(200); codeOn(page) != "" || !strings.Contains(page.Text, "已用完") {
			t.Errorf("after the visit the page shows %s", page.Text)
		}
		if got := rig.call(rig.Resident, http.MethodGet, path, nil).must(200); got.at("visit_until") != nil {
			t.Errorf("after the visit: %s", got.Text)
		}
		if told := rig.inboxOf(rig.Resident, "visitor_pass"); told != 1 {
			t.Errorf("the host was told %d times", told)
		}
		events := rig.call(rig.Guard, http.MethodGet, "/v1/access-events?outcome=granted", nil).must(200)
		if len(events.items()) != 2 || rig.wrongCodes() != 0 {
			t.Errorf("%d wrong codes, and %s", rig.wrongCodes(), events.Text)
		}
		ending := rig.pass(rig.Resident, map[string]any{"ends_at": at(rig.clock.Now().Add(time.Minute))}).text("code")
		expect("a minute before the end of the pass", gate, ending, "open")
		rig.advance(time.Minute)
		expect("the pass has ended", tower, ending, "deny")
		revoked := rig.pass(rig.Resident, nil)
		expect("before it is revoked", gate, revoked.text("code"), "open")
		rig.call(rig.Resident, http.MethodPost, "/v1/visitor-passes/"+revoked.text("id")+"/revoke", nil).must(200)
		expect("revoked in the middle of the visit", tower, revoked.text("code"), "deny")
		narrow := rig.pass(rig.Resident, map[string]any{"door_ids": []models.ID{gate}}).text("code")
		expect("a pass for the gate", gate, narrow, "open")
		expect("another door than the pass's", tower, narrow, "deny")
	})
}

// At any number of entries at once each door has as many winners as the pass has visits, and the uses agree.
func TestVisitsAtOnceAtSeveralDoors(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		for _, uses := range []int{1, 3} {
			made := rig.pass(rig.Resident, map[string]any{"max_uses": uses})
			doors := []models.ID{rig.One.Gate, rig.One.BuildingDoor, rig.One.UnitDoor}
			if wins := rig.winsAt(24, made.text("code"), doors...); fmt.Sprint(wins) != fmt.Sprint(map[models.ID]int{
				doors[0]: uses, doors[1]: uses, doors[2]: uses,
			}) {
				t.Errorf("%d visits: %v", uses, wins)
			}
			got := rig.call(rig.Resident, http.MethodGet, "/v1/visitor-passes/"+made.text("id"), nil).must(200)
			if got.at("uses") != float64(uses) {
				t.Errorf("%d visits: %s", uses, got.Text)
			}
			noted := 0
			err := rig.sql.QueryRow("SELECT COUNT(*) FROM visitor_visits WHERE pass_id = ?", made.text("id")).Scan(&noted)
			if err != nil || noted != uses*len(doors) {
				t.Errorf("%d visits: %d doors were noted, %v", uses, noted, err)
			}
		}
	})
}
