package models

import (
	"testing"
	"time"
)

func TestStopTally(t *testing.T) {
	for _, c := range []struct {
		state         StopState
		priority      Priority
		planned, done int
	}{
		{StopOnTime, PriorityNormal, 1, 1},
		{StopLate, PriorityHigh, 1, 1},
		{StopMissed, PriorityNormal, 1, 0},
		{StopPending, PriorityNormal, 1, 0},
		{StopSkipped, PriorityNormal, 1, 0},
		{StopExtra, PriorityNormal, 0, 0},
		{StopOnTime, PriorityOptional, 1, 1},
		{StopPending, PriorityOptional, 0, 0},
		{StopSkipped, PriorityOptional, 0, 0},
		{StopMissed, PriorityOptional, 0, 0},
	} {
		tally := StopTally{}
		tally.Add(c.state, c.priority, 1)
		if tally.Planned() != c.planned || tally.Done() != c.done {
			t.Errorf("%s, %s: %d planned, %d done", c.state, c.priority, tally.Planned(), tally.Done())
		}
	}
}

func TestTallySOS(t *testing.T) {
	noon := time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)
	call := func(state SOSState, seconds int) SOS { // -1: nobody took it in
		sos := SOS{State: state, ReceivedAt: noon}
		if seconds >= 0 {
			sos.AcknowledgedAt = noon.Add(time.Duration(seconds) * time.Second)
		}
		return sos
	}
	for name, c := range map[string]struct {
		calls []SOS
		want  SOSTally
	}{
		"none":          {nil, SOSTally{}},
		"nobody came":   {[]SOS{call(SOSDelivered, -1), call(SOSFalseAlarm, -1)}, SOSTally{Raised: 2, FalseAlarms: 1, Unacknowledged: 2}},
		"an odd number": {[]SOS{call(SOSResolved, 90), call(SOSAcknowledged, 10), call(SOSFalseAlarm, 20)}, SOSTally{Raised: 3, FalseAlarms: 1, MedianAcknowledge: 20 * time.Second}},
		"an even one": {
			[]SOS{call(SOSResolved, 90), call(SOSResolved, 10), call(SOSRaised, -1), call(SOSResolved, 20), call(SOSResolved, 21)},
			SOSTally{Raised: 5, Unacknowledged: 1, MedianAcknowledge: 20500 * time.Millisecond},
		},
	} {
		if got := *TallySOS(c.calls); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func TestLongestGaps(t *testing.T) {
	from := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	gap := func(place string, start, hours int) CoverGap {
		begins := from.Add(time.Duration(start) * time.Hour)
		return CoverGap{Place: place, From: begins, To: begins.Add(time.Duration(hours) * time.Hour)}
	}
	given := []CoverGap{gap("b", 5, 2), gap("c", 0, 1), gap("b", 1, 2), gap("a", 5, 2), gap("d", 0, 500*24)}
	order := ""
	for _, one := range LongestGaps(given, 4) {
		order += one.Place
	}
	if order != "dbab" {
		t.Errorf("in the order %s", order)
	}
}

func TestMonthIn(t *testing.T) {
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	from, to, is := MonthIn("2026-12", shanghai)
	if !is || from.UTC().Format(time.RFC3339) != "2026-11-30T16:00:00Z" || to.UTC().Format(time.RFC3339) != "2026-12-31T16:00:00Z" {
		t.Errorf("December: %v to %v", from, to)
	}
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	if from, to, _ = MonthIn("2026-10", berlin); to.Sub(from) != (31*24+1)*time.Hour {
		t.Errorf("a month with a change of the clocks is %s long", to.Sub(from))
	}
	if _, _, is := MonthIn("2026-13", shanghai); is {
		t.Error("month 13")
	}
	for now, want := range map[time.Time]string{from: "2026-09", from.Add(-1): "2026-08"} {
		if got := LastMonth(now, berlin); got != want {
			t.Errorf("the month before %v is %s, want %s", now, got, want)
		}
	}
}

func TestPeriod(t *testing.T) {
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	from, to, _ := MonthIn("2026-02", shanghai)
	for made, want := range map[time.Time]string{
		to:                "2026年2月（2月1日至2月28日）",
		to.Add(time.Hour): "2026年2月（2月1日至2月28日）",
		to.Add(-1):        "2026年2月（未满月，截至2月28日 23:59）",
	} {
		until := to
		if made.Before(to) {
			until = made
		}
		if got := (MonthReport{Zone: shanghai, From: from, To: until, MadeAt: made}).Period(); got != want {
			t.Errorf("made %v: %s, want %s", made, got, want)
		}
	}
}

func TestCellsAsTheyArePrinted(t *testing.T) {
	for want, cell := range map[string]ReportCell{
		"—": shareCell(0, 0), "33.3%": shareCell(1, 3), "0:59": lengthCell(59*time.Minute + 59*time.Second),
		"170:05": lengthCell(170*time.Hour + 5*time.Minute), "12": countCell(12), "": wordCell(""),
	} {
		if cell.String() != want {
			t.Errorf("%+v is printed as %s, want %s", cell, cell, want)
		}
	}
}
