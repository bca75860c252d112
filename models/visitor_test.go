package models_test

import (
	"slices"
	"testing"
	"time"

	"xunfang/models"
)

func TestStateOfAPass(t *testing.T) {
	pass := models.VisitorPass{StartsAt: noon, EndsAt: noon.Add(time.Hour), MaxUses: 2}
	used, revoked, both := pass, pass, pass
	used.Uses, both.Uses = 2, 2
	revoked.RevokedAt, both.RevokedAt = noon, noon
	tests := []struct {
		name string
		pass models.VisitorPass
		at   time.Duration
		want models.VisitorPassState
	}{
		{"a millisecond early", pass, -time.Millisecond, models.PassUpcoming},
		{"as it starts", pass, 0, models.PassActive},
		{"a millisecond before its end", pass, time.Hour - time.Millisecond, models.PassActive},
		{"as it ends", pass, time.Hour, models.PassExpired},
		{"used up", used, time.Minute, models.PassUsed},
		{"used up, and over", used, 2 * time.Hour, models.PassUsed},
		{"revoked", revoked, time.Minute, models.PassRevoked},
		{"revoked and used up", both, time.Minute, models.PassRevoked},
	}
	for _, test := range tests {
		if got := test.pass.State(noon.Add(test.at)); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

func TestCheckOfAPass(t *testing.T) {
	tests := map[string]struct {
		starts, ends time.Duration
		want         []string
	}{
		"an hour from now":       {0, time.Hour, nil},
		"no time at all":         {0, 0, []string{"ends_at"}},
		"backwards":              {time.Hour, 0, []string{"ends_at"}},
		"as long as it may be":   {0, models.MaxPassLength, nil},
		"too long":               {0, models.MaxPassLength + time.Millisecond, []string{"ends_at"}},
		"over already":           {-2 * time.Hour, 0, []string{"ends_at"}},
		"begun an hour ago":      {-time.Hour, time.Hour, nil},
		"as far ahead as it may": {models.MaxPassAhead, models.MaxPassAhead + time.Hour, nil},
		"too far ahead":          {models.MaxPassAhead + time.Millisecond, models.MaxPassAhead + time.Hour, []string{"starts_at"}},
	}
	for name, test := range tests {
		err := models.VisitorPass{StartsAt: noon.Add(test.starts), EndsAt: noon.Add(test.ends)}.Check(noon)
		if got := fieldsOf(err); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

// fieldsOf names the fields an error complains about.
func fieldsOf(err error) []string {
	var names []string
	if ours, ok := err.(*models.Error); ok { //nolint:errorlint // the rules give it unwrapped
		for _, field := range ours.Fields {
			names = append(names, field.Field)
		}
	}
	return names
}

func TestWhereAPassLeads(t *testing.T) {
	tests := map[string]struct {
		who   models.Principal
		named models.Place
		want  models.Place
	}{
		"the only home":                  {with("a", role(models.RoleResident, home)), models.Place{}, home},
		"one of two, not named":          {with("a", role(models.RoleResident, home), role(models.RoleResident, nextDoor)), models.Place{}, models.Place{}},
		"one of two, named":              {with("a", role(models.RoleResident, home), role(models.RoleResident, nextDoor)), nextDoor, nextDoor},
		"the neighbour's":                {with("a", role(models.RoleResident, home)), nextDoor, models.Place{}},
		"property, their compound":       {with("a", role(models.RoleProperty, garden)), models.Place{}, garden},
		"property, a home in it":         {with("a", role(models.RoleProperty, garden)), home, home},
		"property of another compound":   {with("a", role(models.RoleProperty, lake)), home, models.Place{}},
		"a resident who is property too": {with("a", role(models.RoleProperty, garden), role(models.RoleResident, home)), models.Place{}, home},
		"an officer":                     {with("a", role(models.RoleOfficer, garden)), models.Place{}, models.Place{}},
	}
	for name, test := range tests {
		got, err := models.PassHome(test.who, test.named.Home, test.named)
		if got != test.want || (err == nil) != (test.want != models.Place{}) {
			t.Errorf("%s: %v %v, want %v", name, got, err, test.want)
		}
	}
}

func TestDoorsOfAPass(t *testing.T) {
	doors := []models.Door{{ID: "gate", Place: garden}, {ID: "tower", Place: tower}, {ID: "stairs", Place: stairs}, {ID: "annex", Place: annex}}
	resident, property := with("a", role(models.RoleResident, home)), with("a", role(models.RoleProperty, garden))
	tests := map[string]struct {
		asked []models.ID
		place models.Place
		who   models.Principal
		want  []models.ID
		field string
	}{
		"all on the way":                  {nil, home, resident, []models.ID{"gate", "tower", "stairs"}, ""},
		"one of them":                     {[]models.ID{"gate"}, home, resident, []models.ID{"gate"}, ""},
		"another building's":              {[]models.ID{"gate", "annex"}, home, resident, nil, "door_ids[1]"},
		"unknown":                         {[]models.ID{"nothing"}, home, resident, nil, "door_ids[0]"},
		"property, the gate by default":   {nil, garden, property, []models.ID{"gate"}, ""},
		"property, any in their compound": {[]models.ID{"annex"}, garden, property, []models.ID{"annex"}, ""},
		"no door at all":                  {nil, lake, with("a", role(models.RoleProperty, lake)), nil, "door_ids"},
	}
	for name, test := range tests {
		got, err := models.PassDoors(test.asked, test.place, doors, test.who)
		if fields := fieldsOf(err); !slices.Equal(got, test.want) || (test.field != "" && !slices.Equal(fields, []string{test.field})) {
			t.Errorf("%s: %v %v, want %v %s", name, got, err, test.want, test.field)
		}
	}
}

func TestGuessWait(t *testing.T) {
	guesses := func(count int, ago time.Duration) []time.Time {
		times := make([]time.Time, count)
		for at := range times {
			times[at] = noon.Add(-ago)
		}
		return times
	}
	tests := map[string]struct {
		wrong []time.Time
		want  time.Duration
	}{
		"none":                          {nil, 0},
		"one short of the limit":        {guesses(models.GuessesFree-1, 0), 0},
		"at the limit, just now":        {guesses(models.GuessesFree, 0), models.GuessPause},
		"at the limit, ten seconds ago": {guesses(models.GuessesFree, 10*time.Second), models.GuessPause - 10*time.Second},
		"the pause is over":             {guesses(models.GuessesFree, models.GuessPause), 0},
		"all old":                       {guesses(models.GuessesFree, models.GuessWindow), 0},
		"nine old, one new":             {append(guesses(models.GuessesFree-1, models.GuessWindow), noon), 0},
	}
	for name, test := range tests {
		if got := models.GuessWait(test.wrong, noon); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}
