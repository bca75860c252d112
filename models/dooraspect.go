package models

import "time"

// DoorAspect is one of the things that are known of a door apart from each other: an event about one says nothing of
// the others, also when it comes late.
type DoorAspect string

// The aspects.
const (
	AspectLeaf   DoorAspect = "leaf" // where it is, and whether it should be there
	AspectTamper DoorAspect = "tamper"
	AspectFault  DoorAspect = "fault"
)

// AspectState is what one aspect of a door, or of a device as a whole, was last said to be.
type AspectState struct {
	SubjectID ID // a door, or a device for what concerns all its doors
	Aspect    DoorAspect
	DeviceID  ID
	Value     string    // a DoorPosition, TamperState or FaultState; "" is unknown
	Alarm     DoorAlarm // of the leaf
	Mark      DoorMark  // of the newest event that said so
	DueAt     time.Time // when an open leaf counts as held open; zero: never
}

// AlarmStep is what an event does to alarms.
type AlarmStep struct {
	Begins DoorEventKind   // "" for none
	Over   bool            // what begins has ended already, as far as anybody can tell
	Ends   []DoorEventKind // those of the same subject that still stand
}

// leafAlarms are what a door that has closed puts an end to.
var leafAlarms = []DoorEventKind{EventForcedOpen, EventHeldOpen}

// Aspect says which aspect an event is about; "" for none.
func (e DoorEvent) Aspect() DoorAspect {
	switch e.Kind {
	case EventDoorOpened, EventDoorClosed, EventForcedOpen, EventHeldOpen, EventStarted, EventGap:
		return AspectLeaf
	case EventTamper, EventTamperEnded:
		return AspectTamper
	case EventFault, EventFaultEnded:
		return AspectFault
	default:
		return ""
	}
}

// Subject is the door that an event is about, or else its device.
func (e DeviceEvent) Subject() ID {
	if e.DoorID != "" {
		return e.DoorID
	}
	return e.DeviceID
}

// After is the state after an event, and what the event does to alarms. held is how long the door may stand open.
// position says whether the hardware knows where the leaf is: without a contact nothing would ever say "closed" again.
//
// A replayed event changes nothing and begins nothing. One that comes late but not replayed changes nothing either; a
// break-in, tampering or duress that it tells of is still one.
func (s AspectState) After(e DeviceEvent, held time.Duration, position bool) (AspectState, AlarmStep) {
	if e.Replayed {
		return s, AlarmStep{}
	}
	if e.Kind == EventDuress {
		return s, AlarmStep{Begins: EventDuress, Over: true}
	}
	if e.Aspect() != s.Aspect || s.Aspect == "" {
		return s, AlarmStep{}
	}
	if !e.Mark().After(s.Mark) || s.Aspect == AspectLeaf && !position {
		if e.Kind == EventForcedOpen || e.Kind == EventTamper || e.Kind == EventHeldOpen && !position {
			return s, AlarmStep{Begins: e.Kind, Over: true}
		}
		return s, AlarmStep{}
	}
	s.Mark = e.Mark()
	switch s.Aspect {
	case AspectTamper:
		return s.enter(e, EventTamper, string(TamperDetected), string(TamperNone))
	case AspectFault:
		return s.enter(e, EventFault, string(FaultDetected), string(FaultNone))
	default:
		return s.leaf(e, held)
	}
}

func (s AspectState) enter(e DeviceEvent, begins DoorEventKind, there, gone string) (AspectState, AlarmStep) {
	if e.Kind == begins {
		s.Value = there
		return s, AlarmStep{Begins: begins}
	}
	s.Value = gone
	return s, AlarmStep{Ends: []DoorEventKind{begins}}
}

func (s AspectState) leaf(e DeviceEvent, held time.Duration) (AspectState, AlarmStep) {
	switch e.Kind {
	case EventDoorOpened:
		if s.Value != string(PositionOpen) {
			s.Value, s.Alarm, s.DueAt = string(PositionOpen), AlarmNormal, e.OccurredAt.Add(held)
		}
		return s, AlarmStep{}
	case EventDoorClosed:
		s.Value, s.Alarm, s.DueAt = string(PositionClosed), AlarmNormal, time.Time{}
		return s, AlarmStep{Ends: leafAlarms}
	case EventForcedOpen:
		s.Value, s.Alarm, s.DueAt = string(PositionOpen), AlarmForced, time.Time{}
		return s, AlarmStep{Begins: EventForcedOpen}
	case EventHeldOpen:
		forced := s.Value == string(PositionOpen) && s.Alarm == AlarmForced // the graver one stands
		s.Value, s.DueAt = string(PositionOpen), time.Time{}
		if forced {
			return s, AlarmStep{}
		}
		s.Alarm = AlarmHeldOpen
		return s, AlarmStep{Begins: EventHeldOpen}
	default: // it was without power, or something was missed: the door may stand anywhere
		s.Value, s.Alarm, s.DueAt = "", "", time.Time{}
		return s, AlarmStep{}
	}
}

// Held is the state of a leaf that has stood open too long; false when it is not due.
func (s AspectState) Held(now time.Time) (AspectState, bool) {
	if s.DueAt.IsZero() || now.Before(s.DueAt) || s.Value != string(PositionOpen) {
		return s, false
	}
	s.Alarm, s.DueAt = AlarmHeldOpen, time.Time{}
	return s, true
}
