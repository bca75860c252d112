package handlers_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
)

func TestJoining(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		now := rig.clock.Now()
		squad := rig.addSquad(rig.Officer, rig.VolunteerTwo)
		started := rig.startRound(rig.Officer, map[string]any{"squad_id": squad, "checkpoint_ids": []models.ID{rig.One.Checkpoint}}).must(201)
		id, code := started.id("id"), started.text("join.code")
		if started.text("join.qr") != "XF1.J."+string(id)+"."+code || started.at("credited") != false ||
			started.text("not_credited_because") != "no_scanner" {
			t.Errorf("started: %s", started.Text)
		}
		join := func(who *caller, code string, when time.Time) response {
			return rig.onRound(who, id, "join", map[string]any{"join_code": code, "joined_at": at(when)})
		}
		join(rig.Auxiliary, "0000 0000", now).must(404)
		join(rig.OfficerB, code, now).must(404)
		join(rig.Resident, code, now).must(403)
		if fields := join(rig.Auxiliary, code, now.Add(-models.MaxOffline-time.Millisecond)).must(422).fields(); fields[0] != "joined_at too_old" {
			t.Error(fields)
		}
		kinds := func(got response) string {
			words := ""
			members, _ := got.at("members").([]any)
			for member := range members {
				words += fmt.Sprintf("%s %v ", got.text(fmt.Sprintf("members.%d.kind", member)), got.at(fmt.Sprintf("members.%d.confirmed", member)))
			}
			return words
		}
		rig.advance(time.Hour)
		join(rig.Auxiliary, code[:4]+" "+code[4:], now.Add(2*time.Minute)).must(200)
		join(rig.Volunteer, code, now.Add(3*time.Minute)).must(200)
		join(rig.VolunteerTwo, code, now.Add(4*time.Minute)).must(200) // of the squad: no guest
		if got := kinds(rig.round(rig.Officer, id)); got != "leader true member true guest false member true " {
			t.Error(got)
		}
		before := rig.rows()["round_members"]
		if got := join(rig.Auxiliary, code, now.Add(time.Minute)).must(200); got.text("members.1.joined_at") != at(now.Add(time.Minute)) {
			t.Errorf("the earlier of two joinings counts: %s", got.Text)
		}
		if got := join(rig.Auxiliary, code, now.Add(5*time.Minute)).must(200); got.text("members.1.joined_at") != at(now.Add(time.Minute)) || rig.rows()["round_members"] != before {
			t.Errorf("joining twice is once: %s", got.Text)
		}
		rig.checkIn(rig.Officer, rig.seenAt(id, rig.One.Checkpoint, now)).must(200)
		if got := rig.round(rig.Officer, id); got.text("not_credited_because") != "one_scanner" {
			t.Errorf("one of a team: %s", got.Text)
		}
		rig.checkIn(rig.Auxiliary, rig.seenAt(id, rig.One.Checkpoint, now.Add(time.Minute))).must(200)
		if got := rig.round(rig.Officer, id); got.at("credited") != true || got.at("not_credited_because") != nil {
			t.Errorf("two of a team: %s", got.Text)
		}
		rig.onRound(rig.Auxiliary, id, "leave", map[string]any{"left_at": at(now.Add(6 * time.Minute))}).must(200)
		join(rig.Auxiliary, code, now.Add(7*time.Minute)).must(409)
		rig.onRound(rig.Officer, id, "finish", map[string]any{"state": "completed", "ended_at": at(now.Add(10 * time.Minute))}).must(200)
		join(rig.Guard, code, now.Add(10*time.Minute)).must(200) // the record comes after the end
		join(rig.GridWorker, code, now.Add(10*time.Minute+time.Millisecond)).must(409)
		if got := rig.startRound(rig.Guard, map[string]any{"squad_id": squad}).must(422).fields(); got[0] != "squad_id no_such" {
			t.Error(got)
		}
	})
}

func TestARoundHasNineAtMost(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		started := rig.startRound(rig.Officer, nil).must(201)
		guest := map[string]any{"id": rig.ids.next(), "name": "赵大爷", "phone": "13900000007"}
		rig.onRound(rig.Officer, started.id("id"), "guests", guest).must(200)
		crowd := []*caller{}
		for range 12 {
			who := rig.addPerson(models.RoleAuxiliary, rig.One.Place)
			rig.token(who)
			crowd = append(crowd, who)
		}
		for _, got := range atOnce(len(crowd), func(turn int) response { return rig.join(crowd[turn], started) }) {
			if got.Status != 200 {
				t.Errorf("%d: %s", got.Status, got.Text)
			}
		}
		slices.SortFunc(crowd, func(left, right *caller) int { return strings.Compare(string(left.ID), string(right.ID)) })
		places := func() (without []models.ID) {
			t.Helper()
			round := rig.round(rig.Officer, started.id("id")).must(200)
			for member := range 13 {
				if path := fmt.Sprintf("members.%d.", member); round.at(path+"left_out") == true {
					without = append(without, round.id(path+"person_id"))
				}
			}
			return without
		}
		want := []models.ID{}
		for _, who := range crowd[7:] { // beside the leader and a guest
			want = append(want, who.ID)
		}
		if got := places(); !slices.Equal(got, want) {
			t.Errorf("%v have no place, want %v", got, want)
		}
		// One without a place sees of the round what concerns them, and nothing of them counts.
		last := crowd[len(crowd)-1]
		got := rig.round(last, started.id("id")).must(200)
		if got.at("members.0.left_out") != true || got.at("members.1") != nil || got.at("guests.0") != nil {
			t.Errorf("as one without a place sees it: %s", got.Text)
		}
		// Named before them all, but delivered last: whoever was the last to have a place has none.
		another := map[string]any{"id": rig.ids.next(), "name": "钱大妈", "phone": "13900000008", "added_at": at(rig.clock.Now().Add(-time.Minute))}
		if got := rig.onRound(rig.Officer, started.id("id"), "guests", another).must(200); got.at("guests.0.left_out") != false {
			t.Errorf("named in time: %s", got.Text)
		}
		if got, want := places(), append([]models.ID{crowd[6].ID}, want...); !slices.Equal(got, want) {
			t.Errorf("%v have no place, want %v", got, want)
		}
	})
}

func TestGuestsAreNamedByTheLeader(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		started := rig.startRound(rig.Officer, nil).must(201)
		other := rig.startRound(rig.Guard, nil).must(201)
		id := started.id("id")
		rig.join(rig.Auxiliary, started).must(200)
		guest := map[string]any{"id": rig.ids.next(), "name": " 赵大爷 ", "phone": "13900000007"}
		rig.onRound(rig.Auxiliary, id, "guests", guest).must(403)
		rig.onRound(rig.Guard, id, "guests", guest).must(404)
		got := rig.onRound(rig.Officer, id, "guests", guest).must(200)
		if got.text("guests.0.name") != "赵大爷" || got.text("guests.0.phone") != "*******0007" {
			t.Errorf("named: %s", got.Text)
		}
		rig.onRound(rig.Officer, id, "guests", guest).must(200)
		if fields := rig.onRound(rig.Guard, other.id("id"), "guests", guest).must(422).fields(); fields[0] != "id not_unique" {
			t.Error(fields)
		}
		if got := rig.round(rig.Auxiliary, id).must(200); got.text("guests.0.name") != "赵大爷" || got.at("guests.0.phone") != nil {
			t.Errorf("as a member sees it: %s", got.Text)
		}
		if found := rig.everywhere("赵大爷", "13900000007"); found != "" || rig.rows()["round_guests"] != 1 {
			t.Errorf("a guest lies open in %s", found)
		}
		forget := func() {
			t.Helper()
			if _, err := rig.store.ForgetOld(context.Background(), rig.clock.Now()); err != nil {
				t.Fatal(err)
			}
		}
		rig.advance(models.UnplannedRound + models.RoundGuestNameKept - time.Millisecond)
		forget()
		rig.forget(rig.Officer)
		if got := rig.round(rig.Officer, id).must(200); got.text("guests.0.name") != "赵大爷" {
			t.Errorf("a moment too soon: %s", got.Text)
		}
		rig.advance(time.Millisecond)
		forget()
		if got := rig.round(rig.Officer, id).must(200); got.at("guests.0.name") != nil || got.at("guests.0.phone") != nil || got.text("guests.0.id") == "" {
			t.Errorf("after its time: %s", got.Text)
		}
	})
}

// standingPlan is a plan of a round from ten to two at night, on every day from today, walked by the callers.
func (r *rig) standingPlan(members ...*caller) models.RoundPlan {
	r.t.Helper()
	squad, now := r.addSquad(members...), r.clock.Now()
	shift := models.Shift{
		ID: r.ids.next(), StationID: r.A, SquadID: squad, Name: "夜班", StartMinute: 22 * 60, LengthMinutes: 240,
		Recurrence: models.RecursDaily, FromDate: models.Date{Year: 2026, Month: time.November, Day: 24}, CreatedAt: now,
	}
	plan := models.RoundPlan{
		ID: r.ids.next(), StationID: r.A, ShiftID: shift.ID, Name: "夜巡", Team: true, CreatedAt: now,
		Stops: []models.PlannedStop{
			{CheckpointID: r.One.Checkpoint, FromMinute: 0, UntilMinute: 60, Priority: models.PriorityHigh},
			{CheckpointID: r.Street, FromMinute: 180, UntilMinute: 240, Priority: models.PriorityOptional},
		},
	}
	r.write(func(ctx context.Context, tx *store.Store) error {
		if err := tx.AddShift(ctx, shift); err != nil {
			return err
		}
		return tx.AddRoundPlan(ctx, plan)
	})
	return plan
}

func (r *rig) keepRounds() {
	r.t.Helper()
	ctx := context.Background()
	if err := r.server.MakeRounds(ctx); err != nil {
		r.t.Fatal(err)
	}
	if err := r.server.AgeRounds(ctx); err != nil {
		r.t.Fatal(err)
	}
}

func TestRoundsAreMadeFromPlans(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		plan := rig.standingPlan(rig.Officer, rig.Auxiliary)
		tonight := time.Date(2026, 11, 24, 14, 0, 0, 0, time.UTC) // 22:00 in Shanghai
		rig.keepRounds()
		rig.keepRounds()
		listed := rig.call(rig.Auxiliary, http.MethodGet, "/v1/rounds", nil).must(200)
		if len(listed.items()) != 2 || listed.text("items.1.starts_at") != at(tonight) || listed.text("items.1.ends_at") != at(tonight.Add(4*time.Hour)) ||
			listed.text("items.1.date") != "2026-11-24" || listed.text("items.1.state") != "scheduled" {
			t.Fatalf("made: %s", listed.Text)
		}
		id := listed.id("items.1.id")
		if got := rig.round(rig.Auxiliary, id).must(200); got.text("join.code") == "" || got.text("stops.1.from_at") != at(tonight.Add(3*time.Hour)) || len(rig.audit(rig.A, models.OpGetRound)) != 1 {
			t.Errorf("before it begins: %s", got.Text)
		}
		rig.round(rig.Guard, id).must(404)
		start := func(who *caller, when time.Time) response {
			return rig.onRound(who, id, "start", map[string]any{"started_at": at(when)})
		}
		start(rig.Officer, rig.clock.Now()).must(409) // eleven hours early
		rig.advance(tonight.Sub(rig.clock.Now()))
		start(rig.GridWorker, tonight).must(404)
		rig.token(rig.Officer)
		rig.token(rig.Auxiliary)
		for _, got := range atOnce(6, func(turn int) response { return start([]*caller{rig.Officer, rig.Auxiliary}[turn%2], tonight) }) {
			if got.Status != 200 {
				t.Error(got.Text)
			}
		}
		same := map[string]any{"id": rig.ids.next(), "plan_id": plan.ID, "date": "2026-11-24", "started_at": at(tonight)}
		leader := rig.Officer
		if rig.Auxiliary.ID < leader.ID {
			leader = rig.Auxiliary
		}
		if got := rig.storedRound(id); got.LeaderID != leader.ID || !got.StartedAt.Equal(tonight) {
			t.Errorf("of two who start at one instant the smaller id leads: %+v", got)
		}
		if got := rig.call(leader, http.MethodPost, "/v1/rounds", same).must(200); got.id("id") != id {
			t.Errorf("the same round by its plan: %s", got.Text)
		}
		rig.checkIn(leader, rig.seenAt(id, rig.One.Checkpoint, tonight.Add(2*time.Hour))).must(200)
		rig.advance(4*time.Hour + models.UnfinishedRoundEnds)
		rig.keepRounds()
		if got := rig.storedRound(id); got.State != models.RoundCompleted || got.EndedBy != "" || !got.EndedAt.Equal(tonight.Add(8*time.Hour)) || got.Stops[0].State != models.StopLate {
			t.Errorf("nobody finished it: %+v", got)
		}
		if entries := rig.audit(rig.A, "endRound"); len(entries) != 1 || entries[0].ActorID != "" {
			t.Errorf("recorded %+v", entries)
		}
		rig.onRound(leader, id, "finish", map[string]any{"state": "abandoned", "reason": "手机没电", "ended_at": at(tonight.Add(3 * time.Hour))}).must(200)
		if got := rig.storedRound(id); got.State != models.RoundAbandoned || got.EndedBy != leader.ID {
			t.Errorf("the leader's word came late: %+v", got)
		}
	})
}

// Whoever only walks with a round does not come to lead it, and so confirms nobody.
func TestWhoOnlyWalksDoesNotLead(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		plan := rig.standingPlan(rig.Officer, rig.Volunteer, rig.Auxiliary)
		tonight := time.Date(2026, 11, 24, 14, 0, 0, 0, time.UTC)
		rig.keepRounds()
		rig.advance(tonight.Sub(rig.clock.Now()))
		listed := rig.call(rig.Officer, http.MethodGet, "/v1/rounds", nil).must(200)
		id := listed.id("items.1.id")
		code := rig.round(rig.Officer, id).must(200).text("join.code")
		join := map[string]any{"join_code": code, "joined_at": at(tonight)}
		start := func(who *caller, when time.Time) response {
			return rig.onRound(who, id, "start", map[string]any{"started_at": at(when)})
		}
		rig.onRound(rig.VolunteerTwo, id, "join", join).must(200)
		start(rig.VolunteerTwo, tonight).must(403) // a guest who waits to be confirmed
		start(rig.Volunteer, tonight).must(403)    // of the squad, but a volunteer
		if got := rig.storedRound(id); got.LeaderID != "" {
			t.Errorf("led by %s", got.LeaderID)
		}
		rig.advance(time.Minute)
		start(rig.Officer, tonight.Add(time.Minute)).must(200)
		start(rig.VolunteerTwo, tonight).must(403)
		if got := rig.storedRound(id); got.LeaderID != rig.Officer.ID || !got.StartedAt.Equal(tonight.Add(time.Minute)) {
			t.Errorf("led by %s since %v", got.LeaderID, got.StartedAt)
		}
		// The round of a plan is the plan's: nobody takes its id before, for a walk of their own.
		tomorrow := plan.RoundID(models.Occurrence{Date: models.Date{Year: 2026, Month: 11, Day: 27}, Start: tonight.Add(72 * time.Hour)})
		own := map[string]any{"id": tomorrow, "checkpoint_ids": []models.ID{rig.One.Checkpoint}, "started_at": at(rig.clock.Now())}
		for _, who := range []*caller{rig.Volunteer, rig.VolunteerB} {
			own["checkpoint_ids"] = []models.ID{map[*caller]models.ID{rig.Volunteer: rig.One.Checkpoint, rig.VolunteerB: rig.Three.Checkpoint}[who]}
			if got := rig.call(who, http.MethodPost, "/v1/rounds", own).must(422); got.fields()[0] != "id not_unique" {
				t.Error(got.Text)
			}
		}
	})
}

// A start that comes before the round is made makes the same round; the day must be one of the shift.
func TestAStartMakesThePlannedRound(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		plan := rig.standingPlan(rig.Officer, rig.Volunteer)
		tonight := time.Date(2026, 11, 24, 14, 0, 0, 0, time.UTC)
		rig.advance(tonight.Sub(rig.clock.Now()))
		body := func(changes map[string]any) map[string]any {
			return change(map[string]any{"id": rig.ids.next(), "plan_id": plan.ID, "date": "2026-11-24", "started_at": at(tonight)}, changes)
		}
		refused := func(name string, who *caller, changes map[string]any, field string) scenario {
			return scenario{name: name, who: who, method: http.MethodPost, path: "/v1/rounds", body: body(changes), want: 422, fields: []string{field}}
		}
		before := rig.rows()
		rig.play(t,
			refused("not of the squad", rig.Guard, nil, "plan_id no_such"),
			refused("another station", rig.OfficerB, nil, "plan_id no_such"),
			refused("no such plan", rig.Officer, map[string]any{"plan_id": rig.ids.next()}, "plan_id no_such"),
			refused("before the shift was", rig.Officer, map[string]any{"date": "2026-11-23"}, "date no_such"),
			refused("stops beside a plan", rig.Officer, map[string]any{"checkpoint_ids": []models.ID{rig.Street}}, "checkpoint_ids not_allowed"),
		)
		sameRows(t, before, rig.rows())
		rig.token(rig.Officer)
		ids := map[models.ID]bool{}
		for _, got := range atOnce(5, func(turn int) response {
			if turn == 0 {
				rig.keepRounds()
			}
			return rig.call(rig.Officer, http.MethodPost, "/v1/rounds", body(nil))
		}) {
			if got.Status != 200 && got.Status != 201 {
				t.Errorf("%d: %s", got.Status, got.Text)
			}
			ids[got.id("id")] = true
		}
		rig.keepRounds()
		one := models.Occurrence{Date: models.Date{Year: 2026, Month: time.November, Day: 24}, Start: tonight}
		if len(ids) != 1 || !ids[plan.RoundID(one)] || len(rig.storedRound(plan.RoundID(one)).Stops) != 2 || rig.rows()["rounds"] != 2 {
			t.Errorf("rounds %v; %d kept", ids, rig.rows()["rounds"])
		}
	})
}

// Rounds ahead follow their plan: they go when it ends, unless they have begun.
func TestRoundsAheadFollowTheirPlan(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		plan, other := rig.standingPlan(rig.Officer), rig.standingPlan(rig.Guard)
		tonight := time.Date(2026, 11, 24, 14, 0, 0, 0, time.UTC)
		rig.advance(tonight.Sub(rig.clock.Now()) - time.Minute)
		rig.keepRounds()
		made := rig.rows()["rounds"]
		id := plan.RoundID(models.Occurrence{Date: models.Date{Year: 2026, Month: time.November, Day: 24}, Start: tonight})
		rig.onRound(rig.Officer, id, "start", map[string]any{"started_at": at(rig.clock.Now())}).must(200)
		rig.write(func(ctx context.Context, tx *store.Store) error {
			return tx.EndRoundPlan(ctx, plan.ID, rig.clock.Now())
		})
		rig.keepRounds()
		if rows := rig.rows(); made != 4 || rows["rounds"] != 3 || rows["round_stops"] != 6 || len(rig.audit(rig.A, "dropRound")) != 1 {
			t.Errorf("%d were made, left %d with %d stops", made, rows["rounds"], rows["round_stops"])
		}
		squad := rig.addSquad(rig.Activist)
		rig.write(func(ctx context.Context, tx *store.Store) error {
			shift, err := tx.Shift(ctx, other.ShiftID)
			if err != nil {
				return err
			}
			shift.SquadID = squad
			return tx.UpdateShift(ctx, shift)
		})
		rig.keepRounds()
		if got := rig.call(rig.Activist, http.MethodGet, "/v1/rounds", nil).must(200); len(got.items()) != 2 {
			t.Errorf("the other squad's rounds: %s", got.Text)
		}
		rig.advance(4*time.Hour + models.UnfinishedRoundEnds + time.Minute)
		rig.keepRounds()
		unstarted := other.RoundID(models.Occurrence{Date: models.Date{Year: 2026, Month: time.November, Day: 24}, Start: tonight})
		if got := rig.storedRound(unstarted); got.State != models.RoundAbandoned || got.Reason != models.ReasonNobodyStarted || got.Stops[0].State != models.StopMissed {
			t.Errorf("nobody started it: %+v", got)
		}
		rig.onRound(rig.Activist, unstarted, "start", map[string]any{"started_at": at(tonight)}).must(200) // recorded offline
		rig.checkIn(rig.Activist, rig.seenAt(unstarted, rig.One.Checkpoint, tonight.Add(time.Minute))).must(200)
		if got := rig.storedRound(unstarted); got.State != models.RoundCompleted || got.Reason != "" || got.Stops[0].State != models.StopOnTime {
			t.Errorf("its facts came late: %+v", got)
		}
	})
}
