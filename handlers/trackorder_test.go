package handlers_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

// trackWalk is a round of two with positions of both each minute, from before its start until after its end, and the
// minutes of each that lie in the round.
func trackWalk(source *rand.Rand) (walk, [2][]int) {
	started, joined, left, ended := 5+source.IntN(20), 20+source.IntN(30), 80+source.IntN(30), 110+source.IntN(30)
	made := walk{name: "tracks", planned: source.IntN(3) > 0, facts: []walkFact{
		{0, "start", 0, started},
		{1, "join", 0, joined},
		{1, "join", 0, joined + 10},
		{1, "leave", 0, left + 5},
		{1, "leave", 0, left},
		{0, "finish", 0, ended + 5},
		{0, "abandon", 0, ended},
	}}
	if made.planned {
		made.facts = append(made.facts, walkFact{0, "start", 0, started + 5})
	}
	within := [2][]int{}
	for minute := 0; minute < 160; minute++ {
		made.facts = append(made.facts, walkFact{0, "tracks", 0, minute}, walkFact{1, "tracks", 0, minute})
		if minute >= started && minute <= ended {
			within[0] = append(within[0], minute)
		}
		if minute >= joined && minute <= left {
			within[1] = append(within[1], minute)
		}
	}
	return made, within
}

// minutes are those at which somebody's positions are in the track of a round, as the person sees it.
func (r *rig) minutes(who *caller, site *roundSite) []int {
	r.t.Helper()
	points, err := r.store.TrackPoints(context.Background(), who.ID, site.at(-60), site.at(300), 1000)
	if err != nil {
		r.t.Fatal(err)
	}
	found := []int{}
	for _, point := range points {
		if point.RoundID != site.round {
			r.t.Errorf("a position of another round: %+v", point)
		}
		found = append(found, int(point.At.Sub(site.base).Minutes()))
	}
	return found
}

// Starts, joinings, leavings, ends and positions come in any order, again and again, from two phones: what is in the track is
// what lies in the round, and the cover is that of the track.
func TestTracksEndTheSameHoweverTheyCome(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		squad, plan := rig.squadOf("夜巡一队", rig.Auxiliary, rig.GridWorker), rig.ids.next()
		people, phones := []*caller{rig.Auxiliary, rig.GridWorker}, []phoneCall{rig.directly(rig.Auxiliary), rig.directly(rig.GridWorker)}
		times := 40
		if testing.Short() || strings.HasSuffix(t.Name(), "mysql") {
			times = 10
		}
		for seed := range times {
			rig.advance(4 * time.Hour)
			one, within := trackWalk(rand.New(rand.NewPCG(7, uint64(seed)))) //nolint:gosec // the same walks each time
			site := newRoundSite(rig, squad, plan, phones, one)
			if _, err := deliver(site, one, uint64(seed)); err != nil { //nolint:gosec // small
				t.Fatal(err)
			}
			for number, who := range people {
				if got := rig.minutes(who, site); !slices.Equal(got, within[number]) {
					t.Errorf("order %d, phone %d: kept of minutes %v, want %v", seed, number, got, within[number])
				}
			}
			rig.coverIsThatOfTracks(site)
		}
		rig.advance(models.TrackWaits + 4*time.Hour)
		if _, err := rig.store.ForgetOld(t.Context(), rig.clock.Now()); err != nil {
			t.Fatal(err)
		}
		for range 20 {
			if touched, err := rig.store.ForgetOld(t.Context(), rig.clock.Now()); err != nil || touched == 0 {
				break
			}
		}
		if waiting := rig.rows()["track_waiting"]; waiting != 0 {
			t.Errorf("%d positions wait after their time", waiting)
		}
	})
}

// coverIsThatOfTracks holds the cover as it is counted up against a count from nothing.
func (r *rig) coverIsThatOfTracks(site *roundSite) {
	r.t.Helper()
	read := func() response {
		r.count()
		query := fmt.Sprintf("/v1/coverage?from=%s&to=%s&kind=cell", instant(site.base.Truncate(time.Hour)), instant(site.base.Truncate(time.Hour).Add(6*time.Hour)))
		return r.call(r.Commander, http.MethodGet, query, nil).must(200)
	}
	before := read()
	if _, err := r.store.RecountCoverage(r.t.Context(), r.A, models.CoverDay(site.base.Add(-time.Hour)), models.CoverDay(site.base.Add(6*time.Hour)), r.clock.Now()); err != nil {
		r.t.Fatal(err)
	}
	if after := read(); !reflect.DeepEqual(before.at("items"), after.at("items")) {
		r.t.Errorf("the cover is counted up as %s\nfrom nothing %s", before.Text, after.Text)
	}
}

// What lies in no known round waits: nobody sees it, nothing counts it, it does not lie open, and it goes when its time is up.
func TestWhatWaitsIsSeenByNobody(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		began := rig.clock.Now()
		rig.advance(time.Hour)
		id, secret := rig.newTracker(rig.Guard, "osmand")
		report := func(when time.Time) {
			t.Helper()
			query := fmt.Sprintf("id=%s.%s&lat=30.5234567&lon=105.6012345&timestamp=%d", id, secret, when.Unix())
			rig.callAs("", http.MethodGet, "/v1/trackers/osmand?"+query, nil).must(200)
		}
		seen := func() int {
			t.Helper()
			own := rig.call(rig.Guard, http.MethodGet, "/v1/tracks", nil).must(200)
			commanders := rig.call(rig.Commander, http.MethodGet, "/v1/tracks?person_id="+string(rig.Guard.ID), nil).must(200)
			if len(own.items()) != len(commanders.items()) {
				t.Errorf("the person sees %s, the commander %s", own.Text, commanders.Text)
			}
			return len(own.items())
		}
		report(began.Add(10 * time.Minute))
		if got := counted(rig.track(rig.Guard, stood(began.Add(11*time.Minute), nil), stood(began.Add(-time.Hour), nil)).must(200)); got != "kept 0 duplicates 0 waiting 2" {
			t.Errorf("before the round is known: %s", got)
		}
		if got := counted(rig.track(rig.Guard, stood(began.Add(11*time.Minute), nil)).must(200)); got != "kept 0 duplicates 1" {
			t.Errorf("again: %s", got)
		}
		rows := rig.rows()
		if seen() != 0 || rows["track_points"] != 0 || rows["track_waiting"] != 3 {
			t.Errorf("%d are seen, %d kept, %d wait; want 0, 0, 3", seen(), rows["track_points"], rows["track_waiting"])
		}
		if found := rig.everywhere("30.5234567", "105.6012345"); found != "" {
			t.Errorf("a position that waits lies open in %s", found)
		}
		started := rig.startRound(rig.Guard, map[string]any{"started_at": at(began)}).must(201)
		rows = rig.rows()
		if seen() != 2 || rows["track_waiting"] != 1 {
			t.Errorf("%d are seen and %d wait once the round is known, want 2 and 1", seen(), rows["track_waiting"])
		}
		rig.onRound(rig.Guard, started.id("id"), "finish", map[string]any{"state": "completed", "ended_at": at(began.Add(10 * time.Minute))}).must(200)
		if seen() != 1 {
			t.Errorf("%d are seen of a round that ended before one of them, want 1", seen())
		}
		rig.advance(models.TrackWaits - 2*time.Hour) // the one of an hour before is just as old as may wait
		forget := func() int {
			t.Helper()
			if _, err := rig.store.ForgetOld(t.Context(), rig.clock.Now()); err != nil {
				t.Fatal(err)
			}
			return rig.rows()["track_waiting"]
		}
		if left := forget(); left != 2 {
			t.Errorf("%d wait until their time is up, want 2", left)
		}
		rig.advance(time.Millisecond)
		if left := forget(); left != 1 {
			t.Errorf("%d wait after the time of one is up, want 1", left)
		}
	})
}

// One request tells of few starts of a phone: each is looked up by itself.
func TestABatchTellsOfFewStarts(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		items := []map[string]any{}
		for boot := range models.MaxTrackBoots + 1 {
			items = append(items, stood(rig.clock.Now(), map[string]any{"boot_id": fmt.Sprint("b", boot), "monotonic_ms": 1}))
		}
		if got := rig.track(rig.Guard, items...).must(422).fields(); len(got) != 1 || got[0] != "items too_many_items" {
			t.Errorf("too many: %v", got)
		}
		rig.track(rig.Guard, items[1:]...).must(200)
	})
}
