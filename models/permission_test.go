package models_test

import (
	"testing"
	"time"

	"xunfang/models"
)

func TestMay(t *testing.T) {
	tests := map[string]struct {
		operation models.Operation
		who       models.Principal
		object    models.Object
		want      models.Code
	}{
		"own tip":                        {models.OpGetTip, with("a", role(models.RoleVolunteer, garden)), models.Object{Place: garden, Owner: "a"}, ""},
		"another's tip":                  {models.OpGetTip, with("a", role(models.RoleVolunteer, garden)), models.Object{Place: garden, Owner: "b"}, models.CodeNotFound},
		"tip in the officer's compound":  {models.OpGetTip, with("a", role(models.RoleOfficer, garden)), models.Object{Place: garden, Owner: "b"}, ""},
		"tip in another compound":        {models.OpGetTip, with("a", role(models.RoleOfficer, garden)), models.Object{Place: lake, Owner: "b"}, models.CodeNotFound},
		"tip of the whole station":       {models.OpGetTip, with("a", role(models.RoleOfficer, garden)), models.Object{Place: station, Owner: "b"}, models.CodeNotFound},
		"commander, his station":         {models.OpGetTip, with("a", role(models.RoleCommander, station)), models.Object{Place: lake, Owner: "b"}, ""},
		"commander, another station":     {models.OpGetTip, with("a", role(models.RoleCommander, station)), models.Object{Place: abroad, Owner: "b"}, models.CodeNotFound},
		"administrator reads no tip":     {models.OpGetTip, with("a", role(models.RoleAdmin, station)), models.Object{Place: garden, Owner: "b"}, models.CodeNotFound},
		"nobody's own":                   {models.OpGetTip, with("", role(models.RoleVolunteer, garden)), models.Object{Place: garden}, models.CodeNotFound},
		"a row read without its place":   {models.OpListPeople, with("a", role(models.RoleAdmin, station)), models.Object{}, models.CodeNotFound},
		"a grant without a place":        {models.OpListPeople, with("a", role(models.RoleAdmin, models.Place{})), models.Object{}, models.CodeNotFound},
		"gate on the way":                {models.OpOpenDoor, with("a", role(models.RoleResident, home)), models.Object{Place: garden}, ""},
		"stairs on the way":              {models.OpOpenDoor, with("a", role(models.RoleResident, home)), models.Object{Place: stairs}, ""},
		"another building":               {models.OpOpenDoor, with("a", role(models.RoleResident, home)), models.Object{Place: annex}, models.CodeNotFound},
		"another compound's gate":        {models.OpOpenDoor, with("a", role(models.RoleResident, home)), models.Object{Place: lake}, models.CodeNotFound},
		"a resident role without a home": {models.OpOpenDoor, with("a", role(models.RoleResident, garden)), models.Object{Place: garden}, models.CodeNotFound},
		"a device at its own door":       {models.OpCreateCodeEntry, with("d", role(models.RoleDevice, garden)), models.Object{Place: garden, Owner: "d"}, ""},
		"a device at another's door":     {models.OpCreateCodeEntry, with("d", role(models.RoleDevice, garden)), models.Object{Place: garden, Owner: "e"}, models.CodeNotFound},
		"no role at all":                 {models.OpGetMe, with("a"), models.Object{Owner: "a"}, models.CodeNotFound},
		"an unknown operation":           {"noSuchOperation", with("a", role(models.RoleCommander, station)), models.Object{Place: garden}, models.CodeNotFound},
	}
	for name, test := range tests {
		if got := models.CodeOf(models.May(test.operation, test.who, test.object)); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

func TestMayTryLooksAtTheRoleAlone(t *testing.T) {
	if err := models.MayTry(models.OpOpenDoor, with("a", role(models.RoleResident, abroad))); err != nil {
		t.Error("a resident may try to open a door:", err)
	}
	for _, operation := range []models.Operation{models.OpOpenDoor, models.OpGetAlert, "noSuchOperation"} {
		want := models.CodeForbidden
		if operation == models.OpGetAlert {
			want = ""
		}
		if got := models.CodeOf(models.MayTry(operation, with("a", role(models.RoleAdmin, station)))); got != want {
			t.Errorf("%s: %q, want %q", operation, got, want)
		}
	}
}

// What a list shows and what a single reading allows must be the same rule: every sight admits exactly
// the objects that May admits.
func TestSightsAgreeWithMay(t *testing.T) {
	places := []models.Place{station, garden, tower, stairs, home, nextDoor, annex, lake, abroad}
	for operation := range models.Permissions {
		for _, held := range models.AllRoles {
			for _, scope := range places {
				who := with("a", role(held, scope))
				sights := models.Sights(operation, who)
				for _, place := range places {
					for _, owner := range []models.ID{"a", "b"} {
						object := models.Object{Place: place, Owner: owner}
						if seen, may := admits(sights, object), models.May(operation, who, object) == nil; seen != may {
							t.Fatalf("%s, %s in %v, object %v: a list shows it: %t, May: %t", operation, held, scope, object, seen, may)
						}
					}
				}
			}
		}
	}
}

func admits(sights []models.Sight, object models.Object) bool {
	for _, sight := range sights {
		switch {
		case sight.Owner != "" && sight.Owner == object.Owner,
			sight.Within.Station != "" && sight.Within.Contains(object.Place),
			sight.OnWay.Home != "" && object.Place.Contains(sight.OnWay):
			return true
		}
	}
	return false
}

func TestAGrantHoldsFromItsStartAndNotAtItsEnd(t *testing.T) {
	grant := models.Grant{StartsAt: noon, EndsAt: noon.Add(time.Hour)}
	for offset, want := range map[time.Duration]bool{
		-time.Nanosecond: false, 0: true, time.Hour - time.Nanosecond: true, time.Hour: false,
	} {
		if got := grant.InForce(noon.Add(offset)); got != want {
			t.Errorf("at %s: %t", offset, got)
		}
	}
	if grant.EndsAt = (time.Time{}); !grant.InForce(noon.Add(1e6 * time.Hour)) {
		t.Error("a grant without an end has ended")
	}
	if kept := models.InForce([]models.Grant{grant, {StartsAt: noon.Add(time.Hour)}}, noon); len(kept) != 1 {
		t.Errorf("%d grants in force, want the one that has begun", len(kept))
	}
}

func TestEndOfAGrant(t *testing.T) {
	open := models.Grant{Role: models.RoleGuard, Place: garden, StartsAt: noon.Add(-time.Hour)}
	ended := open
	ended.EndsAt = noon
	tests := map[string]struct {
		grant  models.Grant
		endsAt time.Time
		want   time.Time
		code   models.Code
	}{
		"now":                 {open, noon, noon, ""},
		"later":               {open, noon.Add(time.Hour), noon.Add(time.Hour), ""},
		"a clock behind":      {open, noon.Add(-models.MaxClockAhead), noon, ""},
		"in the past":         {open, noon.Add(-models.MaxClockAhead - time.Millisecond), time.Time{}, models.CodeUnprocessable},
		"it has ended before": {ended, noon.Add(time.Hour), noon, models.CodeWrongState},
	}
	for name, test := range tests {
		got, err := test.grant.EndAt(test.endsAt, noon)
		if models.CodeOf(err) != test.code || !got.EndsAt.Equal(test.want) {
			t.Errorf("%s: %s %v", name, got.EndsAt, err)
		}
	}
}

func TestGrantsThatOverlap(t *testing.T) {
	from := func(start, end time.Duration) models.Grant {
		grant := models.Grant{Role: models.RoleGuard, Place: garden, StartsAt: noon.Add(start)}
		if end != 0 {
			grant.EndsAt = noon.Add(end)
		}
		return grant
	}
	hour := from(0, time.Hour)
	elsewhere, other := hour, hour
	elsewhere.Place, other.Role = lake, models.RoleVolunteer
	for name, test := range map[string]struct {
		grant models.Grant
		want  bool
	}{
		"the same": {hour, true}, "until it begins": {from(-time.Hour, 0), true}, "ends as it begins": {from(-time.Hour, time.Nanosecond), true},
		"before": {from(-2*time.Hour, -time.Hour), false}, "begins as it ends": {from(time.Hour, 0), false},
		"another place": {elsewhere, false}, "another role": {other, false},
	} {
		if hour.Overlaps(test.grant) != test.want || test.grant.Overlaps(hour) != test.want {
			t.Errorf("%s: want %t", name, test.want)
		}
	}
}
