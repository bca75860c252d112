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

func TestGapsOf(t *testing.T) {
	from := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	at := func(hours ...int) []time.Time {
		times := []time.Time{}
		for _, hour := range hours {
			times = append(times, from.Add(time.Duration(hour)*time.Hour))
		}
		return times
	}
	for name, c := range map[string]struct {
		seen []time.Time
		want []int // lengths in hours
	}{
		"never seen":             {nil, []int{10}},
		"in the middle":          {at(4), []int{4, 6}},
		"in any order and twice": {at(7, 2, 7), []int{2, 5, 3}},
		"at both ends":           {at(0, 10), []int{10}},
		"before and after":       {at(-3, 12), []int{10}},
	} {
		gaps := GapsOf("学校", c.seen, from, from.Add(10*time.Hour))
		if len(gaps) != len(c.want) {
			t.Errorf("%s: %v", name, gaps)
			continue
		}
		for number, gap := range gaps {
			if gap.Length() != time.Duration(c.want[number])*time.Hour {
				t.Errorf("%s: gap %d is %s", name, number, gap.Length())
			}
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
