package models

import "time"

// DoorKind is what a door closes off.
type DoorKind string

// A door's place goes as deep as its kind.
const (
	DoorGate     DoorKind = "gate"
	DoorBuilding DoorKind = "building"
	DoorUnit     DoorKind = "unit"
)

// Door is a door that a controller can open.
type Door struct {
	ID       ID
	Place    Place // gate: compound; building door: building; unit door: unit
	Name     string
	Kind     DoorKind
	DeviceID ID // its controller; "" when none is fitted yet
	Online   bool
	// HoldsCodes says that its controller keeps codes itself: a pass works there once it has confirmed it.
	HoldsCodes bool
	Driver     DeviceDriver // its controller's
	Ways       []string     // through it, in the order of DoorWays; empty in a description that does not say
	CreatedAt  time.Time
}

// MayOpen says whether the caller may open the door remotely, and by which grant.
// An officer gives a reason; who may open it by another role as well needs none.
func (d Door) MayOpen(who Principal, reason string) (Grant, error) {
	object := Object{Place: d.Place, Owner: d.DeviceID}
	for _, role := range []Role{RoleResident, RoleGuard, RoleProperty} {
		if grant, err := byRole(OpOpenDoor, who, role, object); err == nil {
			return grant, nil
		}
	}
	grant, err := By(OpOpenDoor, who, object)
	if err != nil {
		return Grant{}, err
	}
	if reason == "" {
		return Grant{}, Fail(CodeReasonNeeded).WithFields(FieldError{Field: "reason", Code: FieldRequired})
	}
	return grant, nil
}
