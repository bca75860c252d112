package handlers_test

import (
	"net/http"
	"testing"
	"time"

	"xunfang/models"
)

// Two officers decide about the same tip at once, each over what they saw: one is heard, and the other is told where it stands.
func TestOneOfTwoOfficersMovesATip(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		officer, commander := rig.token(rig.Officer), rig.token(rig.Commander)
		move := func(token, id string, body map[string]any) response {
			return rig.callAs(token, http.MethodPost, "/v1/tips/"+id+"/transitions", body)
		}
		race := func(name, id string, steps int, first, second map[string]any) {
			t.Helper()
			first["seen_steps"], second["seen_steps"] = steps, steps
			moved, refused := []string{}, []response{}
			for _, got := range atOnce(8, func(at int) response {
				if at%2 == 0 {
					return move(officer, id, first)
				}
				return move(commander, id, second)
			}) {
				switch {
				case got.Status == 200:
					moved = append(moved, got.text("state"))
				case got.Status == 409 && got.code() == models.CodeWrongState:
					refused = append(refused, got)
				default:
					t.Errorf("%s: %d %s", name, got.Status, got.Text)
				}
			}
			now := rig.call(rig.Officer, http.MethodGet, "/v1/tips/"+id, nil).must(200)
			taken, _ := now.at("steps").([]any)
			if len(moved) != 1 || now.text("state") != moved[0] || len(taken) != steps+1 {
				t.Fatalf("%s: %v were heard, and it is %s", name, moved, now.Text)
			}
			for _, got := range refused {
				if got.text("state") != moved[0] {
					t.Errorf("%s: it is %s, and somebody was told %s", name, moved[0], got.Text)
				}
			}
		}
		for range 4 {
			id := rig.tip(rig.Volunteer, nil).must(201).text("id")
			race("taken up or closed", id, 1, map[string]any{"state": "investigating"}, map[string]any{"state": "closed", "reason": "unfounded"})
		}
		id, when := rig.tip(rig.Volunteer, nil).must(201).text("id"), rig.clock.Now()
		rig.advanceTip(rig.Officer, id, map[string]any{"state": "investigating"}).must(200)
		schedule := func(after time.Duration) map[string]any {
			return map[string]any{"state": "action_scheduled", "action_at": instant(when.Add(after))}
		}
		race("scheduled", id, 2, schedule(time.Hour), schedule(2*time.Hour))
		race("scheduled anew", id, 3, schedule(3*time.Hour), schedule(4*time.Hour))
	})
}

// Who did not say what they saw is told where the tip stands as well, and so are its reporter and who was asked to help.
func TestARefusedStepTellsTheState(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		id, token, moved := rig.tip(rig.Volunteer, nil).must(201).text("id"), rig.token(rig.Officer), 0
		for _, got := range atOnce(8, func(int) response {
			return rig.callAs(token, http.MethodPost, "/v1/tips/"+id+"/transitions", map[string]any{"state": "acknowledged"})
		}) {
			if got.Status == 200 {
				moved++
			} else if got.Status != 409 || got.text("state") != "acknowledged" {
				t.Errorf("%d %s", got.Status, got.Text)
			}
		}
		if moved != 1 {
			t.Errorf("%d moved it", moved)
		}
		path := "/v1/tips/" + id
		refused := func(who *caller, path, state string, body any) {
			t.Helper()
			if got := rig.call(who, http.MethodPost, path, body).must(409); got.text("state") != state {
				t.Errorf("%s of %s: %s", path, state, got.Text)
			}
		}
		refused(rig.Volunteer, path+"/reopening", "acknowledged", map[string]any{"reason": "又来了"})
		rig.advanceTip(rig.Officer, id, map[string]any{"state": "resolved"}).must(200)
		refused(rig.Volunteer, path+"/withdrawal", "resolved", nil)
		refused(rig.Officer, path+"/assignment", "resolved", map[string]any{"person_id": rig.Commander.ID})
		other := rig.tip(rig.Resident, nil).must(201).text("id")
		refused(rig.Officer, "/v1/tips/"+other+"/merges", "resolved", map[string]any{"into_id": id})
		if got := rig.advanceTip(rig.OfficerTwo, id, map[string]any{"state": "resolved"}).must(404); got.at("state") != nil {
			t.Errorf("of somebody else's tip: %s", got.Text)
		}
	})
}

// A tip is given to somebody while another takes it up: both stands.
func TestATipIsAssignedWhileItMoves(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		token := rig.token(rig.Officer)
		for range 6 {
			id := rig.tip(rig.Volunteer, nil).must(201).text("id")
			for _, got := range atOnce(2, func(at int) response {
				if at == 0 {
					return rig.callAs(token, http.MethodPost, "/v1/tips/"+id+"/assignment", map[string]any{"person_id": rig.Commander.ID})
				}
				return rig.callAs(token, http.MethodPost, "/v1/tips/"+id+"/transitions", map[string]any{"state": "acknowledged"})
			}) {
				if got.Status != 200 {
					t.Errorf("%d %s", got.Status, got.Text)
				}
			}
			got := rig.call(rig.Officer, http.MethodGet, "/v1/tips/"+id, nil).must(200)
			if got.text("assigned_to") != string(rig.Commander.ID) || rig.dueIn(got) != models.DefaultTipPeriods.Decide {
				t.Fatalf("due in %v: %s", rig.dueIn(got), got.Text)
			}
		}
	})
}

// Whose tip it is hears of what another officer does with it, and nobody of what they do themselves.
func TestWhoseTipItIsHearsWhenAnotherMovesIt(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		other := rig.addPerson(models.RoleOfficer, rig.One.Place)
		id, main := rig.tip(rig.Volunteer, nil).must(201).text("id"), rig.tip(rig.Resident, nil).must(201).text("id")
		assign := func(to *caller) {
			rig.call(rig.Commander, http.MethodPost, "/v1/tips/"+id+"/assignment", map[string]any{"person_id": to.ID}).must(200)
		}
		assign(rig.Officer)
		want := func(when string, owner, second, commander int) {
			t.Helper()
			for who, count := range map[*caller]int{rig.Officer: owner, other: second, rig.Commander: commander} {
				if got := rig.toldOf(who, models.AlertTip, id); got != count {
					t.Errorf("%s: %s was told %d times, want %d", when, who.Name, got, count)
				}
			}
		}
		before := [2]int{rig.toldOf(rig.Officer, models.AlertTip, id), rig.toldOf(other, models.AlertTip, id)}
		rig.advanceTip(rig.Officer, id, map[string]any{"state": "acknowledged"}).must(200)
		want("moved by whose it is", before[0], before[1], 0)
		rig.advanceTip(rig.Commander, id, map[string]any{"state": "investigating"}).must(200)
		want("moved by another", before[0]+1, before[1], 0)
		assign(other)
		want("given to another", before[0]+2, before[1]+1, 0)
		rig.merge(rig.Officer, id, main).must(200)
		want("merged by another", before[0]+2, before[1]+2, 0)
		own := rig.tip(rig.Officer, nil).must(201).text("id") // an officer's own, which is theirs to look after too
		rig.call(rig.Commander, http.MethodPost, "/v1/tips/"+own+"/assignment", map[string]any{"person_id": rig.Officer.ID}).must(200)
		told := rig.toldOf(rig.Officer, models.AlertTip, own)
		rig.advanceTip(rig.Commander, own, map[string]any{"state": "investigating"}).must(200)
		if got := rig.toldOf(rig.Officer, models.AlertTip, own); got != told || rig.toldOf(rig.Officer, models.AlertTipUpdate, own) != 1 {
			t.Errorf("their reporter was told twice: %d, before %d", got, told)
		}
	})
}
