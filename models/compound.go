package models

import "time"

// StationInfo is one police station.
type StationInfo struct {
	ID       ID
	Name     string
	TimeZone string // IANA name
	Centre   Position
	TipKey   string // age recipient that anonymous tips are sealed to; "" in a description leaves it as it is
}

// Compound is a residential compound (小区).
type Compound struct {
	ID        ID
	StationID ID
	Name      string
	Kind      string // ordinary, resettlement, under_construction
	Centre    Position
	CreatedAt time.Time
}

// Place is the compound as a scope.
func (c Compound) Place() Place { return Place{Station: c.StationID, Compound: c.ID} }

// Building is one building of a compound.
type Building struct {
	ID    ID
	Place Place // down to the building itself
	Name  string
}

// Unit is one stairwell of a building.
type Unit struct {
	ID    ID
	Place Place // down to the unit itself
	Name  string
}

// NearestCompound finds the compound whose centre is nearest to a point, within a distance in metres.
func NearestCompound(at Position, compounds []Compound, withinM float64) (Compound, bool) {
	nearest, best := Compound{}, withinM
	for _, compound := range compounds {
		if distance := at.DistanceM(compound.Centre); distance <= best {
			nearest, best = compound, distance
		}
	}
	return nearest, nearest.ID != ""
}
