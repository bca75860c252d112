package handlers_test

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"time"

	"xunfang/handlers"
	"xunfang/models"
)

func (r *rig) timer(change map[string]any) map[string]any {
	body := map[string]any{
		"id": r.ids.next(), "interval_minutes": 30, "grace_minutes": 5, "until": instant(r.clock.Now().Add(8 * time.Hour)),
	}
	for field, value := range change {
		body[field] = value
	}
	return body
}

func (r *rig) watch(server *handlers.Server) {
	r.t.Helper()
	if err := server.WatchWelfare(context.Background()); err != nil {
		r.t.Errorf("watching: %v", err)
	}
}

func (r *rig) answers(who *caller, id string) response {
	r.t.Helper()
	return r.call(who, http.MethodPost, "/v1/me/welfare-timers/"+id+"/answers", map[string]any{"at": instant(r.clock.Now())})
}

// Somebody alone at night answers once, then not: to the millisecond they are warned, and then help is called.
func TestWelfareTimerCallsForHelp(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.onDuty(rig.A, models.SquadFoot, rig.Auxiliary)
		rig.standsAt(rig.Auxiliary, off(rig.One.At, 400, 0))
		body := rig.timer(nil)
		id := rig.call(rig.Guard, http.MethodPost, "/v1/me/welfare-timers", body).must(201).text("id")
		rig.call(rig.Guard, http.MethodPost, "/v1/me/welfare-timers", body).must(200)
		rig.advance(20 * time.Minute)
		rig.checkIn(rig.Guard, rig.here(nil)).must(200)
		if got := rig.answers(rig.Guard, id).must(200); got.text("state") != "green" || got.text("warns_at") != at(rig.clock.Now().Add(30*time.Minute)) {
			t.Errorf("answered: %s", got.Text)
		}
		servers := []*handlers.Server{}
		for range 4 {
			servers = append(servers, handlers.New(rig.server.Config))
		}
		all := func() { atOnce(4, func(at int) error { rig.watch(servers[at]); return nil }) }
		step := func(by time.Duration, state string, checks, calls int) {
			t.Helper()
			rig.advance(by)
			all()
			got := rig.call(rig.Commander, http.MethodGet, "/v1/welfare-timers?running=true", nil).must(200)
			if got.text("items.0.state") != state || rig.inboxHas(rig.Guard.ID, "welfare_check", id) != checks || rig.rows()["sos"] != calls {
				t.Errorf("%s, %d checks, %d calls; want %s, %d, %d", got.Text, rig.inboxHas(rig.Guard.ID, "welfare_check", id),
					rig.rows()["sos"], state, checks, calls)
			}
		}
		step(30*time.Minute-time.Millisecond, "green", 0, 0)
		step(time.Millisecond, "warning", 1, 0)
		step(5*time.Minute-time.Millisecond, "warning", 1, 0)
		step(time.Millisecond, "critical", 1, 1)
		step(time.Hour, "critical", 1, 1)
		call := rig.call(rig.Commander, http.MethodGet, "/v1/sos", nil).must(200)
		if call.text("items.0.kind") != "missed_check_in" || call.text("items.0.caller_id") != string(rig.Guard.ID) ||
			call.at("items.0.position.lat") != rig.One.At.Lat || call.text("items.0.compound_id") != string(rig.One.ID()) {
			t.Errorf("the call: %s", call.Text)
		}
		if got := rig.told(call.text("items.0.id"), 1); !slices.Equal(got, ids(rig.Auxiliary, rig.Commander)) {
			t.Errorf("asked %v", got)
		}
		rig.sosPost(rig.Guard, call.text("items.0.id"), "resolve", map[string]any{"outcome": "false_alarm"}).must(200)
		if got := rig.answers(rig.Guard, id).must(200); got.text("state") != "green" {
			t.Errorf("answered after all: %s", got.Text)
		}
		rig.call(rig.Guard, http.MethodDelete, "/v1/me/welfare-timers/"+id, nil).must(204)
		rig.call(rig.Guard, http.MethodDelete, "/v1/me/welfare-timers/"+id, nil).must(204)
		rig.answers(rig.Guard, id).must(409)
		rig.advance(2 * time.Hour)
		all()
		if rows := rig.rows(); rows["sos"] != 1 {
			t.Errorf("an ended timer called: %v", rows)
		}
	})
}

// An answer in the same moment as the last second of the grace: either it counts, or help was called; never neither.
func TestWelfareAnswerRacesTheCall(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		for _, who := range []*caller{rig.Guard, rig.Volunteer, rig.Resident, rig.Property, rig.Activist} {
			before := rig.rows()["sos"]
			id := rig.call(who, http.MethodPost, "/v1/me/welfare-timers", rig.timer(nil)).must(201).text("id")
			rig.advance(30 * time.Minute)
			rig.watch(rig.server)
			rig.advance(5 * time.Minute)
			token := rig.token(who)
			body := map[string]any{"at": instant(rig.clock.Now())}
			atOnce(4, func(at int) error {
				if at == 0 {
					rig.callAs(token, http.MethodPost, "/v1/me/welfare-timers/"+id+"/answers", body).must(200)
				} else {
					rig.watch(rig.server)
				}
				return nil
			})
			called := rig.rows()["sos"] - before
			sos := ""
			if err := rig.sql.QueryRow("SELECT sos_id FROM welfare_timers WHERE id = ?", id).Scan(&sos); err != nil || (sos != "") != (called == 1) || called > 1 {
				t.Errorf("%s: %d calls, the timer names %q: %v", who.Name, called, sos, err)
			}
			rig.call(who, http.MethodDelete, "/v1/me/welfare-timers/"+id, nil).must(204)
		}
	})
}

func TestWelfareTimersAreOnesOwn(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		body := rig.timer(nil)
		id := rig.call(rig.Guard, http.MethodPost, "/v1/me/welfare-timers", body).must(201).text("id")
		if got := rig.call(rig.Volunteer, http.MethodPost, "/v1/me/welfare-timers", body); got.Status != 422 || got.fields()[0] != "id not_unique" {
			t.Errorf("somebody else's id: %d %s", got.Status, got.Text)
		}
		for _, until := range []time.Duration{0, -time.Hour, 24*time.Hour + time.Millisecond} {
			got := rig.call(rig.Volunteer, http.MethodPost, "/v1/me/welfare-timers", rig.timer(map[string]any{"until": instant(rig.clock.Now().Add(until))}))
			if got.Status != 422 {
				t.Errorf("until %v: %d %s", until, got.Status, got.Text)
			}
		}
		rig.call(rig.Guard, http.MethodPost, "/v1/me/welfare-timers", rig.timer(nil)).must(409) // one at a time
		rig.answers(rig.Volunteer, id).must(404)
		rig.answers(rig.Commander, id).must(404)
		rig.call(rig.Commander, http.MethodDelete, "/v1/me/welfare-timers/"+id, nil).must(404)
		for who, sees := range map[*caller]bool{rig.Guard: true, rig.Commander: true, rig.Officer: false, rig.Admin: false, rig.CommanderB: false} {
			got := rig.call(who, http.MethodGet, "/v1/welfare-timers", nil).must(200)
			if (got.text("items.0.id") == id) != sees {
				t.Errorf("%s: %s", who.Name, got.Text)
			}
		}
		if records := rig.audit(rig.A, models.OpListWelfareTimers); len(records) != 1 || records[0].ActorID != rig.Commander.ID {
			t.Errorf("looks: %+v", records)
		}
		// Without an answer missing it ends by itself at its time.
		rig.advance(7*time.Hour + 45*time.Minute)
		rig.answers(rig.Guard, id).must(200)
		rig.advance(15 * time.Minute)
		rig.watch(rig.server)
		if got := rig.call(rig.Guard, http.MethodGet, "/v1/welfare-timers", nil).must(200); got.text("items.0.state") != "ended" {
			t.Errorf("at its end: %s", got.Text)
		}
		rig.call(rig.Guard, http.MethodPost, "/v1/me/welfare-timers", rig.timer(nil)).must(201)
	})
}
