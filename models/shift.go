package models

import (
	"slices"
	"time"
)

// Recurrence is on which days a shift stands.
type Recurrence string

// The recurrences.
const (
	RecursDaily    Recurrence = "daily"
	RecursWeekdays Recurrence = "weekdays" // the days of the week in Weekdays
	RecursDates    Recurrence = "dates"    // the days in Dates
)

// MaxShift is how long a shift can be. One over midnight belongs to the day on which it starts.
const MaxShift = 24 * time.Hour

// Shift is when a squad is on duty, again and again, by the wall clock of the station's time zone.
type Shift struct {
	ID            ID
	StationID     ID
	SquadID       ID
	PostID        ID // the street post where the squad stands ready; "" when it walks
	Name          string
	StartMinute   int // of the day, 0 to 1439
	LengthMinutes int // by the wall clock, 1 to 1440
	Recurrence    Recurrence
	Weekdays      []time.Weekday
	Dates         []Date
	FromDate      Date // the first day
	UntilDate     Date // the last day; zero when it has none
	CreatedAt     time.Time
	EndedAt       time.Time // zero while it exists
}

// MaxShiftDates bounds the days of one shift that are named one by one.
const MaxShiftDates = 366

// MaxOccurrences is how long a time one question about a shift's occurrences can span.
const MaxOccurrences = 92 * 24 * time.Hour

// Check says which days do not fit together, as fields of a request.
func (s Shift) Check() []FieldError {
	wrong := []FieldError{}
	refuse := func(field string, code FieldCode, want string) {
		wrong = append(wrong, FieldError{Field: field, Code: code, Want: want})
	}
	for _, list := range []struct {
		field string
		there bool
		of    Recurrence
	}{{"weekdays", len(s.Weekdays) > 0, RecursWeekdays}, {"dates", len(s.Dates) > 0, RecursDates}} {
		switch {
		case list.there && s.Recurrence != list.of:
			refuse(list.field, FieldNotAllowed, "recurrence "+string(list.of))
		case !list.there && s.Recurrence == list.of:
			refuse(list.field, FieldRequired, "")
		}
	}
	if s.UntilDate != (Date{}) && s.UntilDate.Before(s.FromDate) {
		refuse("until_date", FieldTooSmall, ">= from_date")
	}
	for at, date := range s.Dates {
		if date.Before(s.FromDate) {
			refuse(Indexed("dates", at), FieldTooSmall, ">= from_date")
		} else if s.UntilDate != (Date{}) && s.UntilDate.Before(date) {
			refuse(Indexed("dates", at), FieldTooLarge, "<= until_date")
		}
	}
	return wrong
}

// Occurrence is a shift on one day.
type Occurrence struct {
	Date       Date // on which it starts
	Start, End time.Time
}

// On gives the shift of a day; false when there is none. Start and end are what the wall clock shows, so that
// a shift over a change of the clocks is an hour longer or shorter, as the people who stand it know.
func (s Shift) On(day Date, zone *time.Location) (Occurrence, bool) {
	stands := !day.Before(s.FromDate) && (s.UntilDate == Date{} || !s.UntilDate.Before(day))
	switch s.Recurrence {
	case RecursDaily:
	case RecursWeekdays:
		stands = stands && slices.Contains(s.Weekdays, day.Weekday())
	case RecursDates:
		stands = stands && slices.Contains(s.Dates, day)
	default:
		stands = false
	}
	one := Occurrence{Date: day, Start: day.At(s.StartMinute, zone), End: day.At(s.StartMinute+s.LengthMinutes, zone)}
	if !s.EndedAt.IsZero() && !one.Start.Before(s.EndedAt) {
		stands = false // one that had begun is stood to its end
	}
	return one, stands && one.End.After(one.Start) // a shift in the hour that the clocks skip does not exist that day
}

// Window is when a planned stop is due on a day, between the start and the end of the shift: its minutes, too, are
// the wall clock's. False when a change of the clocks skips all of it, so that there is nothing to be on time for.
func (s Shift) Window(day Date, stop PlannedStop, zone *time.Location) (from, until time.Time, exists bool) {
	from, until = day.At(s.StartMinute+stop.FromMinute, zone), day.At(s.StartMinute+stop.UntilMinute, zone)
	return from, until, until.After(from)
}

// Between gives the shift's occurrences that touch [from, to), in order.
func (s Shift) Between(from, to time.Time, zone *time.Location) []Occurrence {
	found := []Occurrence{}
	last := DateIn(to, zone)
	for day := DateIn(from, zone).Add(-2); !last.Before(day); day = day.Add(1) { // a long shift over a change of the clocks
		if one, stands := s.On(day, zone); stands && one.Start.Before(to) && one.End.After(from) {
			found = append(found, one)
		}
	}
	return found
}
