package handlers_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
)

// startRound starts a round that nobody planned, now, over One's checkpoint and the street's; changes may be nil.
func (r *rig) startRound(who *caller, changes map[string]any) response {
	r.t.Helper()
	body := map[string]any{
		"id": r.ids.next(), "checkpoint_ids": []models.ID{r.One.Checkpoint, r.Street}, "started_at": at(r.clock.Now()),
	}
	for field, value := range changes {
		if body[field] = value; value == nil {
			delete(body, field)
		}
	}
	return r.call(who, http.MethodPost, "/v1/rounds", body)
}

func (r *rig) onRound(who *caller, round models.ID, step string, body any) response {
	r.t.Helper()
	return r.call(who, http.MethodPost, "/v1/rounds/"+string(round)+"/"+step, body)
}

func (r *rig) round(who *caller, round models.ID) response {
	r.t.Helper()
	return r.call(who, http.MethodGet, "/v1/rounds/"+string(round), nil)
}

// join joins by the code that the leader's answer carries.
func (r *rig) join(who *caller, started response) response {
	r.t.Helper()
	return r.onRound(who, started.id("id"), "join", map[string]any{"join_code": started.text("join.code"), "joined_at": at(r.clock.Now())})
}

// seenAt is a check-in for a round, at One's checkpoint, at the street's, or at any other.
func (r *rig) seenAt(round, checkpoint models.ID, when time.Time) map[string]any {
	item := r.here(map[string]any{"round_id": round, "checkpoint_id": checkpoint, "captured_at": at(when)})
	if checkpoint == r.Street {
		item["position"] = spot(models.Position{Lat: 30.5250, Lng: 105.6060}, nil)
	}
	return item
}

// stopsOf is a round's stops in short: "on_time pending".
func stopsOf(round response) string {
	words := []string{}
	stops, _ := round.at("stops").([]any)
	for at := range stops {
		words = append(words, round.text(fmt.Sprintf("stops.%d.state", at)))
	}
	return strings.Join(words, " ")
}

func TestARoundNobodyPlanned(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		now := rig.clock.Now()
		started := rig.startRound(rig.Officer, nil).must(201)
		id := started.id("id")
		if started.text("state") != "in_progress" || stopsOf(started) != "pending pending" || len(started.text("join.code")) != 8 ||
			started.text("leader_id") != string(rig.Officer.ID) || started.text("members.0.kind") != "leader" {
			t.Fatalf("started: %s", started.Text)
		}
		again := rig.startRound(rig.Officer, map[string]any{"id": id, "started_at": at(now)}).must(200)
		if again.id("id") != id || rig.rows()["rounds"] != 1 {
			t.Errorf("the same again: %s", again.Text)
		}
		rig.play(t,
			scenario{
				name: "the same id for another round", who: rig.Officer, method: http.MethodPost, path: "/v1/rounds",
				body: map[string]any{"id": id, "started_at": at(now)}, want: 409, code: models.CodeAlreadyExists,
			},
			scenario{
				name: "somebody else's id", who: rig.Guard, method: http.MethodPost, path: "/v1/rounds",
				body: map[string]any{"id": id, "started_at": at(now)}, want: 422, fields: []string{"id not_unique"}, hasNot: []string{string(rig.Officer.ID)},
			},
			scenario{
				name: "and of another station", who: rig.OfficerB, method: http.MethodPost, path: "/v1/rounds",
				body: map[string]any{"id": id, "started_at": at(now)}, want: 422, fields: []string{"id not_unique"},
			},
			scenario{
				name: "three days old", who: rig.Guard, method: http.MethodPost, path: "/v1/rounds",
				body: map[string]any{"id": rig.ids.next(), "checkpoint_ids": []models.ID{rig.Street}, "started_at": at(now.Add(-models.MaxOffline))}, want: 201, has: map[string]any{"state": "abandoned", "reason": "nobody_finished"},
			},
			scenario{
				name: "older", who: rig.Guard, method: http.MethodPost, path: "/v1/rounds",
				body: map[string]any{"id": rig.ids.next(), "started_at": at(now.Add(-models.MaxOffline - time.Millisecond))}, want: 422, fields: []string{"started_at too_old"},
			},
			scenario{
				name: "ahead", who: rig.Guard, method: http.MethodPost, path: "/v1/rounds",
				body: map[string]any{"id": rig.ids.next(), "started_at": at(now.Add(models.MaxClockAhead + time.Millisecond))}, want: 422, fields: []string{"started_at in_the_future"},
			},
			scenario{
				name: "another station's checkpoint", who: rig.Guard, method: http.MethodPost, path: "/v1/rounds",
				body: map[string]any{"id": rig.ids.next(), "started_at": at(now), "checkpoint_ids": []models.ID{rig.Street, rig.Three.Checkpoint}}, want: 422, fields: []string{"checkpoint_ids[1] no_such"},
			},
			scenario{
				name: "another station's route", who: rig.Guard, method: http.MethodPost, path: "/v1/rounds",
				body: map[string]any{"id": rig.ids.next(), "started_at": at(now), "route_id": rig.RouteB}, want: 422, fields: []string{"route_id no_such"},
			},
			scenario{
				name: "finer than a millisecond", who: rig.Guard, method: http.MethodPost, path: "/v1/rounds", want: 201,
				body: map[string]any{"id": rig.ids.next(), "started_at": now.Format("2006-01-02T15:04:05") + ".0007Z"}, has: map[string]any{"started_at": at(now), "starts_at": at(now)},
			},
			scenario{
				name: "along a route", who: rig.Guard, method: http.MethodPost, path: "/v1/rounds",
				body: map[string]any{"id": rig.ids.next(), "started_at": at(now), "route_id": rig.Route}, want: 201, has: map[string]any{"counts.planned": 2.0},
			},
		)
		rig.checkIn(rig.Officer, rig.seenAt(id, rig.Street, now.Add(time.Minute)), rig.seenAt(id, rig.Two.Checkpoint, now)).must(200)
		// The check-in away from Two is rejected by its place: it sees nothing.
		if got := rig.round(rig.Officer, id).must(200); stopsOf(got) != "pending on_time" || got.text("stops.1.seen_by") != string(rig.Officer.ID) {
			t.Errorf("after a check-in: %s", got.Text)
		}
		extra := rig.seenAt(id, rig.Two.Checkpoint, now)
		extra["position"] = spot(rig.Two.At, nil)
		rig.checkIn(rig.Officer, extra).must(200)
		if got := rig.round(rig.Officer, id).must(200); stopsOf(got) != "pending on_time extra" || got.at("counts.planned") != 2.0 {
			t.Errorf("after an extra one: %s", got.Text)
		}
		rig.advance(models.UnplannedRound)
		if got := rig.round(rig.Officer, id).must(200); stopsOf(got) != "missed on_time extra" {
			t.Errorf("after its window: %s", got.Text)
		}
		rig.checkIn(rig.Officer, rig.seenAt(id, rig.One.Checkpoint, now.Add(2*time.Minute))).must(200)
		if got := rig.round(rig.Officer, id).must(200); stopsOf(got) != "on_time on_time extra" {
			t.Errorf("a check-in that came late: %s", got.Text)
		}
	})
}

func TestWhoSeesARound(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		chief := rig.addPerson(models.RoleOfficer, models.Place{Station: rig.A})
		started := rig.startRound(rig.Guard, nil).must(201)
		id := started.id("id")
		rig.join(rig.Auxiliary, started).must(200)
		rig.join(rig.Volunteer, started).must(200)
		for name, c := range map[string]struct {
			who   *caller
			names int // -1: 404
			join  bool
			looks int
		}{
			"leader": {rig.Guard, 3, true, 0}, "member": {rig.Auxiliary, 3, false, 0}, "a guest not confirmed": {rig.Volunteer, 1, false, 0},
			"commander": {rig.Commander, 3, false, 1}, "an officer of the whole station": {chief, 3, false, 1},
			"an officer of a compound": {rig.Officer, -1, false, 0}, "another patroller": {rig.GridWorker, -1, false, 0},
			"another station's commander": {rig.CommanderB, -1, false, 0},
		} {
			before := len(rig.audit(c.who.Station, models.OpGetRound))
			got, list := rig.round(c.who, id), rig.call(c.who, http.MethodGet, "/v1/rounds", nil).must(200)
			if c.names < 0 {
				if got.Status != 404 || len(list.items()) != 0 {
					t.Errorf("%s: %s, listed %d", name, got.Text, len(list.items()))
				}
				continue
			}
			members, _ := got.must(200).at("members").([]any)
			if len(members) != c.names || (got.at("join") != nil) != c.join || len(list.items()) != 1 {
				t.Errorf("%s: %s; listed %d", name, got.Text, len(list.items()))
			}
			looks := rig.audit(c.who.Station, models.OpGetRound)
			if len(looks)-before != c.looks || c.looks == 1 && !slices.Contains(looks[0].Subjects, string(rig.Auxiliary.ID)) {
				t.Errorf("%s: %d looks recorded", name, len(looks)-before)
			}
		}
		for query, want := range map[string]int{
			"state=in_progress": 1, "state=completed": 0, "person_id=" + string(rig.Auxiliary.ID): 1, "person_id=" + string(rig.Officer.ID): 0,
			"from=" + at(rig.clock.Now()): 1, "to=" + at(rig.clock.Now()): 0, "squad_id=" + string(rig.ids.next()): 0,
		} {
			if got := rig.call(rig.Commander, http.MethodGet, "/v1/rounds?"+query, nil).must(200); len(got.items()) != want {
				t.Errorf("%s: %d", query, len(got.items()))
			}
		}
	})
}

// A check-in that names a round is taken alike whether the round is there or not, and counts once its person does.
func TestCheckInsOfRoundsOneDoesNotWalk(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		now := rig.clock.Now()
		started := rig.startRound(rig.Officer, map[string]any{"checkpoint_ids": []models.ID{rig.One.Checkpoint, rig.Street, rig.Two.Checkpoint}}).must(201)
		id := started.id("id")
		two := rig.seenAt(id, rig.Two.Checkpoint, now.Add(time.Second))
		two["position"] = spot(rig.Two.At, nil)
		got := rig.checkIn(rig.Volunteer, rig.seenAt(id, rig.Street, now), rig.seenAt(rig.ids.next(), rig.Street, now), two).must(200)
		if got.text("items.0.status") != "accepted" || got.text("items.1.status") != "accepted" {
			t.Fatalf("verdicts: %s", got.Text)
		}
		rig.checkIn(rig.Auxiliary, rig.seenAt(id, rig.One.Checkpoint, now.Add(time.Minute))).must(200)
		state := func(want string) {
			t.Helper()
			if got := rig.round(rig.Officer, id).must(200); stopsOf(got) != want {
				t.Errorf("%s, want %s", stopsOf(got), want)
			}
		}
		state("pending pending pending")
		rig.join(rig.Auxiliary, started).must(200) // the record of joining comes after the check-in
		state("on_time pending pending")
		rig.join(rig.Volunteer, started).must(200)
		state("on_time pending pending")
		rig.onRound(rig.Auxiliary, id, "members/"+string(rig.Volunteer.ID)+"/confirm", nil).must(403)
		rig.onRound(rig.Guard, id, "members/"+string(rig.Volunteer.ID)+"/confirm", nil).must(404)
		rig.onRound(rig.Officer, id, "members/"+string(rig.Guard.ID)+"/confirm", nil).must(404)
		rig.onRound(rig.Officer, id, "members/"+string(rig.Volunteer.ID)+"/confirm", nil).must(200)
		rig.onRound(rig.Officer, id, "members/"+string(rig.Volunteer.ID)+"/confirm", nil).must(200)
		state("on_time on_time on_time")
		rig.onRound(rig.Volunteer, id, "leave", map[string]any{"left_at": at(now)}).must(200)
		state("on_time on_time pending") // the one after leaving counts no more
		rig.onRound(rig.Volunteer, id, "leave", map[string]any{"left_at": at(now.Add(time.Minute))}).must(200)
		state("on_time on_time pending")
		rig.onRound(rig.Officer, id, "leave", map[string]any{"left_at": at(now)}).must(409)
		rig.onRound(rig.Guard, id, "leave", map[string]any{"left_at": at(now)}).must(404)
	})
}

func TestSkips(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		now := rig.clock.Now()
		id := rig.startRound(rig.Officer, nil).must(201).id("id")
		skip := func(who *caller, checkpoint models.ID, reason string, when time.Time) response {
			return rig.onRound(who, id, "skips", map[string]any{"checkpoint_id": checkpoint, "reason": reason, "at": at(when)})
		}
		rig.advance(10 * time.Minute)
		skip(rig.Officer, rig.Street, "施工封路", now.Add(5*time.Minute)).must(200)
		got := skip(rig.Officer, rig.Street, "大门上锁", now.Add(time.Minute)).must(200) // said first, comes second
		if stopsOf(got) != "pending skipped" || got.text("stops.1.skip_reason") != "大门上锁" {
			t.Errorf("skipped: %s", got.Text)
		}
		if got := skip(rig.Officer, rig.Street, "下雨", now.Add(2*time.Minute)).must(200); got.text("stops.1.skip_reason") != "大门上锁" {
			t.Errorf("said later: %s", got.Text)
		}
		if fields := skip(rig.Officer, rig.Two.Checkpoint, "远", now).must(422).fields(); !slices.Equal(fields, []string{"checkpoint_id no_such"}) {
			t.Error(fields)
		}
		skip(rig.Guard, rig.Street, "不是成员", now).must(404)
		if found := rig.everywhere("大门上锁", "施工封路"); found != "" {
			t.Errorf("a reason lies open in %s", found)
		}
		rig.checkIn(rig.Officer, rig.seenAt(id, rig.Street, now.Add(6*time.Minute))).must(200)
		if got := rig.round(rig.Officer, id); stopsOf(got) != "pending on_time" || got.at("stops.1.skip_reason") != nil {
			t.Errorf("skipped and seen: %s", got.Text)
		}
	})
}

func TestFinish(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		now := rig.clock.Now()
		started := rig.startRound(rig.Officer, nil).must(201)
		id := started.id("id")
		rig.join(rig.Auxiliary, started).must(200)
		finish := func(who *caller, state string, reason any) response {
			body := map[string]any{"state": state, "ended_at": at(now)}
			if reason != nil {
				body["reason"] = reason
			}
			return rig.onRound(who, id, "finish", body)
		}
		finish(rig.Auxiliary, "completed", nil).must(403)
		finish(rig.Guard, "completed", nil).must(404)
		finish(rig.CommanderB, "completed", nil).must(404)
		finish(rig.Officer, "abandoned", nil).must(422)
		finish(rig.Officer, "completed", "好").must(422)
		callers, words := []*caller{rig.Officer, rig.Commander}, []string{"completed", "abandoned"}
		for _, who := range callers {
			rig.token(who)
		}
		answers := atOnce(8, func(turn int) response {
			reason := any(nil)
			if turn%2 == 1 {
				reason = "突发警情"
			}
			return finish(callers[turn/2%2], words[turn%2], reason)
		})
		final := rig.round(rig.Officer, id).must(200)
		won, finishes := final.text("state"), rig.audit(rig.A, models.OpFinishRound)
		counts := rig.Officer // of two who end it at one instant the smaller id, and of its two words the one that sorts first
		if rig.Commander.ID < counts.ID {
			counts = rig.Commander
		}
		for turn, got := range answers {
			want := []int{200, 409} // another word, before that one came or after it
			if callers[turn/2%2] == counts && words[turn%2] == won {
				want = []int{200}
			}
			if !slices.Contains(want, got.Status) {
				t.Errorf("%s after %s: %s", words[turn%2], won, got.Text)
			}
		}
		if won != "abandoned" {
			t.Errorf("%s is what counts, whichever word came first", won)
		}
		if final.id("ended_by") != counts.ID {
			t.Errorf("ended by %s, want %s", final.text("ended_by"), counts.ID)
		}
		if finishes[0].Facts["state"] == "" || final.text("ended_by") == "" || stopsOf(final) != "missed missed" || final.at("join") != nil {
			t.Errorf("finished: %s", final.Text)
		}
		rig.advance(time.Minute)
		rig.checkIn(rig.Officer, rig.seenAt(id, rig.Street, now.Add(time.Second)), rig.seenAt(id, rig.One.Checkpoint, now)).must(200)
		if got := rig.round(rig.Officer, id); stopsOf(got) != "on_time missed" || got.text("state") != won {
			t.Errorf("one at the end and one after it: %s", got.Text)
		}
	})
}

// Two phones of one round send what they recorded, in batches of their own, at the same time and more than once:
// the round comes out the same every time.
func TestPhonesOfOneRoundAtOnce(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.token(rig.Officer)
		rig.token(rig.Auxiliary)
		want := ""
		for run := range 15 {
			begin := rig.clock.Now()
			started := rig.startRound(rig.Officer, nil).must(201)
			id := started.id("id")
			rig.advance(time.Hour)
			sends := []func() response{func() response {
				return rig.onRound(rig.Auxiliary, id, "join", map[string]any{"join_code": started.text("join.code"), "joined_at": at(begin.Add(3 * time.Minute))})
			}, func() response {
				return rig.onRound(rig.Officer, id, "skips", map[string]any{"checkpoint_id": rig.Street, "reason": "封路", "at": at(begin)})
			}}
			for minute := range 8 {
				who, checkpoint := rig.Officer, rig.One.Checkpoint
				if minute%2 == 1 {
					who, checkpoint = rig.Auxiliary, rig.Street
				}
				item := rig.seenAt(id, checkpoint, begin.Add(time.Duration(minute+2)*time.Minute))
				sends = append(sends, func() response { return rig.checkIn(who, item) })
			}
			sends = append(sends, sends...)
			rand.Shuffle(len(sends), func(left, right int) { sends[left], sends[right] = sends[right], sends[left] })
			for _, got := range atOnce(len(sends), func(turn int) response { return sends[turn]() }) {
				got.must(200)
			}
			got := rig.round(rig.Commander, id).must(200)
			told := stopsOf(got)
			for stop := range 2 {
				seen, err := time.Parse(time.RFC3339, got.text(fmt.Sprintf("stops.%d.seen_at", stop)))
				if err != nil {
					t.Fatal(err)
				}
				told += fmt.Sprintf(" %v by %s", seen.Sub(begin), got.text(fmt.Sprintf("stops.%d.seen_by", stop)))
			}
			if want == "" {
				want = told
				if want != "on_time on_time 2m0s by "+string(rig.Officer.ID)+" 3m0s by "+string(rig.Auxiliary.ID) {
					t.Fatal(want)
				}
			}
			if told != want {
				t.Errorf("run %d: %s, want %s", run, told, want)
			}
		}
	})
}

// storedRound reads a round past the API.
func (r *rig) storedRound(id models.ID) models.Round {
	r.t.Helper()
	round, err := r.store.Round(context.Background(), id)
	if err != nil {
		r.t.Fatal(err)
	}
	return round
}

// addSquad writes a squad of the callers, the first of whom leads.
func (r *rig) addSquad(members ...*caller) models.ID {
	r.t.Helper()
	squad := models.Squad{
		ID: r.ids.next(), StationID: members[0].Station, Kind: models.SquadNight, LeaderID: members[0].ID, CreatedAt: r.clock.Now(),
	}
	squad.Name = string(squad.ID)
	for _, member := range members {
		squad.Members = append(squad.Members, member.ID)
	}
	r.write(func(ctx context.Context, tx *store.Store) error { return tx.AddSquad(ctx, squad) })
	return squad.ID
}
