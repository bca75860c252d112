package models

import (
	"slices"
	"time"
)

// SOSKind is why somebody calls for help.
type SOSKind string

// The kinds.
const (
	SOSPanic   SOSKind = "panic"
	SOSManDown SOSKind = "man_down" // the phone noticed a fall, or that nobody moves
	SOSDuress  SOSKind = "duress"   // under threat; always silent
	SOSMissed  SOSKind = "missed_check_in"
)

// SOSState is where a call for help stands: raised → delivered → acknowledged → resolved | false_alarm.
type SOSState string

// The states of a call for help.
const (
	SOSRaised       SOSState = "raised"
	SOSDelivered    SOSState = "delivered"    // the phone of somebody who was asked has fetched it
	SOSAcknowledged SOSState = "acknowledged" // a person has taken it in
	SOSResolved     SOSState = "resolved"
	SOSFalseAlarm   SOSState = "false_alarm"
)

// How a call for help spreads.
const (
	SOSFirstAsked  = 8                  // people on duty who are asked at once, the soonest there first
	SOSSecondAsked = 16                 // further ones, when nobody acknowledges
	SOSWidensAfter = 30 * time.Second   // unacknowledged, from one step to the next
	SOSLastStep    = 3                  // everybody on duty and the station's officers
	SOSWithinM     = 20_000.0           // metres; who is further away is asked at the last step only
	SOSAsksAgain   = 10 * time.Minute   // a further call within this joins quietly; a later one asks anew
	SOSAlertLife   = 6 * time.Hour      // how long the alert is worth delivering
	SOSRetries     = 5 * time.Second    // until those are looked for again who could not be read
	SOSLeft        = 7 * 24 * time.Hour // an open call without a position or an answer for so long is ended by the service
	MaxSOSAsked    = 5000               // people one step asks
	MaxSOSTrail    = 500                // positions shown, the newest
)

// AlertSOS asks people to help; AlertSOSClaim tells them that somebody under threat says to be safe; AlertSOSLeft tells
// the commanders that the service has ended a call.
const (
	AlertSOS      = "sos"
	AlertSOSClaim = "sos_claim"
	AlertSOSLeft  = "sos_left"
)

// SOSEndReason is why a call has ended that nobody ended.
type SOSEndReason string

// SOSNoContact says that nothing was heard of a call for SOSLeft.
const SOSNoContact SOSEndReason = "no_contact"

// SOS is one call for help.
type SOS struct {
	ID             ID // made by the phone
	OrderID        ID // made by the server, sortable
	Place          Place
	CallerID       ID
	Kind           SOSKind
	Silent         bool // nothing may sound or show on the caller's own phone
	Fix            *Fix // nil when nobody knows where; its FixedAt is by the server's clock
	FixSent        bool // the phone sent it with the call; not kept
	RaisedAt       time.Time
	ReceivedAt     time.Time
	State          SOSState
	DeliveredAt    time.Time
	AcknowledgedAt time.Time
	AcknowledgedBy ID
	ClaimedSafeAt  time.Time // when the caller of a silent one said it was over; it stays open
	EndedAt        time.Time
	EndedBy        ID
	EndReason      SOSEndReason // "" when people ended it
	Note           Secret
	AskedAt        time.Time // when people were last asked anew
	Step           int       // how far it has widened, from 1
	WidensAt       time.Time // zero when it will not
	ChangedAt      time.Time
	Version        int64 // counts changes
}

// Open says whether help is still wanted.
func (s SOS) Open() bool { return s.EndedAt.IsZero() }

// SOSReply is what somebody who was asked answers.
type SOSReply string

// The replies. Who comes has taken it in: coming and arrived acknowledge as well.
const (
	SOSComing  SOSReply = "coming"
	SOSArrived SOSReply = "arrived"
	SOSCannot  SOSReply = "cannot"
)

// Acknowledges says whether the reply takes the call in.
func (r SOSReply) Acknowledges() bool { return r != SOSCannot }

// SOSHelper is somebody who was asked, or came by themself.
type SOSHelper struct {
	SOSID          ID
	PersonID       ID
	Role           Role
	Step           int      // at which they were asked; 0 for who came by themself
	DistanceM      *float64 // when they were asked; nil when nobody knew
	AskedAt        time.Time
	DeliveredAt    time.Time
	AcknowledgedAt time.Time
	Reply          SOSReply // "" before
	RepliedAt      time.Time
	ClassM         *float64  // the class of distance that others are told; see Classed
	ClassAt        time.Time // when it was taken
}

// NewSOS fills in what follows from how it came. A phone's clock cannot put it into the future.
func NewSOS(call SOS, now time.Time) SOS {
	call.Silent, call.FixSent = call.Silent || call.Kind == SOSDuress, call.Fix != nil
	if call.RaisedAt.After(now) {
		call.RaisedAt = now
	}
	call.ReceivedAt, call.ChangedAt, call.State = now, now, SOSRaised
	return call.Asked(now)
}

// Asked begins the asking: at once, and wider after SOSWidensAfter.
func (s SOS) Asked(now time.Time) SOS {
	s.State, s.Step, s.AskedAt, s.WidensAt = SOSRaised, 1, now, now.Add(SOSWidensAfter)
	s.DeliveredAt, s.AcknowledgedAt, s.AcknowledgedBy = time.Time{}, time.Time{}, ""
	return s
}

// gravity orders the kinds: a graver word about an open call is put to people afresh.
var gravity = map[SOSKind]int{SOSMissed: 0, SOSPanic: 1, SOSManDown: 2, SOSDuress: 3}

// Asking is what a further call of the same person asks of those who help.
type Asking int

// What it may be.
const (
	AskNobody Asking = iota // the same words again, soon after
	AskAgain                // graver words: those who were asked are told them
	AskAnew                 // as at first: the first asking is too long ago, or the caller has said to be safe since
)

// Joined is an open call after the same person called again: the graver word counts. A silent call and a plain one of
// the same person are two, so that nothing about the plain one shows that there is another.
func (s SOS) Joined(again SOS, now time.Time) (SOS, Asking) {
	graver := gravity[again.Kind] > gravity[s.Kind]
	if graver {
		s.Kind = again.Kind
	}
	switch {
	case !s.ClaimedSafeAt.IsZero() || !now.Before(s.AskedAt.Add(SOSAsksAgain)):
		s.ClaimedSafeAt = time.Time{}
		return s.Asked(now), AskAnew
	case graver:
		return s, AskAgain
	}
	return s, AskNobody
}

// Widened is the call one step wider, if it is due and nobody has acknowledged; false when not.
func (s SOS) Widened(now time.Time) (SOS, bool) {
	unheard := s.State == SOSRaised || s.State == SOSDelivered
	if !unheard || s.WidensAt.IsZero() || now.Before(s.WidensAt) {
		return s, false
	}
	s.Step = min(s.Step+1, SOSLastStep)
	s.WidensAt = now.Add(SOSWidensAfter)
	if s.Step >= SOSLastStep {
		s.WidensAt = time.Time{}
	}
	return s, true
}

// Incomplete is the call after a step for which not everybody could be read who has to be asked: they are looked for
// again soon, as long as it is worth it.
func (s SOS) Incomplete(now time.Time) SOS {
	if now.Before(s.AskedAt.Add(SOSAlertLife)) {
		s.WidensAt = now.Add(SOSRetries)
	}
	return s
}

// Left is the call ended by the service; false when that is not due, or it has ended.
func (s SOS) Left(now time.Time) (SOS, bool) {
	if !s.Open() || now.Before(s.ChangedAt.Add(SOSLeft)) {
		return s, false
	}
	s.State, s.EndReason, s.EndedAt, s.WidensAt = SOSResolved, SOSNoContact, now, time.Time{}
	return s, true
}

// Taken is the call after somebody has taken it in; false when it was before. CodeWrongState when it has ended.
func (s SOS) Taken(by ID, now time.Time) (SOS, bool, error) {
	if !s.Open() {
		return s, false, Fail(CodeWrongState)
	}
	if s.State == SOSAcknowledged {
		return s, false, nil
	}
	s.State, s.AcknowledgedAt, s.AcknowledgedBy, s.WidensAt = SOSAcknowledged, now, by, time.Time{}
	return s, true, nil
}

// LetGo is the call after somebody took back that they come; false when somebody else still does, or nobody had taken
// it in. It spreads again at once.
func (s SOS) LetGo(helpers []SOSHelper, now time.Time) (SOS, bool) {
	if s.State != SOSAcknowledged || slices.ContainsFunc(helpers, SOSHelper.Counted) {
		return s, false
	}
	s.State, s.AcknowledgedAt, s.AcknowledgedBy = SOSDelivered, time.Time{}, ""
	if s.WidensAt = now; s.Step >= SOSLastStep {
		s.WidensAt = time.Time{} // everybody was asked
	}
	return s, true
}

// Counted says whether the call can count on somebody: they come, are there, or have taken it in and not said otherwise.
func (h SOSHelper) Counted() bool { return h.Reply.Acknowledges() && !h.AcknowledgedAt.IsZero() }

// Resolved is the call after somebody said that it is over. From the caller of a silent one that is only a claim: they
// may be forced to say so. CodeWrongState when it has ended before, or they have claimed it before.
func (s SOS) Resolved(outcome SOSState, note Secret, by ID, now time.Time) (SOS, error) {
	switch {
	case s.Silent && by == s.CallerID && !s.ClaimedSafeAt.IsZero():
		return s, Fail(CodeWrongState) // as of any call that is over
	case s.Silent && by == s.CallerID:
		if s.Open() {
			s.ClaimedSafeAt = now
		}
		return s, nil
	case !s.Open():
		return s, Fail(CodeWrongState)
	}
	s.State, s.Note, s.EndedAt, s.EndedBy, s.WidensAt = outcome, note, now, by, time.Time{}
	return s, nil
}

// MayTake says whether somebody may see a call and answer it: who was asked, and police in whose scope it lies. The
// caller of a silent one sees nothing of it: whoever threatens them may hold the phone.
func (s SOS) MayTake(operation Operation, who Principal, asked bool) error {
	switch {
	case who.ID == s.CallerID:
		return Fail(CodeNotFound)
	case asked:
		return nil
	}
	return May(operation, who, Object{Place: s.Place})
}

// MaySee is MayTake, and the caller of one that is not silent.
func (s SOS) MaySee(operation Operation, who Principal, asked bool) error {
	if who.ID == s.CallerID && !s.Silent {
		return May(operation, who, Object{Place: s.Place, Owner: s.CallerID})
	}
	return s.MayTake(operation, who, asked)
}
