package models

import (
	"testing"
	"time"
)

func TestWhenADeviceIsSilent(t *testing.T) {
	now, silence := doorDay, DeviceSilenceDefault
	for name, try := range map[string]struct {
		device Device
		want   bool
	}{
		"at the edge":    {Device{LastSeenAt: now.Add(-silence)}, true},
		"just before":    {Device{LastSeenAt: now.Add(-silence + time.Millisecond)}, false},
		"never heard":    {Device{}, false},
		"disabled":       {Device{LastSeenAt: now.Add(-time.Hour), DisabledAt: now}, false},
		"still 'online'": {Device{LastSeenAt: now.Add(-silence), Online: true}, true}, // a connection can be dead
	} {
		if got := try.device.Silent(now, silence); got != try.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// Who did not listen all the time blames nobody.
func TestHearing(t *testing.T) {
	start, silence := doorDay, 5*time.Minute
	look := func(hearing Hearing, from, to time.Duration, able bool) Hearing {
		for at := from; at <= to; at += 15 * time.Second {
			hearing = hearing.Look(start.Add(at), able)
		}
		return hearing
	}
	for name, try := range map[string]struct {
		hearing Hearing
		at      time.Duration
		want    bool
	}{
		"just started":        {Hearing{}.Look(start, true), 0, false},
		"just before":         {look(Hearing{}, 0, 285*time.Second, true), silence - time.Millisecond, false},
		"long enough":         {look(Hearing{}, 0, silence, true), silence, true},
		"the broker was away": {look(look(look(Hearing{}, 0, time.Minute, true), 75*time.Second, 90*time.Second, false), 105*time.Second, silence, true), silence, false},
		"the machine slept":   {look(Hearing{}, 0, time.Minute, true).Look(start.Add(time.Hour), true), time.Hour, false},
		"a pause at the edge": {Hearing{}.Look(start, true).Look(start.Add(HearingBreak), true), silence, true},
		"a pause beyond it":   {Hearing{}.Look(start, true).Look(start.Add(HearingBreak+1), true), silence, false},
		"the clock went back": {look(Hearing{}, 0, silence, true).Look(start, true), 0, false},
		"the broker is away":  {look(Hearing{}, 0, silence, true).Look(start.Add(silence), false), silence, false},
	} {
		if got := try.hearing.Through(start.Add(try.at), silence); got != try.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestASilenceIsToldOnce(t *testing.T) {
	now := doorDay
	event := DeviceEvent{DeviceID: "d", DoorEvent: DoorEvent{Kind: EventSilent, OccurredAt: now.Add(-time.Hour)}}
	first := NewDoorAlarm(event, AlarmStep{Begins: EventSilent}, time.Time{}, now)
	if first.Told != 1 || !first.AgainAt.IsZero() {
		t.Errorf("the first: %+v", first)
	}
	flaps := NewDoorAlarm(event, AlarmStep{Begins: EventSilent}, now.Add(-time.Minute), now)
	if flaps.Told != 0 || !flaps.AgainAt.Equal(now.Add(DoorAlarmAgain-time.Minute)) {
		t.Errorf("a moment after another: %+v", flaps)
	}
	if later := flaps.Again(flaps.AgainAt); later.Told != 1 || !later.AgainAt.IsZero() {
		t.Errorf("still silent then: %+v", later)
	}
}
