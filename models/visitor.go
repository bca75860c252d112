package models

import "time"

// How long a visitor's pass may last and how far ahead it may be made.
const (
	MaxPassLength = 31 * 24 * time.Hour
	MaxPassAhead  = 90 * 24 * time.Hour
)

// VisitorPass lets a visitor through some doors, some times, with one code.
type VisitorPass struct {
	ID          ID
	Kind        PassKind
	Place       Place // the host's home, or for property staff their compound
	HostID      ID
	VisitorName Secret
	Plate       Secret
	PlateMAC    []byte // where it has a plate: keyed hash of its normal form
	DoorIDs     []ID
	Doors       []PassDoor // the same, with what each knows of the pass; removed ones too
	CodeMAC     []byte     // HMAC of the code; the code itself is kept nowhere in the open
	// HMAC of code and extension together: equal extensions look different. Nil for a pass from before there were any.
	ExtensionMAC []byte
	GuestHash    []byte // of the random part of the guest page's address
	CodeSealed   []byte // the code, for who has that address
	// ListMAC is what controllers' lists are made of: see auth.AllowInner. Written, never read back.
	ListMAC     []byte
	SignedUntil time.Time // when the last signed QR code of it ends; zero where there is none
	Times       PassTimes
	GroupID     ID // the group's pass, of a guest's own
	MaxGuests   int
	Guests      int
	StartsAt    time.Time
	EndsAt      time.Time
	MaxUses     int
	Uses        int // visits begun; see VisitAt
	RevokedAt   time.Time
	CreatedAt   time.Time
	ChangedAt   time.Time // zero when it was not
	// Of the latest visit, zero before the first.
	VisitStartedAt time.Time
}

// VisitorPassState is what a pass is worth now.
type VisitorPassState string

// The states.
const (
	PassUpcoming VisitorPassState = "upcoming"
	PassActive   VisitorPassState = "active"
	PassUsed     VisitorPassState = "used"
	PassExpired  VisitorPassState = "expired"
	PassRevoked  VisitorPassState = "revoked"
)

// State at now. The window contains StartsAt and not EndsAt.
func (p VisitorPass) State(now time.Time) VisitorPassState {
	switch {
	case !p.RevokedAt.IsZero():
		return PassRevoked
	case p.Uses >= p.MaxUses:
		return PassUsed
	case !now.Before(p.EndsAt):
		return PassExpired
	case now.Before(p.StartsAt):
		return PassUpcoming
	default:
		return PassActive
	}
}

// Check refuses windows that make no sense, naming each field.
func (p VisitorPass) Check(now time.Time) error {
	fields := p.checkKind()
	longest, want := p.Kind.longest()
	switch {
	case !p.EndsAt.After(p.StartsAt):
		fields = append(fields, FieldError{Field: "ends_at", Code: FieldTooSmall, Want: "> starts_at"})
	case p.EndsAt.Sub(p.StartsAt) > longest:
		fields = append(fields, FieldError{Field: "ends_at", Code: FieldTooLarge, Want: want})
	case !p.EndsAt.After(now):
		fields = append(fields, FieldError{Field: "ends_at", Code: FieldTooSmall, Want: "> now"})
	}
	if p.StartsAt.After(now.Add(MaxPassAhead)) {
		fields = append(fields, FieldError{Field: "starts_at", Code: FieldInFuture, Want: "<= now + 90 d"})
	}
	if len(fields) > 0 {
		return Fail(CodeUnprocessable).WithFields(fields...)
	}
	return nil
}

// PassHome finds the place a new pass leads to. A resident's pass leads to the home they name,
// or to their only one; property staff without a home lead to their compound.
func PassHome(who Principal, home ID, homePlace Place) (Place, error) {
	if home != "" {
		if _, err := By(OpCreateVisitorPass, who, Object{Place: homePlace}); err != nil || homePlace.Home == "" {
			return Place{}, Unfit("home_id", FieldNoSuch, "")
		}
		return homePlace, nil
	}
	places := []Place{}
	for _, grant := range who.Grants {
		if grant.Role == RoleResident {
			places = append(places, grant.Place)
		}
	}
	if len(places) == 0 {
		for _, grant := range who.Grants {
			if grant.Role == RoleProperty {
				places = append(places, grant.Place)
			}
		}
	}
	if len(places) != 1 {
		return Place{}, Unfit("home_id", FieldRequired, "one of your homes")
	}
	return places[0], nil
}

// PassDoors chooses the doors of a pass: those asked for, each of which must lie on the way to the
// place (or, for property staff, in it), or else all doors on the way.
func PassDoors(asked []ID, place Place, doors []Door, who Principal) ([]ID, error) {
	reachable := map[ID]bool{}
	chosen := []ID{}
	for _, door := range doors {
		if door.Place.Compound != place.Compound { // the codes that are live at a door are counted by compound
			continue
		}
		onWay := door.Place.Contains(place)
		if onWay {
			chosen = append(chosen, door.ID)
		}
		if _, err := byRole(OpCreateVisitorPass, who, RoleProperty, Object{Place: door.Place}); onWay || err == nil {
			reachable[door.ID] = true
		}
	}
	if len(asked) > 0 {
		for at, id := range asked {
			if !reachable[id] {
				return nil, Unfit(Indexed("door_ids", at), FieldNoSuch, "a door on the way")
			}
		}
		return asked, nil
	}
	if len(chosen) == 0 {
		return nil, Unfit("door_ids", FieldRequired, "no door is on the way")
	}
	return chosen, nil
}

// byRole is By for one role only.
func byRole(operation Operation, who Principal, role Role, object Object) (Grant, error) {
	only := who
	only.Grants = nil
	for _, grant := range who.Grants {
		if grant.Role == role {
			only.Grants = append(only.Grants, grant)
		}
	}
	return By(operation, only, object)
}
