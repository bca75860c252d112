package handlers_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/wake/redisserver"
)

// happensHere does at one server all that streams tell of, and says of each whether the streams at another server told it; climbed
// is how often an alarm is told that climbed once.
func happensHere(here, there *rig, climbed int) map[string]func() bool {
	here.onDuty(here.A, models.SquadFoot, here.Auxiliary)
	here.standsAt(here.Auxiliary, here.One.At)
	here.ringing(here.Resident, "phone-r")
	here.call(here.Commander, http.MethodPut, "/v1/alert-ladders", ladders(0)).must(200)
	helper, guard := there.listen(there.token(here.Auxiliary), ""), there.listen(there.token(here.Guard), "")
	caller, silent := there.listen(there.token(here.Flatmate), ""), there.listen(there.token(here.Neighbour), "")
	home := there.listenAt(there.token(here.Resident), "/v1/stream?installation_id=phone-r", "")
	time.Sleep(50 * time.Millisecond) // each looks for itself once, a moment after it has opened

	alarm := here.alarm()
	here.climbs(30 * time.Second)
	notice := here.alert(here.Officer, alertTo("compound", here.One.ID(), "guard")).must(201).text("id")
	off := here.alarm()
	here.call(here.Officer, http.MethodPost, "/v1/alerts/"+off+"/cancel", nil).must(200)
	sos := here.sos(here.Flatmate, nil).must(201).text("id")
	duress := here.sos(here.Neighbour, map[string]any{"kind": "duress"}).must(201).text("id")
	here.sosPost(here.Auxiliary, duress, "responses", map[string]any{"state": "coming"}).must(200)
	call := here.callHome(here.Device, nil).must(201).text("id")
	return map[string]func() bool{
		"an alarm that climbed": func() bool { return guard.toldOf(alarm) == climbed },
		"an alert":              func() bool { return guard.toldOf(notice) == 1 },
		"an alert that is off":  func() bool { return guard.toldOf(off) == 2 },
		"a call for help":       func() bool { return helper.toldOf(`"sos_id":"`+sos) > 0 && caller.toldOf(sos) > 0 },
		"a silent one": func() bool { // not to the phone of who made it
			return helper.toldOf(`"sos_id":"`+duress) > 0 && silent.toldOf(duress) == 0
		},
		"a call at the door": func() bool { return home.toldOf(call) == 1 },
	}
}

// Nothing looks by itself here: what the streams of one server tell of what happened at another came by a hint.
func TestServersTellEachOther(t *testing.T) {
	each(t, func(t *testing.T, here *rig) {
		there := here.another()
		wakeEachOther(t, redisserver.URL(t), here, there)
		all := happensHere(here, there, 2)
		done := time.Now()
		for what, arrived := range all {
			until(t, what, arrived)
		}
		t.Logf("all was told %v after it was done", time.Since(done).Round(time.Millisecond))
		time.Sleep(50 * time.Millisecond)
		for what, arrived := range all {
			if !arrived() {
				t.Errorf("%s was told too often", what)
			}
		}
	})
}

// Without hints the same comes all the same, by the look that each server does by itself. The alarm's first telling lies before
// the first look.
func TestServersThatCannotTellEachOtherLook(t *testing.T) {
	each(t, func(t *testing.T, here *rig) {
		there := here.another()
		all := happensHere(here, there, 1)
		time.Sleep(50 * time.Millisecond)
		for what, arrived := range all {
			if arrived() {
				t.Errorf("%s came without a look: the test with hints proves nothing", what)
			}
		}
		there.keeps(t)
		for what, arrived := range all {
			until(t, what, arrived)
		}
	})
}

// A call that was rung at one server is answered at both at once: one wins, and every stream learns who.
func TestCallIsAnsweredOnceByTwoServers(t *testing.T) {
	each(t, func(t *testing.T, here *rig) {
		there := here.another()
		wakeEachOther(t, redisserver.URL(t), here, there)
		here.ringing(here.Resident, "phone-r")
		here.ringing(here.Flatmate, "phone-f")
		servers, people := []*rig{here, there}, []*caller{here.Resident, here.Flatmate}
		streams := []*listener{
			here.listenAt(here.token(here.Resident), "/v1/stream?installation_id=phone-r", ""),
			there.listenAt(there.token(here.Flatmate), "/v1/stream?installation_id=phone-f", ""),
		}
		for round := range 3 {
			id := here.callHome(here.Device, nil).must(201).text("id")
			hinting(t, streams[0], id, `"ringing"`)
			hinting(t, streams[1], id, `"ringing"`)
			tokens := []string{here.token(people[0]), there.token(people[1])}
			winners := []int{}
			for at, got := range atOnce(8, func(at int) response {
				return servers[at%2].callAs(tokens[at%2], http.MethodPost, "/v1/calls/"+id+"/answer", nil)
			}) {
				if got.Status == 200 {
					winners = append(winners, at%2)
				}
			}
			if len(winners) != 1 {
				t.Fatalf("%d answered", len(winners))
			}
			for at, stream := range streams {
				hinting(t, stream, id, `"answered"`, fmt.Sprintf(`"answered_by_me":%v`, at == winners[0]))
			}
			t.Logf("round %d: answered at server %d", round, winners[0])
			servers[winners[0]].callTo(people[winners[0]], id, "hang-up")
		}
	})
}

// Both servers end quiet hours at the same moment, several times: each phone has one digest, of all that waited.
func TestDigestOfTwoServersIsOne(t *testing.T) {
	each(t, func(t *testing.T, here *rig) {
		there := here.another()
		servers, phones := []*rig{here, there}, []string{}
		here.eleven()
		for at := range 6 {
			phones = append(phones, fmt.Sprintf("phone-%d", at))
			here.phone(here.Volunteer, phones[at], "address-of-"+phones[at])
		}
		phones = append(phones, "phone-v")
		for range 3 {
			for range 3 {
				here.tellAll("info", 48*3600)
			}
			here.goingOut(accepted, time.Time{}) // the guard's, who is on duty
			here.advance(8 * time.Hour)
			for _, err := range atOnce(6, func(at int) error { return servers[at%2].server.SettleQuiet(context.Background()) }) {
				if err != nil {
					t.Error(err)
				}
			}
			got, want := []string{}, []string{}
			for _, one := range here.claimed(100) {
				got = append(got, one.InstallationID+" "+one.Message.Kind)
			}
			for _, phone := range phones {
				want = append(want, phone+" digest")
			}
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Fatalf("went out %v, want %v", got, want)
			}
			waits := here.column("SELECT person_id FROM held_pushes WHERE digest_id = ''")
			if len(waits) != 0 {
				t.Errorf("%d still wait", len(waits))
			}
			here.advance(16 * time.Hour)
		}
	})
}
