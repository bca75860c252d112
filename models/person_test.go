package models_test

import (
	"testing"
	"time"

	"xunfang/models"
)

func TestMayGrant(t *testing.T) {
	commander, admin := with("c", role(models.RoleCommander, station)), with("c", role(models.RoleAdmin, station))
	abroadAdmin := with("c", role(models.RoleCommander, station), role(models.RoleAdmin, models.Place{Station: "station-2"}))
	tests := map[string]struct {
		giver    models.Principal
		receiver models.ID
		role     models.Role
		place    models.Place
		want     models.Code
	}{
		"commander, a guard":                      {commander, "p", models.RoleGuard, garden, ""},
		"commander, an officer":                   {commander, "p", models.RoleOfficer, station, ""},
		"commander, another commander":            {commander, "p", models.RoleCommander, station, models.CodeForbidden},
		"commander, an administrator":             {commander, "p", models.RoleAdmin, station, models.CodeForbidden},
		"administrator, a commander":              {admin, "p", models.RoleCommander, station, ""},
		"administrator, an administrator":         {admin, "p", models.RoleAdmin, station, ""},
		"administrator elsewhere, commander here": {abroadAdmin, "p", models.RoleAdmin, station, models.CodeForbidden},
		"in another station":                      {admin, "p", models.RoleGuard, abroad, models.CodeNotFound},
		"an officer gives nothing":                {with("c", role(models.RoleOfficer, station)), "p", models.RoleGuard, garden, models.CodeNotFound},
		"their own":                               {admin, "c", models.RoleGuard, garden, models.CodeOwnRoles},
	}
	for name, test := range tests {
		got := models.CodeOf(models.MayGrant(models.OpCreateRole, test.giver, test.receiver, test.role, test.place))
		if got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

func TestMayManage(t *testing.T) {
	commander, admin := with("c", role(models.RoleCommander, station)), with("c", role(models.RoleAdmin, station))
	ended := models.Grant{Role: models.RoleAdmin, Place: station, StartsAt: noon.Add(-2 * time.Hour), EndsAt: noon}
	later := models.Grant{Role: models.RoleCommander, Place: station, StartsAt: noon.Add(time.Hour)}
	tests := map[string]struct {
		who    models.Principal
		person models.ID
		held   []models.Grant
		waysIn bool
		want   models.Code
	}{
		"a volunteer's password":                    {commander, "p", []models.Grant{role(models.RoleVolunteer, garden)}, true, ""},
		"an administrator's name, by a commander":   {commander, "p", []models.Grant{role(models.RoleAdmin, station)}, false, models.CodeForbidden},
		"an administrator's password, by another":   {admin, "p", []models.Grant{role(models.RoleAdmin, station)}, true, ""},
		"a former administrator's password":         {commander, "p", []models.Grant{ended}, true, ""},
		"one who will be commander":                 {commander, "p", []models.Grant{later}, true, models.CodeForbidden},
		"a commander of another station":            {admin, "p", []models.Grant{role(models.RoleCommander, models.Place{Station: "station-2"})}, false, models.CodeForbidden},
		"the name of a volunteer elsewhere too":     {admin, "p", []models.Grant{role(models.RoleVolunteer, garden), role(models.RoleVolunteer, abroad)}, false, ""},
		"the password of a volunteer elsewhere too": {admin, "p", []models.Grant{role(models.RoleVolunteer, garden), role(models.RoleVolunteer, abroad)}, true, models.CodeForbidden},
		"their own": {commander, "c", []models.Grant{role(models.RoleCommander, station)}, true, ""},
	}
	for name, test := range tests {
		got := models.CodeOf(models.MayManage(models.OpUpdatePerson, test.who, test.person, test.held, test.waysIn, noon))
		if got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}
