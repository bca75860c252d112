package models

import "time"

// TipState is where a tip stands.
type TipState string

// The states, in order.
const (
	TipReceived        TipState = "received"
	TipAcknowledged    TipState = "acknowledged"
	TipInvestigating   TipState = "investigating"
	TipActionScheduled TipState = "action_scheduled"
	TipResolved        TipState = "resolved"
	TipClosed          TipState = "closed"
)

// tipNext is the state machine: from → to. Only a reopening leads back, to acknowledged.
var tipNext = map[TipState][]TipState{
	TipReceived:        {TipAcknowledged, TipInvestigating, TipClosed},
	TipAcknowledged:    {TipInvestigating, TipActionScheduled, TipResolved, TipClosed},
	TipInvestigating:   {TipActionScheduled, TipResolved, TipClosed},
	TipActionScheduled: {TipInvestigating, TipActionScheduled, TipResolved, TipClosed},
}

// TipWithinM is how far from a compound's centre a tip still counts as lying in it, in metres.
const TipWithinM = 400

// Tip is what a volunteer or resident saw.
type Tip struct {
	ID           ID // made by the phone
	OrderID      ID // made by the server, sortable
	Place        Place
	ReporterID   ID
	Category     string
	Description  Secret
	Answers      TipAnswers // to the questions of its category
	Fix          *Fix
	OccurredAt   time.Time
	ReceivedAt   time.Time
	State        TipState
	ClosedReason string
	MediaIDs     []ID
	Unread       TipUnread
	Signals      []MediaSignals // of those of its media that said something; for staff only
	Steps        []TipStep
	Reporting    Reporting
	Sealed       []byte // anonymous: the SealedTip, encrypted to the station's key; Description and the exact Fix are in it alone
	Clock        TipClock
	BodyHash     []byte // keyed, of the request that brought it: tells a repeat from another tip with the same id

	CategoryVersion int  // of the questions that Answers are to
	Public          bool // its category was public when it was sent, which is what its sender could know
}

// TipStep is one state that the tip entered.
type TipStep struct {
	State TipState
	At    time.Time
	ByID  ID     // "" for the holder of a receipt
	Note  Secret // words for the reporter
}

// WrongState refuses what the tip's state does not allow, and says which it is: somebody else may just have moved it.
func (t Tip) WrongState() error { return Fail(CodeWrongState).In(string(t.State)) }

// CheckSeen refuses, with CodeWrongState, a decision of somebody who has not seen every step of the tip: another was first. 0 says
// nothing about what was seen.
func (t Tip) CheckSeen(steps int) error {
	if steps != 0 && steps != len(t.Steps) {
		return t.WrongState()
	}
	return nil
}

// CheckTransition says whether the tip may go on to the state: CodeWrongState where it may not,
// and a closing needs a reason.
func (t Tip) CheckTransition(to TipState, reason string) error {
	if to == TipClosed && reason == "" {
		return Unfit("reason", FieldRequired, "unfounded | duplicate | not_ours | referred | too_little_information")
	}
	if to != TipClosed && reason != "" {
		return Unfit("reason", FieldNotAllowed, "only with state closed")
	}
	for _, next := range tipNext[t.State] {
		if next == to {
			return nil
		}
	}
	return t.WrongState()
}

// TipPlace decides whose tip it is: the nearest compound's when the position is close to one,
// the reporter's own compound when there is no position, else the whole station's.
func TipPlace(fix *Fix, compounds []Compound, reporter Principal) Place {
	if fix != nil {
		if compound, near := NearestCompound(fix.Position, compounds, TipWithinM); near {
			return compound.Place()
		}
		return Place{Station: reporter.StationID}
	}
	for _, grant := range reporter.Grants {
		if grant.Place.Compound != "" {
			return Place{Station: grant.Place.Station, Compound: grant.Place.Compound}
		}
	}
	return Place{Station: reporter.StationID}
}

// CheckOccurred refuses a time that has not come yet, or is years past.
func CheckOccurred(at, now time.Time) []FieldError {
	switch {
	case at.After(now.Add(MaxClockAhead)):
		return []FieldError{{Field: "occurred_at", Code: FieldInFuture, Want: "<= now"}}
	case at.Before(now.Add(-10 * MaxPast)):
		return []FieldError{{Field: "occurred_at", Code: FieldTooOld, Want: ">= now - 10 years"}}
	default:
		return nil
	}
}
