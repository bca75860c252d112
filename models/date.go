package models

import (
	"cmp"
	"fmt"
	"time"
)

// Date is a day of the calendar, without a time zone.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateIn is the day it is at an instant in a time zone.
func DateIn(at time.Time, zone *time.Location) Date {
	year, month, day := at.In(zone).Date()
	return Date{Year: year, Month: month, Day: day}
}

// ParseDate reads YYYY-MM-DD (RFC 3339, full-date).
func ParseDate(text string) (Date, error) {
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return Date{}, err
	}
	return DateIn(at, time.UTC), nil
}

// String is YYYY-MM-DD; "" for no date.
func (d Date) String() string {
	if d == (Date{}) {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

// At is the first instant at which the wall clock of a time zone shows a minute of the day; minutes over 1439
// are of days after. A minute that a change of the clocks skips is the instant of the change, and of a minute that
// is shown twice the first counts: a later minute is never an earlier instant, and a shift that ends when another
// begins leaves no gap. time.Date promises neither.
func (d Date) At(minute int, zone *time.Location) time.Time {
	shown := time.Date(d.Year, d.Month, d.Day, 0, minute, 0, 0, time.UTC)
	before := shown.Add(-offset(shown.Add(-24*time.Hour), zone))
	if offset(before, zone) == shown.Sub(before) {
		return before
	}
	after := shown.Add(-offset(shown.Add(24*time.Hour), zone))
	if offset(after, zone) == shown.Sub(after) {
		return after
	}
	change, _ := before.In(zone).ZoneBounds()
	return change.UTC()
}

// offset is how far the wall clock is ahead of UTC at an instant.
func offset(at time.Time, zone *time.Location) time.Duration {
	_, seconds := at.In(zone).Zone()
	return time.Duration(seconds) * time.Second
}

// Add is the date some days later.
func (d Date) Add(days int) Date {
	return DateIn(time.Date(d.Year, d.Month, d.Day+days, 0, 0, 0, 0, time.UTC), time.UTC)
}

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Weekday()
}

// Compare orders days: negative when d is the earlier one.
func (d Date) Compare(other Date) int {
	return cmp.Or(cmp.Compare(d.Year, other.Year), cmp.Compare(d.Month, other.Month), cmp.Compare(d.Day, other.Day))
}

// Before says whether d is an earlier day.
func (d Date) Before(other Date) bool { return d.Compare(other) < 0 }

// MarshalText writes YYYY-MM-DD.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads YYYY-MM-DD.
func (d *Date) UnmarshalText(text []byte) error {
	read, err := ParseDate(string(text))
	if err != nil {
		return err
	}
	*d = read
	return nil
}
