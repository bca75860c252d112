package models

import "time"

// Person is somebody with an account. Their roles are grants, kept apart.
type Person struct {
	ID           ID
	StationID    ID // the station that keeps the account; roles may lie in others
	Name         Secret
	Phone        Secret // digits, or E.164; "" when unknown
	IDNumber     Secret // 公民身份号码; "" when not collected
	Account      string // "" when the person signs in by phone only
	PasswordHash Secret // PHC string; "" when there is no password
	Demo         bool   // made by the demonstration; never allowed in production
	DisabledAt   time.Time
	CreatedAt    time.Time
}

// Disabled says whether the account is closed.
func (p Person) Disabled() bool { return !p.DisabledAt.IsZero() }

// MaskPhone keeps the last four digits of a phone number and hides the rest.
func MaskPhone(phone Secret) string {
	digits := []byte(phone.Reveal())
	for at := 0; at < len(digits)-4; at++ {
		digits[at] = '*'
	}
	return string(digits)
}

// MayGrant says whether the giver may give the role in the place: an administrator any role
// of their station, a commander any but commander and administrator; nobody their own.
func MayGrant(operation Operation, giver Principal, receiver ID, role Role, place Place) error {
	if receiver == giver.ID {
		return Fail(CodeOwnRoles)
	}
	by, err := By(operation, giver, Object{Place: place})
	if err != nil {
		return err
	}
	if by.Role == RoleCommander && !giver.Has(RoleAdmin) && (role == RoleAdmin || role == RoleCommander) {
		return Fail(CodeForbidden)
	}
	return nil
}
