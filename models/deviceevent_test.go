package models

import (
	"slices"
	"testing"
	"time"
)

func TestWhatIsMissingOfACount(t *testing.T) {
	for name, try := range map[string]struct {
		through int64
		seen    []int64
		after   int64
		high    int64
		missing []SequenceRun
	}{
		"nothing":         {0, nil, 0, 0, nil},
		"in order":        {0, []int64{1, 2, 3}, 3, 3, nil},
		"any order":       {0, []int64{3, 1, 2}, 3, 3, nil},
		"the first":       {0, []int64{2, 3}, 0, 3, []SequenceRun{{1, 1}}},
		"in between":      {4, []int64{5, 8, 9, 12}, 5, 12, []SequenceRun{{6, 7}, {10, 11}}},
		"filled":          {5, []int64{6, 7, 8, 9}, 9, 9, nil},
		"half filled":     {5, []int64{7, 8, 9}, 5, 9, []SequenceRun{{6, 6}}},
		"known already":   {5, []int64{3, 5, 6}, 6, 6, nil},
		"a great number":  {0, []int64{MaxSequence}, 0, MaxSequence, []SequenceRun{{1, MaxSequence - 1}}},
		"the same, twice": {0, []int64{1, 1, 2}, 2, 2, nil},
	} {
		got, missing := DeviceEpoch{Through: try.through}.Missing(try.seen)
		if got.Through != try.after || got.High != max(try.high, got.Through) || !slices.Equal(missing, try.missing) {
			t.Errorf("%s: %+v %v", name, got, missing)
		}
	}
}

func TestWhatIsAskedForNoMore(t *testing.T) {
	for _, try := range []struct{ through, high, firstKept, want int64 }{
		{0, 0, 0, 0},
		{0, 5, 0, 0},
		{3, 5, 1, 3},
		{3, 5, 5, 4},
		{3, 5, 4, 3},
		{0, DeviceEventsWindow, 0, 0},
		{0, DeviceEventsWindow + 1, 0, 1},
		{0, MaxSequence, 1, MaxSequence - DeviceEventsWindow},
	} {
		if got := (DeviceEpoch{Through: try.through, High: try.high}).Forgets(try.firstKept); got != try.want {
			t.Errorf("%+v: %d", try, got)
		}
	}
}

func TestAnAlarmIsToldSeldom(t *testing.T) {
	now := doorDay
	event := told{1, EventForcedOpen, 0, false}.event("a")
	for name, try := range map[string]struct {
		kind   DoorEventKind
		before time.Duration // since it was last told; 0: never
		told   int
		again  time.Duration
	}{
		"the first":             {EventForcedOpen, 0, 1, DoorAlarmAgain},
		"a moment after":        {EventForcedOpen, time.Second, 0, DoorAlarmAgain - time.Second},
		"at the edge":           {EventForcedOpen, DoorAlarmAgain, 1, DoorAlarmAgain},
		"just before":           {EventForcedOpen, DoorAlarmAgain - time.Millisecond, 0, time.Millisecond},
		"duress, a minute gone": {EventDuress, DuressAgain, 1, DuressAgain},
	} {
		before := time.Time{}
		if try.before > 0 {
			before = now.Add(-try.before)
		}
		got := NewDoorAlarm(event, AlarmStep{Begins: try.kind}, before, now)
		if got.Told != try.told || !got.AgainAt.Equal(now.Add(try.again)) {
			t.Errorf("%s: %+v", name, got)
		}
		if over := NewDoorAlarm(event, AlarmStep{Begins: try.kind, Over: true}, before, now); !over.AgainAt.IsZero() || over.EndedAt.IsZero() {
			t.Errorf("%s, over: %+v", name, over)
		}
	}
	alarm := NewDoorAlarm(event, AlarmStep{Begins: EventForcedOpen}, time.Time{}, now)
	for range DoorAlarmTold - 1 {
		if alarm.AgainAt.IsZero() {
			t.Fatal("told too seldom")
		}
		alarm = alarm.Again(alarm.AgainAt)
	}
	if alarm.Told != DoorAlarmTold || !alarm.AgainAt.IsZero() {
		t.Errorf("told without an end: %+v", alarm)
	}
}

func TestWhoIsToldOfADoor(t *testing.T) {
	zone := time.FixedZone("CST", 8*3600)
	at := func(hour, minute int) time.Time { return time.Date(2026, 11, 24, hour, minute, 0, 0, zone) }
	people, desk := []Role{RoleGuard, RoleProperty}, []Role{RoleGuard, RoleProperty, RoleCommander}
	for _, try := range []struct {
		kind DoorEventKind
		at   time.Time
		want []Role
	}{
		{EventForcedOpen, at(21, 59), people},
		{EventForcedOpen, at(22, 0), desk},
		{EventTamper, at(5, 59), desk},
		{EventTamper, at(6, 0), people},
		{EventDuress, at(12, 0), []Role{RoleCommander}},
		{EventDuress, at(23, 0), []Role{RoleCommander}},
	} {
		if got := (DoorAlarmEvent{Kind: try.kind}).Audience(try.at, zone); !slices.Equal(got, try.want) {
			t.Errorf("%s at %s: %v", try.kind, try.at, got)
		}
	}
}
