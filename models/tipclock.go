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
	Decide             time.Duration // from the arrival until it is decided what is done about it
	Finish             time.Duration // from the arrival to the end, or to the action that was scheduled
	ClimbUnseen        time.Duration // from the deputy to the commander, of one that nobody acknowledged
	ClimbUndecided     time.Duration // from the deputy to the commander, of any other
	ReopenWithin       time.Duration // after the end
	DayBegins, DayEnds int           // hours of the station's clock
}

// DefaultTipPeriods are those of a station that has said nothing else.
var DefaultTipPeriods = TipPeriods{
	AcknowledgeByDay: 15 * time.Minute, AcknowledgeByNight: 30 * time.Minute, AcknowledgeUrgent: 5 * time.Minute,
	Decide: 72 * time.Hour, Finish: 72 * time.Hour, ClimbUnseen: 10 * time.Minute, ClimbUndecided: 12 * time.Hour,
	ReopenWithin: 7 * 24 * time.Hour, DayBegins: 7, DayEnds: 22,
}

// MaxTipAction is how far ahead an action is scheduled.
const MaxTipAction = 90 * 24 * time.Hour

// TipClimb is how far a tip has climbed whose time has passed: at once to the officer's deputy, and later to the duty commander.
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
	TipID       ID
	StationID   ID
	AssignedTo  ID        // "" for the duty desk
	BegunAt     time.Time // the arrival, or the last reopening
	ActionAt    time.Time // of a scheduled action
	DueAt       time.Time // zero once the tip has ended
	ClimbsAt    time.Time // zero when there is nothing to wait for
	Climb       TipClimb
	ReopensTill time.Time // of one that has ended; zero before, and of those that ended when this was not written down
}

// EndedTips are the states in which the station is done with a tip.
var EndedTips = []TipState{TipResolved, TipClosed}

// Ended says whether the station is done with the tip.
func (t Tip) Ended() bool { return slices.Contains(EndedTips, t.State) }

// NextClock is the clock of a tip that has just entered its state, by what the station has set now: later settings leave it alone.
func (t Tip) NextClock(periods TipPeriods, zone *time.Location) TipClock {
	clock := t.Clock
	clock.Climb, clock.DueAt, clock.ReopensTill = TipOnTime, time.Time{}, time.Time{}
	switch t.State {
	case TipReceived:
		clock.DueAt = clock.BegunAt.Add(periods.acknowledge(t.Category, clock.BegunAt.In(zone)))
	case TipAcknowledged:
		clock.DueAt = clock.BegunAt.Add(periods.Decide)
	case TipInvestigating:
		clock.DueAt = clock.BegunAt.Add(periods.Finish)
	case TipActionScheduled:
		clock.DueAt = clock.BegunAt.Add(periods.Finish)
		if clock.ActionAt.After(clock.DueAt) {
			clock.DueAt = clock.ActionAt
		}
	case TipResolved, TipClosed:
		if ended := t.EndedAt(); !ended.IsZero() {
			clock.ReopensTill = ended.Add(periods.ReopenWithin)
		}
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
func (c TipClock) Climbed(state TipState, periods TipPeriods) TipClock {
	c.Climb++
	after := periods.ClimbUndecided
	if state == TipReceived {
		after = periods.ClimbUnseen
	}
	c.ClimbsAt = c.DueAt.Add(after)
	if c.Climb >= tipClimbsOver {
		c.ClimbsAt = time.Time{}
	}
	return c
}

// CheckReopening says whether the reporter may have the tip taken up again: for a time after the station ended it, as it was set then.
// What they withdrew themselves, and what goes on as another tip, stays closed.
func (t Tip) CheckReopening(now time.Time) error {
	if !t.Ended() || t.ClosedReason == ClosedWithdrawn || t.ClosedReason == TipDuplicate || len(t.Steps) == 0 {
		return t.WrongState()
	}
	until := t.Clock.ReopensTill
	if until.IsZero() {
		until = t.EndedAt().Add(DefaultTipPeriods.ReopenWithin)
	}
	if now.After(until) {
		return t.WrongState()
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
