package models

import "time"

// Grant is one role of one person in one place, for a time.
type Grant struct {
	ID       ID
	PersonID ID
	Role     Role
	Place    Place // the scope: the role gives nothing outside it
	StartsAt time.Time
	EndsAt   time.Time // zero: until it is withdrawn
}

// InForce says whether the grant holds at now: from StartsAt on, and before EndsAt.
func (g Grant) InForce(now time.Time) bool {
	return !now.Before(g.StartsAt) && (g.EndsAt.IsZero() || now.Before(g.EndsAt))
}

// Overlaps says whether another grant gives the same role in the same place at some same moment.
func (g Grant) Overlaps(other Grant) bool {
	return g.Role == other.Role && g.Place == other.Place &&
		(g.EndsAt.IsZero() || other.StartsAt.Before(g.EndsAt)) && (other.EndsAt.IsZero() || g.StartsAt.Before(other.EndsAt))
}

// EndAt gives the grant a new end: what has ended has ended, and nobody ends a role in the past. A clock
// that is a little behind means now.
func (g Grant) EndAt(endsAt, now time.Time) (Grant, error) {
	switch {
	case !g.EndsAt.IsZero() && !now.Before(g.EndsAt):
		return g, Fail(CodeWrongState)
	case endsAt.Before(now.Add(-MaxClockAhead)):
		return g, Unfit("ends_at", FieldTooSmall, ">= now")
	case endsAt.Before(now):
		endsAt = now
	}
	g.EndsAt = endsAt
	return g, nil
}

// Principal is who asks: a person in a session, a device in one, or the holder of a receipt, of whom
// nothing is known but the tip.
type Principal struct {
	ID        ID // person or device; of RoleReporter the tip
	SessionID ID
	StationID ID
	Device    bool
	Alias     ID      // under which a person owns what they reported hidden; nobody but the server can work it out
	Grants    []Grant // those in force when the request began; a device has one, of RoleDevice
}

// Has says whether any grant is of the role.
func (p Principal) Has(role Role) bool {
	for _, grant := range p.Grants {
		if grant.Role == role {
			return true
		}
	}
	return false
}

// Owns says whether the id of an owner is the caller's own, openly or hidden.
func (p Principal) Owns(owner ID) bool { return owner != "" && (owner == p.ID || owner == p.Alias) }

// Unknown says whether it is the holder of a receipt: nobody who asks, but a tip that is asked about.
func (p Principal) Unknown() bool { return p.Has(RoleReporter) }

// Roles lists the roles held, each once, in the order of AllRoles.
func (p Principal) Roles() []Role {
	held := []Role{}
	for _, role := range AllRoles {
		if p.Has(role) {
			held = append(held, role)
		}
	}
	return held
}
