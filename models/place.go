package models

// Level is the depth of a place in the neighbourhood; also the kind of a role's scope.
type Level string

// From the whole station down to one household.
const (
	LevelStation  Level = "station"
	LevelCompound Level = "compound"
	LevelBuilding Level = "building"
	LevelUnit     Level = "unit"
	LevelHome     Level = "home"
)

// Place is where something is: the path from the station down, as deep as it goes.
// A gate's place ends at the compound, a stairwell door's at the unit, a resident's at the home.
type Place struct {
	Station  ID
	Compound ID
	Building ID
	Unit     ID
	Home     ID
}

// Level is the deepest level that the place names; "" for the empty place.
func (p Place) Level() Level {
	switch {
	case p.Home != "":
		return LevelHome
	case p.Unit != "":
		return LevelUnit
	case p.Building != "":
		return LevelBuilding
	case p.Compound != "":
		return LevelCompound
	case p.Station != "":
		return LevelStation
	default:
		return ""
	}
}

// ID is the id of the deepest level.
func (p Place) ID() ID {
	switch p.Level() {
	case LevelHome:
		return p.Home
	case LevelUnit:
		return p.Unit
	case LevelBuilding:
		return p.Building
	case LevelCompound:
		return p.Compound
	default:
		return p.Station
	}
}

// Contains says whether other lies in p. The empty place contains nothing, so that
// a row read without its place can never be seen by everybody.
func (p Place) Contains(other Place) bool {
	return p.Station != "" && p.Station == other.Station &&
		(p.Compound == "" || p.Compound == other.Compound) &&
		(p.Building == "" || p.Building == other.Building) &&
		(p.Unit == "" || p.Unit == other.Unit) &&
		(p.Home == "" || p.Home == other.Home)
}
