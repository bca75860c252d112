package station_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"xunfang/station"
)

// insteadOf puts other text in place of some of the small file, and gives the line where it stands.
func insteadOf(t *testing.T, old, changed string) (string, int) {
	t.Helper()
	at := strings.Index(small, old)
	if at < 0 {
		t.Fatalf("the small file has no %q", old)
	}
	return small[:at] + changed + small[at+len(old):], 1 + strings.Count(small[:at], "\n")
}

// Each line of the table is one edit and the mistakes it makes: the line, counted from the
// edit's own, and some of the words.
func TestEveryMistakeIsToldWithItsLine(t *testing.T) {
	for _, test := range []struct {
		old, changed string
		wants        []string
	}{
		{"key: s\n", "key: s\n  city: x\n", []string{"+1 station: unknown field “city”"}},
		{"key: s\n", "key: s\n  key: s\n", []string{"+1 station: key stands here twice"}},
		{"key: s\n", "key: Big\n", []string{"+0 key: wants small letters"}},
		{"  key: s\n", "", []string{"+0 key is missing"}},
		{"  name: 试验所\n", "  name:\n", []string{"+0 name is missing"}},
		{"name: 试验所", "name: [x]", []string{"+0 name: wants text"}},
		{"name: 试验所", "name: true", []string{"+0 name: wants text"}},
		{"name: 试验所", "name: '  '", []string{"+0 name: wants 1 to 64 characters"}},
		{"name: 试验所", "name: " + strings.Repeat("所", 65), []string{"+0 name: wants 1 to 64 characters"}},
		{"name: 试验所", `name: "a\tb"`, []string{"+0 name: must not hold control characters"}},
		{"Asia/Shanghai", "Asia/Nowhere", []string{"+0 time_zone: wants an IANA name"}},
		{"key: s\n", "key: s\n  tip_key: age1short\n", []string{"+1 tip_key: wants 62 characters"}},
		{"Asia/Shanghai", "Local", []string{"+0 time_zone: wants an IANA name"}},
		{"lat: 30.5, lng: 105.5}", "lat: 90.5, lng: -180.01}", []string{"+0 lat: wants a number of degrees", "+0 lng: wants a number"}},
		{"lat: 30.5,", "lat: .nan,", []string{"+0 lat: wants a number of degrees"}},
		{"lat: 30.5,", "lat: north,", []string{"+0 lat: wants a number of degrees"}},
		{"lat: 30.5, ", "", []string{"+0 lat is missing"}},
		{"crs: GCJ02", "crs: BD10", []string{"+0 crs: wants one of WGS84, GCJ02, BD09, not “BD10”"}},
		{"kind: ordinary", "kind: big", []string{"+0 kind: wants one of ordinary, resettlement, under_construction"}},
		{"    buildings:\n", "    buildings: 3\n    x:\n", []string{"+0 buildings: wants a list", "+1 compound: unknown field"}},
		{"name: 1栋", "name: 1/栋", []string{"+0 name: wants no /"}},
		{"{name: 2单元", "{name: 1单元", []string{"+0 the same unit “1单元” as on line 14"}},
		{"[0101, 底商]", "[底商, 底商]", []string{"+0 the same home “底商” as on line 15"}},
		{"floors: 2, ", "", []string{"+0 floors and homes_per_floor go together"}},
		{"floors: 2,", "floors: 0,", []string{"+0 floors: wants a whole number from 1 to 150"}},
		{"floors: 2,", "floors: 2.5,", []string{"+0 floors: wants a whole number"}},
		{"homes: [0101", "floors: 1, homes_per_floor: 1, homes: [0101", []string{"+0 either floors and homes_per_floor, or homes"}},
		{"key: east\n", "key: station\n", []string{"+0 key: “station” means the whole station"}},
		{"checkpoints:\n", "checkpoints:\n  - x\n", []string{"+1 checkpoint: wants fields"}},
		{"{key: b, name: 乙", "{key: a, name: 甲", []string{"+0 the same key “a” as on line 17", "+0 the same name “甲” as on line 17"}},
		{"methods: [qr]", "methods: []", []string{"+0 methods: wants at least one of"}},
		{"methods: [qr]", "methods: [qr, smell, qr]", []string{"+0 methods: wants gps, qr, nfc, manual_code, rotating_qr, not “smell”", "+0 methods: qr stands here twice"}},
		{"radius_m: 80", "radius_m: 4", []string{"+0 radius_m: wants a whole number from 5 to 1000"}},
		{"key_place: true", "key_place: perhaps", []string{"+0 key_place: wants true or false"}},
		{"04a1b2c3", "04a1b2", []string{"+0 nfc_uid: wants 8 to 20"}},
		{"nfc_uid: 04a1b2c3, compound: east", "compound: west", []string{"+0 compound: there is no “west”"}},
		{"checkpoints: [b, a]", "checkpoints: [b, c, b]", []string{"+0 checkpoints: there is no checkpoint “c”", "+0 checkpoints: “b” stands here twice"}},
		{"checkpoints: [b, a]", "checkpoints: []", []string{"+0 checkpoints: wants 1 to 200"}},
		{"checkpoints: [b, a]", "checkpoints: [b, a], officer: nobody", []string{"+0 officer: there is no person “nobody”"}},
		{"checkpoints: [b, a]", "checkpoints: [b, a], officer: he", []string{"+0 officer: “he” is neither an officer nor a commander of the whole station"}},
		{"checkpoints: [b, a]", "checkpoints: [b, a], officer: lin", []string{"+0 officer: “lin” is neither"}},
		{"east_west", "up", []string{"+0 direction: wants one of"}},
		{"kind: gate, place: east", "kind: gate, place: east/1栋", []string{"+0 place: a door of kind gate is the door of a compound, not of a building"}},
		{"kind: gate, place: east", "kind: gate, place: east/9栋", []string{"+0 place: there is no “east/9栋”"}},
		{"kind: gate, place: east", "kind: gate, place: east, ways: [face, button]", []string{"+0 ways: face must not be the only way in"}},
		{"kind: gate, place: east", "kind: gate, place: east, ways: [face, hatch]", []string{"+0 ways: wants one of", "+0 ways: face must not"}},
		{"kind: terminal", "kind: robot", []string{"+0 kind: wants one of terminal, barrier, camera"}},
		{"doors: [gate, unit]", "doors: [gate, gate, cellar]", []string{"+0 doors: “gate” has a device already", "+0 doors: there is no door “cellar”"}},
		{"compound: east, doors", "compound: station, doors", []string{"+0 compound: wants the key of a compound"}},
		{"phone: 10000000001", "phone: 1000", []string{"+0 phone: wants 11 digits"}},
		{"account: chief", "account: 陈所", []string{"+0 account: wants 3 to 64 characters"}},
		{"account: chief", "account: 陈所长", []string{"+0 account: wants letters"}},
		{"account: chief", "password: hunter22", []string{"+0 person: unknown field “password”"}},
		{"id_number: 00000019000101000x", "id_number: 123", []string{"+0 id_number: wants 18 characters"}},
		{"\"+8610000000002\"", "10000000001", []string{"+0 the same phone as on line 27"}},
		{"    id_number", "    account: Chief\n    id_number", []string{"+0 the same account as on line 27"}},
		{"role: commander, scope: station", "role: commander, scope: east", []string{"+0 scope: commander is held at a station, not at a compound"}},
		{"role: commander, scope: station", "role: resident, scope: east/1栋/1单元", []string{"+0 scope: resident is held at a home, not at a unit"}},
		{"role: commander, scope: station", "role: device, scope: east", []string{"+0 role: wants one of commander"}},
		{"role: commander, scope: station", "role: commander", []string{"+0 scope is missing"}},
		{"scope: east/1栋}", "scope: east/2栋}", []string{"+0 scope: there is no “east/2栋”"}},
		{"      - {role: volunteer, scope: east/1栋}", "      - {role: resident, scope: east/1栋/2单元/底商}", []string{"+0 the same role at the same scope as on line 33"}},
		{"starts_at: 2026-05-01", "starts_at: 2026-13-01", []string{"+0 starts_at: wants a day like"}},
		{"ends_at: 2027-05-01T00:00:00Z", "ends_at: 2026-04-30", []string{"+0 ends_at: wants a time after starts_at"}},
		{"max_gap_minutes: 20", "max_gap_minutes: 0", []string{"+0 max_gap_minutes: wants a whole number from 1 to 1440"}},
		{"compound: east, radius_m: 40", "compound: station", []string{"+0 compound: wants the key of a compound"}},
		{"name: 小区门口", "name: 环岛", []string{"+0 the same name “环岛” as on line 38"}},
		{"kind: night", "kind: horse", []string{"+0 kind: wants one of foot, vehicle, dog, night, mixed"}},
		{"leader: he", "leader: wu", []string{"+0 leader: “wu” holds no role that leads a squad"}},
		{"leader: he, ", "", []string{"+0 leader is missing"}},
		{"[wu, he]", "[wu]", []string{"+0 leader: wants one of the members"}},
		{"[wu, he]", "[he, chief, nobody, he]", []string{
			"+0 members: “chief” holds no role that patrols", "+0 members: there is no person “nobody”", "+0 members: “he” stands here twice",
		}},
		{"[wu, he]", "[]", []string{"+0 members: wants 1 to 30 keys"}},
		{"squad: night, post: ring", "squad: day, post: moon", []string{"+0 squad: there is no “day”", "+0 post: there is no “moon”"}},
		{"start_time: 22:00", "start_time: 24:00", []string{"+0 start_time: wants a time like 22:00"}},
		{"length_minutes: 480, ", "", []string{"+0 length_minutes is missing"}},
		{"length_minutes: 480", "length_minutes: 1441", []string{"+0 length_minutes: wants a whole number from 1 to 1440"}},
		{"recurrence: weekdays, weekdays: [sunday, friday]", "recurrence: weekdays", []string{"+0 weekdays is missing"}},
		{"[sunday, friday]", "[sun, friday]", []string{"+0 weekdays: wants monday"}},
		{"recurrence: weekdays", "recurrence: daily", []string{"+0 weekdays: wants recurrence weekdays"}},
		{"from_date: 2026-05-01, ", "", []string{"+0 from_date is missing"}},
		{"from_date: 2026-05-01", "from_date: 2026-02-30", []string{"+0 from_date: wants a day like 2026-01-31"}},
		{"until_date: 2026-12-31", "until_date: 2026-04-30", []string{"+0 until_date: wants >= from_date"}},
		{"dates: [2027-01-01, 2026-10-01]", "dates: [2027-01-01, x], from_date: 2027-01-02", []string{
			"+0 dates: wants a day like", "+0 dates: wants >= from_date",
		}},
		{"shift: night, route: r", "shift: day, route: s", []string{"+0 shift: there is no “day”", "+0 route: there is no “s”"}},
		{", route: r, ordered: true", "", []string{"+0 wants a route, or stops"}},
		{"until_minute: 20", "until_minute: 61", []string{"+0 until_minute: wants <= 60"}},
		{"until_minute: 20", "until_minute: 10", []string{"+0 until_minute: wants > from_minute"}},
		{"- {checkpoint: b}", "- {checkpoint: a}", []string{"+0 from_minute: wants windows of one checkpoint"}},
		{"priority: high", "priority: low", []string{"+0 priority: wants one of high, normal, optional"}},
		{"checkpoint: b}", "checkpoint: c}", []string{"+0 checkpoint: there is no “c”"}},
		{"name: 试验所", "name: &n 试验所", []string{"+0 name: anchors (&) and aliases (*) are not used"}},
		{"people:\n", "---\npeople:\n", []string{"+0 a second document begins here"}},
		{"station:\n", "station: [\n", []string{"+1 not valid YAML"}},
	} {
		text, line := insteadOf(t, test.old, test.changed)
		_, err := station.Read([]byte(text), station.Options{})
		var mistakes station.Mistakes
		if !errors.As(err, &mistakes) {
			t.Errorf("%q was taken: %v", test.changed, err)
			continue
		}
		got := []string{}
		for _, mistake := range mistakes.List {
			got = append(got, fmt.Sprintf("%+d %s", mistake.Line-line, mistake.Text))
		}
		if len(got) < len(test.wants) {
			t.Errorf("%q: %q", test.changed, got)
			continue
		}
		for at, want := range test.wants {
			if !strings.HasPrefix(got[at], want) {
				t.Errorf("%q: %q, want %q", test.changed, got, want)
			}
		}
	}
}

func TestNoMistakeRepeatsWhatIsSomebodys(t *testing.T) {
	for _, edit := range [][2]string{
		{"phone: 10000000001", "phone: 10000000001999"}, {"\"+8610000000002\"", "10000000001"}, {"id_number: 00000019000101000x", "id_number: 1000000000199"},
	} {
		text, _ := insteadOf(t, edit[0], edit[1])
		_, err := station.Read([]byte(text), station.Options{})
		if err == nil || strings.Contains(err.Error(), "10000000001") {
			t.Errorf("%q: %v", edit[1], err)
		}
	}
}

func TestSeveralMistakesAreToldByLine(t *testing.T) {
	text := strings.NewReplacer("role: volunteer", "role: hero", "name: 东苑", "name: ''", "direction: east_west", "direction: x").Replace(small)
	_, err := station.Read([]byte(text), station.Options{})
	if err == nil {
		t.Fatal("taken")
	}
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != 3 || !strings.HasPrefix(lines[0], "line 8: name") || !strings.HasPrefix(lines[1], "line 20: direction") ||
		!strings.HasPrefix(lines[2], "line 34: role") {
		t.Errorf("got %q", lines)
	}
	for _, empty := range []string{"", "# nothing\n", "null", "[]", "x"} {
		if _, err := station.Read([]byte(empty), station.Options{}); err == nil {
			t.Errorf("%q was taken", empty)
		}
	}
}
