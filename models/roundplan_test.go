package models_test

import (
	"testing"
	"time"

	"xunfang/models"
)

func TestWhatWindowsAPlanMayHave(t *testing.T) {
	shift := models.Shift{LengthMinutes: 480}
	stop := func(checkpoint models.ID, from, until int) models.PlannedStop {
		return models.PlannedStop{CheckpointID: checkpoint, FromMinute: from, UntilMinute: until, Priority: models.PriorityNormal}
	}
	for _, c := range []struct {
		name    string
		ordered bool
		stops   []models.PlannedStop
		want    string
	}{
		{"the whole shift", false, []models.PlannedStop{stop("a", 0, 480)}, ""},
		{"a minute", false, []models.PlannedStop{stop("a", 479, 480)}, ""},
		{"beyond the shift", false, []models.PlannedStop{stop("a", 0, 481)}, "stops[0].until_minute too_large"},
		{"empty", false, []models.PlannedStop{stop("a", 60, 60)}, "stops[0].until_minute too_small"},
		{"backwards", false, []models.PlannedStop{stop("a", 0, 480), stop("b", 61, 60)}, "stops[1].until_minute too_small"},
		{"one checkpoint twice", false, []models.PlannedStop{stop("a", 0, 60), stop("a", 60, 120)}, ""},
		{"one checkpoint at once", false, []models.PlannedStop{stop("a", 0, 61), stop("b", 0, 61), stop("a", 60, 120)}, "stops[2].from_minute not_unique"},
		{"any order", false, []models.PlannedStop{stop("a", 60, 120), stop("b", 0, 60)}, ""},
		{"in order", true, []models.PlannedStop{stop("a", 60, 120), stop("b", 0, 61), stop("c", 60, 61)}, ""},
		{"not in order", true, []models.PlannedStop{stop("a", 60, 120), stop("b", 0, 60)}, "stops[1].until_minute too_small"},
		{
			"an early one holds up a later", true,
			[]models.PlannedStop{stop("a", 0, 480), stop("b", 300, 400), stop("c", 0, 400), stop("d", 0, 300)},
			"stops[3].until_minute too_small",
		},
		{"all the same", true, []models.PlannedStop{stop("a", 0, 480), stop("b", 0, 480)}, ""},
	} {
		plan := models.RoundPlan{Ordered: c.ordered, Stops: c.stops}
		if got := faults(plan.CheckStops(shift)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestAPlanOfARouteIsAllOfItAtAnyTime(t *testing.T) {
	stops := models.StopsOf(models.Route{Checkpoints: []models.ID{"b", "a"}}, models.Shift{LengthMinutes: 600})
	want := models.PlannedStop{CheckpointID: "b", UntilMinute: 600, Priority: models.PriorityNormal}
	if len(stops) != 2 || stops[0] != want || stops[1].CheckpointID != "a" {
		t.Errorf("%+v", stops)
	}
}

func TestWhoMayBeInASquad(t *testing.T) {
	now := time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
	grant := func(role models.Role, station models.ID) models.Grant {
		return models.Grant{Role: role, Place: models.Place{Station: station, Compound: "c"}, StartsAt: now, EndsAt: now.Add(time.Hour)}
	}
	known := models.Person{StationID: "s"}
	for _, c := range []struct {
		name   string
		person models.Person
		held   []models.Grant
		at     time.Duration
		want   models.FieldCode
		leads  bool
	}{
		{"officer", known, []models.Grant{grant(models.RoleOfficer, "s")}, 0, "", true},
		{"auxiliary", known, []models.Grant{grant(models.RoleAuxiliary, "s")}, 0, "", true},
		{"grid worker", known, []models.Grant{grant(models.RoleGridWorker, "s")}, 0, "", true},
		{"activist", known, []models.Grant{grant(models.RoleActivist, "s")}, 0, "", true},
		{"volunteer", known, []models.Grant{grant(models.RoleVolunteer, "s")}, 0, "", false},
		{"guard", known, []models.Grant{grant(models.RoleGuard, "s")}, 0, "", false},
		{"resident", known, []models.Grant{grant(models.RoleResident, "s")}, 0, models.FieldNotAllowed, false},
		{"commander", known, []models.Grant{grant(models.RoleCommander, "s")}, 0, models.FieldNotAllowed, false},
		{"nobody's role", known, nil, 0, models.FieldNotAllowed, false},
		{"before", known, []models.Grant{grant(models.RoleOfficer, "s")}, -time.Millisecond, models.FieldNotAllowed, false},
		{"at the end", known, []models.Grant{grant(models.RoleOfficer, "s")}, time.Hour, models.FieldNotAllowed, false},
		{"elsewhere", known, []models.Grant{grant(models.RoleOfficer, "t")}, 0, models.FieldNotAllowed, false},
		{"foreign", models.Person{StationID: "t"}, []models.Grant{grant(models.RoleOfficer, "t")}, 0, models.FieldNoSuch, false},
		{"foreign who patrols here", models.Person{StationID: "t"}, []models.Grant{grant(models.RoleAuxiliary, "s")}, 0, "", true},
		{"disabled", models.Person{StationID: "s", DisabledAt: now}, []models.Grant{grant(models.RoleOfficer, "s")}, 0, models.FieldNotAllowed, true},
	} {
		if got := models.CheckMember(c.person, c.held, "s", now.Add(c.at)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if got := models.MayLead(c.held, "s", now.Add(c.at)); got != c.leads {
			t.Errorf("%s leads: %t", c.name, got)
		}
	}
}
