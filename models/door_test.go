package models_test

import (
	"slices"
	"testing"

	"xunfang/models"
)

func TestMayOpen(t *testing.T) {
	unit := models.Door{Place: stairs, Kind: models.DoorUnit, DeviceID: "device"}
	gate := models.Door{Place: garden, Kind: models.DoorGate, DeviceID: "device"}
	tests := map[string]struct {
		door   models.Door
		who    models.Principal
		reason string
		by     models.Role
		want   models.Code
	}{
		"resident, own stairs":               {unit, with("a", role(models.RoleResident, home)), "", models.RoleResident, ""},
		"resident, gate":                     {gate, with("a", role(models.RoleResident, home)), "", models.RoleResident, ""},
		"resident of another compound":       {gate, with("a", role(models.RoleResident, abroad)), "", "", models.CodeNotFound},
		"guard, gate":                        {gate, with("a", role(models.RoleGuard, garden)), "", models.RoleGuard, ""},
		"guard of one building, gate":        {gate, with("a", role(models.RoleGuard, tower)), "", "", models.CodeNotFound},
		"guard of one building, its stairs":  {unit, with("a", role(models.RoleGuard, tower)), "", models.RoleGuard, ""},
		"property, stairs":                   {unit, with("a", role(models.RoleProperty, garden)), "", models.RoleProperty, ""},
		"property elsewhere":                 {unit, with("a", role(models.RoleProperty, lake)), "", "", models.CodeNotFound},
		"officer with a reason":              {unit, with("a", role(models.RoleOfficer, garden)), "a call for help", models.RoleOfficer, ""},
		"officer without a reason":           {unit, with("a", role(models.RoleOfficer, garden)), "", "", models.CodeReasonNeeded},
		"officer elsewhere, with a reason":   {unit, with("a", role(models.RoleOfficer, lake)), "a call for help", "", models.CodeNotFound},
		"officer who lives there":            {unit, with("a", role(models.RoleOfficer, garden), role(models.RoleResident, home)), "", models.RoleResident, ""},
		"commander opens no door":            {unit, with("a", role(models.RoleCommander, station)), "a reason", "", models.CodeNotFound},
		"administrator opens no door":        {unit, with("a", role(models.RoleAdmin, station)), "a reason", "", models.CodeNotFound},
		"volunteer, committee, grid worker":  {gate, with("a", role(models.RoleVolunteer, garden), role(models.RoleCommittee, garden), role(models.RoleGridWorker, garden)), "x", "", models.CodeNotFound},
		"the door's own device opens nobody": {gate, with("device", role(models.RoleDevice, garden)), "", "", models.CodeNotFound},
	}
	for name, test := range tests {
		grant, err := test.door.MayOpen(test.who, test.reason)
		if got := models.CodeOf(err); got != test.want || grant.Role != test.by {
			t.Errorf("%s: %q by %q, want %q by %q", name, got, grant.Role, test.want, test.by)
		}
	}
}

// Every way a command can go, and no other.
func TestCommandStates(t *testing.T) {
	states := []models.DoorCommandState{
		models.CommandRequested, models.CommandSent, models.CommandOpened, models.CommandFailed, models.CommandExpired, models.CommandUnknown,
	}
	next := map[models.DoorCommandState][]models.DoorCommandState{
		models.CommandRequested: {models.CommandSent, models.CommandOpened, models.CommandFailed, models.CommandExpired, models.CommandUnknown},
		models.CommandSent:      {models.CommandOpened, models.CommandFailed, models.CommandUnknown},
		models.CommandUnknown:   {models.CommandOpened, models.CommandFailed},
		models.CommandExpired:   {models.CommandOpened, models.CommandFailed},
	}
	for _, from := range states {
		for _, to := range states {
			if got, want := slices.Contains(models.CommandBefore(to), from), slices.Contains(next[from], to); got != want {
				t.Errorf("%s → %s: %t, want %t", from, to, got, want)
			}
		}
		if ended := from != models.CommandRequested && from != models.CommandSent; from.Ended() != ended {
			t.Errorf("%s ended: %t", from, from.Ended())
		}
	}
}
