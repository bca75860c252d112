package handlers_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"xunfang/handlers"
	"xunfang/models"
	"xunfang/store"
)

// look has four servers watch at the same moment, with the rounds kept as they are beside it, three times over.
func (r *rig) look() {
	r.t.Helper()
	servers := []*handlers.Server{r.server}
	for range 3 {
		servers = append(servers, handlers.New(r.server.Config))
	}
	for range 3 {
		for _, err := range atOnce(len(servers), func(at int) error { return servers[at].Watch(context.Background()) }) {
			if err != nil {
				r.t.Errorf("watching: %v", err)
			}
		}
	}
}

// heard counts what is in people's inboxes about patrol: "told resolved" for each of them.
func (r *rig) heard(people ...*caller) string {
	r.t.Helper()
	words := []string{}
	for _, who := range people {
		told, over := 0, 0
		err := r.sql.QueryRow(`SELECT COALESCE(SUM(CASE WHEN alerts.kind = ? THEN 1 ELSE 0 END), 0),
			COALESCE(SUM(CASE WHEN alerts.kind = ? THEN 1 ELSE 0 END), 0)
			FROM inbox_items JOIN alerts ON alerts.id = inbox_items.alert_id WHERE inbox_items.person_id = ?`,
			models.AlertWatch, models.AlertWatchUpdate, string(who.ID)).Scan(&told, &over)
		if err != nil {
			r.t.Fatal(err)
		}
		words = append(words, fmt.Sprint(told, "+", over))
	}
	return strings.Join(words, " ")
}

func (r *rig) concerns(who *caller, query string, headers ...string) response {
	r.t.Helper()
	return r.call(who, http.MethodGet, "/v1/watch-concerns?"+query, nil, headers...).must(200)
}

// until moves the clock to an instant.
func (r *rig) until(when time.Time) {
	r.t.Helper()
	r.advance(when.Sub(r.clock.Now()))
	for _, who := range []*caller{r.Officer, r.Volunteer, r.Commander, r.CommanderB, r.OfficerB, r.Guard} {
		r.forget(who) // their tokens have run out
	}
}

// tonight is 22:00 in Shanghai.
var tonight = time.Date(2026, 11, 24, 14, 0, 0, 0, time.UTC)

// tonightsRound is the id of the round that is planned at tonight.
func (r *rig) tonightsRound(plan models.RoundPlan) models.ID {
	return plan.RoundID(models.Occurrence{Date: models.Date{Year: 2026, Month: time.November, Day: 24}, Start: tonight})
}

func TestAMissedStopIsToldOnceAndClimbs(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		plan := rig.standingPlan(rig.Officer, rig.Volunteer)
		rig.keepRounds()
		id := rig.tonightsRound(plan)
		rig.until(tonight)
		rig.onRound(rig.Officer, id, "start", map[string]any{"started_at": at(tonight)}).must(200)
		expect := func(when time.Duration, want string) {
			t.Helper()
			rig.until(tonight.Add(when))
			rig.look()
			if got := rig.heard(rig.Officer, rig.Volunteer, rig.Commander, rig.CommanderB); got != want {
				t.Errorf("after %v: %s, want %s", when, got, want)
			}
		}
		expect(time.Hour-time.Millisecond, "0+0 0+0 0+0 0+0")
		expect(time.Hour, "1+0 0+0 0+0 0+0")
		expect(time.Hour+10*time.Minute-time.Millisecond, "1+0 0+0 0+0 0+0")
		expect(time.Hour+10*time.Minute, "1+0 0+0 1+0 0+0")
		rig.keepRounds()
		expect(2*time.Hour+30*time.Minute, "1+0 0+0 1+0 0+0") // over midnight
		alert := rig.call(rig.Commander, http.MethodGet, "/v1/alerts?kind=patrol_watch", nil).must(200)
		if alert.text("items.0.severity") != "high" || alert.at("items.0.recipients") != 1.0 || !strings.Contains(alert.text("items.0.body"), "阳光小区巡更点") ||
			strings.Contains(alert.Text, rig.Officer.Name) || strings.Contains(alert.Text, rig.Volunteer.Name) {
			t.Errorf("the alert: %s", alert.Text)
		}
		open := rig.concerns(rig.Commander, "state=open&kind=stop_missed")
		if len(open.items()) != 1 || open.text("items.0.since") != at(tonight.Add(time.Hour)) || open.id("items.0.round_id") != id ||
			open.text("items.0.sentence") != "夜巡：阳光小区巡更点 截至 11月24日 23:00 无人到点" || open.at("items.0.told_commander_at") == nil {
			t.Errorf("open: %s", open.Text)
		}
		rig.checkIn(rig.Volunteer, rig.seenAt(id, rig.One.Checkpoint, tonight.Add(90*time.Minute))).must(200)
		rig.onRound(rig.Volunteer, id, "join", map[string]any{"join_code": rig.joinCode(id), "joined_at": at(tonight.Add(time.Minute))}).must(200)
		expect(2*time.Hour+31*time.Minute, "1+1 0+0 1+1 0+0") // what came late is told to both, and to them alone
		expect(3*time.Hour, "1+1 0+0 1+1 0+0")
		ended := rig.concerns(rig.Officer, "state=ended", "Accept-Language", "en")
		if len(ended.items()) != 1 || ended.text("items.0.outcome") != "resolved" ||
			ended.text("items.0.sentence") != "夜巡: nobody was at 阳光小区巡更点 by 24 Nov 23:00 (resolved)" {
			t.Errorf("ended: %s", ended.Text)
		}
		if got := rig.concerns(rig.Volunteer, ""); len(got.items()) != 0 {
			t.Errorf("who does not lead sees: %s", got.Text)
		}
		if got := rig.concerns(rig.CommanderB, ""); len(got.items()) != 0 {
			t.Errorf("another station sees: %s", got.Text)
		}
		if rows := rig.rows(); rows["watch_concerns"] != 1 || rows["alerts"] != 3 {
			t.Errorf("%d concerns, %d alerts", rows["watch_concerns"], rows["alerts"])
		}
		for _, operation := range []models.Operation{"beginConcern", "climbConcern", "endConcern"} {
			if records := rig.audit(rig.A, operation); len(records) != 1 {
				t.Errorf("%s is recorded %d times", operation, len(records))
			}
		}
	})
}

func TestAnAcknowledgedConcernDoesNotClimb(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		plan := rig.standingPlan(rig.Officer, rig.Volunteer)
		rig.keepRounds()
		expect := func(when time.Duration, want string) {
			t.Helper()
			rig.until(tonight.Add(when))
			rig.look()
			if got := rig.heard(rig.Officer, rig.Commander); got != want {
				t.Errorf("after %v: %s, want %s", when, got, want)
			}
		}
		expect(models.StartTolerance-time.Millisecond, "0+0 0+0")
		expect(models.StartTolerance, "1+0 0+0")
		inbox := rig.call(rig.Officer, http.MethodGet, "/v1/me/inbox", nil).must(200)
		rig.call(rig.Officer, http.MethodPost, "/v1/alerts/"+inbox.text("items.0.alert_id")+"/acknowledge", nil).must(200)
		expect(40*time.Minute, "1+0 0+0")
		expect(70*time.Minute, "1+0 0+0") // a stop of a round that nobody started is no concern of its own
		rig.onRound(rig.Officer, rig.tonightsRound(plan), "start", map[string]any{"started_at": at(tonight.Add(5 * time.Minute))}).must(200)
		expect(71*time.Minute, "2+1 0+0") // it has started, and is without its first stop
		expect(80*time.Minute, "2+1 0+0")
		expect(81*time.Minute, "2+1 1+0")
	})
}

// Nobody leads who may: the commander is told at once. In another time zone, and on the day on which a station began.
func TestAConcernWithoutALeader(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		if _, err := rig.sql.Exec("UPDATE stations SET time_zone = 'America/New_York' WHERE id = ?", string(rig.B)); err != nil {
			t.Fatal(err)
		}
		create := func(method, path string, body map[string]any) models.ID {
			return rig.call(rig.CommanderB, method, path, body).must(201).id("id")
		}
		squad := create(http.MethodPost, "/v1/squads", map[string]any{
			"name": "西苑队", "kind": "foot", "leader_id": rig.OfficerB.ID, "member_ids": []models.ID{rig.OfficerB.ID},
		})
		shift := create(http.MethodPost, "/v1/shifts", map[string]any{
			"name": "夜班", "squad_id": squad, "start_time": "23:55", "length_minutes": 240, "recurrence": "daily",
		})
		create(http.MethodPost, "/v1/round-plans", map[string]any{"name": "夜巡", "shift_id": shift, "route_id": rig.RouteB})
		rig.keepRounds()
		if _, err := rig.sql.Exec("UPDATE people SET disabled_at = 1 WHERE id = ?", string(rig.OfficerB.ID)); err != nil {
			t.Fatal(err)
		}
		start := time.Date(2026, 11, 24, 4, 55, 0, 0, time.UTC)
		rig.until(start.Add(models.StartTolerance - time.Millisecond))
		rig.look()
		before := rig.heard(rig.CommanderB, rig.OfficerB, rig.Commander)
		rig.until(start.Add(models.StartTolerance))
		rig.look()
		rig.until(start.Add(30 * time.Minute))
		rig.look()
		if after := rig.heard(rig.CommanderB, rig.OfficerB, rig.Commander); before != "0+0 0+0 0+0" || after != "1+0 0+0 0+0" {
			t.Errorf("before %s, after %s", before, after)
		}
		if got := rig.concerns(rig.CommanderB, ""); got.text("items.0.sentence") != "夜巡 应于 11月23日 23:55 开始，尚未开始" {
			t.Errorf("listed: %s", got.Text)
		}
	})
}

func TestAStreetPostThatIsLeft(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		post := rig.post(map[string]any{"radius_m": 100, "max_gap_minutes": 20})
		squad := rig.squad(nil)
		rig.shift(squad, map[string]any{"post_id": post})
		corner := models.Position{Lat: 30.5250, Lng: 105.6060}
		expect := func(when time.Duration, want string) {
			t.Helper()
			rig.until(tonight.Add(when))
			rig.look()
			if got := rig.heard(rig.Officer, rig.Commander); got != want {
				t.Errorf("after %v: %s, want %s", when, got, want)
			}
		}
		stands := func(who *caller, when time.Duration, metres float64) {
			t.Helper()
			rig.until(tonight.Add(when))
			rig.standsAt(who, off(corner, metres, 0))
		}
		expect(-time.Minute, "0+0 0+0")
		stands(rig.Volunteer, 10*time.Minute, 99)
		stands(rig.Volunteer, 20*time.Minute, 102) // outside
		stands(rig.Guard, 25*time.Minute, 0)       // of no squad
		expect(30*time.Minute-time.Millisecond, "0+0 0+0")
		expect(30*time.Minute, "1+0 0+0")
		rig.checkIn(rig.Officer, rig.here(map[string]any{"checkpoint_id": rig.Street, "position": spot(corner, nil)})).must(200)
		expect(31*time.Minute, "1+1 0+0")
		expect(50*time.Minute-time.Millisecond, "1+1 0+0")
		expect(50*time.Minute, "2+1 0+0") // a new one
		expect(60*time.Minute, "2+1 1+0")
		expect(3*time.Hour, "2+1 1+0") // over midnight
		expect(8*time.Hour, "2+1 1+0") // the shift is over: that is no good news
		got := rig.concerns(rig.Commander, "kind=post_left")
		if len(got.items()) != 2 || got.text("items.0.outcome") != "lapsed" || got.text("items.1.outcome") != "resolved" ||
			got.text("items.0.from") != at(tonight.Add(30*time.Minute)) || got.text("items.1.from") != at(tonight.Add(10*time.Minute)) {
			t.Errorf("listed: %s", got.Text)
		}
	})
}

func TestAKeyPlaceNobodyIsAt(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.standingPlan(rig.Officer, rig.Volunteer)
		if _, err := rig.sql.Exec("UPDATE checkpoints SET key_place = 1 WHERE id = ?", string(rig.One.Checkpoint)); err != nil {
			t.Fatal(err)
		}
		expect := func(after time.Duration, want string) {
			t.Helper()
			rig.until(firstInstant.Add(after))
			rig.look()
			if got := rig.heard(rig.Officer, rig.Commander, rig.CommanderB); got != want {
				t.Errorf("after %v: %s, want %s", after, got, want)
			}
		}
		expect(4*time.Hour-time.Millisecond, "0+0 0+0 0+0")
		expect(4*time.Hour, "0+0 1+0 0+0") // nobody leads at a place
		expect(5*time.Hour, "0+0 1+0 0+0")
		rig.checkIn(rig.Guard, rig.here(nil)).must(200)
		expect(5*time.Hour+time.Second, "0+0 1+0 0+0") // not counted yet
		rig.count()
		expect(5*time.Hour+30*time.Second, "0+0 1+1 0+0")
		expect(9*time.Hour-time.Millisecond, "0+0 1+1 0+0")
		rig.checkIn(rig.Guard, rig.here(nil)).must(200)
		expect(9*time.Hour+time.Minute, "0+0 1+1 0+0") // what waits to be counted accuses nobody
		rig.count()
		expect(9*time.Hour+2*time.Minute, "0+0 1+1 0+0")
		expect(12*time.Hour+25*time.Minute, "0+0 1+1 0+0") // three hours by day, half an hour by night
		expect(12*time.Hour+30*time.Minute, "0+0 2+1 0+0")
	})
}

// What phones bring days later changes what is written, and nobody is woken for it.
func TestLateDataIsNoAlarm(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		plan := rig.standingPlan(rig.Officer, rig.Volunteer)
		rig.keepRounds()
		id := rig.tonightsRound(plan)
		expect := func(when time.Duration, want string, open, ended int) {
			t.Helper()
			rig.until(tonight.Add(when))
			rig.keepRounds()
			rig.look()
			if got := rig.heard(rig.Officer, rig.Commander); got != want {
				t.Errorf("after %v: %s, want %s", when, got, want)
			}
			for query, want := range map[string]int{"state=open": open, "state=ended": ended} {
				query += "&to=" + instant(tonight.Add(20*time.Hour)) // that night's alone
				if got := rig.concerns(rig.Commander, query); len(got.items()) != want {
					t.Errorf("after %v: %s: %s", when, query, got.Text)
				}
			}
		}
		expect(11*time.Minute, "1+0 0+0", 1, 0)
		expect(21*time.Minute, "1+0 1+0", 1, 0)
		rig.write(func(ctx context.Context, tx *store.Store) error { // no further nights
			return tx.EndRoundPlan(ctx, plan.ID, rig.clock.Now())
		})
		rig.keepRounds()
		rig.until(tonight.Add(70 * time.Hour))
		rig.onRound(rig.Officer, id, "start", map[string]any{"started_at": at(tonight)}).must(200)
		expect(70*time.Hour+time.Minute, "1+1 1+1", 0, 1) // it had started: that is told to whom it was told
		if got := rig.concerns(rig.Commander, "state=open&kind=stop_missed"); len(got.items()) != 1 ||
			got.at("items.0.told_leader_at") != nil || got.at("items.0.told_commander_at") != nil {
			t.Errorf("an old stop: %s", got.Text)
		}
		rig.checkIn(rig.Officer, rig.seenAt(id, rig.One.Checkpoint, tonight.Add(30*time.Minute))).must(200)
		expect(70*time.Hour+2*time.Minute, "1+1 1+1", 0, 1)
		expect(74*time.Hour, "1+1 1+1", 0, 1)
		if got := rig.concerns(rig.Commander, "state=open"); len(got.items()) != 0 {
			t.Errorf("still open: %s", got.Text)
		}
	})
}

func TestStopsMissedTogetherAreToldTogether(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		shift := rig.shift(rig.squad(nil), nil)
		plan := rig.plan(shift, nil)
		rig.keepRounds()
		rig.until(tonight)
		list := rig.call(rig.Officer, http.MethodGet, "/v1/rounds", nil).must(200)
		round := list.id("items.1.id")
		if list.text("items.1.plan_id") != plan {
			t.Fatalf("%s", list.Text)
		}
		rig.onRound(rig.Officer, round, "start", map[string]any{"started_at": at(tonight)}).must(200)
		rig.until(tonight.Add(8 * time.Hour))
		rig.look()
		if got := rig.heard(rig.Officer, rig.Commander); got != "1+0 0+0" || rig.rows()["watch_concerns"] != 2 {
			t.Errorf("%s for %d", got, rig.rows()["watch_concerns"])
		}
		rig.until(tonight.Add(8*time.Hour + 10*time.Minute))
		rig.look()
		if got := rig.heard(rig.Officer, rig.Commander); got != "1+0 1+0" {
			t.Errorf("climbed: %s", got)
		}
		first := rig.concerns(rig.Commander, "limit=1")
		second := rig.concerns(rig.Commander, "limit=1&cursor="+first.text("next_cursor"))
		if len(first.items()) != 1 || len(second.items()) != 1 || first.text("items.0.id") == second.text("items.0.id") {
			t.Errorf("pages: %s %s", first.Text, second.Text)
		}
	})
}

func TestOldConcernsAreForgotten(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		now := rig.clock.Now()
		add := func(subject string, ended time.Time) {
			rig.write(func(ctx context.Context, tx *store.Store) error {
				concern := models.Concern{ID: rig.ids.next(), StationID: rig.A, Subject: subject, Kind: models.ConcernGap, From: now, Since: now}
				if added, err := tx.AddConcern(ctx, concern, time.Time{}); err != nil || !added {
					return fmt.Errorf("%s: added %t, %w", subject, added, err)
				}
				if ended.IsZero() {
					return nil
				}
				concern.EndedAt, concern.Outcome = ended, models.ConcernResolved
				_, err := tx.EndConcern(ctx, concern)
				return err
			})
		}
		add("open", time.Time{})
		add("old", now)
		add("young", now.Add(time.Second))
		for _, step := range []struct {
			after time.Duration
			want  int
		}{{models.ConcernKept, 3}, {models.ConcernKept + time.Millisecond, 2}} {
			if _, err := rig.store.ForgetOld(context.Background(), now.Add(step.after)); err != nil || rig.rows()["watch_concerns"] != step.want {
				t.Errorf("after %v %d are left, %v", step.after, rig.rows()["watch_concerns"], err)
			}
		}
	})
}
