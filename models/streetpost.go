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
