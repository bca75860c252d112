package models

import "time"

// How long those who mend give themselves. The first two run by day only: nobody is woken for a lamp. What is urgent
// (RepairCategory.Urgent) runs at any hour.
const (
	RepairAssignWithin = 30 * time.Minute
	RepairAcceptWithin = time.Hour
	RepairDoneWithin   = 72 * time.Hour // from the request, or from its reopening, where no time was wished
	RepairUrgentWithin = 4 * time.Hour
	RepairDayBegins    = 8 // o'clock, by the station's clock
	RepairDayEnds      = 20
	MaxRepairWish      = 30 * 24 * time.Hour // how far ahead a time is wished
	RepairClimbsAfter  = 12 * time.Hour      // from the property's staff to the owners' committee
)

// RepairClimb is how far a repair whose time has passed has climbed.
type RepairClimb int

// The steps.
const (
	RepairOnTime      RepairClimb = iota // nobody was told
	RepairAtProperty                     // all the property's staff were told
	RepairAtCommittee                    // the owners' committee was told; there is nobody above
)

// Urgent says whether people may come to harm, or cannot get in or out.
func (c RepairCategory) Urgent() bool {
	switch c {
	case RepairLift, RepairElectricity, RepairFire:
		return true
	default:
		return false
	}
}

// due is until when the next step is wanted of a repair that entered its state at an instant.
func (r Repair) due(since time.Time, zone *time.Location) time.Time {
	within := func(period time.Duration) time.Time {
		if r.Category.Urgent() {
			return since.Add(period)
		}
		return DuringDay(since, period, zone)
	}
	switch r.State {
	case RepairRequested:
		return within(RepairAssignWithin)
	case RepairAssigned, RepairReopened:
		return within(RepairAcceptWithin)
	case RepairAccepted, RepairInProgress:
		if r.WishUntil.After(since) {
			return r.WishUntil
		}
		period := RepairDoneWithin
		if r.Category.Urgent() {
			period = RepairUrgentWithin
		}
		return r.begun().Add(period)
	default:
		return time.Time{}
	}
}

// begun is when the repair was asked for, or for the last time reopened.
func (r Repair) begun() time.Time {
	begun := r.RequestedAt
	for at, step := range r.Steps {
		ended := at > 0 && (r.Steps[at-1].State == RepairDone || r.Steps[at-1].State == RepairRated)
		if step.State == RepairReopened || ended && step.State == RepairAssigned { // as it was written before it was a state
			begun = step.At
		}
	}
	return begun
}

// DuringDay is when a period has passed of which only the hours from RepairDayBegins to RepairDayEnds count.
func DuringDay(since time.Time, period time.Duration, zone *time.Location) time.Time {
	local := since.In(zone)
	begins := time.Date(local.Year(), local.Month(), local.Day(), RepairDayBegins, 0, 0, 0, zone)
	for {
		ends := time.Date(begins.Year(), begins.Month(), begins.Day(), RepairDayEnds, 0, 0, 0, zone)
		if local.Before(begins) {
			local = begins
		}
		if left := ends.Sub(local); left > 0 {
			if period <= left {
				return local.Add(period).In(since.Location())
			}
			period -= left
		}
		begins = time.Date(begins.Year(), begins.Month(), begins.Day()+1, RepairDayBegins, 0, 0, 0, zone)
	}
}

// Climbed is the repair after it climbed one step: it is late, and for good.
func (r Repair) Climbed() Repair {
	r.Climb++
	r.Late = true
	r.ClimbsAt = r.DueAt.Add(RepairClimbsAfter)
	if r.Climb >= RepairAtCommittee {
		r.ClimbsAt = time.Time{}
	}
	return r
}
