package models

import (
	"fmt"
	"slices"
	"time"
)

// MaxRoundStops bounds the stops of one round, those that nobody planned included.
const MaxRoundStops = 200

// MaxPlannedStops bounds the stops of one plan; the rest of a round's is for those that nobody planned.
const MaxPlannedStops = 100

// RoundPlan is a round to be walked on every occurrence of a shift.
type RoundPlan struct {
	ID        ID
	StationID ID
	ShiftID   ID
	RouteID   ID // "" for a free list of checkpoints
	Name      string
	Ordered   bool // the stops must be taken in order
	Team      bool // credited to a team: needs scans by at least two of its members
	Stops     []PlannedStop
	CreatedAt time.Time
	EndedAt   time.Time // zero while it exists
}

// PlannedStop is one checkpoint of a plan with its window, in minutes after the start of the shift.
type PlannedStop struct {
	CheckpointID ID
	FromMinute   int
	UntilMinute  int
	Priority     Priority
}

// RoundID is the id of the plan's round on a day: whoever makes the round first, makes the same one.
// The id begins with the instant at which the shift starts, as those of a list must.
func (p RoundPlan) RoundID(one Occurrence) ID {
	return OrderID(one.Start, p.ID+ID("/"+one.Date.String()))
}

// CheckStops says which windows do not hold, as fields of a request. They are not empty and lie within the shift;
// those of one checkpoint do not overlap, so that a scan is of one stop; and where the order counts, there is a moment
// for each stop in its window after the moment of the one before.
func (p RoundPlan) CheckStops(shift Shift) []FieldError {
	wrong, earliest := []FieldError{}, 0
	refuse := func(at int, field string, code FieldCode, want string) {
		wrong = append(wrong, FieldError{Field: Indexed("stops", at) + "." + field, Code: code, Want: want})
	}
	for at, stop := range p.Stops {
		switch {
		case stop.UntilMinute > shift.LengthMinutes:
			refuse(at, "until_minute", FieldTooLarge, fmt.Sprintf("<= %d, the length of the shift", shift.LengthMinutes))
		case stop.UntilMinute <= stop.FromMinute:
			refuse(at, "until_minute", FieldTooSmall, "> from_minute")
		case p.Ordered && stop.UntilMinute <= max(earliest, stop.FromMinute):
			refuse(at, "until_minute", FieldTooSmall, fmt.Sprintf("> %d, when the stops before can be done", earliest))
		case slices.ContainsFunc(p.Stops[:at], stop.overlaps):
			refuse(at, "from_minute", FieldNotUnique, "windows of one checkpoint that do not overlap")
		}
		earliest = max(earliest, stop.FromMinute)
	}
	return wrong
}

func (s PlannedStop) overlaps(other PlannedStop) bool {
	return s.CheckpointID == other.CheckpointID && s.FromMinute < other.UntilMinute && other.FromMinute < s.UntilMinute
}

// StopsOf are the stops of a plan that names none: every checkpoint of the route, at any time of the shift.
func StopsOf(route Route, shift Shift) []PlannedStop {
	stops := make([]PlannedStop, 0, len(route.Checkpoints))
	for _, checkpoint := range route.Checkpoints {
		stops = append(stops, PlannedStop{
			CheckpointID: checkpoint, UntilMinute: shift.LengthMinutes, Priority: PriorityNormal,
		})
	}
	return stops
}
