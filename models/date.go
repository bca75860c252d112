package models

import (
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

// At is the instant of a wall clock's minute of the day in a time zone. A minute that a change of the clocks
// skips is read as time.Date does: by the offset before the change. Minutes over 1439 are of days after.
func (d Date) At(minute int, zone *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, minute, 0, 0, zone)
}

// Add is the date some days later.
func (d Date) Add(days int) Date {
	return DateIn(time.Date(d.Year, d.Month, d.Day+days, 0, 0, 0, 0, time.UTC), time.UTC)
}

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Weekday()
}

// Before says whether d is an earlier day.
func (d Date) Before(other Date) bool {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).
		Before(time.Date(other.Year, other.Month, other.Day, 0, 0, 0, 0, time.UTC))
}
