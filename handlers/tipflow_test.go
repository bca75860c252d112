package handlers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

// inboxOf counts the alerts of a kind in somebody's inbox.
func (r *rig) inboxOf(who *caller, kind string) int {
	r.t.Helper()
	count := 0
	for _, item := range r.call(who, http.MethodGet, "/v1/me/inbox", nil).must(200).items() {
		if entry, ok := item.(map[string]any); ok && entry["kind"] == kind {
			count++
		}
	}
	return count
}

func TestTipsClimb(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		climb := func(after time.Duration) {
			t.Helper()
			rig.clock.advance(after)
			for range 2 { // the second finds nothing to do
				if err := rig.server.ClimbTips(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
		told := func(name string, officer, deputy, commander int) {
			t.Helper()
			for who, want := range map[*caller]int{rig.Officer: officer, rig.OfficerTwo: deputy, rig.Commander: commander} {
				if got := rig.inboxOf(who, models.AlertTip); got != want {
					t.Errorf("%s: %s was told %d times, want %d", name, who.Name, got, want)
				}
			}
		}
		rig.call(rig.Commander, http.MethodPut, "/v1/people/"+string(rig.Officer.ID)+"/deputy",
			map[string]any{"deputy_id": rig.OfficerTwo.ID}).must(204)
		tip := rig.tip(rig.Volunteer, nil).must(201)
		id, expected := tip.text("id"), tip.text("expected_at")
		due, err := time.Parse(time.RFC3339, expected)
		if err != nil || !due.After(rig.clock.Now()) {
			t.Fatalf("expected at %q", expected)
		}
		told("at first", 1, 0, 0)
		climb(due.Sub(rig.clock.Now()) - time.Millisecond)
		told("just before the time", 1, 0, 0)
		climb(time.Millisecond)
		told("at the time", 1, 1, 0)
		climb(models.DefaultTipPeriods.ClimbUnseen)
		told("later", 1, 1, 1)
		climb(48 * time.Hour)
		told("and never again", 1, 1, 1)
		overdue := rig.call(rig.Officer, http.MethodGet, "/v1/tips?overdue=true&assigned_to_me=true&open=true", nil).must(200)
		if len(overdue.items()) != 1 || overdue.text("items.0.assigned_to") != string(rig.Officer.ID) {
			t.Errorf("overdue ones: %s", overdue.Text)
		}
		rig.advanceTip(rig.Officer, id, map[string]any{"state": "acknowledged"}).must(200)
		if got := rig.call(rig.Officer, http.MethodGet, "/v1/tips?overdue=true", nil).must(200); len(got.items()) != 0 {
			t.Errorf("what was acknowledged is overdue still: %s", got.Text)
		}
		climb(72 * time.Hour)
		told("undecided after 72 hours and more", 1, 2, 2)
		rig.advanceTip(rig.Officer, id, map[string]any{"state": "resolved"}).must(200)
		climb(72 * time.Hour)
		told("in the end", 1, 2, 2)
	})
}

// Without a deputy, and where no officer leads, the commander is told at once; of many replicas one tells.
func TestTipsClimbToTheCommander(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.tip(rig.Volunteer, nil).must(201)
		far := models.Position{Lat: rig.One.At.Lat + 0.5, Lng: rig.One.At.Lng}
		nobody := rig.tip(rig.Volunteer, map[string]any{"position": spot(far, nil)}).must(201)
		if nobody.at("assigned_to") != nil || nobody.at("compound_id") != nil {
			t.Errorf("where nobody leads: %s", nobody.Text)
		}
		if got := rig.inboxOf(rig.Commander, models.AlertTip); got != 1 {
			t.Errorf("the duty desk was told %d times", got)
		}
		rig.clock.advance(31 * time.Minute)
		for _, err := range atOnce(8, func(int) error { return rig.server.ClimbTips(t.Context()) }) {
			if err != nil {
				t.Error(err)
			}
		}
		if got := rig.inboxOf(rig.Commander, models.AlertTip); got != 3 {
			t.Errorf("the commander was told %d times in the end", got)
		}
	})
}

func TestReportersWithdrawAndReopen(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		reopen := func(who *caller, id string) response {
			return rig.call(who, http.MethodPost, "/v1/tips/"+id+"/reopening", map[string]any{"reason": "那两个人又来了"})
		}
		first := rig.tip(rig.Volunteer, nil).must(201).text("id")
		rig.call(rig.Volunteer, http.MethodPost, "/v1/tips/"+first+"/withdrawal", nil).must(200)
		if got := rig.advanceTip(rig.Officer, first, map[string]any{"state": "acknowledged"}); got.Status != 409 {
			t.Errorf("a withdrawn tip goes on: %d", got.Status)
		}
		reopen(rig.Volunteer, first).must(409)

		second := rig.tip(rig.Volunteer, nil).must(201).text("id")
		rig.advanceTip(rig.Officer, second, map[string]any{"state": "closed", "reason": "withdrawn"}).must(422)
		rig.advanceTip(rig.Officer, second, map[string]any{"state": "closed", "reason": "unfounded"}).must(200)
		reopen(rig.Resident, second).must(404)
		reopened := 0
		for _, got := range atOnce(8, func(int) response { return reopen(rig.Volunteer, second) }) {
			if got.Status == 200 {
				reopened++
			}
		}
		got := rig.call(rig.Volunteer, http.MethodGet, "/v1/tips/"+second, nil).must(200)
		if reopened != 1 || got.text("state") != "acknowledged" || got.at("closed_reason") != nil || got.text("steps.2.note") != "那两个人又来了" {
			t.Errorf("%d reopened it: %s", reopened, got.Text)
		}
		when := rig.clock.Now().Add(100 * time.Hour)
		rig.advanceTip(rig.Officer, second, map[string]any{"state": "action_scheduled"}).must(422)
		action := rig.advanceTip(rig.Officer, second, map[string]any{"state": "action_scheduled", "action_at": instant(when)}).must(200)
		if action.text("expected_at") != instant(when) {
			t.Errorf("with an action at %s: %s", instant(when), action.Text)
		}
		if told := rig.inboxOf(rig.Officer, models.AlertTip); told != 4 { // two new ones, a withdrawal, a reopening
			t.Errorf("the officer was told %d times", told)
		}
	})
}

func TestTipsAreAssigned(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		id := rig.tip(rig.Volunteer, nil).must(201).text("id")
		give := func(who, to *caller) response {
			return rig.call(who, http.MethodPost, "/v1/tips/"+id+"/assignment", map[string]any{"person_id": to.ID})
		}
		give(rig.Officer, rig.OfficerTwo).must(422) // whose scope it is not in
		give(rig.Officer, rig.Volunteer).must(422)
		give(rig.OfficerTwo, rig.Commander).must(404)
		if got := give(rig.Officer, rig.Commander).must(200); got.text("assigned_to") != string(rig.Commander.ID) {
			t.Errorf("assigned: %s", got.Text)
		}
		if told := rig.inboxOf(rig.Commander, models.AlertTip); told != 1 {
			t.Errorf("the commander was told %d times", told)
		}
		if own := rig.call(rig.Volunteer, http.MethodGet, "/v1/tips/"+id, nil).must(200); own.at("assigned_to") != nil {
			t.Errorf("the reporter sees whose it is: %s", own.Text)
		}
	})
}

// A crime in progress asks those on duty nearby; they learn where and what kind, and neither the words nor whose it is.
func TestACrimeInProgressAsksWhoIsNear(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.onDuty(rig.A, models.SquadFoot, rig.Guard, rig.Volunteer)
		rig.standsAt(rig.Guard, rig.One.At)
		rig.standsAt(rig.Volunteer, rig.One.At)
		if err := rig.server.LookWhere(t.Context()); err != nil {
			t.Fatal(err)
		}
		tip := rig.tip(rig.Volunteer, map[string]any{"category": models.CategoryCrime}).must(201)
		id := tip.text("id")
		if asked := rig.inboxOf(rig.Guard, models.AlertTipHelp); asked != 1 {
			t.Fatalf("the guard nearby was asked %d times", asked)
		}
		if asked := rig.inboxOf(rig.Volunteer, models.AlertTipHelp); asked != 0 {
			t.Errorf("the reporter was asked %d times", asked)
		}
		call := rig.call(rig.Guard, http.MethodGet, "/v1/tips/"+id+"/call", nil).must(200)
		inbox := rig.call(rig.Guard, http.MethodGet, "/v1/me/inbox", nil).must(200)
		for _, secret := range []string{"自行车", string(rig.Volunteer.ID), rig.Volunteer.Name} {
			if strings.Contains(call.Text+inbox.Text, secret) {
				t.Errorf("who was asked learns %q: %s %s", secret, call.Text, inbox.Text)
			}
		}
		rig.call(rig.Guard, http.MethodGet, "/v1/tips/"+id, nil).must(404)
		rig.call(rig.Resident, http.MethodGet, "/v1/tips/"+id+"/call", nil).must(404)
		rig.call(rig.Guard, http.MethodPost, "/v1/tips/"+id+"/call", map[string]any{"answer": "coming"}).must(200)
		helpers := rig.call(rig.Officer, http.MethodGet, "/v1/tips/"+id+"/helpers", nil).must(200)
		if len(helpers.items()) != 1 || helpers.text("items.0.answer") != "coming" || helpers.text("items.0.person_id") != string(rig.Guard.ID) {
			t.Errorf("who comes: %s", helpers.Text)
		}
	})
}

// Nobody in a tip's compound but its officer sees who sent it.
func TestNobodyButItsOfficerSeesWhoSentATip(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		id := rig.tip(rig.Volunteer, nil).must(201).text("id")
		for _, role := range models.PersonRoles {
			who := rig.as(role)
			got := rig.call(who, http.MethodGet, "/v1/tips/"+id, nil)
			sees := strings.Contains(got.Text, string(rig.Volunteer.ID))
			if may := role == models.RoleOfficer || role == models.RoleCommander; sees != may && who.ID != rig.Volunteer.ID {
				t.Errorf("%s: %d, sees the reporter: %v", role, got.Status, sees)
			}
		}
	})
}
