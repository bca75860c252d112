package models

import "time"

// VehicleKind is what kind of vehicle somebody keeps.
type VehicleKind string

// The kinds.
const (
	VehicleCar        VehicleKind = "car"
	VehicleEBike      VehicleKind = "e_bike"
	VehicleMotorcycle VehicleKind = "motorcycle"
	VehicleOther      VehicleKind = "other"
)

// VehicleState says whether property, or an officer, has confirmed whose the vehicle is.
type VehicleState string

// The states. Anybody may write down any plate of their compound; barriers know a confirmed vehicle alone.
const (
	VehiclePending   VehicleState = "pending"
	VehicleConfirmed VehicleState = "confirmed"
)

// MaxVehicles bounds the vehicles of one person.
const MaxVehicles = 10

// Vehicle is a vehicle of somebody who lives in a home, known at the compound's barriers by its plate, its tag, or both.
type Vehicle struct {
	ID         ID
	Place      Place // the home
	OwnerID    ID
	Kind       VehicleKind
	Plate      Secret // as NormalPlate writes it; "" when it has none
	Tag        Secret // of an RFID or anti-theft label; "" when it has none
	Colour     Secret
	Model      Secret
	Shared     bool // whether who lives in the home too may see, lock and unlock it
	Locked     bool
	LockedAt   time.Time // for the last time
	UnlockedAt time.Time // for the last time
	Word       ReleaseWord
	CreatedAt  time.Time

	ConfirmedAt time.Time // zero while it is pending
}

// State is whether the vehicle has been confirmed.
func (v Vehicle) State() VehicleState {
	if v.ConfirmedAt.IsZero() {
		return VehiclePending
	}
	return VehicleConfirmed
}

// CheckLock refuses to lock what nobody has confirmed: it may be somebody else's.
func (v Vehicle) CheckLock() error {
	if v.State() == VehiclePending {
		return Fail(CodeWrongState).WithFields(FieldError{Field: "state", Code: FieldNotAllowed, Want: string(VehiclePending)})
	}
	return nil
}

// CheckConfirmation says whether the vehicle may be confirmed, or made pending again: a locked one is unlocked first.
func (v Vehicle) CheckConfirmation(confirmed bool) error {
	if !confirmed && v.Locked {
		return Fail(CodeWrongState).WithFields(FieldError{Field: "state", Code: FieldNotAllowed, Want: "locked"})
	}
	return nil
}

// LockedThen says whether the vehicle was locked at an instant, as far as its last lock goes back.
func (v Vehicle) LockedThen(at time.Time) bool {
	if v.LockedAt.IsZero() || at.Before(v.LockedAt) {
		return false
	}
	return v.Locked || v.UnlockedAt.After(at)
}

// Mark is by what people at the gate tell the vehicle: the plate, or else the tag.
func (v Vehicle) Mark() Secret {
	if v.Plate != "" {
		return v.Plate
	}
	return v.Tag
}

// May says by which grant the caller may do something with the vehicle. Of those who live in the home, others than the owner
// may where it is shared.
func (v Vehicle) May(operation Operation, who Principal) (Grant, error) {
	if grant, err := By(operation, who, Object{Owner: v.OwnerID}); err == nil {
		return grant, nil
	}
	for _, role := range []Role{RoleProperty, RoleGuard, RoleOfficer} {
		if grant, err := byRole(operation, who, role, Object{Place: v.Place}); err == nil {
			return grant, nil
		}
	}
	if v.Shared {
		return byRole(operation, who, RoleResident, Object{Place: v.Place})
	}
	return Grant{}, Fail(CodeNotFound)
}

// TellableBy says whether the caller is to see of a pending vehicle what tells whose it is: who may confirm it.
func (v Vehicle) TellableBy(who Principal) bool {
	return v.State() == VehiclePending && May(OpConfirmVehicle, who, Object{Place: v.Place}) == nil
}

// KnownTo says whether the caller is the owner or shares the vehicle: they see all of it, others what a gate needs.
func (v Vehicle) KnownTo(who Principal) bool {
	if who.Owns(v.OwnerID) {
		return true
	}
	_, err := byRole(OpGetVehicle, who, RoleResident, Object{Place: v.Place})
	return v.Shared && err == nil
}

// VehicleHome finds the home that a new vehicle belongs to: the one that is named, or the caller's only one.
func VehicleHome(who Principal, home ID, named Place) (Place, error) {
	homes := []Place{}
	for _, grant := range who.Grants {
		if grant.Role == RoleResident && (home == "" || grant.Place == named) {
			homes = append(homes, grant.Place)
		}
	}
	switch {
	case home != "" && len(homes) == 0:
		return Place{}, Unfit("home_id", FieldNoSuch, "")
	case len(homes) == 0, home == "" && len(homes) != 1:
		return Place{}, Unfit("home_id", FieldRequired, "one of your homes")
	}
	return homes[0], nil
}

// Check refuses a vehicle that no barrier could tell: a car or a motorcycle has a plate of GA 36, anything else a plate or a tag.
func (v Vehicle) Check() error {
	registered := v.Kind == VehicleCar || v.Kind == VehicleMotorcycle
	switch {
	case registered && v.Plate == "":
		return Unfit("plate", FieldRequired, "of a car or a motorcycle")
	case registered:
		return CheckPlate(v.Plate)
	case v.Plate == "" && v.Tag == "":
		return Unfit("plate", FieldRequired, "or tag")
	case v.Plate != "":
		return checkLocalPlate(v.Plate)
	}
	return nil
}
