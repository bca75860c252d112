package store_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"xunfang/models"
	stationfile "xunfang/station" //nolint:depguard // tests only: a file is the shortest way to write a description
	"xunfang/store"
	"xunfang/store/testdb"
)

const importedFile = `
station: {key: s, name: 试验所, time_zone: Asia/Shanghai, position: {lat: 30.5, lng: 105.5}, tip_key: age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq}
compounds:
  - key: east
    name: 东苑
    kind: ordinary
    position: {lat: 30.51, lng: 105.51}
    buildings:
      - {name: 1栋, units: [{name: 1单元, floors: 2, homes_per_floor: 2}]}
  - {key: west, name: 西苑, kind: resettlement, position: {lat: 30.52, lng: 105.52}}
checkpoints:
  - {key: a, name: 甲, position: {lat: 30.51, lng: 105.51}, methods: [gps], nfc_uid: 04A1B2C3}
  - {key: b, name: 乙, position: {lat: 30.52, lng: 105.52}, methods: [gps, qr], compound: west}
routes:
  - {key: r, name: 一横, direction: east_west, checkpoints: [a, b]}
doors:
  - {key: gate, name: 大门, kind: gate, place: east}
  - {key: unit, name: 单元门, kind: unit, place: east/1栋/1单元}
devices:
  - {key: gate-box, name: 大门机, kind: terminal, compound: east, doors: [gate]}
people:
  - {key: chief, name: 陈所, phone: 10000000001, account: chief, roles: [{role: commander, scope: station}]}
  - key: lin
    name: 林某
    phone: 10000000002
    account: lin
    id_number: 00000019000101000x
    roles: [{role: resident, scope: east/1栋/1单元/201}, {role: volunteer, scope: east}]
  - {key: he, name: 何某, phone: 10000000003, roles: [{role: officer, scope: east}]}
  - {key: wu, name: 吴某, phone: 10000000004, roles: [{role: auxiliary, scope: east}]}
street_posts:
  - {key: ring, name: 环岛, position: {lat: 30.51, lng: 105.53}}
  - {key: mall, name: 商场, position: {lat: 30.51, lng: 105.54}}
squads:
  - {key: night, name: 夜巡, kind: night, leader: he, members: [wu, he]}
shifts:
  - {key: night, name: 夜班, squad: night, start_time: "22:00", length_minutes: 480, recurrence: daily, from_date: 2026-05-01}
round_plans:
  - {key: all, name: 全程, shift: night, stops: [{checkpoint: a}, {checkpoint: b}]}
`

var (
	importNow = time.Date(2026, 5, 1, 8, 0, 0, 0, time.UTC)
	later     = importNow.Add(time.Hour)
)

// describe reads the file with some of its text replaced: old, new, old, new, …
func describe(t testing.TB, edits ...string) models.Description {
	t.Helper()
	for at := 0; at+1 < len(edits); at += 2 {
		if !strings.Contains(importedFile, edits[at]) {
			t.Fatalf("the file has no %q", edits[at])
		}
	}
	text := strings.NewReplacer(edits...).Replace(importedFile)
	mac := func(uid string) []byte { return testdb.Vault{}.BlindIndex("nfc", uid) }
	description, err := stationfile.Read([]byte(text), stationfile.Options{NFCMAC: mac})
	if err != nil {
		t.Fatal(err)
	}
	return description
}

func newTestID() models.ID { return models.ID(uuid.Must(uuid.NewV7()).String()) }

func imported(t testing.TB, s *store.Store, description models.Description, now time.Time) store.ImportReport {
	t.Helper()
	report, err := s.Import(t.Context(), description, now)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestImportAddsEverythingOnce(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		description := describe(t)
		told := [][2]int{}
		report, err := s.Import(t.Context(), description, importNow, func(done, total int) { told = append(told, [2]int{done, total}) })
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]int{
			"station": 1, "compounds": 2, "buildings": 1, "units": 1, "homes": 4, "checkpoints": 2, "routes": 1,
			"devices": 1, "doors": 2, "people": 4, "roles": 5, "street_posts": 2, "squads": 1, "shifts": 1, "round_plans": 1,
			"tip_key": 1, "drivers": 0,
		}
		for kind, count := range want {
			if got := report.Of(kind); got != (store.ImportCount{Kind: kind, Added: count}) {
				t.Errorf("%s: %+v, want %d added", kind, got, count)
			}
		}
		if last := told[len(told)-1]; last != [2]int{30, 30} || len(report.Counts) != len(want) {
			t.Errorf("progress ended at %v; %d kinds", last, len(report.Counts))
		}
		again := imported(t, s, describe(t), later)
		for kind, count := range want {
			if got := again.Of(kind); got != (store.ImportCount{Kind: kind, Unchanged: count}) {
				t.Errorf("the second time, %s: %+v", kind, got)
			}
		}
		wholeStation(t, s, description)
		entries, err := s.ListAudit(t.Context(), description.Station.ID, models.AuditFilter{}, "", 10)
		if err != nil || len(entries) != 2 || entries[0].Operation != store.OpImportStation || entries[1].Facts["people"] != "4 added" {
			t.Errorf("audit: %v %+v", err, entries)
		}
	})
}

// wholeStation checks that what was imported reads back through the store's own methods.
func wholeStation(t *testing.T, s *store.Store, description models.Description) {
	t.Helper()
	ctx := t.Context()
	lin := description.People[1]
	person, err := s.PersonByAccount(ctx, "lin")
	if err != nil || person.ID != lin.ID || person.Name != "林某" || person.Phone != "10000000002" ||
		person.IDNumber != "00000019000101000X" || !person.CreatedAt.Equal(importNow) {
		t.Errorf("person: %v %+v", err, person)
	}
	grants, err := s.Grants(ctx, lin.ID)
	if err != nil || len(grants) != 2 {
		t.Fatalf("grants: %v %v", err, grants)
	}
	for _, grant := range grants {
		if !grant.StartsAt.Equal(importNow) || !grant.InForce(later) || !slices.ContainsFunc(lin.Grants, func(g models.Grant) bool {
			return g.ID == grant.ID && g.Place == grant.Place && g.Role == grant.Role
		}) {
			t.Errorf("grant %+v", grant)
		}
	}
	place, err := s.Place(ctx, models.LevelHome, lin.Grants[0].Place.Home)
	if err != nil || place != lin.Grants[0].Place {
		t.Errorf("home: %v %v", err, place)
	}
	device, err := s.Device(ctx, description.Devices[0].ID)
	if err != nil || !slices.Equal(device.DoorIDs, []models.ID{description.Doors[0].ID}) || len(device.SecretHash) != 0 {
		t.Errorf("device: %v %+v", err, device)
	}
	routes, err := s.Routes(ctx, []models.Sight{{Within: models.Place{Station: description.Station.ID}}}, store.Page{Limit: 10})
	if err != nil || len(routes) != 1 || !slices.Equal(routes[0].Checkpoints, description.Routes[0].Checkpoints) {
		t.Errorf("routes: %v %+v", err, routes)
	}
	plans, err := s.StandingPlans(ctx, description.Station.ID)
	if err != nil || len(plans) != 1 || !slices.Equal(plans[0].Stops, description.RoundPlans[0].Stops) ||
		plans[0].Shift.SquadID != description.Squads[0].ID || plans[0].Shift.FromDate != description.Shifts[0].FromDate {
		t.Errorf("plans: %v %+v", err, plans)
	}
	squad, err := s.Squad(ctx, description.Squads[0].ID)
	if err != nil || !slices.Equal(squad.Members, description.Squads[0].Members) || squad.LeaderID != description.Squads[0].LeaderID {
		t.Errorf("squad: %v %+v", err, squad)
	}
	points, err := s.StationCheckpoints(ctx, description.Station.ID)
	tagged := slices.IndexFunc(points, func(point models.Checkpoint) bool { return len(point.NFCMAC) > 0 })
	if err != nil || len(points) != 2 || tagged < 0 || points[tagged].Name != "甲" {
		t.Errorf("checkpoints: %v %+v", err, points)
	}
}

func TestImportUpdatesWhatDiffers(t *testing.T) {
	for name, test := range map[string]struct {
		edits []string
		kind  string
		want  int
	}{
		"station's place":   {[]string{"lat: 30.5, lng", "lat: 30.6, lng"}, "station", 1},
		"compound's name":   {[]string{"name: 东苑", "name: 东方苑"}, "compounds", 1},
		"names exchanged":   {[]string{"name: 东苑", "name: 西苑", "name: 西苑", "name: 东苑"}, "compounds", 2},
		"checkpoint's tag":  {[]string{"04A1B2C3", "04A1B2C4"}, "checkpoints", 1},
		"order of stops":    {[]string{"[a, b]", "[b, a]"}, "routes", 1},
		"one stop less":     {[]string{"[a, b]", "[b]"}, "routes", 1},
		"route's officer":   {[]string{"[a, b]", "[a, b], officer: chief"}, "routes", 1},
		"person's name":     {[]string{"林某", "林某某"}, "people", 1},
		"number":            {[]string{"00000019000101000x", "000000190001010011"}, "people", 1},
		"phones exchanged":  {[]string{"10000000001", "10000000002", "10000000002", "10000000001"}, "people", 2},
		"accounts swapped":  {[]string{"account: chief", "account: lin", "account: lin", "account: chief"}, "people", 2},
		"role with an end":  {[]string{"role: volunteer, scope: east}]", "role: volunteer, scope: east, ends_at: 2027-01-01}]"}, "roles", 1},
		"door fitted":       {[]string{"doors: [gate]", "doors: [gate, unit]"}, "doors", 1},
		"door taken off":    {[]string{"doors: [gate]", "doors: []"}, "doors", 1},
		"door's ways":       {[]string{"kind: gate, place: east", "kind: gate, place: east, ways: [face, code]"}, "doors", 1},
		"ways as they were": {[]string{"kind: gate, place: east", "kind: gate, place: east, ways: [remote, code]"}, "doors", 0},
		"device's name":     {[]string{"大门机", "大门终端"}, "devices", 1},
		"posts exchanged":   {[]string{"name: 环岛", "name: 商场", "name: 商场", "name: 环岛"}, "street_posts", 2},
		"squad's members":   {[]string{"members: [wu, he]", "members: [he]"}, "squads", 1},
		"order of members":  {[]string{"[wu, he]", "[he, wu]"}, "squads", 1},
		"squad's kind":      {[]string{"kind: night", "kind: mixed"}, "squads", 1},
		"shift's post":      {[]string{"squad: night, start", "squad: night, post: ring, start"}, "shifts", 1},
		"shift's last day":  {[]string{"from_date: 2026-05-01", "from_date: 2026-05-01, until_date: 2026-06-01"}, "shifts", 1},
		"plan's order":      {[]string{"shift: night, stops", "shift: night, ordered: true, stops"}, "round_plans", 1},
		"plan's stops":      {[]string{"[{checkpoint: a}, ", "[{checkpoint: a, priority: high}, "}, "round_plans", 1},
		"nothing described": {[]string{", account: chief", "", ", nfc_uid: 04A1B2C3", ""}, "people", 0},
	} {
		t.Run(name, func(t *testing.T) {
			testdb.Each(t, func(t *testing.T, s *store.Store) {
				imported(t, s, describe(t), importNow)
				edited := describe(t, test.edits...)
				planned, err := s.PlanImport(t.Context(), edited, later)
				report := imported(t, s, edited, later)
				if report.Of(test.kind).Updated != test.want || report.Changes() != test.want {
					t.Errorf("got\n%s", report)
				}
				if err != nil || planned.String() != report.String() {
					t.Errorf("planned: %v\n%s", err, planned)
				}
				if again := imported(t, s, edited, later.Add(time.Hour)); again.Changes() != 0 {
					t.Errorf("once more:\n%s", again)
				}
			})
		})
	}
}

func TestARoleNoLongerDescribedEnds(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx, description := t.Context(), describe(t)
		lin := description.People[1]
		imported(t, s, description, importNow)
		other := models.Grant{ID: newTestID(), PersonID: lin.ID, Role: models.RoleGuard, Place: description.Compounds[0].Place(), StartsAt: importNow}
		if err := s.Atomically(ctx, func(tx *store.Store) error { return tx.AddGrant(ctx, other, importNow) }); err != nil {
			t.Fatal(err)
		}
		without := describe(t, ", {role: volunteer, scope: east}", "")
		if report := imported(t, s, without, later); report.Of("roles").Ended != 1 || report.Changes() != 1 {
			t.Errorf("got\n%s", report)
		}
		roles := func(now time.Time) []models.Role {
			grants, err := s.Grants(ctx, lin.ID)
			if err != nil {
				t.Fatal(err)
			}
			held := []models.Role{}
			for _, grant := range models.InForce(grants, now) {
				held = append(held, grant.Role)
			}
			slices.Sort(held)
			return held
		}
		if held := roles(later); !slices.Equal(held, []models.Role{models.RoleGuard, models.RoleResident}) {
			t.Errorf("held afterwards: %v (what came through the API stays)", held)
		}
		if again := imported(t, s, without, later.Add(time.Hour)); again.Changes() != 0 {
			t.Errorf("it ended twice:\n%s", again)
		}
		back := later.Add(2 * time.Hour)
		if report := imported(t, s, description, back); report.Of("roles").Updated != 1 {
			t.Errorf("described again:\n%s", report)
		}
		if held := roles(later.Add(time.Minute)); slices.Contains(held, models.RoleVolunteer) {
			t.Errorf("the time between was given back: %v", held)
		}
		if held := roles(back); !slices.Contains(held, models.RoleVolunteer) {
			t.Errorf("held when it is back: %v", held)
		}
		gone := describe(t)
		gone.People = gone.People[:1]
		if report := imported(t, s, gone, back.Add(time.Hour)); report.Changes() != 0 || len(roles(back.Add(2*time.Hour))) != 3 {
			t.Errorf("somebody who is not described lost roles:\n%s", report)
		}
	})
}

func TestAConflictWritesNothing(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx, description := t.Context(), describe(t)
		imported(t, s, description, importNow)
		station := description.Station.ID
		err := s.Atomically(ctx, func(tx *store.Store) error {
			return errors.Join(
				tx.AddCompound(ctx, models.Compound{ID: newTestID(), StationID: station, Name: "南苑", Kind: "ordinary"}),
				tx.AddPerson(ctx, models.Person{ID: newTestID(), StationID: newTestID(), Name: "x", Account: "taken", Phone: "10000000009"}),
			)
		})
		if err != nil {
			t.Fatal(err)
		}
		for name, test := range map[string]struct{ edits, fields []string }{
			"a name":     {[]string{"name: 西苑", "name: 南苑", "陈所", "陈所长"}, []string{"compounds[west].name"}},
			"an account": {[]string{"account: chief", "account: taken", "陈所", "陈所长"}, []string{"people[chief].account"}},
			"a phone":    {[]string{"10000000002", "10000000009", "陈所", "陈所长"}, []string{"people[lin].phone"}},
			"another key": {
				[]string{"key: chief", "key: boss", "东苑", "东方苑"}, []string{"people[boss].phone", "people[boss].account"},
			},
			"kept by another": {
				[]string{"phone: 10000000001, ", "", "10000000002", "10000000001"}, []string{"people[lin].phone"},
			},
		} {
			_, err := s.Import(ctx, describe(t, test.edits...), later)
			var ours *models.Error
			if !errors.As(err, &ours) || ours.Code != models.CodeAlreadyExists {
				t.Errorf("%s: %v", name, err)
				continue
			}
			fields := []string{}
			for _, field := range ours.Fields {
				fields = append(fields, field.Field)
			}
			if !slices.Equal(fields, test.fields) {
				t.Errorf("%s: %v", name, fields)
			}
			if strings.Contains(err.Error(), "1000000000") {
				t.Errorf("a phone is in the error: %v", err)
			}
			if report := imported(t, s, describe(t), later); report.Changes() != 0 {
				t.Errorf("%s: something was written:\n%s", name, report)
			}
		}
	})
}

func TestSecretsAreWrittenOnceAndKept(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx, description := t.Context(), describe(t)
		chief, lin, box := description.People[0].ID, description.People[1].ID, description.Devices[0].ID
		missing := func() []models.ID {
			people, devices, err := s.MissingSecrets(ctx, description)
			if err != nil {
				t.Fatal(err)
			}
			return append(people, devices...)
		}
		if got := missing(); !slices.Equal(got, []models.ID{chief, lin, box}) {
			t.Errorf("in an empty database: %v", got)
		}
		withSecrets := func(value string, people ...int) models.Description {
			made := describe(t)
			for _, at := range people {
				made.People[at].PasswordHash = models.Secret("$argon2id$" + value)
			}
			made.Devices[0].SecretHash = []byte(value)
			return made
		}
		imported(t, s, describe(t), importNow)
		if got := missing(); len(got) != 3 {
			t.Errorf("after an import without any: %v", got)
		}
		if report := imported(t, s, withSecrets("first", 0), later); report.Of("people").Updated != 1 || report.Of("devices").Updated != 1 {
			t.Errorf("got\n%s", report)
		}
		if got := missing(); !slices.Equal(got, []models.ID{lin}) {
			t.Errorf("after the first: %v", got)
		}
		if report := imported(t, s, withSecrets("second", 0, 1), later); report.Changes() != 1 {
			t.Errorf("got\n%s", report)
		}
		for id, want := range map[models.ID]models.Secret{chief: "$argon2id$first", lin: "$argon2id$second"} {
			if person, err := s.Person(ctx, id); err != nil || person.PasswordHash != want {
				t.Errorf("password of %s: %v %s", id, err, person.PasswordHash.Reveal())
			}
		}
		if device, err := s.Device(ctx, box); err != nil || string(device.SecretHash) != "first" {
			t.Errorf("secret: %v %s", err, device.SecretHash)
		}
		imported(t, s, describe(t), later)
		if got := missing(); len(got) != 0 {
			t.Errorf("an import without any took them away: %v", got)
		}
	})
}

// What the API made of a described thing, and the file does not speak of, stays.
func TestWhatTheFileLeavesOutStays(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx, description := t.Context(), describe(t)
		imported(t, s, description, importNow)
		lin, door, other := description.People[1].ID, description.Doors[1].ID, newTestID()
		err := s.Atomically(ctx, func(tx *store.Store) error {
			person, err := tx.Person(ctx, lin)
			person.DisabledAt = later
			return errors.Join(err, tx.UpdatePerson(ctx, person),
				tx.AddDevice(ctx, models.Device{
					ID: other, Place: description.Compounds[0].Place(), Name: "x", Kind: "terminal", SecretHash: []byte{1}, DoorIDs: []models.ID{door},
				}),
				tx.DeviceArrived(ctx, description.Devices[0].ID, models.DeviceHello{Nonce: "nonce", At: later}, later))
		})
		if err != nil {
			t.Fatal(err)
		}
		imported(t, s, describe(t, "林某", "林某某", "大门机", "大门终端", "name: 单元门", "name: 一单元门"), later)
		person, err := s.Person(ctx, lin)
		if err != nil || person.Name != "林某某" || !person.DisabledAt.Equal(later) || !person.CreatedAt.Equal(importNow) {
			t.Errorf("person: %v %+v", err, person)
		}
		if fitted, err := s.Door(ctx, door); err != nil || fitted.DeviceID != other || fitted.Name != "一单元门" {
			t.Errorf("door: %v %+v", err, fitted)
		}
		if device, err := s.Device(ctx, description.Devices[0].ID); err != nil || device.SessionNonce != "nonce" || !device.Online {
			t.Errorf("device: %v %+v", err, device)
		}
	})
}

func TestAnImportThatFailsLateWritesNothing(t *testing.T) {
	testdb.EachWith(t, func(config *store.Config) { config.AuditMAC = nil }, func(t *testing.T, s *store.Store) {
		if _, err := s.Import(t.Context(), describe(t), importNow); err == nil {
			t.Fatal("without a key for the audit it went through")
		}
		if report, err := s.PlanImport(context.Background(), describe(t), importNow); err != nil || report.Changes() != 30 {
			t.Errorf("left behind: %v\n%s", err, report)
		}
	})
}

// What was ended through the API stays ended, and its name is another's to have.
func TestWhatEndedStaysEnded(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx, description := t.Context(), describe(t)
		imported(t, s, description, importNow)
		other := description.StreetPosts[0]
		other.ID, other.CreatedAt = newTestID(), later
		err := s.Atomically(ctx, func(tx *store.Store) error {
			if err := tx.EndSquad(ctx, description.Squads[0].ID, later); err != nil {
				return err
			}
			if err := tx.EndStreetPost(ctx, description.StreetPosts[0].ID, later); err != nil {
				return err
			}
			return tx.AddStreetPost(ctx, other)
		})
		if err != nil {
			t.Fatal(err)
		}
		if report := imported(t, s, describe(t), later.Add(time.Hour)); report.Changes() != 0 {
			t.Errorf("got\n%s", report)
		}
		if plans, err := s.StandingPlans(ctx, description.Station.ID); err != nil || len(plans) != 0 {
			t.Errorf("%v %v", plans, err)
		}
		if report := imported(t, s, describe(t, "环岛", "环岛北"), later.Add(time.Hour)); report.Changes() != 1 {
			t.Errorf("a new name:\n%s", report)
		}
	})
}
