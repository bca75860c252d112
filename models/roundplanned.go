package models

import "time"

// PlannedRound is the round of a plan on one occurrence of its shift: whoever makes it first, makes the same. A stop
// whose window a change of the clocks skips is not on it.
func PlannedRound(plan RoundPlan, shift Shift, one Occurrence, now time.Time, zone *time.Location) Round {
	round := Round{
		ID: plan.RoundID(one), StationID: plan.StationID, PlanID: plan.ID, SquadID: shift.SquadID, Date: one.Date,
		State: RoundScheduled, StartsAt: one.Start, EndsAt: one.End, Ordered: plan.Ordered, Team: plan.Team, CreatedAt: now,
	}
	for _, stop := range plan.Stops {
		if from, until, exists := shift.Window(one.Date, stop, zone); exists {
			round.Stops = append(round.Stops, RoundStop{
				Ordinal: len(round.Stops) + 1, CheckpointID: stop.CheckpointID, FromAt: from, UntilAt: until,
				Priority: stop.Priority, State: StopPending,
			})
		}
	}
	return round
}
