package handlers_test

import (
	"cmp"
	"context"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"xunfang/handlers"
	"xunfang/models"
)

// The nearest on duty are asked, step by step, and nobody twice, of no other station, and nobody who is off duty.
func TestSOSAsksTheNearest(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		random, walkers := rand.New(rand.NewPCG(3, 4)), []*caller{}
		for range 30 {
			walkers = append(walkers, rig.addPerson(models.RoleAuxiliary, rig.One.Place))
		}
		rig.onDuty(rig.A, models.SquadFoot, walkers...)
		where := map[models.ID]models.Position{}
		for _, one := range walkers {
			where[one.ID] = off(rig.One.At, random.Float64()*4000-2000, random.Float64()*4000-2000)
			rig.standsAt(one, where[one.ID])
		}
		rig.onDuty(rig.B, models.SquadFoot, rig.VolunteerB)
		rig.standsAt(rig.VolunteerB, rig.One.At) // nearer than anybody
		rig.standsAt(rig.Guard, rig.One.At)      // not on duty
		silent := rig.addPerson(models.RoleAuxiliary, rig.One.Place)
		rig.onDuty(rig.A, models.SquadFoot, silent) // on duty, and nobody knows where
		slices.SortFunc(walkers, func(left, right *caller) int {
			return cmp.Compare(rig.One.At.DistanceM(where[left.ID]), rig.One.At.DistanceM(where[right.ID]))
		})

		id := rig.sos(rig.Volunteer, nil).must(201).text("id")
		if got, want := rig.told(id, 1), ids(append([]*caller{rig.Commander}, walkers[:8]...)...); !slices.Equal(got, want) {
			t.Fatalf("first asked %v, want %v", got, want)
		}
		rig.advance(30*time.Second - time.Millisecond)
		rig.widen(rig.server)
		if got := rig.told(id, 2); len(got) != 0 {
			t.Errorf("widened too early: %v", got)
		}
		rig.advance(time.Millisecond)
		rig.widen(rig.server)
		rig.widen(rig.server)
		if got, want := rig.told(id, 2), ids(walkers[8:24]...); !slices.Equal(got, want) {
			t.Errorf("then asked %v, want %v", got, want)
		}
		rig.advance(30 * time.Second)
		rig.widen(rig.server)
		want := ids(append([]*caller{rig.Officer, rig.OfficerTwo, silent}, walkers[24:]...)...)
		if got := rig.told(id, 3); !slices.Equal(got, want) {
			t.Errorf("at last asked %v, want %v", got, want)
		}
		rig.advance(time.Hour)
		rig.widen(rig.server)
		for _, one := range append(walkers, rig.Commander, rig.Officer, silent) {
			if count := rig.inboxHas(one.ID, "sos", id); count != 1 {
				t.Errorf("%s was told %d times", one.Name, count)
			}
		}
		for _, one := range []*caller{rig.Volunteer, rig.Guard, rig.VolunteerB, rig.CommanderB, rig.VolunteerTwo, rig.Admin} {
			if count := rig.inboxHas(one.ID, "sos", id); count != 0 {
				t.Errorf("%s was told", one.Name)
			}
		}
		if records := rig.audit(rig.A, models.OpCreateSOS); len(records) != 3 || records[0].Facts["step"] != "3" || records[2].ActorID != rig.Volunteer.ID {
			t.Errorf("audit: %+v", records)
		}
	})
}

func (r *rig) widen(server *handlers.Server) {
	r.t.Helper()
	if err := server.WidenSOS(context.Background()); err != nil {
		r.t.Errorf("widening: %v", err)
	}
}

// By car one is there before somebody on foot who is nearer; who leads the caller is told whoever else is.
func TestSOSAsksTheSoonestAndTheLeader(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		crowd := []*caller{}
		for range 9 {
			crowd = append(crowd, rig.addPerson(models.RoleAuxiliary, rig.One.Place))
		}
		rig.onDuty(rig.A, models.SquadFoot, crowd...)
		for at, one := range crowd {
			rig.standsAt(one, off(rig.One.At, float64(100+at*100), 0))
		}
		car, leader := rig.addPerson(models.RoleAuxiliary, rig.One.Place), rig.addPerson(models.RoleAuxiliary, rig.Two.Place)
		rig.onDuty(rig.A, models.SquadVehicle, car)
		rig.standsAt(car, off(rig.One.At, 0, 2000)) // 250 s by car; the eighth on foot needs 320 s
		rig.onDuty(rig.A, models.SquadFoot, leader, rig.Volunteer)
		rig.standsAt(leader, off(rig.One.At, 9000, 0))
		id := rig.sos(rig.Volunteer, nil).must(201).text("id")
		want := ids(append([]*caller{rig.Commander, car, leader}, crowd[:7]...)...)
		if got := rig.told(id, 1); !slices.Equal(got, want) {
			t.Errorf("asked %v, want %v", got, want)
		}
	})
}

// Where nobody knows where the caller is, nobody knows who is near; with nobody to ask, it widens at once.
func TestSOSWithoutAPlaceOrAnybody(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		far := []*caller{}
		for range 12 {
			far = append(far, rig.addPerson(models.RoleAuxiliary, rig.One.Place))
		}
		rig.onDuty(rig.A, models.SquadFoot, far...)
		nowhere := rig.help(nil)
		delete(nowhere, "position")
		id := rig.call(rig.Resident, http.MethodPost, "/v1/sos", nowhere).must(201).text("id")
		if got, want := rig.told(id, 1), ids(append(far, rig.Commander)...); !slices.Equal(got, want) {
			t.Errorf("asked %v, want %v", got, want)
		}
		// The station's only commander calls, and nobody is on duty.
		other := rig.sos(rig.CommanderB, map[string]any{"position": spot(rig.Three.At, nil)}).must(201).text("id")
		rig.widen(rig.server)
		rig.widen(rig.server)
		if got := rig.told(other, 3); !slices.Equal(got, ids(rig.OfficerB)) {
			t.Errorf("asked %v at once", got)
		}
	})
}

// Twenty of the same at once are one call; so are twenty different ones of one person.
func TestSOSOnce(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.onDuty(rig.A, models.SquadFoot, rig.Auxiliary)
		rig.standsAt(rig.Auxiliary, rig.One.At)
		token := rig.token(rig.Volunteer)
		count := func(answers []response) (created int) {
			for _, got := range answers {
				if got.Status == 201 {
					created++
				} else if got.Status != 200 {
					t.Errorf("%d: %s", got.Status, got.Text)
				}
				if got.text("id") != answers[0].text("id") {
					t.Errorf("two calls: %s and %s", got.text("id"), answers[0].text("id"))
				}
			}
			return created
		}
		same := rig.help(nil)
		if created := count(atOnce(20, func(int) response { return rig.callAs(token, http.MethodPost, "/v1/sos", same) })); created != 1 {
			t.Errorf("%d of the same were raised", created)
		}
		if rows := rig.rows(); rows["sos"] != 1 || rows["alerts"] != 1 || rows["inbox_items"] != 2 || rows["sos_calls"] != 1 {
			t.Errorf("rows: %v", rows)
		}
		resident := rig.token(rig.Resident)
		bodies := []map[string]any{}
		for range 20 {
			bodies = append(bodies, rig.help(nil))
		}
		if created := count(atOnce(20, func(at int) response { return rig.callAs(resident, http.MethodPost, "/v1/sos", bodies[at]) })); created != 1 {
			t.Errorf("%d of one person were raised", created)
		}
		if rows := rig.rows(); rows["sos"] != 2 || rows["alerts"] != 2 || rows["sos_calls"] != 21 {
			t.Errorf("rows: %v", rows)
		}
		for _, body := range bodies { // each id is known from now on
			if created := count([]response{rig.call(rig.Resident, http.MethodPost, "/v1/sos", body)}); created != 0 {
				t.Error("a repeat was raised")
			}
		}
		stolen := rig.call(rig.Guard, http.MethodPost, "/v1/sos", same)
		if stolen.Status != 422 || strings.Join(stolen.fields(), "") != "id not_unique" {
			t.Errorf("somebody else's id: %d %s", stolen.Status, stolen.Text)
		}
		first, _ := same["id"].(models.ID)
		rig.call(rig.Volunteer, http.MethodPost, "/v1/sos/"+string(first)+"/resolve", map[string]any{"outcome": "false_alarm"}).must(200)
		if got := rig.call(rig.Volunteer, http.MethodPost, "/v1/sos", same).must(200); got.text("state") != "false_alarm" {
			t.Errorf("a repeat after the end: %s", got.Text)
		}
		rig.sos(rig.Volunteer, nil).must(201)
	})
}

// A further call soon after joins quietly; one long after asks people anew.
func TestSOSAgain(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.onDuty(rig.A, models.SquadFoot, rig.Auxiliary)
		rig.standsAt(rig.Auxiliary, rig.One.At)
		id := rig.sos(rig.Volunteer, nil).must(201).text("id")
		rig.call(rig.Auxiliary, http.MethodPost, "/v1/sos/"+id+"/acknowledge", nil).must(200)
		rig.advance(10*time.Minute - time.Millisecond)
		rig.sos(rig.Volunteer, nil).must(200)
		if count := rig.inboxHas(rig.Auxiliary.ID, "sos", id); count != 1 {
			t.Errorf("told %d times", count)
		}
		rig.advance(time.Millisecond)
		if got := rig.sos(rig.Volunteer, map[string]any{"kind": "man_down"}).must(200); got.text("id") != id || got.text("state") != "raised" {
			t.Errorf("again: %s", got.Text)
		}
		if count := rig.inboxHas(rig.Auxiliary.ID, "sos", id); count != 2 {
			t.Errorf("told %d times", count)
		}
		rig.advance(30 * time.Second)
		rig.widen(rig.server)
		if got := rig.told(id, 3); len(got) != 0 {
			t.Errorf("already at the last step: %v", got)
		}
	})
}

// However many acknowledge, one does it for all, and the others are kept.
func TestSOSAcknowledgedByMany(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		team := []*caller{}
		for range 8 {
			team = append(team, rig.addPerson(models.RoleAuxiliary, rig.One.Place))
		}
		rig.onDuty(rig.A, models.SquadFoot, team...)
		for _, one := range team {
			rig.standsAt(one, rig.One.At)
			rig.token(one)
		}
		id := rig.sos(rig.Volunteer, nil).must(201).text("id")
		path := "/v1/sos/" + id + "/acknowledge"
		for _, got := range atOnce(8, func(at int) response { return rig.callAs(rig.token(team[at]), http.MethodPost, path, nil) }) {
			if got.must(200).text("state") != "acknowledged" {
				t.Error(got.Text)
			}
		}
		first := 0
		for _, record := range rig.audit(rig.A, models.OpAcknowledgeSOS) {
			if record.Facts["first"] == "yes" {
				first++
			}
		}
		kept := 0
		if err := rig.sql.QueryRow("SELECT COUNT(*) FROM sos_helpers WHERE acknowledged_at > 0").Scan(&kept); err != nil || first != 1 || kept != 8 {
			t.Errorf("%d were first, %d are kept: %v", first, kept, err)
		}
		rig.advance(time.Minute)
		rig.widen(rig.server)
		if got := rig.told(id, 2); len(got) != 0 {
			t.Errorf("widened though acknowledged: %v", got)
		}
		rig.call(rig.Guard, http.MethodPost, path, nil).must(404)
		rig.call(rig.Volunteer, http.MethodPost, path, nil).must(404) // one's own
	})
}

// The program may end between the call and its widening: another one goes on, and of several at once one does.
func TestSOSWidensOnceAndAfterARestart(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		id := rig.sos(rig.Volunteer, nil).must(201).text("id")
		rig.advance(30 * time.Second)
		servers := []*handlers.Server{}
		for range 6 {
			servers = append(servers, handlers.New(rig.server.Config))
		}
		for range 3 {
			atOnce(6, func(at int) error { rig.widen(servers[at]); return nil })
			rig.advance(30 * time.Second)
		}
		if got := rig.told(id, 3); !slices.Equal(got, ids(rig.Officer, rig.OfficerTwo)) {
			t.Errorf("at last asked %v", got)
		}
		if count := rig.inboxHas(rig.Officer.ID, "sos", id); count != 1 {
			t.Errorf("the officer was told %d times", count)
		}
		if records := rig.audit(rig.A, models.OpCreateSOS); len(records) != 3 {
			t.Errorf("%d of 3 steps are recorded", len(records))
		}
	})
}

// What is not written together is not written: a call without its alert would be nobody's.
func TestSOSAndItsAlertAreOne(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		body := rig.help(nil)
		rig.breakTable("inbox_items")
		before := rig.rows()
		rig.call(rig.Volunteer, http.MethodPost, "/v1/sos", body).must(500)
		sameRows(t, before, rig.rows())
		rig.mendTable("inbox_items")
		rig.call(rig.Volunteer, http.MethodPost, "/v1/sos", body).must(201)
	})
}

// No limit refuses a real call: it has a bucket that other requests do not empty.
func TestSOSIsNotLimitedByOtherRequests(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		for spent := false; !spent; {
			spent = rig.call(rig.Volunteer, http.MethodGet, "/v1/me", nil).Status == http.StatusTooManyRequests
		}
		rig.sos(rig.Volunteer, nil).must(201)
	}, func(settings *rigSettings) { settings.limits.Off = false })
}

// A phone's clock, ahead or behind, refuses nobody.
func TestSOSWhateverTheClock(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		ahead := rig.sos(rig.Volunteer, map[string]any{"raised_at": instant(rig.clock.Now().Add(300 * 24 * time.Hour))}).must(201)
		if ahead.text("raised_at") != at(rig.clock.Now()) {
			t.Errorf("raised at %s", ahead.text("raised_at"))
		}
		behind := rig.sos(rig.Resident, map[string]any{"raised_at": "1970-01-01T00:00:01.000Z"}).must(201)
		if behind.text("received_at") != at(rig.clock.Now()) {
			t.Errorf("received at %s", behind.text("received_at"))
		}
	})
}

// Who said that they come, or took it in, and then cannot, leaves the call to others at once, unless somebody else comes.
func TestSOSSpreadsWhenTheOnlyHelperCannot(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		id, car := rig.inSOS(nil)
		reply := func(who *caller, reply, state string) {
			t.Helper()
			if got := rig.sosPost(who, id, "responses", map[string]any{"state": reply}).must(200); got.text("state") != state {
				t.Errorf("%s %s: %s, want %s", who.Name, reply, got.text("state"), state)
			}
		}
		widened := func(want int) {
			t.Helper()
			rig.widen(rig.server)
			got := rig.view(rig.Commander, id).must(200)
			if got.at("sos.step") != float64(want) || (got.at("sos.acknowledged_at") == nil) != (got.text("sos.state") == "delivered") {
				t.Errorf("step %v, want %d: %s", got.at("sos.step"), want, got.Text)
			}
		}
		reply(rig.Auxiliary, "coming", "acknowledged")
		reply(car, "coming", "acknowledged")
		reply(rig.Auxiliary, "cannot", "acknowledged") // the car still comes
		widened(1)
		reply(car, "cannot", "delivered")
		widened(2)
		rig.sosPost(rig.Auxiliary, id, "acknowledge", nil).must(200)
		rig.advance(time.Minute)
		widened(2)
		reply(rig.Auxiliary, "cannot", "delivered") // took it in by word
		widened(3)
		if got := rig.told(id, 3); !slices.Contains(got, rig.Officer.ID) {
			t.Errorf("at last asked %v", got)
		}
	})
}
