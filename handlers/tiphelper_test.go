package handlers_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"xunfang/models"
)

// askedAbout lists who was asked to help with a tip, by id.
func (r *rig) askedAbout(tip string) []models.ID {
	r.t.Helper()
	found := []models.ID{}
	for _, item := range r.call(r.Commander, http.MethodGet, "/v1/tips/"+tip+"/helpers", nil).must(200).items() {
		helper, _ := item.(map[string]any)
		id, _ := helper["person_id"].(string)
		found = append(found, models.ID(id))
	}
	slices.Sort(found)
	return found
}

// standAround puts people on duty at a distance from compound One, and lets the server see them.
func (r *rig) standAround(kind models.SquadKind, metres float64, people ...*caller) {
	r.t.Helper()
	r.onDuty(r.A, kind, people...)
	for at, one := range people {
		r.standsAt(one, off(r.One.At, metres+float64(at), 0))
	}
	if err := r.server.LookWhere(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) crime(who *caller, change map[string]any) string {
	r.t.Helper()
	body := map[string]any{"category": models.CategoryCrime}
	for field, value := range change {
		body[field] = value
	}
	return r.tip(who, body).must(201).text("id")
}

// Asked are the eight who can be there first: a car from far off before somebody on foot who is nearer, and nobody from too far.
func TestACrimeAsksWhoIsThereFirst(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		people := func(count int) []*caller {
			made := []*caller{}
			for range count {
				made = append(made, rig.addPerson(models.RoleAuxiliary, rig.One.Place))
			}
			return made
		}
		near, far, car, late := people(6), people(4), people(2), people(1)
		rig.standAround(models.SquadFoot, 500, near...)     // 200 s
		rig.standAround(models.SquadVehicle, 5000, car...)  // 625 s
		rig.standAround(models.SquadFoot, 2000, far...)     // 800 s
		rig.standAround(models.SquadVehicle, 9700, late...) // 1212 s
		if got, want := rig.askedAbout(rig.crime(rig.Volunteer, nil)), ids(append(near, car...)...); !slices.Equal(got, want) {
			t.Errorf("asked %v, want %v", got, want)
		}
	})
}

func TestACrimeAsksNobodyFromTooFar(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		foot, tired := rig.addPerson(models.RoleAuxiliary, rig.One.Place), rig.addPerson(models.RoleAuxiliary, rig.One.Place)
		car, late := rig.addPerson(models.RoleAuxiliary, rig.One.Place), rig.addPerson(models.RoleAuxiliary, rig.One.Place)
		rig.standAround(models.SquadFoot, 2990, foot)
		rig.standAround(models.SquadFoot, 3010, tired)
		rig.standAround(models.SquadVehicle, 9590, car)
		rig.standAround(models.SquadVehicle, 9620, late)
		if got, want := rig.askedAbout(rig.crime(rig.Volunteer, nil)), ids(foot, car); !slices.Equal(got, want) {
			t.Errorf("asked %v, want %v", got, want)
		}
	})
}

// Many see the same crime: a phone rings once for it, until two minutes later or about another place.
func TestAHelperIsNotAskedAgain(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.standAround(models.SquadFoot, 100, rig.Guard, rig.Auxiliary)
		both := ids(rig.Guard, rig.Auxiliary)
		asked := func(name, tip string, want []models.ID, rings int) {
			t.Helper()
			if got := rig.askedAbout(tip); !slices.Equal(got, want) {
				t.Errorf("%s: asked %v, want %v", name, got, want)
			}
			if got := rig.inboxOf(rig.Guard, models.AlertTipHelp); got != rings {
				t.Errorf("%s: the guard was asked %d times, want %d", name, got, rings)
			}
		}
		asked("the first", rig.crime(rig.Volunteer, nil), both, 1)
		asked("at once", rig.crime(rig.Resident, nil), nil, 1)
		rig.clock.advance(models.TipAsksAnew - time.Second)
		asked("a second less than two minutes later", rig.crime(rig.Resident, nil), nil, 1)
		asked("elsewhere", rig.crime(rig.Resident, map[string]any{"position": spot(off(rig.One.At, -300, 0), nil)}), both, 2)
		rig.clock.advance(time.Second)
		asked("two minutes later", rig.crime(rig.Resident, nil), both, 3)

		moved := rig.addPerson(models.RoleAuxiliary, rig.One.Place)
		rig.standAround(models.SquadFoot, 50, moved)
		asked("who has come since", rig.crime(rig.Volunteer, nil), ids(moved), 3)
	})
}

// Somebody was asked about a tip far off that was merged with one here: it is the same thing.
func TestAHelperIsNotAskedAgainAboutAMergedTip(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.standAround(models.SquadFoot, 100, rig.Guard)
		far := rig.crime(rig.Volunteer, map[string]any{"position": spot(off(rig.One.At, 350, 0), nil)})
		rig.standAround(models.SquadFoot, 0, rig.Auxiliary)
		here := rig.crime(rig.Resident, nil)
		if got := rig.askedAbout(here); !slices.Equal(got, ids(rig.Guard, rig.Auxiliary)) {
			t.Fatalf("asked %v", got)
		}
		rig.call(rig.Officer, http.MethodPost, "/v1/tips/"+far+"/merges", map[string]any{"into_id": here}).must(200)
		if got := rig.askedAbout(rig.crime(rig.Stranger, map[string]any{"position": spot(off(rig.One.At, 500, 0), nil)})); len(got) != 0 {
			t.Errorf("asked again: %v", got)
		}
	})
}

// Many report the same crime at the same moment: everybody is asked by one of the tips.
func TestManyTipsAtOnceAskOnce(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.standAround(models.SquadFoot, 100, rig.Guard, rig.Auxiliary)
		tokens := []string{rig.token(rig.Volunteer), rig.token(rig.Resident)}
		bodies := []map[string]any{}
		for range 8 {
			bodies = append(bodies, rig.seen(map[string]any{"category": models.CategoryCrime}))
		}
		for _, got := range atOnce(len(bodies), func(at int) response {
			return rig.callAs(tokens[at%2], http.MethodPost, "/v1/tips", bodies[at])
		}) {
			if got.Status != 201 {
				t.Errorf("%d %s", got.Status, got.Text)
			}
		}
		for _, who := range []*caller{rig.Guard, rig.Auxiliary} {
			if got := rig.inboxOf(who, models.AlertTipHelp); got != 1 {
				t.Errorf("%s was asked %d times", who.Name, got)
			}
		}
	})
}
