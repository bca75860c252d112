package models

import "time"

// StreetPost is a place where a squad stands ready.
type StreetPost struct {
	ID        ID
	Place     Place // the station, and the compound if it lies in one
	Name      string
	At        Position
	RadiusM   int
	MaxGap    time.Duration // how long it may stand empty during a shift, whole minutes
	CreatedAt time.Time
	EndedAt   time.Time // zero while it exists
}

// PostWithinM is how near to the centre of a compound a street post belongs to it, in metres.
const PostWithinM = 300

// PostPlace decides whose street post it is, when nobody said: the nearest compound's when it is close to one, else the
// station's alone.
func PostPlace(at Position, compounds []Compound, station ID) Place {
	if compound, near := NearestCompound(at, compounds, PostWithinM); near {
		return compound.Place()
	}
	return Place{Station: station}
}
