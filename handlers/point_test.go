package handlers_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

// helped brings a new tip of somebody as far as resolved, or to where last says.
func (r *rig) helped(who *caller, last map[string]any) string {
	r.t.Helper()
	r.advance(time.Millisecond) // lines of the ledger come in the order of their times
	id := r.tip(who, nil).must(201).text("id")
	r.advanceTip(r.Officer, id, map[string]any{"state": "investigating"}).must(200)
	if last == nil {
		last = map[string]any{"state": "resolved"}
	}
	r.advanceTip(r.Officer, id, last).must(200)
	return id
}

// points is what somebody's account says: "sum: event points, …", newest first.
func (r *rig) points(who *caller) string {
	r.t.Helper()
	got := r.call(who, http.MethodGet, "/v1/me/points?limit=100", nil).must(200)
	lines := []string{}
	for at := range got.items() {
		item := fmt.Sprintf("items.%d.", at)
		lines = append(lines, fmt.Sprint(got.text(item+"event"), " ", got.at(item+"points")))
	}
	return fmt.Sprint(got.at("points"), ": ", strings.Join(lines, ", "))
}

func (r *rig) wantPoints(who *caller, want string) {
	r.t.Helper()
	if got := r.points(who); got != want {
		r.t.Errorf("%s has %q, want %q", who.Name, got, want)
	}
}

func TestPointsForATip(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.wantPoints(rig.Volunteer, "0: ")
		id := rig.helped(rig.Volunteer, nil)
		rig.wantPoints(rig.Volunteer, "10: tip_resolved 10")
		got := rig.call(rig.Volunteer, http.MethodGet, "/v1/me/points", nil).must(200)
		if got.text("items.0.about_id") != id || got.text("level.name_zh") != "热心居民" || got.at("next_level.min_points") != 50.0 ||
			got.at("items.0.taken_back") != false || got.at("items.0.capped") != false {
			t.Errorf("the account: %s", got.Text)
		}
		rig.helped(rig.Volunteer, map[string]any{"state": "closed", "reason": "referred"})
		rig.wantPoints(rig.Volunteer, "15: tip_referred 5, tip_resolved 10")
		rig.helped(rig.Volunteer, map[string]any{"state": "closed", "reason": "unfounded"})
		rig.wantPoints(rig.Volunteer, "15: tip_referred 5, tip_resolved 10")
		rig.wantPoints(rig.VolunteerTwo, "0: ")

		unknown := rig.tip(rig.VolunteerTwo, nil).must(201).text("id") // its reporter is known under another id than a person's
		if _, err := rig.sql.Exec("UPDATE tips SET reporter_id = ? WHERE id = ?", string(rig.ids.next()), unknown); err != nil {
			t.Fatal(err)
		}
		rig.advanceTip(rig.Officer, unknown, map[string]any{"state": "investigating"}).must(200)
		rig.advanceTip(rig.Officer, unknown, map[string]any{"state": "resolved"}).must(200)
		if rows := rig.rows()["point_entries"]; rows != 2 {
			t.Errorf("%d lines", rows)
		}
		rig.helped(rig.OfficerTwo, nil)
		rig.wantPoints(rig.OfficerTwo, "0: ") // police collect none
	})
}

// A tip whose state is not kept leaves no points behind, and points that cannot be kept leave the tip where it was.
func TestPointsAndTransitionAreOne(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		id := rig.tip(rig.Volunteer, nil).must(201).text("id")
		rig.advanceTip(rig.Officer, id, map[string]any{"state": "investigating"}).must(200)
		for _, table := range []string{"inbox_items", "point_entries"} {
			rig.breakTable(table)
			before := rig.rows()
			rig.advanceTip(rig.Officer, id, map[string]any{"state": "resolved"}).must(500)
			sameRows(t, before, rig.rows())
			rig.mendTable(table)
		}
		rig.advanceTip(rig.Officer, id, map[string]any{"state": "resolved"}).must(200)
		rig.wantPoints(rig.Volunteer, "10: tip_resolved 10")
	})
}

func TestPointsAreCreditedOnceOfMany(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		id := rig.tip(rig.Volunteer, nil).must(201).text("id")
		rig.advanceTip(rig.Officer, id, map[string]any{"state": "investigating"}).must(200)
		token := rig.token(rig.Officer)
		atOnce(16, func(int) response {
			return rig.callAs(token, http.MethodPost, "/v1/tips/"+id+"/transitions", map[string]any{"state": "resolved"})
		})
		rig.wantPoints(rig.Volunteer, "10: tip_resolved 10")
	})
}

// Deeds at the same time do not get past a cap that only one of them has room under; the next day there is room again.
func TestCapsHoldForDeedsAtTheSameTime(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		ids, token := []string{}, rig.token(rig.Officer)
		for range 8 {
			id := rig.tip(rig.Volunteer, nil).must(201).text("id")
			rig.advanceTip(rig.Officer, id, map[string]any{"state": "investigating"}).must(200)
			ids = append(ids, id)
		}
		for _, got := range atOnce(8, func(at int) response {
			return rig.callAs(token, http.MethodPost, "/v1/tips/"+ids[at]+"/transitions", map[string]any{"state": "resolved"})
		}) {
			got.must(200)
		}
		got := rig.call(rig.Volunteer, http.MethodGet, "/v1/me/points", nil).must(200)
		capped := strings.Count(got.Text, `"capped":true`)
		if got.at("points") != 30.0 || len(got.items()) != 8 || capped != 5 {
			t.Errorf("%v points in %d lines, %d capped: %s", got.at("points"), len(got.items()), capped, got.Text)
		}
		midnight := time.Date(2026, 11, 24, 16, 0, 0, 0, time.UTC) // of the station's time zone
		rig.advance(midnight.Sub(rig.clock.Now()) - 2*time.Millisecond)
		for _, want := range []string{"30: tip_resolved 0, ", "40: tip_resolved 10, tip_resolved 0, "} { // a millisecond before, and at it
			rig.helped(rig.Volunteer, nil)
			if got := rig.points(rig.Volunteer); !strings.HasPrefix(got, want) {
				t.Errorf("at %s: %s", rig.clock.Now(), got)
			}
		}
	})
}

// A finding that was accepted and dismissed after all: what was credited is taken back by a line of its own, and the
// day has room for it again.
func TestPointsAreTakenBack(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		ids := []string{}
		for range 5 { // the day's cap is four
			rig.advance(time.Millisecond)
			id := rig.finding(rig.Volunteer, nil)
			rig.movedFinding(rig.Officer, id, map[string]any{"state": "accepted"}).must(200)
			ids = append(ids, id)
		}
		five := "finding_confirmed 0, finding_confirmed 5, finding_confirmed 5, finding_confirmed 5, finding_confirmed 5"
		rig.wantPoints(rig.Volunteer, "20: "+five)
		rig.advance(time.Minute)
		rig.movedFinding(rig.Officer, ids[0], map[string]any{"state": "dismissed", "reason": "unfounded"}).must(200)
		rig.wantPoints(rig.Volunteer, "15: finding_confirmed -5, "+five)
		rig.advance(time.Minute)
		rig.movedFinding(rig.Officer, ids[1], map[string]any{"state": "resolved"}).must(200) // still confirmed: nothing new
		rig.movedFinding(rig.Officer, rig.finding(rig.Volunteer, nil), map[string]any{"state": "accepted"}).must(200)
		rig.wantPoints(rig.Volunteer, "20: finding_confirmed 5, finding_confirmed -5, "+five)
	})
}

// A round is credited to whom a check-in of it counts for, when it is completed; a late check-in still counts, and a
// correction that rejects one takes the points back.
func TestPointsForARound(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		start := rig.clock.Now()
		started := rig.startRound(rig.Auxiliary, nil).must(201)
		id := started.id("id")
		rig.join(rig.GridWorker, started).must(200)
		rig.join(rig.Activist, started).must(200)
		rig.advance(time.Minute)
		rig.checkIn(rig.Auxiliary, rig.seenAt(id, rig.One.Checkpoint, rig.clock.Now())).must(200)
		rig.wantPoints(rig.Auxiliary, "0: ")
		rig.advance(10 * time.Minute)
		rig.onRound(rig.Auxiliary, id, "finish", map[string]any{"state": "completed", "ended_at": at(rig.clock.Now())}).must(200)
		rig.wantPoints(rig.Auxiliary, "5: round_completed 5")
		rig.wantPoints(rig.GridWorker, "0: ") // joined, and was nowhere
		late := rig.seenAt(id, rig.Street, start.Add(2*time.Minute))
		for range 2 {
			rig.checkIn(rig.GridWorker, late).must(200)
		}
		rig.wantPoints(rig.GridWorker, "5: round_completed 5")

		correction := rig.call(rig.Commander, http.MethodPost, "/v1/check-ins/"+string(late["id"].(models.ID))+"/corrections", map[string]any{
			"id": rig.ids.next(), "status": "rejected", "reason": "当时不在现场",
		}).must(201).text("id")
		second := rig.addPerson(models.RoleCommander, models.Place{Station: rig.A})
		rig.advance(time.Millisecond)
		rig.call(second, http.MethodPost, "/v1/check-in-corrections/"+correction+"/decision", approval).must(200)
		rig.wantPoints(rig.GridWorker, "0: round_completed -5, round_completed 5")
		rig.wantPoints(rig.Auxiliary, "5: round_completed 5")
	})
}

func TestTheStationSetsItsRules(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		got := rig.call(rig.Resident, http.MethodGet, "/v1/point-rules", nil).must(200)
		if got.text("levels.4.name_zh") != "守护之星" || got.at("rules.0.points") != 10.0 {
			t.Errorf("the defaults: %s", got.Text)
		}
		rig.helped(rig.Volunteer, nil)
		set := map[string]any{
			"rules": []any{map[string]any{"event": "tip_resolved", "points": 7, "daily_cap": 0, "monthly_cap": 0}},
			"levels": []any{
				map[string]any{"min_points": 0, "name_zh": "初", "name_en": "First"}, map[string]any{"min_points": 17, "name_zh": "高", "name_en": "High"},
			},
		}
		put := func(body any) response { return rig.call(rig.Commander, http.MethodPut, "/v1/point-rules", body) }
		for range 2 {
			if got := put(set).must(200); got.at("rules.0.points") != 7.0 || got.at("rules.1") != nil || got.text("levels.1.name_zh") != "高" {
				t.Errorf("set: %s", got.Text)
			}
		}
		rig.helped(rig.Volunteer, nil)
		rig.wantPoints(rig.Volunteer, "17: tip_resolved 7, tip_resolved 10") // what was credited stays
		got = rig.call(rig.Volunteer, http.MethodGet, "/v1/me/points", nil).must(200)
		if got.text("level.name_zh") != "高" || got.at("next_level") != nil {
			t.Errorf("the level: %s", got.Text)
		}
		rig.helped(rig.Volunteer, map[string]any{"state": "closed", "reason": "referred"})
		if got := rig.points(rig.Volunteer); !strings.HasPrefix(got, "17: tip_referred 0") {
			t.Errorf("a deed that is not listed: %s", got)
		}
		twice := change(set, map[string]any{"levels": []any{set["levels"].([]any)[1]}})
		if got := put(twice).must(422); got.fields()[0] != "levels[0].min_points too_large" {
			t.Errorf("levels that begin above 0: %s", got.Text)
		}
		if records := rig.audit(rig.A, models.OpPutPointRules); len(records) != 2 || records[0].Facts["tip_resolved"] != "7/0/0" {
			t.Errorf("the rules in the audit: %+v", records)
		}
		if got := rig.call(rig.VolunteerB, http.MethodGet, "/v1/point-rules", nil).must(200); got.at("rules.0.points") != 10.0 {
			t.Errorf("another station's: %s", got.Text)
		}
	})
}

// An officer sees how many points somebody has, and not by which tips; that they looked is recorded.
func TestWhoSeesWhosePoints(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		id := rig.helped(rig.Volunteer, nil)
		got := rig.call(rig.Commander, http.MethodGet, "/v1/people/"+string(rig.Volunteer.ID)+"/points", nil).must(200)
		if got.at("points") != 10.0 || got.at("items.0.about_id") != nil || strings.Contains(got.Text, id) {
			t.Errorf("the commander sees %s", got.Text)
		}
		if records := rig.audit(rig.A, models.OpGetPersonPoints); len(records) != 1 || records[0].ObjectID != rig.Volunteer.ID {
			t.Errorf("looks in the audit: %+v", records)
		}
		for range 3 {
			rig.helped(rig.Volunteer, map[string]any{"state": "closed", "reason": "referred"})
		}
		seen, cursor := 0, ""
		for page := range 4 {
			path := "/v1/me/points?limit=1"
			if page > 0 {
				path += "&cursor=" + cursor
			}
			got := rig.call(rig.Volunteer, http.MethodGet, path, nil).must(200)
			seen, cursor = seen+len(got.items()), got.text("next_cursor")
		}
		if seen != 4 {
			t.Errorf("%d of 4 lines are found page by page", seen)
		}
	})
}
