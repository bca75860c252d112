package station_test

import (
	"errors"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/station"
)

const small = `station:
  key: s
  name: 试验所
  time_zone: Asia/Shanghai
  position: {lat: 30.5, lng: 105.5}
compounds:
  - key: east
    name: 东苑
    kind: ordinary
    position: {lat: 31.17530398, lng: 121.53154186, crs: GCJ02}
    buildings:
      - name: 1栋
        units:
          - {name: 1单元, floors: 2, homes_per_floor: 2}
          - {name: 2单元, homes: [0101, 底商]}
checkpoints:
  - {key: a, name: 甲, position: {lat: 30.51, lng: 105.51}, methods: [gps, nfc], nfc_uid: 04a1b2c3, compound: east}
  - {key: b, name: 乙, position: {lat: 30.52, lng: 105.52}, methods: [qr], radius_m: 80, key_place: true}
routes:
  - {key: r, name: 一横, direction: east_west, checkpoints: [b, a]}
doors:
  - {key: gate, name: 大门, kind: gate, place: east}
  - {key: unit, name: 单元门, kind: unit, place: east/1栋/2单元}
devices:
  - {key: box, name: 门禁机, kind: terminal, compound: east, doors: [gate, unit]}
people:
  - {key: chief, name: 陈所, phone: 10000000001, account: chief, roles: [{role: commander, scope: station}]}
  - key: lin
    name: 林某
    phone: "+8610000000002"
    id_number: 00000019000101000x
    roles:
      - {role: resident, scope: east/1栋/2单元/底商, starts_at: 2026-05-01, ends_at: 2027-05-01T00:00:00Z}
      - {role: volunteer, scope: east/1栋}
  - {key: he, name: 何某, roles: [{role: officer, scope: east}]}
  - {key: wu, name: 吴某, roles: [{role: guard, scope: east}]}
street_posts:
  - {key: ring, name: 环岛, position: {lat: 30.51, lng: 105.51}, max_gap_minutes: 20}
  - {key: yard, name: 小区门口, position: {lat: 30.51, lng: 105.51}, compound: east, radius_m: 40}
squads:
  - {key: night, name: 夜巡, kind: night, leader: he, members: [wu, he]}
shifts:
  - {key: night, name: 夜班, squad: night, post: ring, start_time: 22:00, length_minutes: 480, recurrence: weekdays, weekdays: [sunday, friday], from_date: 2026-05-01, until_date: 2026-12-31}
  - {key: feast, name: 节日, squad: night, start_time: "00:30", length_minutes: 60, recurrence: dates, dates: [2027-01-01, 2026-10-01]}
round_plans:
  - {key: all, name: 全程, shift: night, route: r, ordered: true}
  - key: some
    name: 自选
    shift: feast
    team: true
    stops:
      - {checkpoint: a, from_minute: 10, until_minute: 20, priority: high}
      - {checkpoint: b}
`

func read(t testing.TB, text string, options station.Options) models.Description {
	t.Helper()
	description, err := station.Read([]byte(text), options)
	if err != nil {
		t.Fatal(err)
	}
	return description
}

func TestReadResolvesEverything(t *testing.T) {
	got := read(t, small, station.Options{Demo: true, NFCMAC: func(uid string) []byte { return []byte("mac of " + uid) }})
	if got.Station.Name != "试验所" || got.Station.TimeZone != "Asia/Shanghai" || got.Station.Centre != (models.Position{Lat: 30.5, Lng: 105.5}) {
		t.Errorf("station: %+v", got.Station)
	}
	east := got.Compounds[0]
	if off := east.Centre.DistanceM(models.Position{Lat: 31.1774276, Lng: 121.5272106}); off > 1 {
		t.Errorf("GCJ-02 was not converted: %v m off", off)
	}
	labels := []string{}
	for _, home := range got.Homes {
		labels = append(labels, home.Unit+home.Label)
		if home.Building != "1栋" || home.Place.Level() != models.LevelHome || home.Place.ID() != home.ID || !east.Place().Contains(home.Place) {
			t.Errorf("home %+v", home)
		}
	}
	if text := strings.Join(labels, " "); text != "1单元101 1单元102 1单元201 1单元202 2单元0101 2单元底商" {
		t.Errorf("homes: %s", text)
	}
	a, b := got.Checkpoints[0], got.Checkpoints[1]
	if string(a.NFCMAC) != "mac of 04A1B2C3" || a.RadiusM != 50 || a.Place != east.Place() || a.KeyPlace {
		t.Errorf("checkpoint %+v", a)
	}
	if b.NFCMAC != nil || b.RadiusM != 80 || b.Place.Level() != models.LevelStation || !b.KeyPlace {
		t.Errorf("checkpoint %+v", b)
	}
	if !reflect.DeepEqual(got.Routes[0].Checkpoints, []models.ID{b.ID, a.ID}) {
		t.Errorf("route %+v", got.Routes[0])
	}
	box := got.Devices[0]
	if !box.Demo || box.Place != east.Place() || !reflect.DeepEqual(box.DoorIDs, []models.ID{got.Doors[0].ID, got.Doors[1].ID}) {
		t.Errorf("device %+v", box)
	}
	if got.Doors[0].DeviceID != box.ID || got.Doors[1].Place != got.Units[1].Place || got.Doors[0].Place != east.Place() {
		t.Errorf("doors %+v", got.Doors)
	}
	lin := got.People[1]
	if !lin.Demo || lin.Name != "林某" || lin.Phone != "10000000002" || lin.IDNumber != "00000019000101000X" || lin.Account != "" {
		t.Errorf("person %+v", lin)
	}
	want := models.Grant{
		ID: lin.Grants[0].ID, PersonID: lin.ID, Role: models.RoleResident, Place: got.Homes[5].Place,
		StartsAt: time.Date(2026, 4, 30, 16, 0, 0, 0, time.UTC), EndsAt: time.Date(2027, 5, 1, 0, 0, 0, 0, time.UTC),
	}
	if lin.Grants[0] != want || lin.Grants[1].Place != got.Buildings[0].Place || !lin.Grants[1].StartsAt.IsZero() {
		t.Errorf("grants %+v", lin.Grants)
	}
	if got.Keys[lin.ID] != "lin" || got.Keys[got.Homes[0].ID] != "east/1栋/1单元/101" {
		t.Errorf("keys %v", got.Keys)
	}
}

var version7 = regexp.MustCompile(`^016f5e66-e800-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

func TestReadResolvesThePlan(t *testing.T) {
	got := read(t, small, station.Options{})
	he, wu := got.People[2].ID, got.People[3].ID
	ring, yard := got.StreetPosts[0], got.StreetPosts[1]
	if ring.Place != (models.Place{Station: got.Station.ID}) || ring.RadiusM != 100 || ring.MaxGap != 20*time.Minute ||
		yard.Place != got.Compounds[0].Place() || yard.RadiusM != 40 || yard.MaxGap != 30*time.Minute {
		t.Errorf("street posts %+v", got.StreetPosts)
	}
	squad := got.Squads[0]
	if squad.Kind != models.SquadNight || squad.LeaderID != he || !reflect.DeepEqual(squad.Members, []models.ID{wu, he}) {
		t.Errorf("squad %+v", squad)
	}
	night, feast := got.Shifts[0], got.Shifts[1]
	if night.SquadID != squad.ID || night.PostID != ring.ID || night.StartMinute != 1320 || night.LengthMinutes != 480 ||
		!reflect.DeepEqual(night.Weekdays, []time.Weekday{time.Sunday, time.Friday}) || night.FromDate.String() != "2026-05-01" ||
		night.UntilDate.String() != "2026-12-31" {
		t.Errorf("shift %+v", night)
	}
	if feast.PostID != "" || feast.StartMinute != 30 || feast.FromDate.String() != "2026-10-01" || len(feast.Dates) != 2 ||
		feast.Dates[0] != feast.FromDate {
		t.Errorf("shift %+v", feast)
	}
	a, b := got.Checkpoints[0].ID, got.Checkpoints[1].ID
	all, some := got.RoundPlans[0], got.RoundPlans[1]
	if all.RouteID != got.Routes[0].ID || all.ShiftID != night.ID || !all.Ordered || all.Team ||
		!reflect.DeepEqual(all.Stops, models.StopsOf(got.Routes[0], night)) {
		t.Errorf("plan %+v", all)
	}
	if some.RouteID != "" || !some.Team || !reflect.DeepEqual(some.Stops, []models.PlannedStop{
		{CheckpointID: a, FromMinute: 10, UntilMinute: 20, Priority: models.PriorityHigh},
		{CheckpointID: b, UntilMinute: 60, Priority: models.PriorityNormal},
	}) {
		t.Errorf("plan %+v", some)
	}
}

// A route comes before people in the file, and may name one.
func TestARouteHasAnOfficer(t *testing.T) {
	got := read(t, strings.Replace(small, "checkpoints: [b, a]", "checkpoints: [b, a], officer: chief", 1), station.Options{})
	if got.Routes[0].OfficerID != got.People[0].ID || got.People[0].Account != "chief" {
		t.Errorf("route %+v of %+v", got.Routes[0], got.People[0].Person)
	}
}

func TestIDsComeFromKeysAlone(t *testing.T) {
	first := read(t, small, station.Options{})
	again := read(t, small, station.Options{})
	if !reflect.DeepEqual(first, again) {
		t.Error("the same file means something else")
	}
	renamed := read(t, strings.NewReplacer("林某", "林大", "陈所", "陈局", "大门", "正门", "东苑", "东方苑").Replace(small), station.Options{})
	if first.People[1].ID != renamed.People[1].ID || first.Doors[0].ID != renamed.Doors[0].ID || first.Homes[5].ID != renamed.Homes[5].ID ||
		first.People[1].Grants[0].ID != renamed.People[1].Grants[0].ID {
		t.Error("a new name made a new id")
	}
	other := read(t, strings.Replace(small, "key: s\n", "key: s2\n", 1), station.Options{})
	ids := map[models.ID]bool{}
	for _, description := range []models.Description{first, other} {
		for id := range description.Keys {
			if ids[id] {
				t.Errorf("%s stands for two things", id)
			}
			ids[id] = true
			if !version7.MatchString(string(id)) || !id.Described() {
				t.Errorf("%s is no derived version 7 UUID", id)
			}
			if parsed, err := models.ParseID(string(id)); err != nil || parsed != id {
				t.Errorf("%s does not parse: %v", id, err)
			}
		}
	}
	if made := models.ID("019a0000-0000-7000-8000-000000000000"); made.Described() {
		t.Error("an id of the server counts as derived")
	}
	if first.People[0].ID != "016f5e66-e800-7"+first.People[0].ID[15:] || len(ids) != 2*len(first.Keys) {
		t.Error("ids are not apart")
	}
}

func TestALongFileIsRefusedAndMistakesAreBounded(t *testing.T) {
	_, err := station.Read(make([]byte, station.MaxBytes+1), station.Options{})
	if err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("too long: %v", err)
	}
	text := strings.Builder{}
	text.WriteString("people:\n")
	for range 5000 {
		text.WriteString("  - {wrong: 1}\n")
	}
	_, err = station.Read([]byte(text.String()), station.Options{})
	var mistakes station.Mistakes
	if !errors.As(err, &mistakes) || len(mistakes.List) != station.MaxMistakes || mistakes.More != 1+3*5000-station.MaxMistakes {
		t.Fatalf("%d told, %d more", len(mistakes.List), mistakes.More)
	}
	if mistakes.List[0].Line != 1 || mistakes.List[station.MaxMistakes-1].Line != 34 {
		t.Errorf("not those of the first lines: %v", mistakes.List)
	}
	if !strings.HasSuffix(err.Error(), "\nand 14901 more") {
		t.Errorf("the text ends %q", err.Error()[len(err.Error())-40:])
	}
}

func TestAliasesAreRefusedQuickly(t *testing.T) {
	text := strings.Builder{}
	text.WriteString("station: &a0 [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]\n")
	for at := range 30 { // each ten times the one before: expanded, 10^31 nodes
		ten := strings.TrimSuffix(strings.Repeat("*a"+string(rune('0'+at%10))+", ", 10), ", ")
		text.WriteString("k" + string(rune('a'+at%26)) + ": &a" + string(rune('0'+(at+1)%10)) + " [" + ten + "]\n")
	}
	text.WriteString("compounds: *a1\n")
	_, err := station.Read([]byte(text.String()), station.Options{})
	if err == nil || !strings.Contains(err.Error(), "aliases") {
		t.Errorf("got %v", err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(small))
	f.Add([]byte("station: &a {key: *a}\n--- \n? [x]\n: !!binary aGk="))
	f.Add([]byte("compounds: [{key: a, buildings: [{name: x, units: [{name: y, floors: 150, homes_per_floor: 99}]}]}]"))
	f.Add([]byte("people: [{roles: [{role: officer, scope: station, starts_at: 2026-01-01}]}]\n\x00\xff"))
	f.Fuzz(func(t *testing.T, text []byte) {
		description, err := station.Read(text, station.Options{})
		var mistakes station.Mistakes
		switch {
		case err == nil:
			if description.Station.ID == "" || description.Station.Name == "" {
				t.Error("accepted without a station")
			}
		case !errors.As(err, &mistakes) || len(mistakes.List) == 0 || len(mistakes.List) > station.MaxMistakes:
			t.Errorf("not mistakes: %v", err)
		default:
			last := 1
			for _, mistake := range mistakes.List {
				if mistake.Line < last || mistake.Text == "" {
					t.Errorf("out of order: %+v", mistakes.List)
				}
				last = mistake.Line
			}
		}
	})
}
