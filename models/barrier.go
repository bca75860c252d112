package models

// ConfidenceLow is below which share of certainty a camera's reading counts as uncertain.
const ConfidenceLow = 0.85

// Which way a vehicle wants to pass a barrier.
const (
	DirectionIn  = "in"
	DirectionOut = "out"
)

// BarrierKind is the kind of a device that is a barrier.
const BarrierKind = "barrier"

// DecisionHold leaves the barrier shut; DecisionOpen opens it.
const DecisionHold = "hold"

// BarrierReason is why a barrier was told to open, or to hold.
type BarrierReason string

// The reasons.
const (
	BarrierResident      BarrierReason = "resident"
	BarrierVisitorPass   BarrierReason = "visitor_pass"
	BarrierUnknownPlate  BarrierReason = "unknown_plate"
	BarrierLowConfidence BarrierReason = "low_confidence"
	BarrierLocked        BarrierReason = "locked"
	BarrierLikeLocked    BarrierReason = "like_locked"
	BarrierUnlocked      BarrierReason = "unlocked"   // by its owner, while it was held
	BarrierReleased      BarrierReason = "released"   // by its owner's release word
	BarrierOverridden    BarrierReason = "overridden" // by the commander
	BarrierGuard         BarrierReason = "guard"      // whom the guard looked at
)

// Reading is what a barrier read, as far as the rule goes.
type Reading struct {
	Direction  string
	Confidence float64
	Tag        bool // an electronic label has no look-alikes
}

// Uncertain says whether a camera may have read something else than there was.
func (r Reading) Uncertain() bool { return !r.Tag && r.Confidence < ConfidenceLow }

// BarrierFacts is what is known of what was read.
type BarrierFacts struct {
	Resident   bool // a vehicle of somebody who lives in the compound
	Locked     bool // a vehicle that is locked
	LikeLocked bool // PlateVariants has a vehicle that is locked
	Pass       bool // a visitor's pass names it now
}

// DecideAtBarrier says what a barrier does about a reading. It is the whole rule: the server asks it with what the database knows,
// and a barrier that the server cannot be reached from asks it with its list.
//
// A locked vehicle is held on its way out however it was read. An uncertain reading that is like a locked vehicle is held too. Who
// is unknown goes out and does not come in: the guard decides.
func DecideAtBarrier(reading Reading, facts BarrierFacts) (string, BarrierReason) {
	out := reading.Direction == DirectionOut
	switch {
	case out && facts.Locked:
		return DecisionHold, BarrierLocked
	case out && facts.LikeLocked && reading.Uncertain():
		return DecisionHold, BarrierLikeLocked
	case facts.Resident:
		return DecisionOpen, BarrierResident
	case facts.Pass:
		return DecisionOpen, BarrierVisitorPass
	case reading.Uncertain():
		return DecisionHold, BarrierLowConfidence
	case out:
		return DecisionOpen, BarrierUnknownPlate
	default:
		return DecisionHold, BarrierUnknownPlate
	}
}
