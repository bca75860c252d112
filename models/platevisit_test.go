package models

import (
	"fmt"
	"testing"
	"time"
)

// A visitor's plate stands in the list with its own times: the window, or the hours that lie in it.
func TestTimesOfAVisitorsPlate(t *testing.T) {
	zone := time.FixedZone("CST", 8*3600)
	issued := time.Date(2026, 6, 1, 18, 0, 0, 0, zone) // a Monday
	at := func(hours int) time.Time { return issued.Add(time.Duration(hours) * time.Hour) }
	pass := func(from, until time.Time, times PassTimes) VisitorPass {
		return VisitorPass{StartsAt: from, EndsAt: until, Times: times}
	}
	night := PassTimes{Weekdays: []time.Weekday{time.Sunday, time.Monday}, StartMinute: 22 * 60, LengthMinutes: 9 * 60}
	late := PassTimes{Weekdays: []time.Weekday{time.Sunday}, StartMinute: 10 * 60, LengthMinutes: 8 * 60} // to Sunday 18:00
	for name, test := range map[string]struct {
		pass VisitorPass
		want [][2]time.Time
	}{
		"all the time":                  {pass(at(-1), at(1), PassTimes{}), [][2]time.Time{{at(-1), at(1)}}},
		"it ends as the list begins":    {pass(at(-1), issued, PassTimes{}), nil},
		"it begins as the list ends":    {pass(issued.Add(PlateListLife), at(99), PassTimes{}), nil},
		"a second before the list ends": {pass(issued.Add(PlateListLife-time.Second), at(99), PassTimes{}), [][2]time.Time{{at(12).Add(-time.Second), at(99)}}},
		"parts of seconds are left out": {pass(at(-1).Add(1), at(1).Add(999*time.Millisecond), PassTimes{}), [][2]time.Time{{at(-1).Add(time.Second), at(1)}}},
		"over midnight":                 {pass(at(-99), at(99), night), [][2]time.Time{{at(4), at(13)}}},
		"cut by the pass's window":      {pass(at(5), at(6), night), [][2]time.Time{{at(5), at(6)}}},
		"hours outside of the window":   {pass(at(-1), at(4), night), nil},
		"hours that are over":           {pass(at(-99), at(99), late), nil},
	} {
		want := []PlateVisit{}
		for _, span := range test.want {
			want = append(want, PlateVisit{Mark: "m", From: span[0].Unix(), Until: span[1].Unix()})
		}
		if got := PlateVisitsOf(test.pass, "m", issued, zone); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

func TestABarrierLetsVisitorsPassByItsList(t *testing.T) {
	hash := func(mark Secret) string { return "#" + mark.Reveal() }
	list := PlateList{
		Expires: 500, Locked: []string{"#C"},
		Visitors: []PlateVisit{{"#A", 400, 600}, {"#B", 100, 200}, {"#B", 300, 350}, {"#C", 0, 900}},
	}
	for _, test := range []struct {
		mark      Secret
		direction string
		tag       bool
		second    int64
		want      BarrierReason
	}{
		{"B", DirectionIn, false, 99, BarrierUnknownPlate},
		{"B", DirectionIn, false, 100, BarrierVisitorPass},
		{"B", DirectionIn, false, 199, BarrierVisitorPass},
		{"B", DirectionIn, false, 200, BarrierUnknownPlate},
		{"B", DirectionIn, false, 300, BarrierVisitorPass},
		{"B", DirectionIn, true, 300, BarrierUnknownPlate},
		{"A", DirectionIn, false, 499, BarrierVisitorPass},
		{"A", DirectionIn, false, 500, BarrierUnknownPlate}, // the list has ended
		{"C", DirectionOut, false, 300, BarrierLocked},
		{"C", DirectionIn, false, 300, BarrierVisitorPass},
		{"D", DirectionIn, false, 300, BarrierUnknownPlate},
	} {
		_, reason := list.DecideOffline(Reading{test.direction, 1, test.tag}, test.mark, hash, time.Unix(test.second, 0))
		if reason != test.want {
			t.Errorf("%+v: %s", test, reason)
		}
	}
}
