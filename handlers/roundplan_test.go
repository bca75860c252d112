package handlers_test

import (
	"context"
	"net/http"
	"testing"

	"xunfang/models"
)

func (r *rig) newPlan(shift string, changes map[string]any) map[string]any {
	return change(map[string]any{"name": "香林路夜巡", "shift_id": shift, "route_id": r.Route}, changes)
}

func (r *rig) plan(shift string, changes map[string]any) string {
	r.t.Helper()
	return r.call(r.Commander, http.MethodPost, "/v1/round-plans", r.newPlan(shift, changes)).must(201).text("id")
}

func TestARoundIsPlanned(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		squad := rig.squad(nil)
		shift := rig.shift(squad, nil)
		create := func(name string, changes, has map[string]any) scenario {
			return scenario{
				name: name, who: rig.Commander, method: http.MethodPost, path: "/v1/round-plans", body: rig.newPlan(shift, changes),
				want: 201, has: has,
			}
		}
		rig.play(t,
			create("a route", nil, map[string]any{
				"route_id": rig.Route, "ordered": false, "team": false, "ended_at": nil, "stops.2": nil,
				"stops.0.checkpoint_id": rig.One.Checkpoint, "stops.1.checkpoint_id": rig.Street,
				"stops.1.from_minute": 0.0, "stops.1.until_minute": 480.0, "stops.1.priority": "normal",
			}),
			create("some of a route", map[string]any{"team": true, "stops": []any{map[string]any{"checkpoint_id": rig.Street}}}, map[string]any{
				"team": true, "stops.0.checkpoint_id": rig.Street, "stops.0.until_minute": 480.0, "stops.1": nil,
			}),
		)
		free := rig.newPlan(shift, map[string]any{"ordered": true, "stops": []any{
			map[string]any{"checkpoint_id": rig.Two.Checkpoint, "from_minute": 60, "until_minute": 120, "priority": "high"},
			map[string]any{"checkpoint_id": rig.Street, "from_minute": 0, "until_minute": 90, "priority": "optional"},
			map[string]any{"checkpoint_id": rig.Two.Checkpoint, "from_minute": 120},
		}})
		delete(free, "route_id")
		made := rig.call(rig.Commander, http.MethodPost, "/v1/round-plans", free).must(201)
		got := rig.call(rig.Volunteer, http.MethodGet, "/v1/round-plans/"+made.text("id"), nil).must(200)
		if got.Text != made.Text || got.at("route_id") != nil || got.text("stops.0.priority") != "high" || got.at("stops.2.until_minute") != 480.0 {
			t.Errorf("made %s, read %s", made.Text, got.Text)
		}
		for who, want := range map[*caller]int{rig.Volunteer: 3, rig.OfficerTwo: 3, rig.Auxiliary: 0, rig.CommanderB: 0} {
			if items := rig.call(who, http.MethodGet, "/v1/round-plans?shift_id="+shift, nil).must(200).items(); len(items) != want {
				t.Errorf("%s sees %v", who.Name, items)
			}
		}
		standing, err := rig.store.StandingPlans(context.Background(), rig.A)
		if err != nil || len(standing) != 3 || standing[2].Shift.StartMinute != 1320 || standing[2].SquadKind != models.SquadNight ||
			len(standing[2].Stops) != 3 || string(standing[2].ID) != made.text("id") {
			t.Errorf("%+v, %v", standing, err)
		}
		rig.call(rig.Commander, http.MethodPost, "/v1/round-plans/"+made.text("id")+"/end", nil).must(200)
		again := rig.call(rig.Commander, http.MethodPost, "/v1/round-plans/"+made.text("id")+"/end", nil).must(200)
		if again.text("ended_at") == "" {
			t.Error(again.Text)
		}
		if standing, err = rig.store.StandingPlans(context.Background(), rig.A); err != nil || len(standing) != 2 {
			t.Errorf("%+v, %v", standing, err)
		}
	})
}

func TestWhatAPlanMustBe(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		squad := rig.squad(nil)
		shift := rig.shift(squad, map[string]any{"length_minutes": 240})
		stop := func(checkpoint models.ID, from, until int) map[string]any {
			return map[string]any{"checkpoint_id": checkpoint, "from_minute": from, "until_minute": until}
		}
		one := rig.One.Checkpoint
		refused := func(name, field string, changes map[string]any, without ...string) scenario {
			body := rig.newPlan(shift, changes)
			for _, field := range without {
				delete(body, field)
			}
			return scenario{
				name: name, who: rig.Commander, method: http.MethodPost, path: "/v1/round-plans", body: body, want: 422, fields: []string{field},
			}
		}
		stops := func(stops ...any) map[string]any { return map[string]any{"stops": stops} }
		ordered := func(stops ...any) map[string]any { return map[string]any{"stops": stops, "ordered": true} }
		before := rig.rows()
		rig.play(t,
			refused("nothing to see", "stops required", nil, "route_id"),
			refused("foreign route", "route_id no_such", map[string]any{"route_id": rig.RouteB}),
			refused("foreign checkpoint", "stops[2].checkpoint_id no_such",
				stops(stop(one, 0, 60), stop(rig.Street, 0, 60), stop(rig.Three.Checkpoint, 0, 60)), "route_id"),
			refused("no checkpoint", "stops[0].checkpoint_id no_such", stops(stop(rig.ids.next(), 0, 60)), "route_id"),
			refused("not on the route", "stops[1].checkpoint_id no_such", stops(stop(one, 0, 60), stop(rig.Two.Checkpoint, 0, 60))),
			refused("beyond the shift", "stops[0].until_minute too_large", stops(stop(one, 0, 241))),
			refused("begins as the shift ends", "stops[0].until_minute too_small", stops(map[string]any{"checkpoint_id": one, "from_minute": 240})),
			refused("never", "stops[0].until_minute too_small", stops(stop(one, 60, 60))),
			refused("twice at once", "stops[1].from_minute not_unique", stops(stop(one, 0, 60), stop(one, 59, 120))),
			refused("not to be walked in order", "stops[1].until_minute too_small", ordered(stop(one, 60, 120), stop(rig.Street, 0, 60))),
		)
		sameRows(t, before, rig.rows())
	})
}
