package models

import (
	"cmp"
	"time"
)

// ArrivalHeld is for how long after its last reading a vehicle counts as standing at the barrier.
const ArrivalHeld = 10 * time.Minute

// ArrivalLasts is for how long a vehicle that is read again and again may be one arrival: longer ones are not looked for.
const ArrivalLasts = 6 * time.Hour

// LockedAtDoor is for how long after a locked vehicle was last read at a barrier nobody opens that barrier as a door.
const LockedAtDoor = 2 * time.Minute

// MaxReadAhead is how far a barrier's clock may be ahead of the server's, MaxReadAge how old a live reading may be; older ones
// come as offline reads.
const (
	MaxReadAhead = 5 * time.Minute
	MaxReadAge   = 5 * time.Minute
)

// NextRead stands for the number of a reading that its barrier did not number: it comes after those that came before it.
const NextRead = -1

// Arrival is one vehicle's coming to a barrier, from its first reading to its passing.
type Arrival struct {
	ID            ID // made by the barrier
	OrderID       ID // made by the server, sortable
	Place         Place
	DeviceID      ID
	Direction     string
	Lane          string
	Mark          Secret // what was read last: plate or tag, as NormalPlate writes it
	Tag           bool
	VehicleID     ID // what that is of; "" for none
	OwnerID       ID // whose it is
	LikeID        ID // the locked vehicle that an uncertain reading is like
	PassID        ID
	Decision      string
	Reason        BarrierReason
	Opened        bool // the barrier was told to open, at any time
	OpenedWrongly bool // and then it showed that the vehicle is locked
	Replayed      bool
	Reads         int
	LastSequence  int
	ReadAt        time.Time
	ReceivedAt    time.Time // of the first reading
	DecidedAt     time.Time
}

// PlateRead is one reading of an arrival.
type PlateRead struct {
	ArrivalID  ID
	Sequence   int
	Mark       Secret
	Tag        bool
	Confidence float64
	Decision   string
	Reason     BarrierReason
	ReadAt     time.Time
	ReceivedAt time.Time
	Replayed   bool
}

// Numbered is the number of a reading of the arrival that comes now.
func (a Arrival) Numbered(sequence int) int {
	switch {
	case sequence != NextRead:
		return sequence
	case a.Reads == 0:
		return 0
	default:
		return a.LastSequence + 1
	}
}

// Reading is what the rule needs of it.
func (r PlateRead) Reading(direction string) Reading {
	return Reading{Direction: direction, Confidence: r.Confidence, Tag: r.Tag}
}

// stands says whether somebody decided about the vehicle that stands there, so that a further reading of the same mark changes
// nothing. What its owner unlocked and locked again meanwhile is held again.
func (a Arrival) stands(read PlateRead, found Found) bool {
	if a.Mark != read.Mark || a.Tag != read.Tag {
		return false
	}
	switch a.Reason {
	case BarrierReleased, BarrierOverridden:
		return true
	case BarrierUnlocked, BarrierGuard:
		return !found.Facts().Locked
	default:
		return false
	}
}

// Follows says whether a reading decides about the arrival: one that comes late only counts, and what people decided stands.
func (a Arrival) Follows(read PlateRead, found Found) bool {
	return read.Sequence >= a.LastSequence && !a.stands(read, found)
}

// heldByTag says whether a locked vehicle is held that was told by its tag: no plate makes another vehicle of it.
func (a Arrival) heldByTag() bool {
	return a.Tag && a.Decision == DecisionHold && a.Reason == BarrierLocked
}

// After is the arrival after one more reading, with what was decided about it. A later reading supersedes those before; one that
// comes late, behind a later one, only counts.
func (a Arrival) After(read PlateRead, found Found, now time.Time) Arrival {
	a.Reads++
	if read.Sequence < a.LastSequence {
		return a
	}
	a.LastSequence, a.ReadAt = read.Sequence, read.ReadAt
	if a.stands(read, found) {
		return a
	}
	if a.heldByTag() && !read.Tag {
		if read.Replayed && read.Decision == DecisionOpen { // the barrier let it go by itself
			a.Opened, a.OpenedWrongly = true, true
		}
		return a
	}
	uncertain := !read.Replayed && read.Reading(a.Direction).Uncertain()
	if uncertain && a.Decision == DecisionHold && a.Reason == BarrierLocked && read.Reason != BarrierLocked {
		return a // who covers the plate of a locked vehicle does not make it one that the guard lets out
	}
	if uncertain && found.LikeID == "" { // nor one whose owner is not told of it
		found.LikeID = a.LikeID
	}
	a.Replayed = read.Replayed
	a.Mark, a.Tag, a.DecidedAt = read.Mark, read.Tag, now
	a.VehicleID, a.OwnerID, a.LikeID = found.Vehicle.ID, found.Vehicle.OwnerID, found.LikeID
	a.PassID = cmp.Or(found.PassID, a.PassID) // one that was used by the arrival is not used again, whatever was read between
	a.Decision, a.Reason = read.Decision, read.Reason
	a.Opened = a.Opened || read.Decision == DecisionOpen
	a.OpenedWrongly = a.OpenedWrongly || a.Opened && read.Reason == BarrierLocked
	return a
}

// Found is what was found of a mark.
type Found struct {
	Vehicle  Vehicle // none: its ID is ""
	Resident bool    // its owner still lives there
	LikeID   ID
	PassID   ID
}

// Facts is what the rule needs of it.
func (f Found) Facts() BarrierFacts {
	return BarrierFacts{
		Resident: f.Resident, Locked: f.Vehicle.ID != "" && f.Vehicle.Locked, LikeLocked: f.LikeID != "", Pass: f.PassID != "",
	}
}

// wrongState refuses and tells the state that stands in its way.
func (a Arrival) wrongState() error {
	return Fail(CodeWrongState).WithFields(FieldError{
		Field: "state", Code: FieldNotAllowed, Want: a.Decision + " " + string(a.Reason),
	})
}

// waits says whether a vehicle stands at the barrier and is held there.
func (a Arrival) waits(now time.Time) bool {
	return a.Decision == DecisionHold && !a.Replayed && now.Sub(a.ReadAt) < ArrivalHeld
}

// CheckRelease says whether a locked vehicle may be let out by its owner's word.
func (a Arrival) CheckRelease(now time.Time) error {
	if !a.waits(now) || a.Reason != BarrierLocked || a.Direction != DirectionOut {
		return a.wrongState()
	}
	return nil
}

// CheckOverride says whether the commander may let the vehicle pass.
func (a Arrival) CheckOverride(now time.Time) error {
	if !a.waits(now) {
		return a.wrongState()
	}
	return nil
}

// CheckAdmission says whether the guard may decide. On the way out of what was read uncertainly they say which plate they see, and
// that is decided about; a locked vehicle is not theirs to let out.
func (a Arrival) CheckAdmission(seen Secret, now time.Time) error {
	switch {
	case !a.waits(now), a.Reason == BarrierLocked:
		return a.wrongState()
	case a.Direction == DirectionOut && seen == "":
		return Unfit("plate", FieldRequired, "what you see")
	default:
		return nil
	}
}

// Decided is the arrival after somebody decided to let the vehicle pass.
func (a Arrival) Decided(reason BarrierReason, now time.Time) Arrival {
	a.Decision, a.Reason, a.DecidedAt, a.Opened = DecisionOpen, reason, now, true
	return a
}
