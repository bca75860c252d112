package handlers_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"xunfang/models"
)

// counts is the cover of One's checkpoint today as it is counted up, after it was held against a count from nothing.
func (r *rig) counts() string {
	r.t.Helper()
	figures := func() string {
		r.count()
		return place(r.t, r.cover(r.Commander, "kind=checkpoint").must(200), r.One.Checkpoint)
	}
	before := figures()
	first, last := models.CoverDay(r.clock.Now().Add(-48*time.Hour)), models.CoverDay(r.clock.Now().Add(48*time.Hour))
	if _, err := r.store.RecountCoverage(r.t.Context(), r.A, first, last, r.clock.Now()); err != nil {
		r.t.Fatal(err)
	}
	if after := figures(); after != before {
		r.t.Errorf("counted up it is %s, from nothing %s", before, after)
	}
	return before
}

// What an approved correction makes of a check-in counts in its round and in the cover from that moment on, either way.
func TestACorrectionIsCounted(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		started := rig.startRound(rig.Guard, nil).must(201)
		round := started.id("id")
		rig.advance(30 * time.Minute) // 10:30
		wrong := rig.seenAt(round, rig.One.Checkpoint, rig.clock.Now())
		wrong["method"], wrong["code"] = "qr", "XF1.C.false"
		checkIn := rig.checkIn(rig.Guard, wrong).must(200)
		if checkIn.text("items.0.status") != "rejected" {
			t.Fatalf("the verdict: %s", checkIn.Text)
		}
		is := func(why, stops, cover string) {
			t.Helper()
			if got := stopsOf(rig.round(rig.Guard, round).must(200)); got != stops {
				t.Errorf("%s: the stops are %s, want %s", why, got, stops)
			}
			if got := rig.counts(); got != cover {
				t.Errorf("%s: the cover is %s, want %s", why, got, cover)
			}
		}
		correct := func(status, decision string) {
			t.Helper()
			rig.advance(time.Minute)
			id := rig.propose(rig.Officer, checkIn.text("items.0.id"), map[string]any{"status": status}).must(201).text("id")
			rig.decideOn(rig.Commander, id, decision).must(200)
		}
		is("rejected", "pending pending", "0 0 0 1440")
		rig.advance(models.UnplannedRound)
		is("rejected, and its time is over", "missed missed", "0 0 0 1440")
		correct("accepted", "decline")
		is("a correction that was declined", "missed missed", "0 0 0 1440")
		correct("accepted", "approve")
		is("accepted", "on_time missed", "1 1 1 809")
		correct("rejected", "approve")
		is("rejected again", "missed missed", "0 0 0 1440")
		correct("accepted", "approve")
		is("accepted again", "on_time missed", "1 1 1 809")
		rig.advance(models.UnfinishedRoundEnds)
		correct("rejected", "approve")
		is("rejected when the round is over", "missed missed", "0 0 0 1440")
	})
}

// A phone that is a day ahead or behind: its stop is seen on time, and the minute in which it was is covered. Without the
// monotonic clock nobody could know.
func TestARoundOfAPhoneThatIsADayOff(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		for off, control := range map[time.Duration]string{24 * time.Hour: "late missed", -24 * time.Hour: "missed missed"} {
			leader, member := rig.addPerson(models.RoleAuxiliary, rig.One.Place), rig.addPerson(models.RoleAuxiliary, rig.One.Place)
			phone := offline{rig: rig, boot: rig.clock.Now().Add(-time.Hour), off: off}
			started := rig.startRound(leader, nil).must(201)
			round := started.id("id")
			rig.join(member, started).must(200)
			rig.onRound(leader, round, "members/"+string(member.ID)+"/confirm", nil)
			rig.advance(time.Minute)
			seen := rig.clock.Now()
			item := phone.records(map[string]any{"round_id": round})
			rig.advance(models.UnplannedRound) // without signal meanwhile
			bare := phone.records(map[string]any{"round_id": round, "captured_at": item["captured_at"]})
			delete(bare, "monotonic_ms")
			phone.sends(member, bare).must(200)
			if got := rig.round(leader, round).must(200); stopsOf(got) != control {
				t.Errorf("%s, without its monotonic clock: %s", off, got.Text)
			}
			phone.sends(member, item).must(200)
			got := rig.round(leader, round).must(200)
			if stopsOf(got) != "on_time missed" || got.text("stops.0.seen_at") != at(seen) {
				t.Errorf("%s: %s", off, got.Text)
			}
			rig.count()
			minute := fmt.Sprintf("/v1/coverage?kind=checkpoint&from=%s&to=%s", instant(seen), instant(seen.Add(time.Minute)))
			if got := place(t, rig.call(rig.Commander, http.MethodGet, minute, nil).must(200), rig.One.Checkpoint); got != "1 1 1 0" {
				t.Errorf("%s: the minute is covered %s", off, got)
			}
		}
	})
}

// A position that a phone or a tracker brings late moves who is nearest at once: no look at what was written lately finds it.
func TestATrackMovesWhoIsNearest(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		walkers := []*caller{}
		for range 12 {
			walkers = append(walkers, rig.addPerson(models.RoleAuxiliary, rig.One.Place))
		}
		rig.onDuty(rig.A, models.SquadFoot, walkers...)
		for at, one := range walkers {
			rig.standsAt(one, off(rig.One.At, float64(100+100*at), 0))
		}
		dayBehind := offline{rig: rig, boot: rig.clock.Now().Add(-time.Hour), off: -24 * time.Hour}
		ownTracks, first := rig.newTracker(walkers[10], "owntracks")
		osmAnd, second := rig.newTracker(walkers[11], "osmand")
		rig.advance(10 * time.Minute)
		if err := rig.server.LookWhere(t.Context()); err != nil {
			t.Fatal(err)
		}
		near := rig.clock.Now().Add(-5 * time.Minute)
		for _, one := range []struct {
			name   string
			walker *caller
			caller *caller
			bring  func()
		}{
			{"the app", walkers[9], rig.Volunteer, func() {
				rig.track(walkers[9], stood(near.Add(-time.Minute), map[string]any{"position": spot(off(rig.One.At, 5000, 0), nil)}),
					stood(near, map[string]any{"position": spot(rig.One.At, nil)})).must(200)
			}},
			{"a check-in of a phone that is a day behind", walkers[8], rig.Flatmate, func() {
				dayBehind.sends(walkers[8], dayBehind.records(nil)).must(200)
			}},
			{"OwnTracks", walkers[10], rig.Resident, func() {
				rig.ownTracks(ownTracks, first, fmt.Sprintf(`{"_type":"location","lat":%v,"lon":%v,"tst":%d}`, rig.One.At.Lat, rig.One.At.Lng, near.Unix())).must(200)
			}},
			{"OsmAnd", walkers[11], rig.Neighbour, func() {
				rig.callAs("", http.MethodGet, fmt.Sprintf("/v1/trackers/osmand?id=%s.%s&lat=%v&lon=%v&timestamp=%d",
					osmAnd, second, rig.One.At.Lat, rig.One.At.Lng, near.Unix()), nil).must(200)
			}},
		} {
			one.bring()
			told := rig.told(rig.sos(one.caller, nil).must(201).text("id"), 1)
			if !slices.Contains(told, one.walker.ID) {
				t.Errorf("%s: who was brought near is not asked: %v", one.name, told)
			}
			if slices.Contains(told, walkers[7].ID) {
				t.Errorf("%s: the control, who is far, is asked: %v", one.name, told)
			}
		}
	})
}
