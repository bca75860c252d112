package models

import "time"

// TipSettings are the periods that a station has set for its tips. They count for clocks that begin after they were set: neither a
// time that runs already nor the end of a window to reopen moves.
type TipSettings struct {
	TipPeriods
	Version   int       // how often they were set; 0: these are the defaults
	UpdatedAt time.Time // zero: never
}

// Check refuses periods that contradict each other; what each may be by itself is in the contract.
func (p TipPeriods) Check() error {
	fields := []FieldError{}
	below := func(field string, value, least time.Duration, want string) {
		if value < least {
			fields = append(fields, FieldError{Field: field, Code: FieldTooSmall, Want: ">= " + want})
		}
	}
	below("acknowledge_by_day_minutes", p.AcknowledgeByDay, p.AcknowledgeUrgent, "acknowledge_crime_minutes")
	below("acknowledge_by_night_minutes", p.AcknowledgeByNight, p.AcknowledgeUrgent, "acknowledge_crime_minutes")
	below("decide_hours", p.Decide, max(p.AcknowledgeByDay, p.AcknowledgeByNight), "acknowledge_by_day_minutes, acknowledge_by_night_minutes")
	below("finish_hours", p.Finish, p.Decide, "decide_hours")
	if p.DayEnds <= p.DayBegins {
		fields = append(fields, FieldError{Field: "day_ends_hour", Code: FieldTooSmall, Want: "> day_begins_hour"})
	}
	if len(fields) == 0 {
		return nil
	}
	return Fail(CodeUnprocessable).WithFields(fields...)
}
