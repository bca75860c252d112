package handlers_test

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"xunfang/models"
)

// syncTown is a station of its own in which things happen at random, and two phones of one person in it.
type syncTown struct {
	rig         *rig
	t           *rapid.T
	station     models.ID
	commander   *caller
	people      []*caller // the first has the phones
	phones      []*phone
	squads      []models.ID
	shifts      []models.ID
	plans       []models.ID
	posts       []models.ID
	checkpoints []models.ID
	rounds      []response // as started
	count       int
}

func newSyncTown(r *rig, t *rapid.T) *syncTown {
	town := &syncTown{rig: r, t: t, station: r.newStation()}
	place := models.Place{Station: town.station}
	town.commander = r.addPerson(models.RoleCommander, place)
	for range 4 {
		town.people = append(town.people, r.addPerson(models.RoleAuxiliary, place))
	}
	town.phones = []*phone{r.newPhone(town.people[0]), r.newPhone(town.people[0])}
	return town
}

// do asks as somebody; what is refused changes nothing.
func (s *syncTown) do(who *caller, method, path string, body any) response {
	got := s.rig.call(who, method, "/v1/"+path, body)
	if got.Status >= 500 {
		s.t.Fatalf("%s %s: %s", method, path, got.Text)
	}
	return got
}

// add makes something and keeps its id.
func (s *syncTown) add(ids *[]models.ID, path string, body map[string]any) {
	s.count++
	body["name"] = fmt.Sprint("名", s.count)
	if got := s.do(s.commander, http.MethodPost, path, body); got.Status == http.StatusCreated {
		*ids = append(*ids, got.id("id"))
	}
}

// one of the ids; one that is nobody's where there is none.
func (s *syncTown) one(ids []models.ID) string {
	if len(ids) == 0 {
		return string(s.rig.ids.next())
	}
	return string(rapid.SampledFrom(ids).Draw(s.t, "id"))
}

func (s *syncTown) some() []*caller {
	first := rapid.IntRange(0, 3).Draw(s.t, "first")
	return append(slices.Clone(s.people), s.people...)[first : first+rapid.IntRange(1, 4).Draw(s.t, "count")]
}

func (s *syncTown) here() map[string]any { return spot(s.rig.One.At, nil) }

func (s *syncTown) happenings() map[string]func(*rapid.T) {
	post := func(path string, body any) { s.do(s.commander, http.MethodPost, path, body) }
	return map[string]func(*rapid.T){
		"a checkpoint": func(*rapid.T) {
			s.add(&s.checkpoints, "checkpoints", map[string]any{"position": s.here(), "methods": []string{"gps"}})
		},
		"a route": func(*rapid.T) {
			s.add(new([]models.ID), "routes", map[string]any{"direction": "other", "checkpoint_ids": []string{s.one(s.checkpoints)}})
		},
		"a street post":      func(*rapid.T) { s.add(&s.posts, "street-posts", map[string]any{"position": s.here()}) },
		"a street post ends": func(*rapid.T) { post("street-posts/"+s.one(s.posts)+"/end", nil) },
		"a squad":            func(*rapid.T) { s.add(&s.squads, "squads", squadBody("", s.some()...)) },
		"a squad changes": func(*rapid.T) {
			body := squadBody("", s.some()...)
			delete(body, "name")
			s.do(s.commander, http.MethodPatch, "squads/"+s.one(s.squads), body)
		},
		"a squad ends": func(*rapid.T) { post("squads/"+s.one(s.squads)+"/end", nil) },
		"a shift": func(*rapid.T) {
			s.add(&s.shifts, "shifts", map[string]any{
				"squad_id": s.one(s.squads), "start_time": "20:00", "length_minutes": 600, "recurrence": "daily",
			})
		},
		"a shift for another squad": func(*rapid.T) {
			s.do(s.commander, http.MethodPatch, "shifts/"+s.one(s.shifts), map[string]any{"squad_id": s.one(s.squads)})
		},
		"a shift ends": func(*rapid.T) { post("shifts/"+s.one(s.shifts)+"/end", nil) },
		"a plan": func(*rapid.T) {
			s.add(&s.plans, "round-plans", map[string]any{
				"shift_id": s.one(s.shifts), "stops": []map[string]any{{"checkpoint_id": s.one(s.checkpoints)}},
			})
		},
		"a plan ends": func(*rapid.T) { post("round-plans/"+s.one(s.plans)+"/end", nil) },
		"rounds are made": func(t *rapid.T) {
			if err := s.rig.server.MakeRounds(context.Background()); err != nil {
				t.Fatal(err)
			}
		},
		"a round starts": func(*rapid.T) {
			got := s.do(rapid.SampledFrom(s.people).Draw(s.t, "who"), http.MethodPost, "rounds", map[string]any{
				"id": s.rig.ids.next(), "checkpoint_ids": []string{s.one(s.checkpoints)}, "started_at": at(s.rig.clock.Now()),
			})
			if got.Status == http.StatusCreated {
				s.rounds = append(s.rounds, got)
			}
		},
		"somebody joins": func(*rapid.T) {
			if len(s.rounds) > 0 {
				round := rapid.SampledFrom(s.rounds).Draw(s.t, "round")
				s.do(rapid.SampledFrom(s.people).Draw(s.t, "who"), http.MethodPost, "rounds/"+round.text("id")+"/join",
					map[string]any{"join_code": round.text("join.code"), "joined_at": at(s.rig.clock.Now())})
			}
		},
		"a check-in on a round": func(*rapid.T) {
			if len(s.rounds) > 0 {
				item := s.rig.here(map[string]any{
					"round_id": rapid.SampledFrom(s.rounds).Draw(s.t, "round").id("id"), "checkpoint_id": s.one(s.checkpoints),
				})
				s.do(rapid.SampledFrom(s.people).Draw(s.t, "who"), http.MethodPost, "check-ins", map[string]any{"items": []any{item}})
			}
		},
		"time passes": func(*rapid.T) {
			s.rig.advance(time.Duration(rapid.SampledFrom([]int{1, 60, 6 * 60, 30 * 60}).Draw(s.t, "minutes")) * time.Minute)
		},
		"a page arrives": func(*rapid.T) {
			phone := s.phone()
			phone.take(phone.ask(s.limit()))
		},
		"an answer is lost":     func(*rapid.T) { s.phone().ask(s.limit()) },
		"a phone syncs":         func(*rapid.T) { s.sync(s.phone()) },
		"the other phone syncs": func(*rapid.T) { s.sync(s.phone()) },
	}
}

func (s *syncTown) phone() *phone { return rapid.SampledFrom(s.phones).Draw(s.t, "phone") }

func (s *syncTown) limit() int { return rapid.SampledFrom([]int{1, 2, 3, 7, 500}).Draw(s.t, "limit") }

// sync brings a phone up to date and holds it against the lists of the API.
func (s *syncTown) sync(phone *phone) {
	phone.sync(s.limit())
	if difference := sameReplica(phone.has, s.rig.listed(phone.who, nameList(s.people...))); difference != "" {
		s.t.Fatal(difference)
	}
}

// Whatever happens, in whatever order answers come or do not come, a phone that has synced has exactly what is its
// owner's at that moment.
func TestSyncIsExactWhateverHappens(t *testing.T) {
	towns := "12"
	if testing.Short() {
		towns = "3"
	}
	checks := flag.Lookup("rapid.checks")
	usual := checks.Value.String()
	t.Cleanup(func() { _ = checks.Value.Set(usual) })
	if err := checks.Value.Set(towns); err != nil {
		t.Fatal(err)
	}
	each(t, func(t *testing.T, rig *rig) {
		fulls, syncs := 0, 0
		rapid.Check(t, func(rt *rapid.T) {
			town := newSyncTown(rig, rt)
			for range 4 {
				town.add(&town.checkpoints, "checkpoints", map[string]any{"position": town.here(), "methods": []string{"gps"}})
			}
			town.add(&town.squads, "squads", squadBody("", town.people...))
			rt.Repeat(town.happenings())
			for _, phone := range town.phones {
				town.sync(phone)
				fulls, syncs = fulls+phone.fulls, syncs+1
			}
		})
		t.Logf("%d times from the beginning, %d phones", fulls, syncs)
	})
}
