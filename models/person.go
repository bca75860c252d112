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

// MayGrant says whether the giver may give the role in the place: an administrator any role
// of their station, a commander any but commander and administrator; nobody their own.
func MayGrant(operation Operation, giver Principal, receiver ID, role Role, place Place) error {
	if receiver == giver.ID {
		return Fail(CodeOwnRoles)
	}
	object := Object{Place: place}
	if _, err := By(operation, giver, object); err != nil {
		return err
	}
	if role != RoleAdmin && role != RoleCommander {
		return nil
	}
	if _, err := byRole(operation, giver, RoleAdmin, object); err != nil { // an administrator elsewhere is none here
		return Fail(CodeForbidden)
	}
	return nil
}

// MayManage says whether the caller may change somebody's account, given the roles that person has or
// will have. A commander must not take an administrator's account over, nor close it; and ways to sign
// in open every role that the person holds, so that a role the caller could not give forbids changing them.
func MayManage(operation Operation, who Principal, person ID, held []Grant, waysIn bool, now time.Time) error {
	if person == who.ID {
		return nil
	}
	for _, grant := range held {
		ended := !grant.EndsAt.IsZero() && !now.Before(grant.EndsAt)
		high := grant.Role == RoleAdmin || grant.Role == RoleCommander
		if ended || !waysIn && !high {
			continue
		}
		if MayGrant(operation, who, person, grant.Role, grant.Place) != nil {
			return Fail(CodeForbidden)
		}
	}
	return nil
}
