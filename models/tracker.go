package models

import "time"

// MaxTrackers is how many apps a person can let report at the same time.
const MaxTrackers = 5

// TrackerKind is which app reports.
type TrackerKind string

// The kinds of trackers.
const (
	TrackerOwnTracks TrackerKind = "owntracks"
	TrackerOsmAnd    TrackerKind = "osmand" // Traccar Client and others that speak its form
)

// Tracker is an app of somebody else's that reports a person's position, with a secret of its own that gives
// nothing but that.
type Tracker struct {
	ID        ID // made by the phone
	PersonID  ID
	StationID ID
	Name      Secret
	Kind      TrackerKind
	SecretMAC []byte // keyed hash of the secret
	CreatedAt time.Time
	RevokedAt time.Time // zero while it may report
}

// Same says whether a repeat asks for the same tracker.
func (t Tracker) Same(other Tracker) bool {
	return t.PersonID == other.PersonID && t.Name == other.Name && t.Kind == other.Kind
}
