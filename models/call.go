package models

import "time"

// How a call from a door's panel goes.
const (
	CallLife       = 60 * time.Second // from the ring to the end of everything: later nothing rings, is answered or opens
	CallRingsHome  = 20 * time.Second // at least so long the home rings alone, before its list
	CallRingsGuard = 15 * time.Second // the guard has at least the last of the time

	CallListMost  = 5                                         // people on a household's list
	CallListTotal = CallLife - CallRingsHome - CallRingsGuard // for all of the list together
	CallListLeast = 5 * time.Second                           // for one of them
	CallQuietMost = 7 * 24 * time.Hour                        // how far ahead a home may ask not to be disturbed
	MaxSession    = 2048                                      // bytes of a call's session parameters
	CallsEvery    = time.Second                               // how often what is due is looked for
)

// How often one panel rings one home.
const (
	CallBurst       = 3 // calls in CallBurstWithin
	CallBurstWithin = 2 * time.Minute
	CallsHourly     = 10 // calls in an hour
)

// AlertCall rings a phone; its id is the call's. It is worth something now or never.
const AlertCall = "call"

// CallState is where a call stands:
// ringing → forwarded → answered → opened | refused | ended; unanswered → ended (hung up) | missed.
type CallState string

// The states. CallForwarded is never written down: it follows from the time.
const (
	CallRinging   CallState = "ringing"   // at the home's phones
	CallForwarded CallState = "forwarded" // at the people of the home's list, or the guard
	CallAnswered  CallState = "answered"
	CallOpened    CallState = "opened" // the command has been given; what became of it is the command's
	CallRefused   CallState = "refused"
	CallEnded     CallState = "ended" // hung up at the panel, or answered and then out of time
	CallMissed    CallState = "missed"
)

// CallLegKind is whom a leg rings.
type CallLegKind string

// The kinds of legs.
const (
	LegHome   CallLegKind = "home"
	LegPerson CallLegKind = "person"
	LegGuard  CallLegKind = "guard"
)

// CallLeg is one step of a call's way. Those before it keep ringing: whoever was rung may answer until the end.
type CallLeg struct {
	Kind     CallLegKind `json:"kind"`
	PersonID ID          `json:"person_id,omitempty"`
	At       time.Time   `json:"at"`
}

// Call is one ring of a home from a door's panel.
type Call struct {
	ID         ID    // made by the panel
	OrderID    ID    // made by the server, sortable
	Place      Place // the home's
	DoorID     ID
	DeviceID   ID
	State      CallState // as it was written down; StateAt is the truth
	Legs       []CallLeg // settled when it rang
	Leg        int       // the last that was rung
	RungAt     time.Time
	ExpiresAt  time.Time
	AnsweredAt time.Time
	AnsweredBy ID
	EndedAt    time.Time
	CommandID  ID
	PhotoID    ID
	Session    Secret // opaque; gone when the call ends
	Version    int64  // counts changes
	BodyHash   []byte
}

// StateAt is the state at an instant, whatever was written down in time: a late keeper keeps nothing alive.
func (c Call) StateAt(now time.Time) CallState {
	over := !now.Before(c.ExpiresAt)
	switch {
	case c.State == CallRinging && over:
		return CallMissed
	case c.State == CallAnswered && over:
		return CallEnded
	case c.State == CallRinging && c.Legs[c.LegAt(now)].Kind != LegHome:
		return CallForwarded
	default:
		return c.State
	}
}

// Live says whether a state still goes on.
func (s CallState) Live() bool { return s == CallRinging || s == CallForwarded || s == CallAnswered }

// LegAt is the leg that an instant belongs to.
func (c Call) LegAt(now time.Time) int {
	at := 0
	for next := range c.Legs {
		if !now.Before(c.Legs[next].At) {
			at = next
		}
	}
	return at
}

// GuardAt is when the guard is rung; zero when never.
func (c Call) GuardAt() time.Time {
	for _, leg := range c.Legs {
		if leg.Kind == LegGuard {
			return leg.At
		}
	}
	return time.Time{}
}

// NextAt is when something of a call is due: the next leg, or its end. Zero when nothing is.
func (c Call) NextAt() time.Time {
	switch {
	case !c.State.Live():
		return time.Time{}
	case c.State == CallRinging && c.Leg+1 < len(c.Legs):
		return c.Legs[c.Leg+1].At
	default:
		return c.ExpiresAt
	}
}

// Moved is the call in its next state. CodeWrongState, naming the state that it has, when that is not the one to come next:
// only an unanswered one is answered, and who answered it, or does so by this, opens or refuses.
func (c Call) Moved(to CallState, by ID, now time.Time) (Call, error) {
	state := c.StateAt(now)
	ringing := state == CallRinging || state == CallForwarded
	mine := state == CallAnswered && c.AnsweredBy == by
	allowed := map[CallState]bool{
		CallAnswered: ringing, CallOpened: ringing || mine, CallRefused: ringing || mine, CallEnded: ringing || state == CallAnswered,
	}
	if !allowed[to] {
		return c, CallInState(state)
	}
	c.State = to
	if ringing && to != CallEnded { // who opens or refuses at once has answered
		c.AnsweredAt, c.AnsweredBy = now, by
	}
	if to == CallAnswered {
		return c, nil
	}
	return c.over(now), nil
}

// Lapsed is the call whose time has run out; false when it has not, or was over before.
func (c Call) Lapsed(now time.Time) (Call, bool) {
	if !c.State.Live() || now.Before(c.ExpiresAt) {
		return c, false
	}
	c.State = c.StateAt(now)
	return c.over(c.ExpiresAt), true
}

func (c Call) over(at time.Time) Call {
	c.EndedAt, c.Session = at, ""
	return c
}

// CallInState refuses what does not suit the state.
func CallInState(state CallState) error {
	return Fail(CodeWrongState).WithFields(FieldError{Field: "state", Code: FieldNotAllowed, Want: string(state)})
}

// For says by which grant the caller may do the operation with the call: its panel, the people of the home, of calls since they
// live there, and the guard as long as it is forwarded to them.
func (c Call) For(operation Operation, who Principal, now time.Time) (Grant, error) {
	object := Object{Place: c.Place, Owner: c.DeviceID}
	if grant, err := byRole(operation, who, RoleDevice, object); err == nil {
		return grant, nil
	}
	for _, grant := range who.Grants {
		if Permissions[operation][RoleResident] != 0 && c.OfHome(grant) {
			return grant, nil
		}
	}
	if grant, err := byRole(operation, who, RoleGuard, object); err == nil && c.rings(who.ID, now) {
		return grant, nil
	}
	return Grant{}, Fail(CodeNotFound)
}

// OfHome says whether a grant is of living in the call's home when it rang.
func (c Call) OfHome(grant Grant) bool {
	return grant.Role == RoleResident && grant.Place.Contains(c.Place) && !c.RungAt.Before(grant.StartsAt)
}

// rings says whether a guard is rung by the call, or talks.
func (c Call) rings(guard ID, now time.Time) bool {
	from := c.GuardAt()
	if from.IsZero() || now.Before(from) {
		return false
	}
	state := c.StateAt(now)
	return state == CallForwarded || state == CallAnswered && c.AnsweredBy == guard
}

// CallListed is one person of a household's list.
type CallListed struct {
	PersonID ID  `json:"person_id"`
	Seconds  int `json:"seconds"` // until the next is rung
}

// CallSettings is how a home wants to be rung.
type CallSettings struct {
	HomeID     ID
	QuietUntil time.Time // zero: it may be disturbed
	List       []CallListed
	UpdatedAt  time.Time
}

// Check refuses settings that do not fit a call's time, or reach too far ahead. Members are the people of the home.
func (s CallSettings) Check(members map[ID]bool, now time.Time) error {
	fields, total, seen := []FieldError{}, time.Duration(0), map[ID]bool{}
	if s.QuietUntil.After(now.Add(CallQuietMost)) {
		fields = append(fields, FieldError{Field: "do_not_disturb_until", Code: FieldInFuture, Want: "<= now + 7 d"})
	}
	for at, one := range s.List {
		total += time.Duration(one.Seconds) * time.Second
		switch {
		case !members[one.PersonID]:
			fields = append(fields, FieldError{Field: Indexed("forward", at) + ".person_id", Code: FieldNoSuch, Want: "of the home"})
		case seen[one.PersonID]:
			fields = append(fields, FieldError{Field: Indexed("forward", at) + ".person_id", Code: FieldNotUnique})
		}
		seen[one.PersonID] = true
	}
	if total > CallListTotal {
		fields = append(fields, FieldError{Field: "forward", Code: FieldTooLarge, Want: "<= 25 s together"})
	}
	if len(fields) > 0 {
		return Fail(CodeUnprocessable).WithFields(fields...)
	}
	return nil
}

// CallLegs settles a call's way: the home, its list one after another, the guard for the last part. A home that is not to be
// disturbed, or in which no phone may ring, goes to the guard at once; those of the list whose phones may not ring are left out.
func CallLegs(settings CallSettings, ringing map[ID]bool, now time.Time) []CallLeg {
	if now.Before(settings.QuietUntil) || len(ringing) == 0 {
		return []CallLeg{{Kind: LegGuard, At: now}}
	}
	guard := now.Add(CallLife - CallRingsGuard)
	listed, at := []CallLeg{}, guard
	for next := len(settings.List) - 1; next >= 0; next-- {
		one := settings.List[next]
		if !ringing[one.PersonID] {
			continue
		}
		at = at.Add(-time.Duration(one.Seconds) * time.Second)
		listed = append([]CallLeg{{Kind: LegPerson, PersonID: one.PersonID, At: at}}, listed...)
	}
	legs := append([]CallLeg{{Kind: LegHome, At: now}}, listed...)
	return append(legs, CallLeg{Kind: LegGuard, At: guard})
}

// CallWait is how long a panel waits before it may ring the home again; rung is when it did, the newest first.
func CallWait(rung []time.Time, now time.Time) time.Duration {
	wait := time.Duration(0)
	for most, within := range map[int]time.Duration{CallBurst: CallBurstWithin, CallsHourly: time.Hour} {
		if len(rung) >= most {
			wait = max(wait, rung[most-1].Add(within).Sub(now))
		}
	}
	return wait
}

// CallConsent says that calls to a home may ring one installation of a person's. A withdrawn one stays as a record.
type CallConsent struct {
	ID             ID
	PersonID       ID
	Place          Place // the home's
	InstallationID string
	Version        string // of the words that were agreed to
	GivenAt        time.Time
	WithdrawnAt    time.Time
}

// MaxCallConsents bounds the phones of one person that calls to one home may ring.
const MaxCallConsents = 10

// CallPhone is one installation that a call rings.
type CallPhone struct {
	PersonID       ID
	InstallationID string
}
