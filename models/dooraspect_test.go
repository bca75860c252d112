package models

import (
	"slices"
	"testing"
	"time"
)

// told is one event in a test: its number, its kind, and when it happened, in seconds.
type told struct {
	number   int64
	kind     DoorEventKind
	at       int
	replayed bool
}

var doorDay = time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)

func (o told) event(epoch string) DeviceEvent {
	return DeviceEvent{DeviceID: "device", Epoch: epoch, Sequence: o.number, DoorEvent: DoorEvent{
		DoorID: "door", Kind: o.kind, OccurredAt: doorDay.Add(time.Duration(o.at) * time.Second), Replayed: o.replayed,
	}}
}

func TestWhatEventsMakeOfADoor(t *testing.T) {
	const held = 30 * time.Second
	open, closed := string(PositionOpen), string(PositionClosed)
	for name, try := range map[string]struct {
		events []told
		blind  bool // no contact
		value  string
		alarm  DoorAlarm
		due    int // seconds; 0: never
		begun  []DoorEventKind
		ended  int
	}{
		"opened":                       {events: []told{{1, EventDoorOpened, 5, false}}, value: open, alarm: AlarmNormal, due: 35},
		"opened and closed":            {events: []told{{1, EventDoorOpened, 5, false}, {2, EventDoorClosed, 9, false}}, value: closed, alarm: AlarmNormal, ended: 2},
		"opened twice":                 {events: []told{{1, EventDoorOpened, 5, false}, {2, EventDoorOpened, 9, false}}, value: open, alarm: AlarmNormal, due: 35},
		"closed comes first":           {events: []told{{2, EventDoorClosed, 9, false}, {1, EventDoorOpened, 5, false}}, value: closed, alarm: AlarmNormal, ended: 2},
		"the number counts, not time":  {events: []told{{2, EventDoorClosed, 5, false}, {1, EventDoorOpened, 9, false}}, value: closed, alarm: AlarmNormal, ended: 2},
		"forced":                       {events: []told{{1, EventForcedOpen, 5, false}}, value: open, alarm: AlarmForced, begun: []DoorEventKind{EventForcedOpen}},
		"forced, told late":            {events: []told{{2, EventDoorClosed, 9, false}, {1, EventForcedOpen, 5, false}}, value: closed, alarm: AlarmNormal, begun: []DoorEventKind{EventForcedOpen}, ended: 2},
		"forced and held":              {events: []told{{1, EventForcedOpen, 5, false}, {2, EventHeldOpen, 40, false}}, value: open, alarm: AlarmForced, begun: []DoorEventKind{EventForcedOpen}},
		"held":                         {events: []told{{1, EventDoorOpened, 5, false}, {2, EventHeldOpen, 20, false}}, value: open, alarm: AlarmHeldOpen, begun: []DoorEventKind{EventHeldOpen}},
		"held, told late":              {events: []told{{2, EventDoorClosed, 9, false}, {1, EventHeldOpen, 5, false}}, value: closed, alarm: AlarmNormal, ended: 2},
		"power was away":               {events: []told{{1, EventDoorClosed, 5, false}, {2, EventStarted, 9, false}}, ended: 2},
		"something was missed":         {events: []told{{1, EventDoorOpened, 5, false}, {2, EventGap, 9, false}}},
		"replayed":                     {events: []told{{1, EventDoorOpened, 5, true}, {2, EventForcedOpen, 6, true}, {3, EventDuress, 7, true}, {4, EventGap, 8, true}}},
		"replayed after what is known": {events: []told{{1, EventDoorClosed, 5, false}, {2, EventDoorOpened, 9, true}}, value: closed, alarm: AlarmNormal, ended: 2},
		"duress":                       {events: []told{{1, EventDoorClosed, 5, false}, {2, EventDuress, 9, false}}, value: closed, alarm: AlarmNormal, begun: []DoorEventKind{EventDuress}, ended: 2},
		"no contact: opened":           {events: []told{{1, EventDoorOpened, 5, false}, {2, EventDoorClosed, 6, false}}, blind: true},
		"no contact: forced":           {events: []told{{1, EventForcedOpen, 5, false}}, blind: true, begun: []DoorEventKind{EventForcedOpen}},
		"not of the leaf":              {events: []told{{1, EventTamper, 5, false}, {2, EventFire, 6, false}, {3, EventAccessGranted, 7, false}}},
	} {
		t.Run(name, func(t *testing.T) {
			state, begun, ended := AspectState{SubjectID: "door", Aspect: AspectLeaf}, []DoorEventKind(nil), 0
			for _, one := range try.events {
				var step AlarmStep
				state, step = state.After(one.event("a"), held, !try.blind)
				ended += len(step.Ends)
				if step.Begins != "" {
					begun = append(begun, step.Begins)
				}
			}
			due := time.Time{}
			if try.due > 0 {
				due = doorDay.Add(time.Duration(try.due) * time.Second)
			}
			if state.Value != try.value || state.Alarm != try.alarm || !state.DueAt.Equal(due) {
				t.Errorf("%q %q due %s", state.Value, state.Alarm, state.DueAt)
			}
			if !slices.Equal(begun, try.begun) || ended != try.ended {
				t.Errorf("begun %v, ended %d", begun, ended)
			}
		})
	}
}

func TestTamperAndFaultAreApartFromTheLeaf(t *testing.T) {
	state, step := AspectState{Aspect: AspectTamper}.After(told{5, EventTamper, 5, false}.event("a"), 0, false)
	if state.Value != string(TamperDetected) || step.Begins != EventTamper || step.Over {
		t.Errorf("%+v %+v", state, step)
	}
	if late, step := state.After(told{4, EventTamperEnded, 4, false}.event("a"), 0, false); late != state || len(step.Ends) > 0 {
		t.Errorf("an older end: %+v %+v", late, step)
	}
	state, step = state.After(told{6, EventTamperEnded, 6, false}.event("a"), 0, false)
	if state.Value != string(TamperNone) || !slices.Equal(step.Ends, []DoorEventKind{EventTamper}) {
		t.Errorf("%+v %+v", state, step)
	}
	// The device counts anew: the time says which is later.
	if state, _ = state.After(told{1, EventTamper, 7, false}.event("b"), 0, false); state.Value != string(TamperDetected) {
		t.Errorf("after a reset: %+v", state)
	}
	if fault, step := (AspectState{Aspect: AspectFault}).After(told{1, EventFault, 1, false}.event("a"), 0, false); fault.Value != string(FaultDetected) || step.Begins != EventFault {
		t.Errorf("%+v %+v", fault, step)
	}
}

func TestHeldAtTheEdge(t *testing.T) {
	leaf := AspectState{Aspect: AspectLeaf, Value: string(PositionOpen), Alarm: AlarmNormal, DueAt: doorDay}
	if _, held := leaf.Held(doorDay.Add(-time.Millisecond)); held {
		t.Error("held too early")
	}
	next, held := leaf.Held(doorDay)
	if !held || next.Alarm != AlarmHeldOpen || !next.DueAt.IsZero() {
		t.Errorf("%+v", next)
	}
	if _, again := next.Held(doorDay.Add(time.Hour)); again {
		t.Error("held twice")
	}
	if leaf.Value = ""; leaf.DueAt != doorDay {
		t.Fatal("control")
	}
	if _, held := leaf.Held(doorDay); held {
		t.Error("a door that may stand anywhere is held open")
	}
}

func TestADoorIsNeverGuessed(t *testing.T) {
	door := Door{ID: "door", DeviceID: "device"}
	aspects := []AspectState{
		{SubjectID: "door", Aspect: AspectLeaf, DeviceID: "device", Value: string(PositionClosed), Alarm: AlarmNormal},
		{SubjectID: "device", Aspect: AspectTamper, DeviceID: "device", Value: string(TamperDetected)},
		{SubjectID: "door", Aspect: AspectTamper, DeviceID: "device", Value: string(TamperNone)},
		{SubjectID: "another", Aspect: AspectFault, DeviceID: "device", Value: string(FaultDetected)},
	}
	known := UnknownDoorStatus("door", doorDay)
	known.Position, known.Alarm, known.Tamper = PositionClosed, AlarmNormal, TamperDetected
	unknown := UnknownDoorStatus("door", doorDay)
	for name, try := range map[string]struct {
		device Device
		fitted ID
		want   DoorStatus
	}{
		"online":                  {Device{ID: "device", Online: true}, "device", known},
		"heard at the edge":       {Device{ID: "device", LastSeenAt: doorDay.Add(-DoorSilence)}, "device", known},
		"silent":                  {Device{ID: "device", LastSeenAt: doorDay.Add(-DoorSilence - time.Millisecond)}, "device", unknown},
		"never heard":             {Device{ID: "device"}, "device", unknown},
		"disabled":                {Device{ID: "device", Online: true, DisabledAt: doorDay}, "device", unknown},
		"another's word":          {Device{ID: "new", Online: true}, "new", unknown},
		"no controller":           {Device{}, "", unknown},
		"online, nothing is told": {Device{ID: "empty", Online: true}, "empty", unknown},
	} {
		door.DeviceID = try.fitted
		if got := DescribeDoor(door, try.device, aspects, doorDay); got != try.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
