package models

import "time"

// FindingKind is what was found on patrol.
type FindingKind string

// The kinds.
const (
	FindingForcedDoor       FindingKind = "forced_door"
	FindingSuspiciousObject FindingKind = "suspicious_object"
	FindingBrokenLamp       FindingKind = "broken_lamp"
	FindingHazard           FindingKind = "hazard"
	FindingOther            FindingKind = "other"
)

// FindingKinds lists the kinds, the most urgent first.
var FindingKinds = []FindingKind{
	FindingForcedDoor, FindingSuspiciousObject, FindingHazard, FindingBrokenLamp, FindingOther,
}

// FindingState is where a finding stands.
type FindingState string

// The states: reported → accepted → handed_over | resolved | dismissed.
const (
	FindingReported   FindingState = "reported"
	FindingAccepted   FindingState = "accepted"
	FindingHandedOver FindingState = "handed_over" // to whoever is answerable for it; the step's note says to whom
	FindingResolved   FindingState = "resolved"
	FindingDismissed  FindingState = "dismissed" // with a reason
)

// FindingStates lists the states in order.
var FindingStates = []FindingState{
	FindingReported, FindingAccepted, FindingHandedOver, FindingResolved, FindingDismissed,
}

// findingNext is the state machine: from → to. What is plainly nothing need not be accepted first.
var findingNext = map[FindingState][]FindingState{
	FindingReported: {FindingAccepted, FindingDismissed},
	FindingAccepted: {FindingHandedOver, FindingResolved, FindingDismissed},
}

// Finding is something found on patrol, on a round or without one. Both clocks are kept.
type Finding struct {
	ID              ID // made by the phone; what an incident will refer to
	OrderID         ID // FoundAt and ID as one sortable id
	Place           Place
	FinderID        ID
	Kind            FindingKind
	Description     Secret
	Fix             *Fix // nil when the phone gave no position
	CheckpointID    ID
	RoundID         ID // as the phone named it: the round itself may arrive later
	MediaIDs        []ID
	FoundAt         time.Time // as well as it is known
	PhoneAt         time.Time // by the phone's wall clock
	ReceivedAt      time.Time
	State           FindingState
	DismissedReason string
	Steps           []FindingStep
}

// FindingStep is one state that the finding entered.
type FindingStep struct {
	State FindingState
	At    time.Time
	ByID  ID
	Note  Secret // words for the finder
}

// Urgent says whether officers must know at once.
func (f Finding) Urgent() bool {
	return f.Kind == FindingForcedDoor || f.Kind == FindingSuspiciousObject
}

// CheckTransition says whether the finding may go on to the state: CodeWrongState where it may not,
// and a dismissal needs a reason.
func (f Finding) CheckTransition(to FindingState, reason string) error {
	if to == FindingDismissed && reason == "" {
		return Unfit("reason", FieldRequired, "unfounded | duplicate | not_ours | too_little_information")
	}
	if to != FindingDismissed && reason != "" {
		return Unfit("reason", FieldNotAllowed, "only with state dismissed")
	}
	for _, next := range findingNext[f.State] {
		if next == to {
			return nil
		}
	}
	return Fail(CodeWrongState)
}

// FoundWhen tells when something was found: by the phone's monotonic clock where that can tell, else by its wall
// clock, and never after it was reported. A wall clock that no phone explains is a mistake in the request.
func FoundWhen(clock PhoneClock, bootID string, monotonicMS int64, phoneAt, receivedAt time.Time) (time.Time, []FieldError) {
	if at, known := clock.Correct(bootID, monotonicMS, receivedAt); known {
		return at, nil
	}
	switch skew := receivedAt.Sub(phoneAt); {
	case skew < -MaxFuture:
		return phoneAt, []FieldError{{Field: "found_at", Code: FieldInFuture, Want: "<= now + 24 h"}}
	case skew > MaxPast:
		return phoneAt, []FieldError{{Field: "found_at", Code: FieldTooOld, Want: ">= now - 366 d"}}
	case skew < 0:
		return receivedAt, nil
	default:
		return phoneAt, nil
	}
}

// FindingPlace decides whose finding it is: the nearest compound's when the position is close to one, else the
// checkpoint's, else the whole station's.
func FindingPlace(fix *Fix, checkpoint *Checkpoint, compounds []Compound, finder Principal) Place {
	if fix != nil {
		if compound, near := NearestCompound(fix.Position, compounds, TipWithinM); near {
			return compound.Place()
		}
	}
	if checkpoint != nil {
		return checkpoint.Place
	}
	return Place{Station: finder.StationID}
}

// SharedWith says whether a finding may be read by somebody because they walked the same round: finder and
// reader must both have been with it when it was found.
func (f Finding) SharedWith(finder, reader RoundMember) bool {
	return f.RoundID != "" && finder.PersonID == f.FinderID && finder.RoundID == f.RoundID && reader.RoundID == f.RoundID &&
		finder.Counts(f.FoundAt) && reader.Counts(f.FoundAt)
}
