package models

import (
	"slices"
	"time"
)

// TipPeriods are how long a station gives itself for each step of a tip.
type TipPeriods struct {
	AcknowledgeByDay   time.Duration
	AcknowledgeByNight time.Duration
	AcknowledgeUrgent  time.Duration // a crime in progress, at any hour
	Decide             time.Duration // from the arrival to the end, or to the action that was scheduled
	DayBegins, DayEnds int           // hours of the station's clock
}

// DefaultTipPeriods are those of a station that has said nothing else.
var DefaultTipPeriods = TipPeriods{
	AcknowledgeByDay: 15 * time.Minute, AcknowledgeByNight: 30 * time.Minute, AcknowledgeUrgent: 5 * time.Minute,
	Decide: 72 * time.Hour, DayBegins: 7, DayEnds: 22,
}

// How a tip whose time has passed climbs: at once to the officer's deputy, and later to the duty commander.
const (
	TipClimbsUnseen    = 10 * time.Minute // after the deputy was told of one that nobody acknowledged
	TipClimbsUndecided = 12 * time.Hour   // after the deputy was told of one that was not decided
	TipReopenWithin    = 7 * 24 * time.Hour
	MaxTipAction       = 90 * 24 * time.Hour // how far ahead an action is scheduled
)

// TipClimb is how far a tip has climbed.
type TipClimb int

// The steps.
const (
	TipOnTime     TipClimb = iota // nobody was told
	TipAtDeputy                   // the officer's deputy was told
	TipAtCommand                  // the duty commander was told; there is nobody above
	tipClimbsOver = TipAtCommand
)

// CategoryCrime is the category of what happens right now: it is acknowledged soonest, and people nearby are asked to help.
const CategoryCrime = "crime_in_progress"

// TipClock says whose a tip is and until when the station wants to have taken the next step.
type TipClock struct {
	TipID      ID
	StationID  ID
	AssignedTo ID        // "" for the duty desk
	BegunAt    time.Time // the arrival, or the last reopening
	ActionAt   time.Time // of a scheduled action
	DueAt      time.Time // zero once the tip has ended
	ClimbsAt   time.Time // zero when there is nothing to wait for
	Climb      TipClimb
}

// EndedTips are the states in which the station is done with a tip.
var EndedTips = []TipState{TipResolved, TipClosed}

// Ended says whether the station is done with the tip.
func (t Tip) Ended() bool { return slices.Contains(EndedTips, t.State) }

// NextClock is the clock of a tip that has just entered its state.
func (t Tip) NextClock(periods TipPeriods, zone *time.Location) TipClock {
	clock := t.Clock
	clock.Climb, clock.DueAt = TipOnTime, time.Time{}
	switch t.State {
	case TipReceived:
		clock.DueAt = clock.BegunAt.Add(periods.acknowledge(t.Category, clock.BegunAt.In(zone)))
	case TipAcknowledged, TipInvestigating:
		clock.DueAt = clock.BegunAt.Add(periods.Decide)
	case TipActionScheduled:
		clock.DueAt = clock.BegunAt.Add(periods.Decide)
		if clock.ActionAt.After(clock.DueAt) {
			clock.DueAt = clock.ActionAt
		}
	case TipResolved, TipClosed:
	}
	clock.ClimbsAt = clock.DueAt
	return clock
}

func (p TipPeriods) acknowledge(category string, local time.Time) time.Duration {
	switch {
	case category == CategoryCrime:
		return p.AcknowledgeUrgent
	case local.Hour() >= p.DayBegins && local.Hour() < p.DayEnds:
		return p.AcknowledgeByDay
	default:
		return p.AcknowledgeByNight
	}
}

// Climbed is the clock after one step more.
func (c TipClock) Climbed(state TipState) TipClock {
	c.Climb++
	after := TipClimbsUndecided
	if state == TipReceived {
		after = TipClimbsUnseen
	}
	c.ClimbsAt = c.DueAt.Add(after)
	if c.Climb >= tipClimbsOver {
		c.ClimbsAt = time.Time{}
	}
	return c
}

// CheckReopening says whether the reporter may have the tip taken up again: within TipReopenWithin after the station ended it.
// What they withdrew themselves, and what goes on as another tip, stays closed.
func (t Tip) CheckReopening(now time.Time) error {
	if !t.Ended() || t.ClosedReason == ClosedWithdrawn || t.ClosedReason == TipDuplicate || len(t.Steps) == 0 {
		return Fail(CodeWrongState)
	}
	if now.After(t.Steps[len(t.Steps)-1].At.Add(TipReopenWithin)) {
		return Fail(CodeWrongState)
	}
	return nil
}

// CheckOfficersStep says whether an officer may take the tip to a state. A scheduled action has a time to come, and only its
// reporter withdraws a tip.
func (t Tip) CheckOfficersStep(to TipState, reason string, actionAt, now time.Time) error {
	switch {
	case reason == ClosedWithdrawn:
		return Unfit("reason", FieldNotAllowed, "only the reporter withdraws a tip")
	case to == TipActionScheduled && actionAt.IsZero():
		return Unfit("action_at", FieldRequired, "with state action_scheduled")
	case to != TipActionScheduled && !actionAt.IsZero():
		return Unfit("action_at", FieldNotAllowed, "only with state action_scheduled")
	case to == TipActionScheduled && actionAt.Before(now):
		return Unfit("action_at", FieldTooOld, ">= now")
	case to == TipActionScheduled && actionAt.After(now.Add(MaxTipAction)):
		return Unfit("action_at", FieldInFuture, "<= now + 90 days")
	}
	return t.CheckTransition(to, reason)
}
