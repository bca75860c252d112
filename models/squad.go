package models

import "time"

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
