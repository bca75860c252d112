package models_test

import (
	"slices"
	"testing"
	"time"

	"xunfang/models"
)

// Hours of which none lies between the start and the end of a pass are refused, to the millisecond.
func TestHoursThatNeverCome(t *testing.T) {
	zone := mustZone(t, "Asia/Shanghai")
	monday := time.Date(2026, 11, 23, 0, 0, 0, 0, zone)
	night := models.PassTimes{Weekdays: []time.Weekday{time.Monday}, StartMinute: 22 * 60, LengthMinutes: 8 * 60}
	begins, ends := monday.Add(22*time.Hour), monday.Add(30*time.Hour)
	for name, test := range map[string]struct {
		times    models.PassTimes
		from, to time.Time
		want     models.Code
	}{
		"no set hours":              {models.PassTimes{}, monday, monday.Add(time.Hour), ""},
		"ends as they begin":        {night, monday, begins, models.CodeUnprocessable},
		"ends a millisecond later":  {night, monday, begins.Add(time.Millisecond), ""},
		"begins as they end":        {night, ends, ends.Add(time.Hour), models.CodeUnprocessable},
		"begins in the small hours": {night, ends.Add(-time.Millisecond), ends.Add(time.Hour), ""},
		"six days without":          {night, ends, ends.Add(6 * 24 * time.Hour), models.CodeUnprocessable},
		"until the next":            {night, ends, ends.Add(7 * 24 * time.Hour), ""},
		"a year":                    {night, ends, ends.Add(models.MaxRecurringLength), ""},
	} {
		pass := models.VisitorPass{Kind: models.PassRecurring, Times: test.times, StartsAt: test.from, EndsAt: test.to}
		if got := models.CodeOf(pass.CheckHours(zone)); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

// The hours of a week, by the wall clock of a zone without and of one with a change of the clocks.
func TestHoursOfAPass(t *testing.T) {
	shanghai, berlin := mustZone(t, "Asia/Shanghai"), mustZone(t, "Europe/Berlin")
	morning := models.PassTimes{Weekdays: []time.Weekday{time.Monday, time.Thursday}, StartMinute: 9 * 60, LengthMinutes: 120}
	night := models.PassTimes{Weekdays: []time.Weekday{time.Sunday}, StartMinute: 22 * 60, LengthMinutes: 8 * 60}
	allDay := models.PassTimes{Weekdays: []time.Weekday{time.Tuesday}, LengthMinutes: models.DayMinutes}
	at := func(zone *time.Location, day, hour, minute int) time.Time { // November 2026: the 23rd is a Monday
		return time.Date(2026, 11, day, hour, minute, 0, 0, zone)
	}
	change := time.Date(2026, 10, 25, 0, 0, 0, 0, time.UTC) // Berlin sets 3 h back to 2 h at 01:00 UTC; a Sunday
	tests := map[string]struct {
		times models.PassTimes
		zone  *time.Location
		at    time.Time
		want  bool
	}{
		"no set hours":                           {models.PassTimes{}, shanghai, at(shanghai, 25, 3, 0), true},
		"as they start":                          {morning, shanghai, at(shanghai, 23, 9, 0), true},
		"a millisecond early":                    {morning, shanghai, at(shanghai, 23, 9, 0).Add(-time.Millisecond), false},
		"a millisecond before their end":         {morning, shanghai, at(shanghai, 23, 11, 0).Add(-time.Millisecond), true},
		"as they end":                            {morning, shanghai, at(shanghai, 23, 11, 0), false},
		"the same hour of another day":           {morning, shanghai, at(shanghai, 24, 10, 0), false},
		"nine o'clock elsewhere":                 {morning, shanghai, at(time.UTC, 23, 9, 30), false},
		"before midnight":                        {night, shanghai, at(shanghai, 22, 23, 59), true},
		"midnight":                               {night, shanghai, at(shanghai, 23, 0, 0), true},
		"after midnight, the day's own night":    {night, shanghai, at(shanghai, 23, 5, 59), true},
		"after midnight, at their end":           {night, shanghai, at(shanghai, 23, 6, 0), false},
		"after midnight of the day before":       {night, shanghai, at(shanghai, 22, 5, 0), false},
		"the evening after":                      {night, shanghai, at(shanghai, 23, 22, 0), false},
		"all day, its first instant":             {allDay, shanghai, at(shanghai, 24, 0, 0), true},
		"all day, its last":                      {allDay, shanghai, at(shanghai, 25, 0, 0).Add(-time.Millisecond), true},
		"all day, the next":                      {allDay, shanghai, at(shanghai, 25, 0, 0), false},
		"the hour that comes twice, first time":  {models.PassTimes{Weekdays: []time.Weekday{time.Sunday}, StartMinute: 150, LengthMinutes: 60}, berlin, change.Add(30 * time.Minute), true},
		"after it, by the clock shown":           {models.PassTimes{Weekdays: []time.Weekday{time.Sunday}, StartMinute: 150, LengthMinutes: 60}, berlin, change.Add(150 * time.Minute), false},
		"the day before the change, by the wall": {models.PassTimes{Weekdays: []time.Weekday{time.Saturday}, StartMinute: 540, LengthMinutes: 60}, berlin, time.Date(2026, 10, 24, 7, 0, 0, 0, time.UTC), true},
		"the day after the change, by the wall":  {models.PassTimes{Weekdays: []time.Weekday{time.Monday}, StartMinute: 540, LengthMinutes: 60}, berlin, time.Date(2026, 10, 26, 8, 0, 0, 0, time.UTC), true},
	}
	for name, test := range tests {
		if got := test.times.Contain(test.at, test.zone); got != test.want {
			t.Errorf("%s: %t, want %t", name, got, test.want)
		}
		pass := models.VisitorPass{
			Kind: models.PassRecurring, StartsAt: test.at.Add(-time.Hour), EndsAt: test.at.Add(time.Hour), MaxUses: 1, Times: test.times,
		}
		if got := pass.OpenAt(test.at, test.zone); got != test.want {
			t.Errorf("%s: the pass opens: %t, want %t", name, got, test.want)
		}
		if pass.EndsAt = test.at; pass.OpenAt(test.at, test.zone) {
			t.Errorf("%s: a pass that is over opens", name)
		}
		pass.EndsAt, pass.Kind = test.at.Add(time.Hour), models.PassGroup
		if pass.OpenAt(test.at, test.zone) {
			t.Errorf("%s: a group opens a door itself", name)
		}
	}
}

func mustZone(t *testing.T, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func TestWhatAKindWants(t *testing.T) {
	hours := models.PassTimes{Weekdays: []time.Weekday{time.Monday}, LengthMinutes: 60}
	tests := map[string]struct {
		pass  models.VisitorPass
		lasts time.Duration
		want  []string
	}{
		"once":                     {models.VisitorPass{Kind: models.PassOneTime, MaxUses: 1}, time.Hour, nil},
		"once, twice":              {models.VisitorPass{Kind: models.PassOneTime, MaxUses: 2}, time.Hour, []string{"max_uses"}},
		"often, once":              {models.VisitorPass{Kind: models.PassNTimes, MaxUses: 1}, time.Hour, []string{"max_uses"}},
		"often":                    {models.VisitorPass{Kind: models.PassNTimes, MaxUses: 100}, models.MaxPassLength, nil},
		"too often":                {models.VisitorPass{Kind: models.PassNTimes, MaxUses: 101}, time.Hour, []string{"max_uses"}},
		"a year":                   {models.VisitorPass{Kind: models.PassRecurring, MaxUses: 5000, Times: hours}, models.MaxRecurringLength, nil},
		"more than a year":         {models.VisitorPass{Kind: models.PassRecurring, MaxUses: 1, Times: hours}, models.MaxRecurringLength + 1, []string{"ends_at"}},
		"recurring without hours":  {models.VisitorPass{Kind: models.PassRecurring, MaxUses: 1}, time.Hour, []string{"schedule"}},
		"hours of a single visit":  {models.VisitorPass{Kind: models.PassOneTime, MaxUses: 1, Times: hours}, time.Hour, []string{"schedule"}},
		"a delivery":               {models.VisitorPass{Kind: models.PassDelivery, MaxUses: 2}, models.MaxDeliveryLength, nil},
		"a delivery of a day":      {models.VisitorPass{Kind: models.PassDelivery, MaxUses: 3}, models.MaxDeliveryLength + 1, []string{"max_uses", "ends_at"}},
		"a group":                  {models.VisitorPass{Kind: models.PassGroup, MaxUses: 1, MaxGuests: 2}, time.Hour, nil},
		"a group without a number": {models.VisitorPass{Kind: models.PassGroup, MaxUses: 1}, time.Hour, []string{"max_guests"}},
		"a group smaller than it is": {
			models.VisitorPass{Kind: models.PassGroup, MaxUses: 1, MaxGuests: 2, Guests: 3}, time.Hour, []string{"max_guests"},
		},
		"guests of no group":        {models.VisitorPass{Kind: models.PassOneTime, MaxUses: 1, MaxGuests: 2}, time.Hour, []string{"max_guests"}},
		"a vehicle":                 {models.VisitorPass{Kind: models.PassVehicle, MaxUses: 1, Plate: "川J·12345"}, time.Hour, nil},
		"a vehicle without a plate": {models.VisitorPass{Kind: models.PassVehicle, MaxUses: 1, Plate: " · "}, time.Hour, []string{"plate"}},
		"fewer than were used":      {models.VisitorPass{Kind: models.PassNTimes, MaxUses: 2, Uses: 3}, time.Hour, []string{"max_uses"}},
	}
	for name, test := range tests {
		test.pass.StartsAt, test.pass.EndsAt = noon, noon.Add(test.lasts)
		if got := fieldsOf(test.pass.Check(noon)); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

func TestOneFormOfAPlate(t *testing.T) {
	for _, plate := range []string{"川J12345", "川j12345", " 川J·12345 ", "川J-123 45", "川Ｊ１２３４５", "川ｊ12345"} {
		if got := models.NormalPlate(plate); got != "川J12345" {
			t.Errorf("%q becomes %q", plate, got)
		}
	}
}

func TestChangeOfAPass(t *testing.T) {
	base := models.VisitorPass{
		Kind: models.PassOneTime, StartsAt: noon.Add(-time.Hour), EndsAt: noon.Add(time.Hour), MaxUses: 1, CreatedAt: noon.Add(-2 * time.Hour),
	}
	with := func(change func(*models.VisitorPass)) models.VisitorPass {
		pass := base
		change(&pass)
		return pass
	}
	tests := map[string]struct {
		pass   models.VisitorPass
		change models.PassChange
		code   models.Code
	}{
		"longer":                     {base, models.PassChange{EndsAt: noon.Add(5 * time.Hour)}, ""},
		"more often":                 {base, models.PassChange{MaxUses: 5}, ""},
		"over before now":            {base, models.PassChange{EndsAt: noon}, models.CodeUnprocessable},
		"another start, begun":       {base, models.PassChange{StartsAt: noon}, models.CodeUnprocessable},
		"for ever":                   {with(func(p *models.VisitorPass) { p.CreatedAt = noon.Add(-models.MaxPassAhead - models.MaxPassLength) }), models.PassChange{EndsAt: noon.Add(2 * time.Hour)}, models.CodeUnprocessable},
		"at the moment of its end":   {with(func(p *models.VisitorPass) { p.EndsAt = noon }), models.PassChange{EndsAt: noon.Add(time.Hour)}, models.CodeWrongState},
		"a moment before it":         {with(func(p *models.VisitorPass) { p.EndsAt = noon.Add(1) }), models.PassChange{EndsAt: noon.Add(time.Hour)}, ""},
		"revoked":                    {with(func(p *models.VisitorPass) { p.RevokedAt = noon }), models.PassChange{MaxUses: 2}, models.CodeWrongState},
		"used up":                    {with(func(p *models.VisitorPass) { p.Uses = 1 }), models.PassChange{MaxUses: 2}, models.CodeWrongState},
		"one of many used up":        {with(func(p *models.VisitorPass) { p.Kind, p.MaxUses, p.Uses = models.PassNTimes, 3, 3 }), models.PassChange{MaxUses: 4}, ""},
		"a guest's own":              {with(func(p *models.VisitorPass) { p.GroupID = "group" }), models.PassChange{MaxUses: 2}, models.CodeWrongState},
		"hours for a single visitor": {base, models.PassChange{Times: &models.PassTimes{Weekdays: []time.Weekday{1}, LengthMinutes: 1}}, models.CodeUnprocessable},
	}
	for name, test := range tests {
		got, err := test.pass.Changed(test.change, noon)
		if models.CodeOf(err) != test.code {
			t.Errorf("%s: %v, want %q", name, err, test.code)
		}
		if err == nil && !got.ChangedAt.Equal(noon) {
			t.Errorf("%s: nobody sees that it changed", name)
		}
	}
}

// A door that holds codes waits after each change, and one that is no longer the pass's stays until it has let go.
func TestDoorsOfAPassThatMoves(t *testing.T) {
	doors := []models.Door{{ID: "asks"}, {ID: "holds", HoldsCodes: true}, {ID: "other", HoldsCodes: true}}
	first := models.MovedDoors(nil, []models.ID{"asks", "holds"}, doors, noon)
	want := []models.PassDoor{
		{DoorID: "asks", State: models.PassIssued, Revision: 1, ChangedAt: noon}, {DoorID: "holds", State: models.PassPending, Revision: 1, ChangedAt: noon},
	}
	if !slices.Equal(first, want) {
		t.Errorf("at first %v", first)
	}
	first[1].State = models.PassIssued // it confirmed
	later := noon.Add(time.Hour)
	moved := models.MovedDoors(first, []models.ID{"other"}, doors, later)
	want = []models.PassDoor{
		{DoorID: "other", State: models.PassPending, Revision: 1, ChangedAt: later},
		{DoorID: "holds", State: models.PassPending, Revision: 2, Removed: true, ChangedAt: later},
	}
	if !slices.Equal(moved, want) || !slices.Equal(models.DoorsLeft(moved), []models.ID{"other"}) {
		t.Errorf("moved: %v", moved)
	}
	back := models.MovedDoors(moved, []models.ID{"holds"}, doors, later)
	if back[0].Revision != 3 || back[0].Removed || back[0].State != models.PassPending {
		t.Errorf("moved back: %v: an old confirmation would count", back)
	}
}
