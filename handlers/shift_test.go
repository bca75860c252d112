package handlers_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"xunfang/models"
)

func (r *rig) newShift(squad string, changes map[string]any) map[string]any {
	return change(map[string]any{
		"name": "夜班", "squad_id": squad, "start_time": "22:00", "length_minutes": 480, "recurrence": "daily",
	}, changes)
}

func (r *rig) shift(squad string, changes map[string]any) string {
	r.t.Helper()
	return r.call(r.Commander, http.MethodPost, "/v1/shifts", r.newShift(squad, changes)).must(201).text("id")
}

// occurrences asks for a shift's and writes them as "date start end", in UTC without seconds.
func (r *rig) occurrences(who *caller, shift, query string) string {
	r.t.Helper()
	got, lines := r.call(who, http.MethodGet, "/v1/shifts/"+shift+"/occurrences"+query, nil).must(200), []string{}
	for at := range got.items() {
		item := fmt.Sprint("items.", at, ".")
		lines = append(lines, got.text(item+"date")+" "+got.text(item + "starts_at")[5:16]+" "+got.text(item + "ends_at")[5:16])
	}
	return strings.Join(lines, "\n")
}

func TestAShiftAndWhenItStands(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		squad := rig.squad(nil)
		made := rig.call(rig.Commander, http.MethodPost, "/v1/shifts", rig.newShift(squad, map[string]any{
			"recurrence": "weekdays", "weekdays": []string{"saturday", "friday"}, "from_date": "2026-11-20", "until_date": "2026-11-28",
		})).must(201)
		for path, want := range map[string]any{
			"start_time": "22:00", "length_minutes": 480.0, "weekdays.0": "friday", "weekdays.1": "saturday", "from_date": "2026-11-20",
			"until_date": "2026-11-28", "post_id": nil, "ended_at": nil,
		} {
			if got := made.at(path); got != want {
				t.Errorf("%s is %v", path, got)
			}
		}
		shift := made.text("id")
		want := "2026-11-20 11-20T14:00 11-20T22:00\n2026-11-21 11-21T14:00 11-21T22:00\n" +
			"2026-11-27 11-27T14:00 11-27T22:00\n2026-11-28 11-28T14:00 11-28T22:00"
		all := "?from=2026-11-01T00:00:00Z&to=2027-02-01T00:00:00Z" // 92 days
		if got := rig.occurrences(rig.Volunteer, shift, all); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
		if got := rig.occurrences(rig.Volunteer, shift, "?from=2026-11-21T22:00:00Z&to=2026-11-27T14:00:00Z"); got != "" {
			t.Errorf("between two: %s", got)
		}
		if got := rig.occurrences(rig.Volunteer, shift, ""); !strings.HasPrefix(got, "2026-11-27") { // the clock says 24 November
			t.Errorf("from now on: %s", got)
		}
		list := func(query, field string, fault models.FieldCode) scenario {
			return scenario{
				name: query, who: rig.Volunteer, method: http.MethodGet, path: "/v1/shifts/" + shift + "/occurrences" + query, want: 400,
				code: models.CodeInvalidRequest, fields: []string{field + " " + string(fault)},
			}
		}
		rig.play(t,
			list("?from=2026-11-01T00:00:00Z&to=2027-02-01T00:00:00.001Z", "to", models.FieldTooLarge),
			list("?from=2026-11-01T00:00:00Z&to=2026-11-01T00:00:00Z", "to", models.FieldTooSmall),
			list("?from=1970-01-01T00:00:00Z&to=9999-12-31T00:00:00Z", "to", models.FieldTooLarge),
		)
		rig.call(rig.Volunteer, http.MethodGet, "/v1/shifts/"+shift+"/occurrences?from=9999-12-20T00:00:00Z&to=9999-12-31T23:59:59Z", nil).must(200)
		rig.call(rig.Volunteer, http.MethodGet, "/v1/shifts/"+shift+"/occurrences?from=1970-01-01T00:00:00Z&to=1970-01-02T00:00:00Z", nil).must(200)
		rig.call(rig.Auxiliary, http.MethodGet, "/v1/shifts/"+shift+"/occurrences", nil).must(404)
	})
}

// A shift is by the clock of its own station: over Berlin's change of the clocks the night is nine hours long.
func TestAShiftIsByTheStationsClock(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		if _, err := rig.sql.Exec("UPDATE stations SET time_zone = 'Europe/Berlin' WHERE id = ?", string(rig.A)); err != nil {
			t.Fatal(err)
		}
		shift := rig.shift(rig.squad(nil), map[string]any{"from_date": "2026-10-20"})
		want := "2026-10-23 10-23T20:00 10-24T04:00\n2026-10-24 10-24T20:00 10-25T05:00\n2026-10-25 10-25T21:00 10-26T05:00"
		if got := rig.occurrences(rig.Officer, shift, "?from=2026-10-23T12:00:00Z&to=2026-10-26T12:00:00Z"); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	})
}

func TestWhatAShiftMustBe(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		squad, foreign := rig.squad(nil), ""
		foreign = rig.call(rig.CommanderB, http.MethodPost, "/v1/squads", rig.newSquad(map[string]any{
			"leader_id": rig.OfficerB.ID, "member_ids": []models.ID{rig.OfficerB.ID},
		})).must(201).text("id")
		refused := func(name string, status int, field string, changes map[string]any) scenario {
			return scenario{
				name: name, who: rig.Commander, method: http.MethodPost, path: "/v1/shifts", body: rig.newShift(squad, changes),
				want: status, fields: []string{field},
			}
		}
		before := rig.rows()
		rig.play(t,
			refused("foreign squad", 422, "squad_id no_such", map[string]any{"squad_id": foreign}),
			refused("no post", 422, "post_id no_such", map[string]any{"post_id": rig.ids.next()}),
			refused("no weekdays", 422, "weekdays required", map[string]any{"recurrence": "weekdays"}),
			refused("no dates", 422, "dates required", map[string]any{"recurrence": "dates"}),
			refused("daily on Monday", 422, "weekdays not_allowed", map[string]any{"weekdays": []string{"monday"}}),
			refused("over before it began", 422, "until_date too_small", map[string]any{"from_date": "2026-11-20", "until_date": "2026-11-19"}),
			refused("a date outside, as it was sent", 422, "dates[0] too_large", map[string]any{
				"recurrence": "dates", "dates": []string{"2026-12-24", "2026-12-01"}, "until_date": "2026-12-23",
			}),
			refused("24:00", 400, "start_time wrong_format", map[string]any{"start_time": "24:00"}),
			refused("7:30", 400, "start_time wrong_format", map[string]any{"start_time": "7:30"}),
			refused("25 hours", 400, "length_minutes too_large", map[string]any{"length_minutes": 1441}),
			refused("a day that is not", 400, "from_date wrong_format", map[string]any{"from_date": "2027-02-29"}),
		)
		sameRows(t, before, rig.rows())
		rig.play(t, scenario{
			name: "dates in any order", who: rig.Commander, method: http.MethodPost, path: "/v1/shifts", want: 201,
			body: rig.newShift(squad, map[string]any{"recurrence": "dates", "dates": []string{"2028-02-29", "2026-12-24"}}),
			has:  map[string]any{"from_date": "2026-12-24", "dates.0": "2026-12-24", "dates.1": "2028-02-29", "until_date": nil},
		}, scenario{
			name: "from today on, by the station's clock", who: rig.Commander, method: http.MethodPost, path: "/v1/shifts", want: 201,
			body: rig.newShift(squad, nil), has: map[string]any{"from_date": rig.today()},
		})
	})
}

// today is the day it is in the world's stations.
func (r *rig) today() string { return r.clock.Now().UTC().Add(8 * 60 * 60 * 1e9).Format("2006-01-02") }

func TestAShiftChanges(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		squad, other := rig.squad(nil), rig.squad(map[string]any{
			"name": "步巡", "leader_id": rig.Auxiliary.ID, "member_ids": []models.ID{rig.Auxiliary.ID},
		})
		post, shift := rig.post(nil), rig.shift(squad, map[string]any{"from_date": "2026-01-01"})
		plan := rig.plan(shift, nil)
		update := func(name string, body map[string]any, want int, fields ...string) scenario {
			return scenario{
				name: name, who: rig.Commander, method: http.MethodPatch, path: "/v1/shifts/" + shift, body: body, want: want, fields: fields,
			}
		}
		rig.play(t,
			update("hours stay", map[string]any{"start_time": "23:00"}, 400, "start_time unknown_field"),
			update("over yesterday", map[string]any{"until_date": "2026-01-01"}, 422, "until_date too_old"),
			update("over today", map[string]any{"until_date": rig.today()}, 200),
			update("another squad, at a post", map[string]any{"squad_id": other, "post_id": post, "name": "环岛夜班"}, 200),
		)
		rig.call(rig.Volunteer, http.MethodGet, "/v1/shifts/"+shift, nil).must(404)
		rig.call(rig.Volunteer, http.MethodGet, "/v1/round-plans/"+plan, nil).must(404)
		got := rig.call(rig.Auxiliary, http.MethodGet, "/v1/shifts/"+shift, nil).must(200)
		if got.text("post_id") != post || got.text("until_date") != rig.today() || got.text("name") != "环岛夜班" {
			t.Error(got.Text)
		}
		for query, want := range map[string]int{"": 1, "?squad_id=" + other: 1, "?squad_id=" + squad: 0} {
			if items := rig.call(rig.Auxiliary, http.MethodGet, "/v1/shifts"+query, nil).must(200).items(); len(items) != want {
				t.Errorf("%q: %v", query, items)
			}
		}
		if records := rig.audit(rig.A, models.OpUpdateShift); len(records) == 0 || string(records[0].ObjectID) != shift {
			t.Errorf("%+v", records)
		}
	})
}
