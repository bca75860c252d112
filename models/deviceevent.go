package models

import (
	"slices"
	"time"
)

const (
	// DeviceEventsSigned is how far a batch's timestamp may lie from its arrival, either way.
	DeviceEventsSigned = 300 * time.Second
	// DeviceEventsWindow is how many numbers back events are asked for again: more no device needs to keep.
	DeviceEventsWindow = 2000
	// MaxSequence is the greatest number that a JSON reader anywhere still tells from its neighbours.
	MaxSequence = 1<<53 - 1
)

// Epochs that no device names, for theirs have no stroke: of what the server noticed, of what is lost of a count, and
// of an event that its device did not number.
const (
	EpochServer = "server/"
	EpochGap    = "gap/"
	EpochEvent  = "event/"
)

// EventRefused is what is kept of an event that was refused: its number, so that it is not asked for again.
const EventRefused DoorEventKind = "refused"

// DeviceEvent is a DoorEvent with the place in its device's count. An epoch is one count from 1 on: a device that
// begins anew, for its memory was swapped or wiped, names another one. What comes without a number is an epoch of its own.
type DeviceEvent struct {
	DoorEvent
	ID       ID // given here, when it is taken
	Place    Place
	DeviceID ID
	Epoch    string
	Sequence int64 // 0: not numbered
}

// The results of a device's event.
const (
	EventAccepted = "accepted"
	EventRepeated = "repeat"
	EventDeclined = "refused"
)

// Why an event is refused.
const (
	ReasonNotOwnDoor = "not_own_door" // its door is not the device's
	ReasonDoorNeeded = "door_needed"  // it is about a door, and names none
)

// NeedsDoor says whether an event means nothing without its door.
func (e DoorEvent) NeedsDoor() bool {
	switch e.Kind {
	case EventAccessGranted, EventAccessTaken, EventAccessNotTaken, EventAccessDenied, EventDoorOpened, EventDoorClosed,
		EventForcedOpen, EventHeldOpen:
		return e.DoorID == ""
	default:
		return false
	}
}

// Mark is the event's place among those of its hardware.
func (e DeviceEvent) Mark() DoorMark {
	return DoorMark{Epoch: e.Epoch, Sequence: e.Sequence, OccurredAt: e.OccurredAt}
}

// DoorMark places an event among others.
type DoorMark struct {
	Epoch      string
	Sequence   int64
	OccurredAt time.Time
}

// After says whether the mark comes later than another: by number within one count, for a clock may be set; by time
// between counts.
func (m DoorMark) After(other DoorMark) bool {
	if m.Epoch == other.Epoch && m.Sequence > 0 && other.Sequence > 0 {
		return m.Sequence > other.Sequence
	}
	return !m.OccurredAt.Before(other.OccurredAt)
}

// DeviceEpoch is how far a device's count has come.
type DeviceEpoch struct {
	Through int64 // every number up to here has come, or is lost for good
	High    int64 // the highest that has come
}

// SequenceRun is a run of numbers, both ends included.
type SequenceRun struct{ From, To int64 }

// Forgets gives the number up to which nothing is asked for any more: before the device's oldest kept one (0: it did
// not say), and before the window.
func (e DeviceEpoch) Forgets(firstKept int64) int64 {
	return max(e.Through, firstKept-1, e.High-DeviceEventsWindow)
}

// Missing moves Through on over numbers that have come, and lists the runs up to High that have not.
// seen holds the numbers beyond Through.
func (e DeviceEpoch) Missing(seen []int64) (DeviceEpoch, []SequenceRun) {
	seen = slices.Clone(seen)
	slices.Sort(seen)
	missing, next := []SequenceRun{}, e.Through+1
	for _, number := range seen {
		if number < next {
			continue
		}
		if number > next {
			missing = append(missing, SequenceRun{From: next, To: number - 1})
		}
		next = number + 1
		if len(missing) == 0 {
			e.Through = number
		}
	}
	e.High = max(e.High, next-1)
	return e, missing
}
