package models

import "time"

// The ways through a door, and the outcomes (ONVIF: access granted, access denied).
const (
	WayCode       = "code"
	WayRemote     = "remote"
	WayFace       = "face"
	WayCard       = "card"
	WayButton     = "button"
	WayForced     = "forced"
	AccessGranted = "granted"
	AccessDenied  = "denied"
	DecisionOpen  = "open"
	DecisionDeny  = "deny"
)

// AccessEvent is one passage, or one refusal, at a door.
type AccessEvent struct {
	ID            ID
	Place         Place // the door's
	DoorID        ID
	PersonID      ID // whose it is: the pass's host, or who opened remotely; "" when unknown
	OccurredAt    time.Time
	ReceivedAt    time.Time
	Way           string
	Outcome       string
	PassID        ID
	CommandID     ID
	Conflict      bool // a use that a controller allowed without the server, and that was one too many
	DeviceEventID ID   // the controller's own id of it, so that a repeat is dropped
}
