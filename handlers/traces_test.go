package handlers_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// expectedTrace counts by brute force what must be kept of a recording between two instants, and what of it is dropped
// for which reason. It shares no line with the rules under test.
func expectedTrace(fixes []traceFix, joined, ended time.Time) (kept []traceFix, dropped map[string]int) {
	dropped = map[string]int{}
	type place struct {
		at       time.Time
		lat, lng float64
	}
	first, met := map[int64]traceFix{}, map[place]bool{}
	for _, fix := range fixes {
		here := place{fix.At, fix.Lat, fix.Lng}
		switch {
		case fix.Lat == 0 && fix.Lng == 0:
			dropped["zero"]++
		case fix.AccuracyM > 100:
			dropped["inaccurate"]++
		case fix.SpeedMps != nil && *fix.SpeedMps > 60:
			dropped["too_fast"]++
		case met[here]:
			dropped["again"]++
		default:
			met[here] = true
			slot := int64(math.Floor(float64(fix.At.Unix()) / 10))
			if before, taken := first[slot]; taken {
				dropped["thinned"]++
				if !fix.At.Before(before.At) {
					continue
				}
			}
			first[slot] = fix
		}
	}
	for _, one := range first {
		if one.At.Before(joined) || one.At.After(ended) {
			dropped["waiting"]++
			continue
		}
		kept = append(kept, one)
	}
	slices.SortFunc(kept, func(left, right traceFix) int { return left.At.Compare(right.At) })
	return kept, dropped
}

// traceLines are positions as storedTrace gives them.
func traceLines(fixes []traceFix) []string {
	lines := []string{}
	for _, fix := range fixes {
		lines = append(lines, fmt.Sprintf("%s %.6f %.6f", at(fix.At), fix.Lat, fix.Lng))
	}
	return lines
}

// storedTrace reads a person's whole track through the API.
func (r *rig) storedTrace(who *caller) []string {
	r.t.Helper()
	kept, next := []string{}, ""
	for {
		got := r.call(who, http.MethodGet, "/v1/tracks?limit=100"+next, nil).must(200)
		for place := range got.items() {
			path := fmt.Sprintf("items.%d.", place)
			kept = append(kept, fmt.Sprintf("%s %.6f %.6f", got.text(path+"at"), got.at(path+"position.lat"), got.at(path+"position.lng")))
		}
		if got.text("next_cursor") == "" {
			return kept
		}
		next = "&cursor=" + got.text("next_cursor")
	}
}

// Each recording goes through the HTTP interface of two people, each time in another order, in batches that overlap. What
// is stored is what brute force counts.
func TestTracesThroughTheInterface(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		for seed, name := range []string{"foot.jsonl", "tunnel.gpx", "car.gpx", "post.jsonl"} {
			fixes := readTrace(t, name)
			joined, ended := fixes[0].At.Add(time.Minute), fixes[len(fixes)-1].At.Add(-time.Minute)
			want, dropped := expectedTrace(fixes, joined, ended)
			if len(want) < 60 || dropped["waiting"] < 5 || dropped["zero"]+dropped["inaccurate"] < 5 || dropped["again"] == 0 {
				t.Fatalf("%s has too little in it: %d kept, %v", name, len(want), dropped)
			}
			rig.walkTrace(t, name, uint64(seed)+1, fixes, joined, ended, traceLines(want), dropped)
		}
	})
}

func (r *rig) walkTrace(
	t *testing.T, name string, seed uint64, fixes []traceFix, joined, ended time.Time, want []string, dropped map[string]int,
) {
	t.Helper()
	first, second := r.addPerson("volunteer", r.One.Place), r.addPerson("auxiliary", r.Two.Place)
	if now := r.clock.Now(); now.Before(traceStart.Add(2 * time.Hour)) {
		r.advance(traceStart.Add(2 * time.Hour).Sub(now))
	}
	r.endRound(r.walk(r.A, joined, first, second), ended)
	for number, who := range []*caller{first, second} {
		random := rand.New(rand.NewPCG(seed, uint64(number)))
		shuffled := slices.Clone(fixes)
		random.Shuffle(len(shuffled), func(one, other int) { shuffled[one], shuffled[other] = shuffled[other], shuffled[one] })
		if filepath.Ext(name) == ".gpx" {
			r.sendTrace(who, shuffled, random)
		} else {
			r.reportTrace(who, append(shuffled, shuffled[:len(shuffled)/4]...))
		}
		if got := r.storedTrace(who); !slices.Equal(got, want) {
			t.Errorf("%s: kept %d of %d positions, want %d; the first that differ: %s", name, len(got), len(fixes), len(want), difference(got, want))
		}
	}
	if filepath.Ext(name) != ".gpx" {
		return
	}
	// Everything once more in one request: what was dropped for which reason, to the last one.
	got := r.track(first, traceItems(fixes)...).must(200)
	again := len(want) + dropped["waiting"] + dropped["again"]
	if got.at("kept") != 0.0 || got.at("waiting") != 0.0 || got.at("duplicates") != float64(again) {
		t.Errorf("%s once more: %s, want %d duplicates", name, got.Text, again)
	}
	for _, reason := range []string{"zero", "inaccurate", "too_fast", "thinned"} {
		if count := got.at("dropped." + reason); count != float64(dropped[reason]) {
			t.Errorf("%s: %v are dropped as %s, want %d", name, count, reason, dropped[reason])
		}
	}
}

// sendTrace sends batches of up to 200 of which each begins within the one before.
func (r *rig) sendTrace(who *caller, fixes []traceFix, random *rand.Rand) {
	r.t.Helper()
	for from := 0; from < len(fixes); {
		to := min(len(fixes), from+1+random.IntN(200))
		r.track(who, traceItems(fixes[max(0, from-random.IntN(40)):to])...).must(200)
		from = to
	}
}

func traceItems(fixes []traceFix) []map[string]any {
	items := []map[string]any{}
	for _, fix := range fixes {
		item := map[string]any{"at": at(fix.At), "position": map[string]any{"lat": fix.Lat, "lng": fix.Lng, "crs": "WGS84", "accuracy_m": fix.AccuracyM}}
		if fix.SpeedMps != nil {
			item["speed_mps"] = *fix.SpeedMps
		}
		items = append(items, item)
	}
	return items
}

// reportTrace sends one position after another as OwnTracks does.
func (r *rig) reportTrace(who *caller, fixes []traceFix) {
	r.t.Helper()
	id, secret := r.newTracker(who, "owntracks")
	for _, line := range strings.Split(strings.TrimSpace(string(asOwnTracks(fixes))), "\n") {
		if !json.Valid([]byte(line)) {
			r.t.Fatal(line)
		}
		r.ownTracks(id, secret, line).must(200)
	}
}

// difference is the first line that only one of the two has.
func difference(got, want []string) string {
	for place := range max(len(got), len(want)) {
		if place >= len(got) || place >= len(want) || got[place] != want[place] {
			return fmt.Sprintf("%q, want %q", got[min(place, len(got)):min(place+1, len(got))], want[min(place, len(want)):min(place+1, len(want))])
		}
	}
	return "none"
}
