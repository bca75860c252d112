package demo_test

import (
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"xunfang/demo"
	"xunfang/models"
	"xunfang/station"
)

func readStation(t testing.TB) models.Description {
	t.Helper()
	description, err := station.Read(demo.Station(), station.Options{Demo: true})
	if err != nil {
		t.Fatal(err)
	}
	return description
}

func TestTheStationHasItsShape(t *testing.T) {
	description := readStation(t)
	kinds, directions := map[string]int{}, map[string]int{}
	for _, compound := range description.Compounds {
		kinds[compound.Kind]++
	}
	for _, route := range description.Routes {
		directions[route.Direction]++
	}
	if !maps.Equal(kinds, map[string]int{"ordinary": 47, "resettlement": 12, "under_construction": 7}) {
		t.Errorf("compounds: %v", kinds)
	}
	if !maps.Equal(directions, map[string]int{"north_south": 3, "east_west": 10}) {
		t.Errorf("routes: %v", directions)
	}
	fitted := 0
	for _, door := range description.Doors {
		if door.DeviceID != "" {
			fitted++
		}
	}
	if fitted < 40 {
		t.Errorf("%d doors with a controller", fitted)
	}
	for at, one := range description.Compounds {
		for _, other := range description.Compounds[:at] {
			if apart := one.Centre.DistanceM(other.Centre); apart < 300 {
				t.Errorf("%s and %s are %.0f m apart", one.Name, other.Name, apart)
			}
		}
		if nearest, found := models.NearestCompound(one.Centre, description.Compounds, 150); !found || nearest.ID != one.ID {
			t.Errorf("at %s the nearest is %s", one.Name, nearest.Name)
		}
	}
	for _, home := range description.Homes {
		at := slices.IndexFunc(description.Compounds, func(c models.Compound) bool { return c.ID == home.Place.Compound })
		if description.Compounds[at].Kind == "under_construction" {
			t.Fatalf("somebody lives at the building site %s", description.Compounds[at].Name)
		}
	}
	if homes := len(description.Homes); homes < 1000 {
		t.Errorf("%d homes", homes)
	}
}

func TestTheStationHasItsPlan(t *testing.T) {
	description := readStation(t)
	kinds := map[models.SquadKind]int{}
	for _, squad := range description.Squads {
		kinds[squad.Kind]++
	}
	if len(kinds) != 5 || len(description.StreetPosts) < 4 {
		t.Errorf("squads %v, %d street posts", kinds, len(description.StreetPosts))
	}
	overMidnight, shifts := map[models.ID]bool{}, map[models.ID]models.Shift{}
	for _, shift := range description.Shifts {
		shifts[shift.ID], overMidnight[shift.ID] = shift, shift.StartMinute+shift.LengthMinutes > 24*60
	}
	planned, nights := map[models.ID]bool{}, 0
	for _, plan := range description.RoundPlans {
		if overMidnight[plan.ShiftID] {
			nights++
		} else {
			planned[plan.RouteID] = true
		}
		if wrong := plan.CheckStops(shifts[plan.ShiftID]); len(wrong) > 0 {
			t.Errorf("%s: %v", plan.Name, wrong)
		}
	}
	if len(planned) != len(description.Routes) || nights == 0 {
		t.Errorf("%d of %d routes planned by day, %d rounds by night", len(planned), len(description.Routes), nights)
	}
}

func TestTheStationHasItsPeople(t *testing.T) {
	description := readStation(t)
	withAccount, compounds := map[models.Role]int{}, map[models.Role]map[models.ID]int{}
	for _, person := range description.People {
		if !person.Demo || !regexp.MustCompile(`^1000000\d{4}$`).MatchString(person.Phone.Reveal()) {
			t.Errorf("%s: demo %v, phone outside the invalid range", description.Keys[person.ID], person.Demo)
		}
		if key := description.Keys[person.ID]; person.Account != "" && person.Account != key {
			t.Errorf("%s has the account %s", key, person.Account)
		}
		for _, grant := range person.Grants {
			if person.Account == "" {
				continue
			}
			withAccount[grant.Role]++
			if compounds[grant.Role] == nil {
				compounds[grant.Role] = map[models.ID]int{}
			}
			compounds[grant.Role][grant.Place.Compound]++
		}
	}
	least := map[models.Role]int{
		models.RoleCommander: 1, models.RoleAdmin: 1, models.RoleOfficer: 3, models.RoleAuxiliary: 2, models.RoleGridWorker: 2,
		models.RoleActivist: 2, models.RoleProperty: 2, models.RoleGuard: 2, models.RoleCommittee: 2, models.RoleVolunteer: 6,
		models.RoleResident: 6,
	}
	for _, role := range models.PersonRoles {
		if withAccount[role] < least[role] || least[role] == 0 {
			t.Errorf("%d accounts with the role %s", withAccount[role], role)
		}
	}
	for _, role := range []models.Role{models.RoleOfficer, models.RoleProperty, models.RoleGuard, models.RoleVolunteer, models.RoleResident} {
		if len(compounds[role]) < 2 {
			t.Errorf("%s in %d compounds only", role, len(compounds[role]))
		}
	}
	most := 0
	for _, count := range compounds[models.RoleVolunteer] {
		most = max(most, count)
	}
	if most < 5 {
		t.Errorf("no compound has five volunteers; the most is %d", most)
	}
}

func TestGrowFillsTheHomes(t *testing.T) {
	before := readStation(t)
	const residents = 12_000
	grown := demo.Grow(before, residents, 7)
	if !reflect.DeepEqual(before, readStation(t)) {
		t.Error("it changed what it was given")
	}
	if !reflect.DeepEqual(grown, demo.Grow(before, residents, 7)) {
		t.Error("the same seed gave another station")
	}
	if reflect.DeepEqual(grown.People, demo.Grow(before, residents, 8).People) {
		t.Error("another seed gave the same people")
	}
	homes, ids := map[models.ID]models.Place{}, map[models.ID]bool{}
	for _, home := range grown.Homes {
		homes[home.ID] = home.Place
	}
	living, phones := 0, map[string]bool{}
	for _, person := range grown.People {
		ids[person.ID] = true
		phones[person.Phone.Reveal()] = true
		for _, grant := range person.Grants {
			ids[grant.ID] = true
			if grant.Role != models.RoleResident {
				continue
			}
			living++
			if homes[grant.Place.Home] != grant.Place {
				t.Fatalf("%+v is no home", grant.Place)
			}
		}
	}
	if living != residents || len(phones) != len(grown.People) {
		t.Errorf("%d residents, %d phones for %d people", living, len(phones), len(grown.People))
	}
	if mean := float64(living) / float64(len(grown.Homes)); mean < 2.7 || mean > 3.0 {
		t.Errorf("%.2f residents of a home", mean)
	}
	last := grown.People[len(grown.People)-1]
	if last.Account != "" || !last.Demo || !strings.HasPrefix(last.Phone.Reveal(), "101") || len(last.Phone) != 11 || !last.ID.Described() {
		t.Errorf("a new resident: %+v", last)
	}
	for _, building := range grown.Buildings[len(before.Buildings):] {
		if ids[building.ID] || building.Place.Compound == "" {
			t.Errorf("building %+v", building)
		}
	}
}
