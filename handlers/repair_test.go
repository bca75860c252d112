package handlers_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
)

func (r *rig) askRepair(who *caller, more map[string]any) response {
	r.t.Helper()
	body := map[string]any{
		"id": r.ids.next(), "category": "lamp", "note": "楼道灯不亮", "spot": "3 栋东门", "contact": "13800000000 周女士", "home_id": r.One.Home.Home,
	}
	for field, value := range more {
		body[field] = value
		if value == nil {
			delete(body, field)
		}
	}
	return r.call(who, http.MethodPost, "/v1/repairs", body)
}

func (r *rig) repairTo(who *caller, id, path string, body map[string]any) response {
	r.t.Helper()
	return r.call(who, http.MethodPost, "/v1/repairs/"+id+"/"+path, body)
}

// A lamp is asked for, assigned, declined, assigned anew, mended, reopened, mended and rated; both sides are told.
func TestRepairGoesItsWay(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		second := rig.addPerson(models.RoleProperty, rig.One.Place)
		id := rig.askRepair(rig.Resident, nil).must(201).text("id")
		for _, step := range []struct {
			who    *caller
			path   string
			body   map[string]any
			status int
			state  string
		}{
			{rig.Property, "transitions", map[string]any{"state": "accepted"}, 409, "requested"},
			{rig.Property, "assignment", map[string]any{"person_id": rig.Guard.ID}, 422, ""},
			{rig.Property, "assignment", map[string]any{"person_id": rig.Property.ID}, 200, "assigned"},
			{second, "transitions", map[string]any{"state": "accepted"}, 409, "assigned"},
			{rig.Property, "transitions", map[string]any{"state": "requested"}, 422, ""},
			{rig.Property, "transitions", map[string]any{"state": "requested", "note": "今天休息"}, 200, "requested"},
			{rig.Property, "assignment", map[string]any{"person_id": second.ID}, 200, "assigned"},
			{second, "transitions", map[string]any{"state": "accepted"}, 200, "accepted"},
			{second, "transitions", map[string]any{"state": "in_progress"}, 200, "in_progress"},
			{rig.Resident, "cancellation", map[string]any{}, 409, "in_progress"},
			{rig.Resident, "rating", map[string]any{"stars": 5}, 409, "in_progress"},
			{second, "transitions", map[string]any{"state": "done", "note": "换了灯管"}, 200, "done"},
			{rig.Resident, "reopening", map[string]any{"note": "当晚又灭了"}, 200, "reopened"},
			{second, "transitions", map[string]any{"state": "accepted"}, 200, "accepted"},
			{second, "transitions", map[string]any{"state": "done"}, 200, "done"},
			{rig.Resident, "rating", map[string]any{"stars": 4, "note": "谢谢"}, 200, "rated"},
			{rig.Resident, "rating", map[string]any{"stars": 1}, 409, "rated"},
			{rig.Property, "assignment", map[string]any{"person_id": rig.Property.ID}, 409, "rated"},
		} {
			rig.advance(time.Second)
			got := rig.repairTo(step.who, id, step.path, step.body)
			state := got.text("state")
			if step.status == 409 {
				state = got.text("errors.0.want")
			}
			if got.Status != step.status || state != step.state {
				t.Fatalf("%s %v: %d %s, want %d %s: %s", step.path, step.body, got.Status, state, step.status, step.state, got.Text)
			}
		}
		got := rig.call(rig.Resident, http.MethodGet, "/v1/repairs/"+id, nil).must(200)
		if got.at("rating") != 4.0 || got.at("reopened") != 1.0 || got.at("steps.10") == nil || got.at("steps.11") != nil || got.text("steps.2.note") != "今天休息" {
			t.Errorf("in the end: %s", got.Text)
		}
		inbox := rig.call(rig.Resident, http.MethodGet, "/v1/me/inbox", nil).must(200)
		if len(inbox.items()) != 8 || strings.Contains(inbox.Text, "东门") || strings.Contains(inbox.Text, "周女士") {
			t.Errorf("the resident was told %d times: %s", len(inbox.items()), inbox.Text)
		}
		rig.wordedIn(rig.Resident, "lamp")
		rig.wordedIn(rig.Property, "lamp")
		if told := rig.call(rig.Guard, http.MethodGet, "/v1/me/inbox", nil).must(200); len(told.items()) != 0 {
			t.Errorf("the guard was told: %s", told.Text)
		}
		if records := rig.audit(rig.A, models.OpRateRepair); len(records) != 3 {
			t.Errorf("%d ratings are recorded, two of them refused", len(records))
		}
	})
}

// The same id by the same person is the same repair; anything else under it is refused, and says nothing of the first.
func TestRepairIsRepeated(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		body := map[string]any{"id": rig.ids.next(), "contact": nil}
		rig.askRepair(rig.Resident, body).must(201)
		rig.askRepair(rig.Resident, body).must(200)
		body["note"] = "另一件事"
		rig.askRepair(rig.Resident, body).must(409)
		other := rig.askRepair(rig.Neighbour, map[string]any{"id": body["id"], "home_id": nil}).must(409)
		if strings.Contains(other.Text, "楼道") || rig.rows()["repairs"] != 1 || rig.rows()["repair_steps"] != 1 {
			t.Errorf("%s, %v", other.Text, rig.rows())
		}
	})
}

// Of any number who give a repair to themselves at once one does.
func TestRepairIsAssignedOnceOfMany(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		id, done := rig.askRepair(rig.Resident, nil).must(201).text("id"), 0
		rig.repairTo(rig.Property, id, "assignment", map[string]any{"person_id": rig.Property.ID}).must(200)
		token := rig.token(rig.Property)
		for _, got := range atOnce(12, func(at int) response {
			state := []string{"accepted", "requested"}[at%2]
			body := map[string]any{"state": state, "note": "不得空"}
			return rig.callAs(token, http.MethodPost, "/v1/repairs/"+id+"/transitions", body)
		}) {
			switch {
			case got.Status == 200:
				done++
			case got.Status != 409 || got.text("errors.0.want") == "":
				t.Errorf("%d %s", got.Status, got.Text)
			}
		}
		after := rig.call(rig.Property, http.MethodGet, "/v1/repairs/"+id, nil).must(200)
		steps, _ := after.at("steps").([]any)
		if len(steps) != done+2 || done < 1 || done > 2 { // an acceptance may be followed by a decline
			t.Errorf("%d succeeded: %s", done, after.Text)
		}
	})
}

// A repair whose time passed is told to the property's staff, and half a day later to the owners' committee: once each, and only
// by day, but for what is urgent.
func TestRepairClimbs(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.advance(11 * time.Hour) // nine in the evening
		lamp := rig.askRepair(rig.Resident, nil).must(201)
		lift := rig.askRepair(rig.Resident, map[string]any{"category": "lift"}).must(201)
		heard := func(who *caller) int {
			t.Helper()
			return len(rig.call(who, http.MethodGet, "/v1/me/inbox", nil).must(200).items())
		}
		climb := func(after time.Duration, property, committee int) {
			t.Helper()
			rig.advance(after)
			for range 2 {
				if err := rig.server.ClimbRepairs(context.Background()); err != nil {
					t.Fatal(err)
				}
			}
			if a, b := heard(rig.Property), heard(rig.Committee); a != property || b != committee {
				t.Errorf("after %s: the property was told %d times and the committee %d, want %d and %d", after, a, b, property, committee)
			}
		}
		climb(0, 2, 0)
		climb(models.RepairAssignWithin, 3, 0) // the lift
		climb(11*time.Hour, 4, 0)              // the lamp, at 8:30
		climb(time.Hour, 4, 1)
		climb(11*time.Hour, 4, 2)
		climb(100*time.Hour, 4, 2)
		for _, made := range []response{lamp, lift} {
			got := rig.call(rig.Resident, http.MethodGet, "/v1/repairs/"+made.text("id"), nil).must(200)
			if got.at("overdue") != true {
				t.Errorf("not overdue: %s", got.Text)
			}
		}
	})
}

// At the end of a shift all that one has open is the next one's, who accepts it anew; what others have stays theirs.
func TestRepairsAreHandedOver(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		next, third := rig.addPerson(models.RoleProperty, rig.One.Place), rig.addPerson(models.RoleProperty, rig.One.Place)
		ids := []string{}
		for at, holder := range []*caller{rig.Property, rig.Property, rig.Property, third} {
			id := rig.askRepair(rig.Resident, nil).must(201).text("id")
			rig.repairTo(rig.Property, id, "assignment", map[string]any{"person_id": holder.ID}).must(200)
			if at < 2 {
				rig.repairTo(holder, id, "transitions", map[string]any{"state": "accepted"}).must(200)
			}
			if at == 0 {
				rig.repairTo(holder, id, "transitions", map[string]any{"state": "done"}).must(200)
			}
			ids = append(ids, id)
		}
		over := map[string]any{"compound_id": rig.One.ID(), "from_id": rig.Property.ID, "to_id": next.ID, "note": "夜班交接"}
		if got := rig.call(rig.Property, http.MethodPost, "/v1/repair-hand-overs", over).must(200); got.at("handed_over") != 2.0 {
			t.Errorf("handed over: %s", got.Text)
		}
		for at, want := range []models.ID{rig.Property.ID, next.ID, next.ID, third.ID} {
			got := rig.call(rig.Property, http.MethodGet, "/v1/repairs/"+ids[at], nil).must(200)
			if got.id("assigned_to") != want || at == 1 && got.text("state") != "assigned" {
				t.Errorf("repair %d: %s", at, got.Text)
			}
		}
		over["to_id"] = rig.Guard.ID
		rig.call(rig.Property, http.MethodPost, "/v1/repair-hand-overs", over).must(422)
	})
}

// What a repair's photos show is seen by who asked and by who mends there.
func TestRepairPhotosAndPrivacy(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		before := rig.photo(rig.Resident)
		id := rig.askRepair(rig.Resident, map[string]any{"media_ids": []any{before}}).must(201).text("id")
		rig.repairTo(rig.Property, id, "assignment", map[string]any{"person_id": rig.Property.ID}).must(200)
		after := rig.photo(rig.Property)
		rig.repairTo(rig.Property, id, "transitions", map[string]any{"state": "accepted", "media_ids": []any{after}}).must(422)
		rig.repairTo(rig.Property, id, "transitions", map[string]any{"state": "accepted"}).must(200)
		rig.repairTo(rig.Property, id, "transitions", map[string]any{"state": "done", "media_ids": []any{before}}).must(422)
		got := rig.repairTo(rig.Property, id, "transitions", map[string]any{"state": "done", "media_ids": []any{after}}).must(200)
		if got.id("done_media_ids.0") != after {
			t.Errorf("done: %s", got.Text)
		}
		for who, status := range map[*caller]int{
			rig.Resident: 200, rig.Property: 200, rig.PropertyTwo: 404, rig.Officer: 404, rig.Guard: 404, rig.Neighbour: 404,
		} {
			for _, photo := range []models.ID{before, after} {
				if got := rig.call(who, http.MethodGet, "/v1/media/"+string(photo), nil); got.Status != status {
					t.Errorf("%s sees %d, want %d", who.Name, got.Status, status)
				}
			}
		}
		if looks := rig.audit(rig.A, models.OpGetMedia); len(looks) < 2 {
			t.Errorf("%d looks at photos are recorded", len(looks))
		}
	})
}

// After two years a repair is gone with its photos; a day before it is there.
func TestRepairsAreForgotten(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.askRepair(rig.Resident, map[string]any{"media_ids": []any{rig.photo(rig.Resident)}}).must(201)
		for _, one := range []struct {
			after time.Duration
			want  int
		}{{models.RepairKept - time.Hour, 1}, {2 * time.Hour, 0}} {
			rig.advance(one.after)
			if err := rig.server.ForgetRepairs(context.Background()); err != nil {
				t.Fatal(err)
			}
			rows := rig.rows()
			if rows["repairs"] != one.want || rows["repair_media"] != one.want || rows["media"] != one.want {
				t.Errorf("after %s: %v", one.after, rows)
			}
		}
	})
}

// A month's figures are those of a recount, and of this compound and month alone.
func TestRepairFigures(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		month := rig.clock.Now().Format("2006-01")
		facts := rig.manyRepairs(60)
		got := rig.call(rig.Committee, http.MethodGet, "/v1/repair-figures?compound_id="+string(rig.One.ID())+"&month="+month, nil).must(200)
		want := models.FiguresOfRepairs(facts)
		if len(got.items()) != len(want) {
			t.Fatalf("%s, want %v", got.Text, want)
		}
		for at, one := range want {
			item, _ := got.items()[at].(map[string]any)
			if item["category"] != string(one.Category) || item["requested"] != float64(one.Requested) || item["done"] != float64(one.Done) ||
				item["rated"] != float64(one.Rated) {
				t.Errorf("%v, want %+v", item, one)
			}
		}
		later := rig.call(rig.Committee, http.MethodGet, "/v1/repair-figures?compound_id="+string(rig.One.ID())+"&month=2099-01", nil)
		later.must(400)
	})
}

// manyRepairs writes repairs in this compound and, as noise, in another one; it gives the facts of the first.
func (r *rig) manyRepairs(count int) []models.RepairFact {
	r.t.Helper()
	facts, now := []models.RepairFact{}, r.clock.Now()
	states := []models.RepairState{models.RepairDone, models.RepairRated, models.RepairCancelled, models.RepairAccepted}
	r.write(func(ctx context.Context, tx *store.Store) error {
		for at := range count {
			place := []models.Place{r.One.Place, r.One.Place, r.Two.Place}[at%3]
			repair := models.Repair{
				ID: r.ids.next(), OrderID: r.ids.next(), Place: place, RequesterID: r.Resident.ID, Category: models.RepairCategories[at%5],
				State: models.RepairRequested, RequestedAt: now, Version: 1, BodyHash: make([]byte, 32),
				Steps: []models.RepairStep{{State: models.RepairRequested, At: now, ByID: r.Resident.ID}},
			}
			if err := tx.AddRepair(ctx, repair); err != nil {
				return err
			}
			repair.State, repair.AcceptedAt = states[at%4], now.Add(time.Duration(at)*time.Minute)
			repair.Steps = append(repair.Steps, models.RepairStep{State: repair.State, At: now, ByID: r.Property.ID})
			if repair.State == models.RepairDone || repair.State == models.RepairRated {
				repair.DoneAt = now.Add(time.Duration(at) * time.Hour)
			}
			if repair.State == models.RepairRated {
				repair.Rating = 1 + at%5
			}
			repair.Late = at%7 == 0
			if err := tx.ChangeRepair(ctx, repair, false); err != nil {
				return err
			}
			if place == r.One.Place {
				facts = append(facts, models.RepairFact{
					Category: repair.Category, State: repair.State, RequestedAt: now, AcceptedAt: repair.AcceptedAt, DoneAt: repair.DoneAt,
					Late: repair.Late, Rating: repair.Rating,
				})
			}
		}
		return nil
	})
	return facts
}
