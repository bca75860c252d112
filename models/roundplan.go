package models

import "time"

// MaxRoundStops bounds the stops of one round, those that nobody planned included.
const MaxRoundStops = 200

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
