package models

import "time"

// TrackSource is by which form a position came.
type TrackSource string

// The sources.
const (
	SourceApp       TrackSource = "app"
	SourceOwnTracks TrackSource = "owntracks"
	SourceOsmAnd    TrackSource = "osmand"
)

// TrackPoint is where a person was at one instant of a round.
type TrackPoint struct {
	Fix
	PersonID   ID
	StationID  ID
	RoundID    ID
	At         time.Time // corrected by the phone's monotonic clock where that could be told
	PhoneAt    time.Time // by the phone's wall clock
	ReceivedAt time.Time
	SpeedMps   *float64 // metres per second, nil when the phone did not say
	Source     TrackSource
}
