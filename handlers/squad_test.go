package handlers_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
)

// newSquad is the body of a squad led by the officer, with the volunteer in it; change may be nil.
func (r *rig) newSquad(changes map[string]any) map[string]any {
	return change(map[string]any{
		"name": "夜间车巡一队", "kind": "night", "leader_id": r.Officer.ID, "member_ids": []models.ID{r.Officer.ID, r.Volunteer.ID},
	}, changes)
}

// squad makes a squad and gives its id.
func (r *rig) squad(changes map[string]any) string {
	r.t.Helper()
	return r.call(r.Commander, http.MethodPost, "/v1/squads", r.newSquad(changes)).must(201).text("id")
}

func TestASquadIsMadeOfThoseWhoMayPatrol(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		members := func(ids ...models.ID) map[string]any { return map[string]any{"member_ids": ids} }
		disabled := rig.addPerson(models.RoleAuxiliary, rig.One.Place)
		rig.call(rig.Admin, http.MethodPatch, "/v1/people/"+string(disabled.ID), map[string]any{"disabled": true}).must(200)
		refused := func(name string, body map[string]any, field string) scenario {
			return scenario{
				name: name, who: rig.Commander, method: http.MethodPost, path: "/v1/squads", body: rig.newSquad(body), want: 422,
				code: models.CodeUnprocessable, fields: []string{field},
			}
		}
		before := rig.rows()
		rig.play(t,
			refused("a resident", members(rig.Officer.ID, rig.Resident.ID), "member_ids[1] not_allowed"),
			refused("the commander", members(rig.Officer.ID, rig.Commander.ID), "member_ids[1] not_allowed"),
			refused("a disabled account", members(rig.Officer.ID, disabled.ID), "member_ids[1] not_allowed"),
			refused("somebody of another station", members(rig.Officer.ID, rig.OfficerB.ID), "member_ids[1] no_such"),
			refused("nobody", members(rig.Officer.ID, rig.ids.next()), "member_ids[1] no_such"),
			refused("a leader outside", members(rig.Volunteer.ID), "leader_id not_allowed"),
			refused("a volunteer leads", map[string]any{"leader_id": rig.Volunteer.ID}, "leader_id not_allowed"),
			refused("a guard leads", map[string]any{"leader_id": rig.Guard.ID, "member_ids": []models.ID{rig.Guard.ID}}, "leader_id not_allowed"),
			scenario{
				name: "thirty-one", who: rig.Commander, method: http.MethodPost, path: "/v1/squads", want: 400,
				body: rig.newSquad(members(manyIDs(rig, 31)...)), fields: []string{"member_ids too_many_items"},
			},
			scenario{
				name: "an officer plans nothing", who: rig.Officer, method: http.MethodPost, path: "/v1/squads",
				body: rig.newSquad(nil), want: 403, code: models.CodeForbidden,
			},
		)
		sameRows(t, before, rig.rows())
		rig.play(t, scenario{
			name: "all who may", who: rig.Commander, method: http.MethodPost, path: "/v1/squads", want: 201,
			body: rig.newSquad(members(rig.Officer.ID, rig.Auxiliary.ID, rig.GridWorker.ID, rig.Activist.ID, rig.Guard.ID, rig.VolunteerTwo.ID)),
			has: map[string]any{
				"kind": "night", "leader_id": rig.Officer.ID, "member_ids.0": rig.Officer.ID, "member_ids.5": rig.VolunteerTwo.ID, "ended_at": nil,
			},
			hasNot: []string{rig.Officer.Name, rig.VolunteerTwo.Phone},
		})
		for _, leader := range []*caller{rig.Auxiliary, rig.GridWorker, rig.Activist} {
			rig.squad(map[string]any{"name": leader.Name, "leader_id": leader.ID, "member_ids": []models.ID{leader.ID}})
		}
		if records := rig.audit(rig.A, models.OpCreateSquad); len(records) < 4 || !slices.Contains(records[3].Subjects, string(rig.Guard.ID)) {
			t.Errorf("who was put into the squad is not in the audit: %+v", records)
		}
	})
}

func manyIDs(rig *rig, count int) []models.ID {
	ids := []models.ID{}
	for range count {
		ids = append(ids, rig.ids.next())
	}
	return ids
}

func TestASquadIsSeenByThoseInIt(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		id := rig.squad(nil)
		sees := func(who *caller, want bool) {
			t.Helper()
			if got := rig.call(who, http.MethodGet, "/v1/squads/"+id, nil).Status == 200; got != want {
				t.Errorf("%s reads it: %t", who.Name, got)
			}
			if got := len(rig.call(who, http.MethodGet, "/v1/squads", nil).must(200).items()) == 1; got != want {
				t.Errorf("%s finds it: %t", who.Name, got)
			}
		}
		for _, who := range []*caller{rig.Commander, rig.Officer, rig.OfficerTwo, rig.Volunteer} {
			sees(who, true)
		}
		for _, who := range []*caller{rig.Auxiliary, rig.VolunteerTwo, rig.OfficerB, rig.CommanderB} {
			sees(who, false)
		}
		rig.call(rig.Commander, http.MethodPatch, "/v1/squads/"+id, map[string]any{
			"member_ids": []models.ID{rig.Auxiliary.ID, rig.Officer.ID},
		}).must(200)
		sees(rig.Volunteer, false)
		sees(rig.Auxiliary, true)
		if of, err := rig.store.SquadsOf(context.Background(), rig.Auxiliary.ID); err != nil || len(of) != 1 || of[0].Members[0] != rig.Auxiliary.ID {
			t.Errorf("%+v, %v", of, err)
		}
	})
}

func TestASquadChanges(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		id, other := rig.squad(nil), rig.squad(map[string]any{"name": "步巡二队"})
		update := func(name string, body map[string]any, want int, code models.Code, fields ...string) scenario {
			return scenario{
				name: name, who: rig.Commander, method: http.MethodPatch, path: "/v1/squads/" + id, body: body, want: want, code: code, fields: fields,
			}
		}
		rig.play(t,
			update("nothing", map[string]any{}, 200, ""),
			update("another's name", map[string]any{"name": "步巡二队"}, 409, models.CodeAlreadyExists),
			update("the leader left out", map[string]any{"member_ids": []models.ID{rig.Volunteer.ID}}, 422, "", "leader_id not_allowed"),
			update("a leader outside", map[string]any{"leader_id": rig.Auxiliary.ID}, 422, "", "leader_id not_allowed"),
			update("kind", map[string]any{"kind": "mixed"}, 200, ""),
		)
		// The volunteer's role ends: the squad can be renamed all the same, and they cannot be named again.
		grants, _ := rig.store.Grants(context.Background(), rig.Volunteer.ID)
		rig.write(func(ctx context.Context, tx *store.Store) error {
			return tx.EndGrant(ctx, rig.Volunteer.ID, grants[0].ID, rig.clock.Now())
		})
		rig.play(t,
			update("the name alone", map[string]any{"name": "新名"}, 200, ""),
			update("the same members", map[string]any{"member_ids": []models.ID{rig.Officer.ID, rig.Volunteer.ID}}, 422, "", "member_ids[1] not_allowed"),
		)
		got := rig.call(rig.Commander, http.MethodGet, "/v1/squads/"+id, nil).must(200)
		if got.text("name") != "新名" || got.text("kind") != "mixed" || got.id("member_ids.1") != rig.Volunteer.ID {
			t.Errorf("in the end: %s", got.Text)
		}
		rig.call(rig.CommanderB, http.MethodPatch, "/v1/squads/"+other, map[string]any{"name": "外"}).must(404)
	})
}

// Ending a squad ends what stands on it, once; its name is free again.
func TestASquadEndsWithItsShiftsAndPlans(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		squad := rig.squad(nil)
		early, shift := rig.shift(squad, nil), rig.shift(squad, nil)
		plan := rig.plan(shift, nil)
		rig.call(rig.Commander, http.MethodPost, "/v1/shifts/"+early+"/end", nil).must(200)
		first := instant(rig.clock.Now())
		rig.advance(time.Minute)
		then := instant(rig.clock.Now())
		ended := rig.call(rig.Commander, http.MethodPost, "/v1/squads/"+squad+"/end", nil).must(200)
		rig.advance(time.Minute)
		again := rig.call(rig.Commander, http.MethodPost, "/v1/squads/"+squad+"/end", nil).must(200)
		if ended.text("ended_at") != then || again.text("ended_at") != then {
			t.Errorf("ended %s, again %s", ended.Text, again.Text)
		}
		for path, want := range map[string]string{"/v1/shifts/" + early: first, "/v1/shifts/" + shift: then, "/v1/round-plans/" + plan: then} {
			if got := rig.call(rig.Volunteer, http.MethodGet, path, nil).must(200); got.text("ended_at") != want {
				t.Errorf("%s: %s, want %s", path, got.Text, want)
			}
		}
		for _, list := range []string{"/v1/squads", "/v1/shifts", "/v1/round-plans"} {
			if got := rig.call(rig.Commander, http.MethodGet, list, nil).must(200).items(); len(got) != 0 {
				t.Errorf("%s lists %v", list, got)
			}
			if got := rig.call(rig.Commander, http.MethodGet, list+"?ended=true", nil).must(200).items(); len(got) == 0 {
				t.Errorf("%s forgot it", list)
			}
		}
		rig.call(rig.Commander, http.MethodPatch, "/v1/squads/"+squad, map[string]any{"name": "x"}).must(409)
		rig.call(rig.Commander, http.MethodPatch, "/v1/shifts/"+shift, map[string]any{"name": "x"}).must(409)
		rig.play(t,
			scenario{
				name: "a shift of it", who: rig.Commander, method: http.MethodPost, path: "/v1/shifts",
				body: rig.newShift(squad, nil), want: 422, fields: []string{"squad_id not_allowed"},
			},
			scenario{
				name: "a plan of it", who: rig.Commander, method: http.MethodPost, path: "/v1/round-plans",
				body: rig.newPlan(shift, nil), want: 422, fields: []string{"shift_id not_allowed"},
			},
		)
		rig.squad(nil) // of the same name
		standing, err := rig.store.StandingPlans(context.Background(), rig.A)
		if err != nil || len(standing) != 0 {
			t.Errorf("%v, %v", standing, err)
		}
	})
}

// A squad that ends while shifts are made for it leaves none standing.
func TestNoShiftStandsOfASquadThatEnded(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		token := rig.token(rig.Commander)
		for round := range 10 {
			squad, done := rig.squad(map[string]any{"name": fmt.Sprint("队", round)}), make(chan struct{})
			go func() {
				defer close(done)
				for range 3 {
					rig.callAs(token, http.MethodPost, "/v1/shifts", rig.newShift(squad, nil))
				}
			}()
			rig.callAs(token, http.MethodPost, "/v1/squads/"+squad+"/end", nil).must(200)
			<-done
		}
		if got := rig.call(rig.Commander, http.MethodGet, "/v1/shifts", nil).must(200); len(got.items()) != 0 {
			t.Errorf("standing: %s", got.Text)
		}
	})
}

func TestASquadIsMadeOnceForOneKey(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		key := string(rig.ids.next())
		first := rig.call(rig.Commander, http.MethodPost, "/v1/squads", rig.newSquad(nil), "Idempotency-Key", key).must(201)
		again := rig.call(rig.Commander, http.MethodPost, "/v1/squads", rig.newSquad(nil), "Idempotency-Key", key).must(201)
		if first.Text != again.Text || again.Header.Get("Idempotency-Replayed") != "true" {
			t.Errorf("%s, then %s", first.Text, again.Text)
		}
		rig.call(rig.Commander, http.MethodPost, "/v1/squads", rig.newSquad(nil)).must(409)
	})
}
