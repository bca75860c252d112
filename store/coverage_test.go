package store_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"xunfang/models"
	"xunfang/store"
	"xunfang/store/testdb"
)

// coverWorld is one station with a plain list of what happened there, from which everything is counted again
// in the most simple way.
type coverWorld struct {
	store       *store.Store
	station     models.StationInfo
	now         time.Time
	people      []models.ID
	checkpoints []models.Checkpoint
	routes      []models.Route
	posts       []models.StreetPost
	rounds      map[models.ID]models.Mode
	members     map[[2]models.ID]models.RoundMember // by round and person
	happened    []happening
	made        int
}

// happening is a check-in or a position.
type happening struct {
	checkIn models.ID // "" for a position
	person  models.ID
	at      time.Time
	round   models.ID
	sign    *models.Checkpoint // where it was scanned
	where   *models.Position
	counts  bool          // by its verdict
	off     time.Duration // of the phone's wall clock

	decisions []decision // on a check-in

	boot      string // of the phone that recorded a position, and its clock
	monotonic int64
}

// decision is an approved correction.
type decision struct {
	at     time.Time
	order  models.ID
	counts bool
}

// counted says whether a check-in counts: as the decision made last says, of several at one moment as that which was
// proposed last says, and without one as its verdict does.
func (h happening) counted() bool {
	counts, last := h.counts, decision{}
	for _, one := range h.decisions {
		if one.at.After(last.at) || one.at.Equal(last.at) && one.order > last.order {
			counts, last = one.counts, one
		}
	}
	return counts
}

// fatal is what a property and a test have in common.
type fatal interface {
	Fatalf(format string, args ...any)
}

func (w *coverWorld) id() models.ID {
	w.made++
	return models.OrderID(w.now, models.ID(fmt.Sprint(w.station.ID, w.made)))
}

var coverCentre = models.Position{Lat: 30.52, Lng: 105.60}

// near is a position some metres to the north and east of the station.
func nearCentre(north, east float64) models.Position {
	return models.Position{Lat: coverCentre.Lat + north/111195, Lng: coverCentre.Lng + east/95796}
}

func newCoverWorld(ctx context.Context, t fatal, s *store.Store, name string) *coverWorld {
	w := &coverWorld{
		store: s, now: time.Date(2026, 6, 3, 12, 0, 0, 0, time.UTC), rounds: map[models.ID]models.Mode{"": models.ModeNone},
		members: map[[2]models.ID]models.RoundMember{},
	}
	w.station = models.StationInfo{ID: models.OrderID(w.now, models.ID(name)), Name: name, TimeZone: "Asia/Shanghai", Centre: coverCentre}
	for range 3 {
		w.people = append(w.people, w.id())
	}
	err := s.Atomically(ctx, func(tx *store.Store) error {
		err := tx.Write(ctx).Exec("INSERT INTO stations (id, name, time_zone, lat, lng, created_at) VALUES (?, ?, ?, ?, ?, 1)",
			w.station.ID, name, w.station.TimeZone, coverCentre.Lat, coverCentre.Lng).Error
		if err != nil {
			return err
		}
		return w.build(ctx, tx)
	})
	if err != nil {
		t.Fatalf("%v", err)
	}
	return w
}

func (w *coverWorld) build(ctx context.Context, tx *store.Store) error {
	place := models.Place{Station: w.station.ID, Compound: w.id()}
	for at, north := range []float64{0, 40, 400} {
		one := models.Checkpoint{
			ID: w.id(), Place: place, Name: fmt.Sprint("点位", at), At: nearCentre(north, 10), RadiusM: 30, KeyPlace: at == 0,
			Methods: []models.CheckInMethod{models.MethodGPS},
		}
		place.Compound = ""
		w.checkpoints = append(w.checkpoints, one)
		if err := tx.AddCheckpoint(ctx, one); err != nil {
			return err
		}
	}
	route := models.Route{ID: w.id(), StationID: w.station.ID, Name: "路线", Checkpoints: []models.ID{w.checkpoints[0].ID, w.checkpoints[1].ID}}
	w.routes = append(w.routes, route)
	if err := tx.AddRoute(ctx, route); err != nil {
		return err
	}
	post := models.StreetPost{ID: w.id(), Place: models.Place{Station: w.station.ID}, At: nearCentre(200, 0), RadiusM: 60}
	w.posts = append(w.posts, post)
	err := tx.Write(ctx).Exec("INSERT INTO street_posts (id, station_id, compound_id, name, lat, lng, radius_m, max_gap_minutes, created_at, ended_at) "+
		"VALUES (?, ?, '', '屯警点', ?, ?, ?, 30, 1, 0)", post.ID, w.station.ID, post.At.Lat, post.At.Lng, post.RadiusM).Error
	if err != nil {
		return err
	}
	for _, kind := range []models.SquadKind{models.SquadFoot, models.SquadVehicle} {
		squad, round := w.id(), w.id()
		err := tx.Write(ctx).Exec("INSERT INTO squads (id, station_id, name, kind, leader_id, created_at, ended_at) VALUES (?, ?, ?, ?, '', 1, 0)",
			squad, w.station.ID, string(kind), string(kind)).Error
		if err != nil {
			return err
		}
		if err := tx.AddRound(ctx, models.Round{ID: round, StationID: w.station.ID, SquadID: squad, StartsAt: w.now, EndsAt: w.now}); err != nil {
			return err
		}
		w.rounds[round] = kind
	}
	return nil
}

// naive counts everything that happened once more: place → minute → people, without any of the store's rules for speed.
func (w *coverWorld) naive(kind models.CoverKind, size int, mode models.Mode) map[string]map[int64]map[models.ID]bool {
	counted := map[string]map[int64]map[models.ID]bool{}
	for _, one := range w.there() {
		if mode != models.ModeAll && w.modeOf(one) != mode {
			continue
		}
		for _, place := range w.placesOf(one, kind, size) {
			minute := one.at.Unix() / 60
			if counted[place] == nil {
				counted[place] = map[int64]map[models.ID]bool{}
			}
			if counted[place][minute] == nil {
				counted[place][minute] = map[models.ID]bool{}
			}
			counted[place][minute][one.person] = true
		}
	}
	return counted
}

// there is what of everything counts: check-ins that are not rejected, and of the positions of one person, one start of
// the phone and ten seconds of its clock the earliest, of several of one millisecond that of the smallest rank.
func (w *coverWorld) there() []happening {
	type place struct {
		person models.ID
		boot   string
		ten    int64
	}
	clock := func(one happening) int64 {
		if one.boot != "" {
			return one.monotonic
		}
		return one.at.UnixMilli()
	}
	found, best := []happening{}, map[place]happening{}
	for _, one := range w.happened {
		if one.checkIn != "" {
			if one.counted() {
				found = append(found, one)
			}
			continue
		}
		at := place{one.person, one.boot, clock(one) / 10_000}
		before, taken := best[at]
		if !taken || clock(one) < clock(before) || clock(one) == clock(before) && w.point(one).Rank() < w.point(before).Rank() {
			best[at] = one
		}
	}
	maps.DeleteFunc(best, func(_ place, one happening) bool { return one.round == "" }) // they wait
	return slices.AppendSeq(found, maps.Values(best))
}

func (w *coverWorld) placesOf(one happening, kind models.CoverKind, size int) []string {
	at, signs := one.where, []models.Checkpoint{}
	if one.sign != nil {
		at, signs = &one.sign.At, append(signs, *one.sign)
	} else if at != nil {
		for _, checkpoint := range w.checkpoints {
			if at.DistanceM(checkpoint.At) <= float64(checkpoint.RadiusM) {
				signs = append(signs, checkpoint)
			}
		}
	}
	places := []string{}
	for _, sign := range signs {
		switch kind {
		case models.CoverCheckpoint:
			places = append(places, string(sign.ID))
		case models.CoverCompound:
			if sign.Place.Compound != "" {
				places = append(places, string(sign.Place.Compound))
			}
		case models.CoverRoute:
			for _, route := range w.routes {
				if slices.Contains(route.Checkpoints, sign.ID) {
					places = append(places, string(route.ID))
				}
			}
		default:
		}
	}
	switch {
	case at == nil:
	case kind == models.CoverCell:
		places = append(places, models.CellGrid{Origin: coverCentre}.At(*at).In(size).String())
	case kind == models.CoverStreetPost && at.DistanceM(w.posts[0].At) <= float64(w.posts[0].RadiusM):
		places = append(places, string(w.posts[0].ID))
	}
	return places
}

// compare holds everything that is stored against the naive count, minute by minute.
func (w *coverWorld) compare(ctx context.Context, t fatal) {
	week := models.StretchOf(w.now.Add(-5*24*time.Hour), w.now.Add(48*time.Hour))
	asked := map[models.CoverKind]int{models.CoverCheckpoint: 0, models.CoverRoute: 0, models.CoverCompound: 0, models.CoverStreetPost: 0}
	for _, size := range models.CellSizes {
		asked[models.CellKind(size)] = size
	}
	for kind, size := range asked {
		for _, mode := range []models.Mode{models.ModeAll, models.ModeNone, models.SquadFoot, models.SquadVehicle, models.SquadDog} {
			got, err := w.store.Covers(ctx, w.station.ID, kind, mode, week)
			if err != nil {
				t.Fatalf("%v", err)
			}
			plain := kind
			if size > 0 {
				plain = models.CoverCell
			}
			want := w.naive(plain, size, mode)
			if !slices.Equal(slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want))) {
				t.Fatalf("%s %s: places %v, want %v", kind, mode, slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
			}
			for place, minutes := range want {
				sum := 0
				for minute, people := range minutes {
					sum += len(people)
					there := got[place].Figures([]models.Stretch{{From: minute, Until: minute + 1}})[0]
					if there.OfficerMinutes != len(people) {
						t.Fatalf("%s %s %s, minute %d: %d people, want %d", kind, mode, place, minute, there.OfficerMinutes, len(people))
					}
				}
				if whole := got[place].Figures([]models.Stretch{week})[0]; whole.OfficerMinutes != sum || whole.PatrolMinutes != len(minutes) {
					t.Fatalf("%s %s %s: %+v, want %d and %d", kind, mode, place, whole, sum, len(minutes))
				}
			}
		}
	}
}

// catchUp counts until nothing waits.
func (w *coverWorld) catchUp(ctx context.Context, t fatal, counters ...*store.CoverageCounter) {
	later := w.now.Add(time.Second) // than anything was received
	for step := range 1000 {
		until, err := w.store.CountedUntil(ctx, w.station.ID, later)
		if err != nil {
			t.Fatalf("%v", err)
		}
		if until.Equal(later) {
			return
		}
		if _, err := counters[step%len(counters)].CountOnce(ctx); err != nil {
			t.Fatalf("%v", err)
		}
	}
	t.Fatalf("it never ends")
}

// Whatever comes, in whatever order, however often, corrected or not, counted in between by whichever replica: what is
// stored is what a count of everything from nothing gives.
func TestCoverIsThatOfACountFromNothing(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx, runs := t.Context(), 0
		check := func(t *rapid.T) {
			runs++
			w := newCoverWorld(ctx, t, s, fmt.Sprint("慈音", runs))
			counters := []*store.CoverageCounter{
				store.NewCoverageCounter(s, "one", func() time.Time { return w.now }),
				store.NewCoverageCounter(s, "two", func() time.Time { return w.now.Add(time.Hour) }), // sees one's lease as over
			}
			for range rapid.IntRange(1, 12).Draw(t, "steps") {
				switch rapid.IntRange(0, 6).Draw(t, "step") {
				case 5:
					w.walk(ctx, t)
				case 0, 1, 2:
					batch := []happening{}
					for range rapid.IntRange(1, 12).Draw(t, "batch") {
						batch = append(batch, w.draw(t))
					}
					w.write(ctx, t, batch)
				case 3:
					if at := rapid.IntRange(0, 40).Draw(t, "which"); at < len(w.happened) && w.happened[at].checkIn != "" {
						w.correct(ctx, t, at)
					}
				case 4:
					if _, err := rapid.SampledFrom(counters).Draw(t, "counter").CountOnce(ctx); err != nil {
						t.Fatalf("%v", err)
					}
				default:
					day := models.CoverDay(w.now) - int64(rapid.IntRange(0, 3).Draw(t, "ago"))
					if _, err := s.RecountCoverage(ctx, w.station.ID, day, day, w.now); err != nil {
						t.Fatalf("%v", err)
					}
				}
			}
			w.catchUp(ctx, t, counters...)
			w.compare(ctx, t)
		}
		if s.IsMySQL() {
			for seed := range 5 {
				rapid.Custom(func(t *rapid.T) int { check(t); return 0 }).Example(seed)
			}
			return
		}
		rapid.Check(t, check)
	})
}

// findings counts what a comparison finds wrong.
type findings int

func (f *findings) Fatalf(string, ...any) { *f++ }

// Two positions that a phone recorded within seconds, of which one came without the clock and is taken for a day earlier:
// when the other one replaces it, both days are counted anew.
func TestCoverLosesThePositionThatIsReplaced(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		w := newCoverWorld(ctx, t, s, "慈音")
		counter := store.NewCoverageCounter(s, "one", func() time.Time { return w.now })
		where := nearCentre(0, 10)
		round := slices.Sorted(maps.Keys(w.rounds))[1]
		first := happening{person: w.people[0], round: round, at: w.now.Add(-24 * time.Hour), where: &where, boot: "boot", monotonic: 5000}
		second := happening{person: w.people[0], round: round, at: w.now.Add(-time.Hour), where: &where, boot: "boot", monotonic: 4000, off: -24 * time.Hour}
		w.write(ctx, t, []happening{first})
		w.catchUp(ctx, t, counter)
		w.compare(ctx, t)
		w.write(ctx, t, []happening{second})
		w.catchUp(ctx, t, counter)
		w.compare(ctx, t)

		// The control: without the change of the replaced one's day the comparison finds that it is there still.
		second.at, second.monotonic, second.off = w.now.Add(-49*time.Hour), 3000, 0
		w.write(ctx, t, []happening{second})
		err := s.Atomically(ctx, func(tx *store.Store) error {
			return tx.Write(ctx).Exec("DELETE FROM coverage_queue WHERE day = ?", models.CoverDay(w.now.Add(-time.Hour))).Error
		})
		if err != nil {
			t.Fatal(err)
		}
		w.catchUp(ctx, t, counter)
		wrong := findings(0)
		if w.compare(ctx, &wrong); wrong == 0 {
			t.Error("a position that is kept no more counts, and nothing is found")
		}
	})
}
