package handlers_test

import (
	"net/http"
	"testing"
	"time"

	"xunfang/models"
)

func (r *rig) putTipSettings(who *caller, body map[string]any) response {
	r.t.Helper()
	return r.call(who, http.MethodPut, "/v1/tip-settings", body)
}

// dueIn is how long after its arrival, or its last step, a tip's next one is expected.
func (r *rig) dueIn(tip response) time.Duration {
	r.t.Helper()
	due, err := time.Parse(time.RFC3339, tip.text("expected_at"))
	if err != nil {
		r.t.Fatal(err)
	}
	begun, err := time.Parse(time.RFC3339, tip.text("received_at"))
	if err != nil {
		r.t.Fatal(err)
	}
	return due.Sub(begun)
}

// What a station sets counts for the clocks that begin after it, and for no other station.
func TestAStationSetsItsTipClocks(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.play(t,
			scenario{
				name: "at first the defaults", who: rig.Officer, method: http.MethodGet, path: "/v1/tip-settings", want: 200,
				has: map[string]any{
					"version": 0.0, "acknowledge_by_day_minutes": 15.0, "acknowledge_by_night_minutes": 30.0, "acknowledge_crime_minutes": 5.0,
					"decide_hours": 72.0, "finish_hours": 72.0, "climb_unseen_minutes": 10.0, "climb_undecided_hours": 12.0,
					"reopen_days": 7.0, "day_begins_hour": 7.0, "day_ends_hour": 22.0, "updated_at": nil,
				},
			},
			scenario{
				name: "out of bounds", who: rig.Commander, method: http.MethodPut, path: "/v1/tip-settings", want: 400,
				body:   tipSettings(0, map[string]any{"acknowledge_crime_minutes": 61, "reopen_days": 0}),
				fields: []string{"acknowledge_crime_minutes too_large", "reopen_days too_small"},
			},
			scenario{
				name: "against each other", who: rig.Commander, method: http.MethodPut, path: "/v1/tip-settings", want: 422,
				body:   tipSettings(0, map[string]any{"acknowledge_by_day_minutes": 4, "finish_hours": 47, "day_ends_hour": 6}),
				fields: []string{"acknowledge_by_day_minutes too_small", "finish_hours too_small", "day_ends_hour too_small"},
			},
		)
		before := rig.tip(rig.Volunteer, map[string]any{"category": models.CategoryCrime}).must(201)
		ended := rig.tip(rig.Volunteer, nil).must(201).text("id")
		rig.advanceTip(rig.Officer, ended, map[string]any{"state": "closed", "reason": "unfounded"}).must(200)

		set := rig.putTipSettings(rig.Commander, tipSettings(0, map[string]any{"acknowledge_crime_minutes": 2, "reopen_days": 1})).must(200)
		if set.at("version") != 1.0 || set.text("updated_at") != instant(rig.clock.Now()) {
			t.Errorf("set: %s", set.Text)
		}
		if got := rig.call(rig.Officer, http.MethodGet, "/v1/tip-settings", nil).must(200); got.Text != set.Text {
			t.Errorf("kept: %s, set: %s", got.Text, set.Text)
		}
		records := rig.audit(rig.A, models.OpPutTipSettings)
		if len(records) == 0 || records[0].Facts["acknowledge_crime"] != "2m0s" || records[0].Facts["over_version"] != "0" {
			t.Errorf("recorded: %+v", records)
		}
		if got := rig.call(rig.Officer, http.MethodGet, "/v1/tips/"+before.text("id"), nil).must(200); rig.dueIn(got) != 5*time.Minute {
			t.Errorf("a clock that ran already is %v long", rig.dueIn(got))
		}
		after := rig.tip(rig.Volunteer, map[string]any{"category": models.CategoryCrime}).must(201)
		id := after.text("id")
		if rig.dueIn(after) != 2*time.Minute {
			t.Errorf("a new one is %v long", rig.dueIn(after))
		}
		for _, step := range []struct {
			state string
			want  time.Duration
		}{{"acknowledged", 48 * time.Hour}, {"investigating", 120 * time.Hour}} {
			if got := rig.dueIn(rig.advanceTip(rig.Officer, id, map[string]any{"state": step.state}).must(200)); got != step.want {
				t.Errorf("%s: %v after its arrival, want %v", step.state, got, step.want)
			}
		}
		if other := rig.call(rig.CommanderB, http.MethodGet, "/v1/tip-settings", nil).must(200); other.at("version") != 0.0 {
			t.Errorf("the other station: %s", other.Text)
		}

		later := rig.tip(rig.Volunteer, nil).must(201).text("id")
		rig.advanceTip(rig.Officer, later, map[string]any{"state": "closed", "reason": "unfounded"}).must(200)
		rig.clock.advance(24*time.Hour + time.Second)
		reopen := func(id string) response {
			return rig.call(rig.Volunteer, http.MethodPost, "/v1/tips/"+id+"/reopening", map[string]any{"reason": "又来了"})
		}
		if got := reopen(later).must(409); got.text("state") != "closed" {
			t.Errorf("reopened after its day: %s", got.Text)
		}
		reopen(ended).must(200) // it ended when there were seven
	})
}

// Of many who set over the same version one is heard, at the first setting and later.
func TestOneOfManySetsTheTipClocks(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		token := rig.token(rig.Commander)
		for version := range 2 {
			kept := -1
			for at, got := range atOnce(8, func(at int) response {
				return rig.callAs(token, http.MethodPut, "/v1/tip-settings", tipSettings(version, map[string]any{"reopen_days": 10 + at}))
			}) {
				switch {
				case got.Status == 200 && kept < 0:
					kept = at
				case got.Status != 409 || got.code() != models.CodeConflict:
					t.Errorf("version %d: %d %s", version, got.Status, got.Text)
				}
			}
			now := rig.call(rig.Commander, http.MethodGet, "/v1/tip-settings", nil).must(200)
			if now.at("version") != float64(version+1) || now.at("reopen_days") != float64(10+kept) {
				t.Errorf("after %d: %s, kept is %d", version, now.Text, kept)
			}
		}
		rig.putTipSettings(rig.Commander, tipSettings(1)).must(409) // an old one
		rig.putTipSettings(rig.Commander, tipSettings(9)).must(409) // one that never was
	})
}

// The commander is told as long after the deputy as the station has set.
func TestTipsClimbAsTheStationHasSet(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.putTipSettings(rig.Commander, tipSettings(0)).must(200)
		rig.call(rig.Commander, http.MethodPut, "/v1/people/"+string(rig.Officer.ID)+"/deputy",
			map[string]any{"deputy_id": rig.OfficerTwo.ID}).must(204)
		tip := rig.tip(rig.Volunteer, nil).must(201)
		for _, step := range []struct {
			after           time.Duration
			deputy, command int
		}{{rig.dueIn(tip), 1, 0}, {8*time.Minute - time.Millisecond, 1, 0}, {time.Millisecond, 1, 1}} {
			rig.clock.advance(step.after)
			if err := rig.server.ClimbTips(t.Context()); err != nil {
				t.Fatal(err)
			}
			deputy, command := rig.inboxOf(rig.OfficerTwo, models.AlertTip), rig.inboxOf(rig.Commander, models.AlertTip)
			if deputy != step.deputy || command != step.command {
				t.Errorf("%v later: the deputy was told %d times, the commander %d", step.after, deputy, command)
			}
		}
	})
}
