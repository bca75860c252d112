package models

import (
	"slices"
	"time"
)

// MaxSquad is how many people one squad can have.
const MaxSquad = 30

// SquadKind is how a squad moves and whom it is made of.
type SquadKind string

// The kinds.
const (
	SquadFoot    SquadKind = "foot"
	SquadVehicle SquadKind = "vehicle"
	SquadDog     SquadKind = "dog"
	SquadNight   SquadKind = "night"
	SquadMixed   SquadKind = "mixed" // with volunteers
)

// Squad is a standing team of patrollers of one station.
type Squad struct {
	ID        ID
	StationID ID
	Name      string
	Kind      SquadKind
	LeaderID  ID   // one of Members
	Members   []ID // in the order they were named
	CreatedAt time.Time
	EndedAt   time.Time // zero while it exists
}

// Has says whether somebody belongs to the squad.
func (s Squad) Has(person ID) bool { return slices.Contains(s.Members, person) }

// CheckMember says why somebody cannot belong to a squad of a station; "" when they can. Whom the station has nothing to
// do with, it does not know.
func CheckMember(person Person, held []Grant, station ID, now time.Time) FieldCode {
	known := person.StationID == station || slices.ContainsFunc(held, func(grant Grant) bool { return grant.Place.Station == station })
	switch {
	case !known:
		return FieldNoSuch
	case person.Disabled() || !MayPatrol(held, station, now):
		return FieldNotAllowed
	}
	return ""
}

// Patrols says whether holders of the role patrol: those who can check in.
func (r Role) Patrols() bool { return Permissions[OpCreateCheckIns][r] != 0 }

// Leads says whether holders of the role can lead a squad. A volunteer, or a gate guard, walks with others.
func (r Role) Leads() bool {
	return slices.Contains([]Role{RoleOfficer, RoleAuxiliary, RoleGridWorker, RoleActivist}, r)
}

// MayPatrol says whether a role in force at the station lets somebody patrol there.
func MayPatrol(held []Grant, station ID, now time.Time) bool {
	return slices.ContainsFunc(held, func(grant Grant) bool {
		return grant.InForce(now) && grant.Place.Station == station && grant.Role.Patrols()
	})
}

// MayLead says whether a role in force at the station lets somebody lead a squad there.
func MayLead(held []Grant, station ID, now time.Time) bool {
	return slices.ContainsFunc(held, func(grant Grant) bool {
		return grant.InForce(now) && grant.Place.Station == station && grant.Role.Leads()
	})
}
