package handlers_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"xunfang/models"
)

// The test counts cover by brute force, from the points of the recordings and what docs/coverage.md says. It shares no
// line with the rules under test, not even the radius of the earth.
const (
	traceEarthM  = 6_371_008.8 // metres, the mean radius of the IUGG
	traceMinutes = 24 * 60     // of the station's day
	traceSlot    = 30          // minutes
)

// tracePerson is what one phone recorded on a round, and what of it must be kept.
type tracePerson struct {
	name string
	kept []traceFix
	mode string
}

// traceFigures are the whole day, and after it each slot.
type traceFigures [1 + traceMinutes/traceSlot]coverFigures

// coverFigures are those of the contract.
type coverFigures struct {
	Visits  int `json:"visits"`
	Patrol  int `json:"patrol_minutes"`
	Officer int `json:"officer_minutes"`
	Gap     int `json:"longest_gap_minutes"`
}

// tracePlaces gives the names of the places that a position is at.
type tracePlaces func(fix traceFix) []string

// bruteForce counts every place of some people, minute by minute.
func bruteForce(people []tracePerson, mode string, midnight time.Time, places tracePlaces) map[string]traceFigures {
	here := map[string]*[traceMinutes]map[int]bool{} // place → minute → who
	for who, person := range people {
		if mode != "" && mode != person.mode {
			continue
		}
		for _, fix := range person.kept {
			minute := int(fix.At.Sub(midnight) / time.Minute)
			for _, name := range places(fix) {
				if here[name] == nil {
					here[name] = &[traceMinutes]map[int]bool{}
				}
				if here[name][minute] == nil {
					here[name][minute] = map[int]bool{}
				}
				here[name][minute][who] = true
			}
		}
	}
	counted := map[string]traceFigures{}
	for name, minutes := range here {
		counted[name] = figuresOf(minutes)
	}
	return counted
}

func figuresOf(minutes *[traceMinutes]map[int]bool) traceFigures {
	figures, last, empty := traceFigures{}, -1000, [2]int{}
	for minute, people := range minutes {
		if minute%traceSlot == 0 {
			empty[1] = 0
		}
		for part, at := range []int{0, 1 + minute/traceSlot} {
			if len(people) == 0 {
				empty[part]++
				figures[at].Gap = max(figures[at].Gap, empty[part])
				continue
			}
			empty[part] = 0
			figures[at].Patrol++
			figures[at].Officer += len(people)
			if nobodyFor := minute - last - 1; nobodyFor > 10 {
				figures[at].Visits++
			}
		}
		if len(people) > 0 {
			last = minute
		}
	}
	return figures
}

// traceCells are the cells of a size, from where the station lies.
func traceCells(size int) tracePlaces {
	const originLat, originLng = 30.52, 105.60
	high := float64(size) / (math.Pi * traceEarthM / 180)
	wide := high / math.Cos(originLat*math.Pi/180)
	return func(fix traceFix) []string {
		return []string{fmt.Sprintf("%d:%.0f:%.0f", size, math.Floor((fix.Lng-originLng)/wide), math.Floor((fix.Lat-originLat)/high))}
	}
}

// apartM is the way between two places over the ground, through their vectors from the middle of the earth.
func apartM(lat1, lng1, lat2, lng2 float64) float64 {
	vector := func(lat, lng float64) [3]float64 {
		lat, lng = lat*math.Pi/180, lng*math.Pi/180
		return [3]float64{math.Cos(lat) * math.Cos(lng), math.Cos(lat) * math.Sin(lng), math.Sin(lat)}
	}
	one, other, chord := vector(lat1, lng1), vector(lat2, lng2), 0.0
	for axis := range one {
		chord += (one[axis] - other[axis]) * (one[axis] - other[axis])
	}
	return 2 * traceEarthM * math.Asin(math.Sqrt(chord)/2)
}

// traceCheckpoints are the checkpoints as the API lists them.
func (r *rig) traceCheckpoints() (all []string, places tracePlaces) {
	r.t.Helper()
	got := r.call(r.Commander, http.MethodGet, "/v1/checkpoints?limit=100", nil).must(200)
	list := struct {
		Items []struct {
			ID       string
			Position struct{ Lat, Lng float64 }
			Radius   float64 `json:"radius_m"`
		}
	}{}
	if err := json.Unmarshal([]byte(got.Text), &list); err != nil || got.at("next_cursor") != nil {
		r.t.Fatal(err, got.Text)
	}
	for _, one := range list.Items {
		all = append(all, one.ID)
	}
	return all, func(fix traceFix) []string {
		at := []string{}
		for _, one := range list.Items {
			if apartM(fix.Lat, fix.Lng, one.Position.Lat, one.Position.Lng) <= one.Radius {
				at = append(at, one.ID)
			}
		}
		return at
	}
}

// traceCover is what GET /v1/coverage says of the day, by place.
func (r *rig) traceCover(query string) map[string]traceFigures {
	r.t.Helper()
	got := r.cover(r.Commander, fmt.Sprintf("slot=%dm&%s", traceSlot, query)).must(200)
	answer := struct {
		CountedUntil string `json:"counted_until"`
		Items        []struct {
			ID    string
			Total coverFigures
			Slots []coverFigures
		}
	}{}
	if err := json.Unmarshal([]byte(got.Text), &answer); err != nil || answer.CountedUntil != at(r.clock.Now()) {
		r.t.Fatal(err, answer.CountedUntil)
	}
	covers := map[string]traceFigures{}
	for _, item := range answer.Items {
		figures := traceFigures{item.Total}
		if copy(figures[1:], item.Slots) != traceMinutes/traceSlot {
			r.t.Fatalf("%d slots of %s", len(item.Slots), item.ID)
		}
		covers[item.ID] = figures
	}
	return covers
}

// unlikeCover is the first place of which the two say something else, "" when they are of one mind.
func unlikeCover(got, want map[string]traceFigures) string {
	names := slices.Sorted(maps.Keys(want))
	for _, name := range append(names, slices.Sorted(maps.Keys(got))...) {
		if one, other := got[name], want[name]; one != other {
			return fmt.Sprintf("%s: %v\nwant %v", name, one, other)
		}
		if _, there := got[name]; !there {
			return name + " is not there"
		}
	}
	return ""
}

// Each recording is walked by two people on rounds of their own; one phone sends batches that overlap, mixed up, the other
// reports as OwnTracks or Traccar Client do. After each the cover is what brute force counts, figure by figure.
func TestCoverOfTraces(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.advance(traceStart.Add(2 * time.Hour).Sub(rig.clock.Now()))
		midnight, people := firstInstant.Add(-10*time.Hour), []tracePerson{}
		names := []string{"foot.jsonl", "tunnel.gpx", "car.gpx", "post.jsonl"}
		for _, name := range names { // checkpoints on the way: of other sizes, some over one another
			fixes := readTrace(t, name)
			kept, _ := expectedTrace(fixes, fixes[0].At, fixes[len(fixes)-1].At)
			for part := range 3 {
				fix := kept[(part+1)*len(kept)/4]
				rig.call(rig.Commander, http.MethodPost, "/v1/checkpoints", map[string]any{
					"name": fmt.Sprint(name, part), "position": spot(models.Position{Lat: fix.Lat, Lng: fix.Lng}, nil),
					"radius_m": 25 + 35*part, "methods": []string{"gps"},
				}).must(201)
			}
		}
		all, checkpoints := rig.traceCheckpoints()
		for at, name := range names {
			people = append(people, rig.recordTrace(t, at, name)...)
			rig.count()
			seen := 0
			for _, question := range []struct {
				query  string
				places tracePlaces
			}{{"cell=50", traceCells(50)}, {"cell=150", traceCells(150)}, {"kind=checkpoint", checkpoints}} {
				for _, mode := range []string{"", "none", "vehicle"} {
					query := question.query
					if mode != "" {
						query += "&mode=" + mode
					}
					want := bruteForce(people, mode, midnight, question.places)
					seen += len(want)
					if query[:4] == "kind" {
						for _, id := range all { // checkpoints are told of though nobody was there
							if _, there := want[id]; !there {
								want[id] = figuresOf(&[traceMinutes]map[int]bool{})
							}
						}
					}
					if wrong := unlikeCover(rig.traceCover(query), want); wrong != "" {
						t.Errorf("%s, %s: %s", name, query, wrong)
					}
				}
			}
			if seen < 40 {
				t.Errorf("%s: only %d places", name, seen)
			}
			rig.missOne(t, name, people, midnight)
		}
	})
}

// traceWalks are the rounds of one of two people on a recording, from and until. Who stands at the post pauses for ten minutes,
// which are still of one visit, and for eleven, which are not.
func traceWalks(name string, fixes []traceFix, part int) [][2]time.Time {
	after := func(minutes int) time.Time {
		return fixes[0].At.Truncate(time.Minute).Add(time.Duration(minutes) * time.Minute)
	}
	if name == "post.jsonl" {
		return [][2]time.Time{
			{after(1 + part), after(8).Add(-time.Second)}, {after(18), after(24).Add(-time.Second)}, {after(35), after(39 - part)},
		}
	}
	return [][2]time.Time{{after(1 + 4*part), fixes[len(fixes)-1].At.Add(-time.Duration(1+3*part) * time.Minute)}}
}

// recordTrace lets two people walk a recording, and sends what their phones recorded.
func (r *rig) recordTrace(t *testing.T, number int, name string) []tracePerson {
	t.Helper()
	fixes, people := readTrace(t, name), []tracePerson{}
	for part, role := range []models.Role{models.RoleVolunteer, models.RoleAuxiliary} {
		random := rand.New(rand.NewPCG(uint64(number), uint64(part)))
		who, person := r.addPerson(role, r.One.Place), tracePerson{name: name, mode: "none"}
		for _, walked := range traceWalks(name, fixes, part) {
			round := r.walk(r.A, walked[0], who)
			if name == "car.gpx" {
				person.mode = "vehicle"
				r.inCar(round, who)
			}
			r.endRound(round, walked[1])
			kept, _ := expectedTrace(fixes, walked[0], walked[1])
			person.kept = append(person.kept, kept...)
		}
		shuffled := slices.Clone(fixes)
		random.Shuffle(len(shuffled), func(one, other int) { shuffled[one], shuffled[other] = shuffled[other], shuffled[one] })
		switch again := append(shuffled, shuffled[:len(shuffled)/4]...); {
		case part == 0:
			r.sendTrace(who, shuffled, random)
		case number%2 == 0:
			r.reportTrace(who, again)
		default:
			r.reportOsmAnd(who, again)
		}
		people = append(people, person)
		r.count() // what comes later about the same minutes changes what is counted
	}
	return people
}

// inCar makes a round that of a squad in a car.
func (r *rig) inCar(round models.ID, who *caller) {
	r.t.Helper()
	squad := r.addSquad(who)
	for statement, of := range map[string]models.ID{
		"UPDATE squads SET kind = 'vehicle' WHERE id = ?":                   squad,
		"UPDATE rounds SET squad_id = '" + string(squad) + "' WHERE id = ?": round,
	} {
		if _, err := r.sql.Exec(statement, string(of)); err != nil {
			r.t.Fatal(err)
		}
	}
}

// reportOsmAnd sends one position after another as Traccar Client does, older ones and newer ones of it in turn.
func (r *rig) reportOsmAnd(who *caller, fixes []traceFix) {
	r.t.Helper()
	id, secret := r.newTracker(who, "osmand")
	identifier := string(id) + "." + secret
	for number, fix := range fixes {
		if number%2 == 0 {
			query := fmt.Sprintf("id=%s&timestamp=%d&lat=%.6f&lon=%.6f&accuracy=%v&batt=80", url.QueryEscape(identifier), fix.At.Unix(), fix.Lat, fix.Lng, fix.AccuracyM)
			if fix.SpeedMps != nil {
				query += fmt.Sprintf("&speed=%.3f", *fix.SpeedMps*3600/1852)
			}
			r.callAs("", http.MethodPost, "/v1/trackers/osmand?"+query, nil).must(200)
			continue
		}
		speed := -1.0
		if fix.SpeedMps != nil {
			speed = *fix.SpeedMps
		}
		coords := map[string]any{"latitude": fix.Lat, "longitude": fix.Lng, "accuracy": fix.AccuracyM, "speed": speed}
		r.callAs("", http.MethodPost, "/v1/trackers/osmand", map[string]any{
			"device_id": identifier, "location": map[string]any{"timestamp": at(fix.At), "coords": coords},
		}).must(200)
	}
}

// missOne leaves out a position of the last person that was the only one in its minute and cell: now the two counts must
// differ, or comparing them proves nothing.
func (r *rig) missOne(t *testing.T, name string, people []tracePerson, midnight time.Time) {
	t.Helper()
	last := &people[len(people)-1]
	cells, alone := traceCells(50), map[string]int{}
	minuteCell := func(fix traceFix) string { return fmt.Sprint(fix.At.Truncate(time.Minute), cells(fix)) }
	for _, fix := range last.kept {
		alone[minuteCell(fix)]++
	}
	whole, got, missed := last.kept, r.traceCover("cell=50"), 0
	for at, fix := range whole {
		if alone[minuteCell(fix)] > 1 || missed == 5 {
			continue
		}
		missed++
		last.kept = slices.Delete(slices.Clone(whole), at, at+1)
		if unlikeCover(got, bruteForce(people, "", midnight, cells)) == "" {
			t.Errorf("%s: without the position of %s the counts are still of one mind", name, fix.At)
		}
	}
	if last.kept = whole; missed == 0 {
		t.Errorf("%s: no position is alone in its minute and cell", name)
	}
}
