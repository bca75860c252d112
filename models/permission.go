package models

import "time"

// Operation is an operationId of openapi.yaml.
type Operation string

// Reach says how far a role reaches in an operation. Several can be joined with |.
type Reach uint8

// The ways in which something can be within reach.
const (
	Self    Reach = 1 << iota // what the caller owns: own tip, own pass, own inbox
	Within                    // what lies in the grant's scope
	OnWay                     // a door on the way to the grant's home
	Station                   // anything of the grant's station
)

// Object is what an operation is about, as far as permission goes.
// An empty Owner is nobody's; a device's own door has the device as Owner.
type Object struct {
	Place Place
	Owner ID
}

// reaches is one row of the table: role → reach.
type reaches map[Role]Reach

// MayTry is the coarse check of the gate: does the caller hold any role
// that the operation knows? The object is checked later, by May.
func MayTry(operation Operation, who Principal) error {
	row := Permissions[operation]
	for _, grant := range who.Grants {
		if row[grant.Role] != 0 {
			return nil
		}
	}
	return Fail(CodeForbidden)
}

// May says whether the caller may do the operation to the object.
// nil means yes. A refusal is CodeNotFound: foreign and missing look alike.
func May(operation Operation, who Principal, object Object) error {
	_, err := By(operation, who, object)
	return err
}

// By is May that also tells by which grant the answer is yes,
// for the audit and for rules that ask one role for more (an officer's reason).
// Where several grants would do, the first in the principal's order is told.
func By(operation Operation, who Principal, object Object) (Grant, error) {
	row := Permissions[operation]
	for _, grant := range who.Grants {
		reach := row[grant.Role]
		switch {
		case reach&Self != 0 && who.Owns(object.Owner),
			reach&Within != 0 && grant.Place.Contains(object.Place),
			reach&OnWay != 0 && grant.Place.Home != "" && object.Place.Contains(grant.Place),
			reach&Station != 0 && grant.Place.Station != "" && grant.Place.Station == object.Place.Station:
			return grant, nil
		}
	}
	return Grant{}, Fail(CodeNotFound)
}

// Sight is one condition under which a row of a list may be seen; a list shows
// what meets at least one. Exactly one field is set.
type Sight struct {
	Owner  ID    // rows owned by
	Within Place // rows that lie in
	OnWay  Place // doors on the way to this home
}

// Sights turns the same table that May uses into conditions for a list.
// No condition means that nothing is seen.
func Sights(operation Operation, who Principal) []Sight {
	seen := map[Sight]bool{}
	sights := []Sight{}
	add := func(sight Sight) {
		if !seen[sight] {
			seen[sight] = true
			sights = append(sights, sight)
		}
	}
	row := Permissions[operation]
	for _, grant := range who.Grants {
		reach := row[grant.Role]
		if reach&Self != 0 {
			add(Sight{Owner: who.ID})
		}
		if reach&Within != 0 {
			add(Sight{Within: grant.Place})
		}
		if reach&OnWay != 0 && grant.Place.Home != "" {
			add(Sight{OnWay: grant.Place})
		}
		if reach&Station != 0 {
			add(Sight{Within: Place{Station: grant.Place.Station}})
		}
	}
	return sights
}

// InForce keeps the grants that hold at now.
func InForce(grants []Grant, now time.Time) []Grant {
	kept := make([]Grant, 0, len(grants))
	for _, grant := range grants {
		if grant.InForce(now) {
			kept = append(kept, grant)
		}
	}
	return kept
}
