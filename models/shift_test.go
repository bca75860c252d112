package models_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

// Each line is a shift on one day: what the wall clock says and the instants, in UTC, that it means.
func TestAShiftOnADay(t *testing.T) {
	for _, c := range []struct {
		zone, day, clock string
		length           int
		start, end       string // "" for none
	}{
		// No change of the clocks.
		{"Asia/Shanghai", "2026-11-24", "08:00", 480, "11-24T00:00", "11-24T08:00"},
		{"Asia/Shanghai", "2026-11-24", "22:00", 480, "11-24T14:00", "11-24T22:00"},
		{"Asia/Shanghai", "2026-12-31", "22:00", 480, "12-31T14:00", "12-31T22:00"},
		{"Asia/Shanghai", "2026-11-24", "00:00", 1440, "11-23T16:00", "11-24T16:00"},
		{"Asia/Shanghai", "2026-11-24", "23:59", 1440, "11-24T15:59", "11-25T15:59"},
		{"Asia/Shanghai", "2028-02-28", "22:00", 480, "02-28T14:00", "02-28T22:00"},
		{"Asia/Shanghai", "2028-02-29", "22:00", 480, "02-29T14:00", "02-29T22:00"},
		{"Asia/Shanghai", "2028-02-29", "22:00", 1440, "02-29T14:00", "03-01T14:00"},

		// Berlin, spring: 2026-03-29 02:00 → 03:00 at 01:00 UTC.
		{"Europe/Berlin", "2026-03-28", "22:00", 480, "03-28T21:00", "03-29T04:00"}, // seven hours
		{"Europe/Berlin", "2026-03-29", "22:00", 480, "03-29T20:00", "03-30T04:00"}, // eight again
		{"Europe/Berlin", "2026-03-29", "02:00", 120, "03-29T01:00", "03-29T02:00"},
		{"Europe/Berlin", "2026-03-29", "02:30", 90, "03-29T01:00", "03-29T02:00"},
		{"Europe/Berlin", "2026-03-29", "01:00", 90, "03-29T00:00", "03-29T01:00"}, // would end at 02:30
		{"Europe/Berlin", "2026-03-29", "02:00", 60, "", ""},                       // the hour that is not
		{"Europe/Berlin", "2026-03-29", "02:10", 30, "", ""},
		{"Europe/Berlin", "2026-03-28", "02:00", 60, "03-28T01:00", "03-28T02:00"},
		// Berlin, autumn: 2026-10-25 03:00 → 02:00 at 01:00 UTC; 02:30 is at 00:30 and at 01:30.
		{"Europe/Berlin", "2026-10-24", "22:00", 480, "10-24T20:00", "10-25T05:00"}, // nine hours
		{"Europe/Berlin", "2026-10-25", "02:30", 60, "10-25T00:30", "10-25T02:30"},  // from the first 02:30
		{"Europe/Berlin", "2026-10-25", "01:30", 60, "10-24T23:30", "10-25T00:30"},  // to the first 02:30
		{"Europe/Berlin", "2026-10-25", "03:00", 60, "10-25T02:00", "10-25T03:00"},

		// New York, spring: 2026-03-08 02:00 → 03:00 at 07:00 UTC; behind UTC, where time.Date goes the other way.
		{"America/New_York", "2026-03-07", "22:00", 480, "03-08T03:00", "03-08T10:00"},
		{"America/New_York", "2026-03-08", "02:00", 120, "03-08T07:00", "03-08T08:00"},
		{"America/New_York", "2026-03-08", "02:30", 90, "03-08T07:00", "03-08T08:00"},
		{"America/New_York", "2026-03-08", "01:00", 90, "03-08T06:00", "03-08T07:00"},
		{"America/New_York", "2026-03-08", "02:00", 60, "", ""},
		// New York, autumn: 2026-11-01 02:00 → 01:00 at 06:00 UTC; 01:30 is at 05:30 and at 06:30.
		{"America/New_York", "2026-10-31", "22:00", 480, "11-01T02:00", "11-01T11:00"},
		{"America/New_York", "2026-11-01", "01:30", 60, "11-01T05:30", "11-01T07:30"},
		{"America/New_York", "2026-11-01", "00:30", 60, "11-01T04:30", "11-01T05:30"},

		// Where midnight does not exist: Santiago 2026-09-06 00:00 → 01:00 at 04:00 UTC, Beirut 2026-03-29 at 22:00 UTC.
		{"America/Santiago", "2026-09-06", "00:00", 480, "09-06T04:00", "09-06T11:00"},
		{"America/Santiago", "2026-09-05", "22:00", 120, "09-06T02:00", "09-06T04:00"},
		{"America/Santiago", "2026-09-05", "22:00", 480, "09-06T02:00", "09-06T09:00"},
		{"America/Santiago", "2026-09-06", "00:15", 30, "", ""},
		{"America/Santiago", "2026-09-06", "22:00", 120, "09-07T01:00", "09-07T03:00"},
		{"Asia/Beirut", "2026-03-29", "00:00", 480, "03-28T22:00", "03-29T05:00"},
		{"Asia/Beirut", "2026-03-28", "20:00", 240, "03-28T18:00", "03-28T22:00"},
		// Santiago, autumn: 2026-04-05 00:00 → 23:00 of the day before at 03:00 UTC: 23:30 is there twice.
		{"America/Santiago", "2026-04-04", "23:30", 60, "04-05T02:30", "04-05T04:30"},
		{"America/Santiago", "2026-04-05", "00:00", 60, "04-05T04:00", "04-05T05:00"},
		// Half an hour: Lord Howe 2026-10-04 02:00 → 02:30 at 15:30 UTC of the day before.
		{"Australia/Lord_Howe", "2026-10-04", "02:00", 60, "10-03T15:30", "10-03T16:00"},
		{"Australia/Lord_Howe", "2026-10-04", "02:00", 30, "", ""},
		// Samoa left out 2011-12-30.
		{"Pacific/Apia", "2011-12-30", "08:00", 480, "", ""},
		{"Pacific/Apia", "2011-12-29", "22:00", 240, "12-30T08:00", "12-30T10:00"},
	} {
		t.Run(fmt.Sprint(c.zone, " ", c.day, " ", c.clock, " ", c.length), func(t *testing.T) {
			day := date(t, c.day)
			shift := models.Shift{StartMinute: minute(t, c.clock), LengthMinutes: c.length, Recurrence: models.RecursDaily, FromDate: day}
			one, stands := shift.On(day, zone(t, c.zone))
			if stands != (c.start != "") {
				t.Fatalf("stands: %t, %v to %v", stands, one.Start.UTC(), one.End.UTC())
			}
			const layout = "01-02T15:04"
			if got := one.Start.UTC().Format(layout) + " " + one.End.UTC().Format(layout); stands && got != c.start+" "+c.end {
				t.Errorf("got %s, want %s %s", got, c.start, c.end)
			}
			if one.Date != day || stands && one.Start.UTC().Second() != 0 {
				t.Errorf("%+v", one)
			}
		})
	}
}

func minute(t *testing.T, clock string) int {
	t.Helper()
	at, err := time.Parse("15:04", clock)
	if err != nil {
		t.Fatal(err)
	}
	return at.Hour()*60 + at.Minute()
}

// Three shifts a day, each beginning when another ends, leave no instant of two years without one, and none with two.
func TestShiftsInARowLeaveNoGap(t *testing.T) {
	for _, name := range []string{
		"Asia/Shanghai", "Europe/Berlin", "America/New_York", "America/Santiago", "Asia/Beirut", "Australia/Lord_Howe", "Africa/Casablanca",
	} {
		for _, first := range []string{"00:00", "01:30", "02:30", "06:00"} {
			in, from := zone(t, name), date(t, "2025-12-31")
			all := []models.Occurrence{}
			for shift := range 3 {
				all = append(all, models.Shift{
					StartMinute: (minute(t, first) + shift*480) % 1440, LengthMinutes: 480, Recurrence: models.RecursDaily, FromDate: from,
				}.Between(from.Add(2).At(0, in), from.Add(730).At(0, in), in)...)
			}
			slices.SortFunc(all, func(left, right models.Occurrence) int { return left.Start.Compare(right.Start) })
			for at := range all[1:] {
				if !all[at].End.Equal(all[at+1].Start) {
					t.Errorf("%s from %s: one ends %v, the next begins %v", name, first, all[at].End.UTC(), all[at+1].Start.UTC())
				}
			}
		}
	}
}

func TestOnWhichDaysAShiftStands(t *testing.T) {
	shanghai := zone(t, "Asia/Shanghai")
	night := func(change func(shift *models.Shift)) models.Shift {
		shift := models.Shift{
			StartMinute: 22 * 60, LengthMinutes: 480, Recurrence: models.RecursDaily, FromDate: date(t, "2026-11-20"),
		}
		if change != nil {
			change(&shift)
		}
		return shift
	}
	weekend := night(func(shift *models.Shift) {
		shift.Recurrence, shift.Weekdays = models.RecursWeekdays, []time.Weekday{time.Friday, time.Saturday}
	})
	until := night(func(shift *models.Shift) { shift.UntilDate = date(t, "2026-11-22") })
	dates := night(func(shift *models.Shift) {
		shift.Recurrence = models.RecursDates
		shift.FromDate, shift.UntilDate = date(t, "2028-02-28"), date(t, "2028-03-01")
		shift.Dates = []models.Date{date(t, "2028-02-27"), date(t, "2028-02-29"), date(t, "2028-03-01"), date(t, "2028-03-02")}
	})
	ended := func(at string) models.Shift {
		return night(func(shift *models.Shift) {
			shift.EndedAt, _ = time.Parse(time.RFC3339, at)
		})
	}
	for _, c := range []struct {
		name     string
		shift    models.Shift
		from, to string // UTC
		want     string
	}{
		{"each day from the first on", night(nil), "2026-11-18T00:00", "2026-11-22T00:00", "11-20 11-21"},
		{"the night before still runs", night(nil), "2026-11-23T21:59", "2026-11-23T22:00", "11-23"},
		{"it is over when it ends", night(nil), "2026-11-23T22:00", "2026-11-24T14:00", ""},
		{"it begins when it begins", night(nil), "2026-11-23T22:00", "2026-11-24T14:01", "11-24"},
		{"the weekday is that of the start", weekend, "2026-11-20T00:00", "2026-11-28T00:00", "11-20 11-21 11-27"},
		{"Saturday's shift runs into Sunday", weekend, "2026-11-21T17:00", "2026-11-21T18:00", "11-21"},
		{"nothing on Sunday night", weekend, "2026-11-22T13:00", "2026-11-23T00:00", ""},
		{"the last day is included", until, "2026-11-19T00:00", "2026-12-01T00:00", "11-20 11-21 11-22"},
		{"the last day's shift runs to its end", until, "2026-11-22T21:00", "2026-12-01T00:00", "11-22"},
		{"dates within first and last, a leap day among them", dates, "2028-02-01T00:00", "2028-04-01T00:00", "02-29 03-01"},
		{"ended before it began", ended("2026-11-21T13:59:00Z"), "2026-11-19T00:00", "2026-12-01T00:00", "11-20"},
		{"ended as it began", ended("2026-11-21T14:00:00Z"), "2026-11-19T00:00", "2026-12-01T00:00", "11-20"},
		{"ended when it had begun", ended("2026-11-21T14:00:01Z"), "2026-11-19T00:00", "2026-12-01T00:00", "11-20 11-21"},
		{"unknown recurrence", night(func(shift *models.Shift) { shift.Recurrence = "monthly" }), "2026-11-19T00:00", "2026-12-01T00:00", ""},
	} {
		from, _ := time.Parse("2006-01-02T15:04", c.from)
		to, _ := time.Parse("2006-01-02T15:04", c.to)
		got := []string{}
		for _, one := range c.shift.Between(from, to, shanghai) {
			got = append(got, one.Date.String()[5:])
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v, want %s", c.name, got, c.want)
		}
	}
}

// The longest shift over the autumn change lasts 25 hours, and its last minute is found two days after its date.
func TestALongShiftIsFoundToItsEnd(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	shift := models.Shift{StartMinute: 1439, LengthMinutes: 1440, Recurrence: models.RecursDates, FromDate: date(t, "2026-10-24")}
	shift.Dates = []models.Date{shift.FromDate}
	end := time.Date(2026, 10, 25, 22, 59, 0, 0, time.UTC)
	for at, want := range map[time.Time]int{end.Add(-time.Minute): 1, end: 0} {
		if got := shift.Between(at, at.Add(time.Second), berlin); len(got) != want {
			t.Errorf("at %v: %v", at, got)
		}
	}
	if one, _ := shift.On(shift.FromDate, berlin); one.End.Sub(one.Start) != 25*time.Hour {
		t.Errorf("%v", one)
	}
}

func TestWindowsFollowTheWallClock(t *testing.T) {
	shift := models.Shift{StartMinute: 22 * 60, LengthMinutes: 480}
	for _, c := range []struct {
		zone, day   string
		from, until int
		want        string // "" when there is none
	}{
		{"Asia/Shanghai", "2026-11-24", 0, 480, "14:00 22:00"},
		{"Asia/Shanghai", "2026-11-24", 60, 180, "15:00 17:00"},
		{"Europe/Berlin", "2026-03-28", 180, 240, "00:00 01:00"},
		{"Europe/Berlin", "2026-03-28", 240, 300, ""}, // 02:00 to 03:00
		{"Europe/Berlin", "2026-03-28", 300, 480, "01:00 04:00"},
		{"Europe/Berlin", "2026-10-24", 240, 300, "00:00 02:00"}, // both hours
	} {
		from, until, exists := shift.Window(date(t, c.day), models.PlannedStop{FromMinute: c.from, UntilMinute: c.until}, zone(t, c.zone))
		got := from.UTC().Format("15:04") + " " + until.UTC().Format("15:04")
		if exists != (c.want != "") || exists && got != c.want {
			t.Errorf("%s %s %d to %d: %s, %t; want %s", c.zone, c.day, c.from, c.until, got, exists, c.want)
		}
	}
}

func TestWhatAShiftMayBe(t *testing.T) {
	first := date(t, "2026-11-20")
	for _, c := range []struct {
		name  string
		shift models.Shift
		want  string
	}{
		{"daily", models.Shift{Recurrence: models.RecursDaily}, ""},
		{"weekdays", models.Shift{Recurrence: models.RecursWeekdays, Weekdays: []time.Weekday{time.Monday}}, ""},
		{"no weekdays", models.Shift{Recurrence: models.RecursWeekdays}, "weekdays required"},
		{"no dates", models.Shift{Recurrence: models.RecursDates}, "dates required"},
		{"daily on weekdays", models.Shift{Recurrence: models.RecursDaily, Weekdays: []time.Weekday{0}}, "weekdays not_allowed"},
		{"daily on dates", models.Shift{Recurrence: models.RecursDaily, Dates: []models.Date{first}}, "dates not_allowed"},
		{"one day", models.Shift{Recurrence: models.RecursDaily, UntilDate: first}, ""},
		{"until before", models.Shift{Recurrence: models.RecursDaily, UntilDate: first.Add(-1)}, "until_date too_small"},
		{"first and last date", models.Shift{Recurrence: models.RecursDates, Dates: []models.Date{first, first.Add(3)}, UntilDate: first.Add(3)}, ""},
		{"dates outside", models.Shift{
			Recurrence: models.RecursDates, Dates: []models.Date{first, first.Add(-1), first.Add(4)}, UntilDate: first.Add(3),
		}, "dates[1] too_small dates[2] too_large"},
	} {
		c.shift.FromDate = first
		if got := faults(c.shift.Check()); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// faults are fields and codes in one line.
func faults(wrong []models.FieldError) string {
	named := []string{}
	for _, one := range wrong {
		named = append(named, one.Field+" "+string(one.Code))
	}
	return strings.Join(named, " ")
}
