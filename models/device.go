package models

import "time"

// Device is a terminal, barrier or camera with a secret of its own.
type Device struct {
	ID           ID
	Place        Place // its compound
	Name         string
	Kind         string // terminal, barrier, camera
	SecretHash   []byte
	OldSecret    OldSecret // after a rotation
	SessionNonce string    // of its present connection to the broker; "" when it never connected
	Online       bool
	LastSeenAt   time.Time
	DoorIDs      []ID
	Demo         bool
	DisabledAt   time.Time
	Driver       DeviceDriver // zero: our own protocol
	Cursor       DeviceCursor // of its events, where they are fetched
	About        DeviceAbout
	List         ListTimes // where it decides by lists
	CreatedAt    time.Time
}

// Disabled says whether the device may no longer sign in.
func (d Device) Disabled() bool { return !d.DisabledAt.IsZero() }

// Grant is what being this device allows: its own doors, nothing else.
func (d Device) Grant() Grant {
	return Grant{ID: d.ID, PersonID: d.ID, Role: RoleDevice, Place: d.Place, StartsAt: d.CreatedAt}
}
