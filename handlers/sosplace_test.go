package handlers_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

// Where somebody was seen more than five minutes ago does not say who is near: everybody on duty is asked, and told of when
// that was. To five minutes it does.
func TestSOSByAPlaceThatIsOld(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		near, team := rig.addPerson(models.RoleAuxiliary, rig.One.Place), []*caller{}
		for range 9 {
			team = append(team, rig.addPerson(models.RoleAuxiliary, rig.One.Place))
		}
		rig.onDuty(rig.A, models.SquadFoot, append(team, near)...)
		call := func(ago time.Duration) response {
			t.Helper()
			seen := rig.clock.Now()
			rig.standsAt(rig.Resident, rig.One.At)
			rig.advance(ago)
			for at, one := range append(team, near) {
				rig.standsAt(one, off(rig.One.At, float64(1000-at*100), 0))
			}
			body := rig.help(nil)
			delete(body, "position")
			got := rig.call(rig.Resident, http.MethodPost, "/v1/sos", body).must(201)
			old := ago > 5*time.Minute
			if got.text("position.fixed_at") != at(seen) || got.at("position_old") != old || got.at("position.lat") != rig.One.At.Lat {
				t.Errorf("after %v the answer is %s", ago, got.Text)
			}
			view := rig.view(near, got.text("id")).must(200)
			if view.text("sos.position.fixed_at") != at(seen) || view.at("sos.position_old") != old || view.text("trail.0.at") != at(seen) {
				t.Errorf("after %v who was asked sees %s", ago, view.Text)
			}
			text := rig.call(near, http.MethodGet, "/v1/me/inbox", nil).must(200).text("items.0.body")
			zone := time.FixedZone("station", 8*60*60)
			if strings.Contains(text, "位置不明") != old || strings.Contains(text, seen.In(zone).Format("1月2日 15:04")) != old {
				t.Errorf("after %v the alert says %s", ago, text)
			}
			return got
		}
		id := call(5 * time.Minute).text("id")
		if got, want := rig.told(id, 1), ids(append([]*caller{rig.Commander, near}, team[2:]...)...); !slices.Equal(got, want) {
			t.Errorf("asked %v, want %v", got, want)
		}
		rig.sosPost(rig.Resident, id, "resolve", map[string]any{"outcome": "false_alarm"}).must(200)
		id = call(5*time.Minute + time.Millisecond).text("id")
		if got, want := rig.told(id, 1), ids(append([]*caller{rig.Commander, near}, team...)...); !slices.Equal(got, want) {
			t.Errorf("asked %v, want %v", got, want)
		}
	})
}

// A position that the phone found long before the call, and sends with it, is an old one too; what the phone's clock says of
// the hour does not matter, and no clock of whatever form refuses the call.
func TestSOSWithAPositionThatIsOld(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		now := rig.clock.Now()
		clock := func(wall time.Time) map[string]any {
			return map[string]any{"boot_id": "b", "monotonic_ms": 1000, "wall_at": instant(wall)}
		}
		for name, c := range map[string]struct {
			raised, fixed time.Time
			clock         any
			old           bool
		}{
			"now":                         {now, now, clock(now), false},
			"old":                         {now, now.Add(-6 * time.Minute), nil, true},
			"old, a day behind":           {now.Add(-24 * time.Hour), now.Add(-24*time.Hour - 6*time.Minute), nil, true},
			"new, a day behind":           {now.Add(-24 * time.Hour), now.Add(-24 * time.Hour), clock(now.Add(-24 * time.Hour)), false},
			"a day late":                  {now.Add(-24 * time.Hour), now.Add(-24 * time.Hour), clock(now), true},
			"a clock that cannot be read": {now, now, "七点", false},
			"a clock of nothing":          {now, now, map[string]any{}, false},
		} {
			got := rig.sos(rig.Resident, map[string]any{
				"raised_at": instant(c.raised), "position": spot(rig.One.At, map[string]any{"fixed_at": instant(c.fixed)}), "clock": c.clock,
			}).must(201)
			if got.at("position_old") != c.old {
				t.Errorf("%s: %s", name, got.Text)
			}
			rig.sosPost(rig.Resident, got.text("id"), "resolve", map[string]any{"outcome": "false_alarm"}).must(200)
		}
	})
}

// A batch by a clock that is off is kept whole and in order, with both times; sent again it is not kept twice.
func TestSOSPositionsByAClockThatIsOff(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		for _, c := range []struct {
			name  string
			off   time.Duration
			clock bool
		}{
			{"a day ahead", 24 * time.Hour, false},
			{"a day ahead, all clocks", 24 * time.Hour, true},
			{"a day behind", -24 * time.Hour, false},
			{"a day behind, all clocks", -24 * time.Hour, true},
		} {
			id := rig.sos(rig.Volunteer, map[string]any{"raised_at": instant(rig.clock.Now().Add(c.off))}).must(201).text("id")
			rig.advance(time.Minute)
			now, items := rig.clock.Now(), []any{}
			for _, ago := range []time.Duration{30 * time.Second, 20 * time.Second, 10 * time.Second, 0} {
				item := map[string]any{"at": instant(now.Add(c.off - ago)), "position": spot(off(rig.One.At, ago.Seconds(), 0), nil)}
				if c.clock {
					item["boot_id"], item["monotonic_ms"] = "b", (time.Hour - ago).Milliseconds()
				}
				items = append(items, item)
			}
			items = append(items, map[string]any{ // readings that nobody may be refused for
				"at": instant(now.Add(c.off - 40*time.Second)), "position": spot(off(rig.One.At, 40, 0), nil), "boot_id": "ß", "monotonic_ms": "1",
			})
			body := map[string]any{"items": items, "clock": 7}
			if c.clock {
				body["clock"] = map[string]any{"boot_id": "b", "monotonic_ms": time.Hour.Milliseconds(), "wall_at": instant(now.Add(c.off))}
			}
			for range 2 {
				rig.sosPost(rig.Volunteer, id, "positions", body).must(204)
				rig.advance(10 * time.Second)
			}
			trail, _ := rig.view(rig.Commander, id).must(200).at("trail").([]any)
			if len(trail) != 6 { // five, and that of the call
				t.Errorf("%s: %d of 6 points are kept: %v", c.name, len(trail), trail)
			}
			for place := range min(len(trail), 5) {
				point, ago := trail[place].(map[string]any), time.Duration(place*10)*time.Second
				if point["at"] != at(now.Add(-ago)) || point["phone_at"] != at(now.Add(c.off-ago)) {
					t.Errorf("%s: point %d is %v, want %s and %s", c.name, place, point, at(now.Add(-ago)), at(now.Add(c.off-ago)))
				}
			}
			rig.sosPost(rig.Volunteer, id, "resolve", map[string]any{"outcome": "false_alarm"}).must(200)
		}
	})
}

// However many places the caller invents, in one call or in several soon after each other, they and who was asked learn
// one class of a helper; who commands sees how far it is.
func TestSOSDistancesCannotBeProbed(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		id, car := rig.inSOS(nil) // the auxiliary is 300 m off, the car 800
		told := func(who *caller, helper *caller) any {
			t.Helper()
			helpers, _ := rig.view(who, id).must(200).at("helpers").([]any)
			for _, one := range helpers {
				if one := one.(map[string]any); one["person_id"] == string(helper.ID) {
					return one["distance_m"]
				}
			}
			t.Fatalf("%s does not see %s", who.Name, helper.Name)
			return nil
		}
		check := func(name string, exact float64) {
			t.Helper()
			for _, who := range []*caller{rig.Volunteer, car} {
				if got := told(who, rig.Auxiliary); got != 300.0 {
					t.Errorf("%s: %s is told %v", name, who.Name, got)
				}
			}
			if got := told(rig.Commander, rig.Auxiliary); got != exact {
				t.Errorf("%s: the commander is told %v, want %v", name, got, exact)
			}
		}
		coming := func() {
			rig.sosPost(rig.Auxiliary, id, "responses", map[string]any{"state": "coming"}).must(200)
		}
		coming()
		check("at first", 300)
		for _, metres := range []float64{-100, -1000, -4000} {
			rig.advance(2 * time.Minute)
			rig.sosPost(rig.Volunteer, id, "positions", map[string]any{"items": []any{
				map[string]any{"at": instant(rig.clock.Now()), "position": spot(off(rig.One.At, metres, 0), nil)},
			}}).must(204)
			check("in the call", 300-metres)
		}
		rig.sosPost(rig.Volunteer, id, "resolve", map[string]any{"outcome": "false_alarm"}).must(200)
		rig.advance(4*time.Minute - time.Millisecond)
		id = rig.sos(rig.Volunteer, map[string]any{"position": spot(off(rig.One.At, -600, 0), nil)}).must(201).text("id")
		coming()
		check("in the next call", 900)
		rig.sosPost(rig.Volunteer, id, "resolve", map[string]any{"outcome": "false_alarm"}).must(200)
		rig.advance(time.Millisecond)
		id = rig.sos(rig.Volunteer, map[string]any{"position": spot(off(rig.One.At, -600, 0), nil)}).must(201).text("id")
		coming()
		if got := told(rig.Volunteer, rig.Auxiliary); got != 1000.0 {
			t.Errorf("ten minutes later: %v", got)
		}
	})
}

// An open call of which nothing is heard for seven days is ended once, and the commanders are told; whatever is heard of it
// begins the seven days anew.
func TestSOSThatWasLeftEnds(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		id, _ := rig.inSOS(map[string]any{"kind": "duress"})
		own := rig.sos(rig.CommanderB, map[string]any{"kind": "duress", "position": spot(rig.Three.At, nil)}).must(201).text("id")
		end := func() (state string) { // read past the API: a look by who was asked is an answer
			t.Helper()
			atOnce(4, func(int) error {
				if err := rig.server.EndLeftSOS(context.Background()); err != nil {
					t.Errorf("ending: %v", err)
				}
				return nil
			})
			if err := rig.sql.QueryRow("SELECT state FROM sos WHERE id = ?", id).Scan(&state); err != nil {
				t.Fatal(err)
			}
			return state
		}
		rig.advance(6 * 24 * time.Hour)
		rig.sosPost(rig.Volunteer, id, "positions", map[string]any{"items": []any{
			map[string]any{"at": instant(rig.clock.Now()), "position": spot(rig.One.At, nil)},
		}}).must(204)
		rig.advance(7*24*time.Hour - time.Millisecond)
		if got := end(); got != "raised" {
			t.Errorf("too early: %s", got)
		}
		rig.advance(time.Millisecond)
		end()
		end()
		got := rig.view(rig.Commander, id).must(200)
		if got.text("sos.state") != "resolved" || got.text("sos.end_reason") != "no_contact" || got.text("sos.ended_at") != at(rig.clock.Now()) {
			t.Errorf("ended: %s", got.Text)
		}
		if count := rig.inboxHas(rig.Commander.ID, "sos_left", id); count != 1 {
			t.Errorf("the commander was told %d times", count)
		}
		for _, who := range []*caller{rig.Volunteer, rig.Auxiliary, rig.CommanderB} {
			if count := rig.inboxHas(who.ID, "sos_left", id); count != 0 {
				t.Errorf("%s was told", who.Name)
			}
		}
		if count := rig.inboxHas(rig.CommanderB.ID, "sos_left", own); count != 0 {
			t.Error("a commander's phone shows that they called silently")
		}
		records := rig.audit(rig.A, models.OpResolveSOS)
		if len(records) != 1 || records[0].Facts["reason"] != "no_contact" || records[0].ActorID != "" || string(records[0].ObjectID) != id {
			t.Errorf("audit: %+v", records)
		}
		rig.sos(rig.Volunteer, map[string]any{"kind": "duress"}).must(201) // and the caller can call anew
	})
}
