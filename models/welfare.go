package models

import "time"

// WelfareState is how somebody is who is alone: green → warning → critical, and ended.
type WelfareState string

// The states of a welfare timer.
const (
	WelfareGreen    WelfareState = "green"
	WelfareWarning  WelfareState = "warning"  // the interval is over without an answer
	WelfareCritical WelfareState = "critical" // so is the grace: help is called
	WelfareEnded    WelfareState = "ended"
)

// AlertWelfareCheck asks somebody who is alone whether all is well.
const AlertWelfareCheck = "welfare_check"

const (
	// MaxWelfare is how long a welfare timer can run.
	MaxWelfare = 24 * time.Hour
	// WelfareLate is from when on a warning is late: the service was away, and nobody could have answered it. Then
	// the grace begins at the warning itself, so that help is not called for everybody at once.
	WelfareLate = time.Minute
)

// WelfareTimer asks somebody who is alone, again and again, whether all is well.
type WelfareTimer struct {
	ID         ID // made by the phone
	OrderID    ID // made by the server, sortable
	StationID  ID
	PersonID   ID
	Interval   time.Duration // from an answer to the warning
	Grace      time.Duration // from the warning to the call for help
	CreatedAt  time.Time
	UntilAt    time.Time
	AnsweredAt time.Time    // the last answer that counted; the start before the first
	State      WelfareState // as far as the service has acted on it
	WarnedAt   time.Time    // zero while it has not warned
	ActsAt     time.Time    // when the service has to act next; zero when never
	SOSID      ID           // the call for help; "" when there is none
	EndedAt    time.Time
	Version    int64 // counts changes
}

// WarnsAt is when the person is warned.
func (t WelfareTimer) WarnsAt() time.Time { return t.AnsweredAt.Add(t.Interval) }

// CriticalAt is when help is called.
func (t WelfareTimer) CriticalAt() time.Time {
	if t.WarnedAt.After(t.WarnsAt().Add(WelfareLate)) {
		return t.WarnedAt.Add(t.Grace)
	}
	return t.WarnsAt().Add(t.Grace)
}

// StateAt is the state at an instant. A timer runs until UntilAt, unless an answer is missing by then:
// that somebody's time is up does not mean that they are well. Nobody's help is called before they were warned.
func (t WelfareTimer) StateAt(now time.Time) WelfareState {
	switch {
	case !t.EndedAt.IsZero() && !now.Before(t.EndedAt):
		return WelfareEnded
	case !t.WarnsAt().Before(t.UntilAt) && !now.Before(t.UntilAt):
		return WelfareEnded
	case !t.WarnsAt().Before(t.UntilAt) || now.Before(t.WarnsAt()):
		return WelfareGreen
	case t.State == WelfareGreen || now.Before(t.CriticalAt()):
		return WelfareWarning
	default:
		return WelfareCritical
	}
}

// Advanced is the timer as the service has to make it now, one step further; false when there is nothing to do.
func (t WelfareTimer) Advanced(now time.Time) (WelfareTimer, bool) {
	if t.ActsAt.IsZero() || now.Before(t.ActsAt) {
		return t, false
	}
	switch state := t.StateAt(now); {
	case state == WelfareEnded:
		t.State, t.EndedAt, t.ActsAt = WelfareEnded, t.UntilAt, time.Time{}
	case state == WelfareGreen:
		t.ActsAt = t.nextAct()
	case t.State == WelfareGreen:
		t.State, t.WarnedAt = WelfareWarning, now
		t.ActsAt = t.CriticalAt()
	default:
		t.State, t.ActsAt = WelfareCritical, time.Time{}
	}
	return t, true
}

// nextAct is when a green timer needs the service.
func (t WelfareTimer) nextAct() time.Time {
	if t.WarnsAt().Before(t.UntilAt) {
		return t.WarnsAt()
	}
	return t.UntilAt
}

// Started begins the timer.
func (t WelfareTimer) Started(now time.Time) WelfareTimer {
	t.CreatedAt, t.AnsweredAt, t.State = now, now, WelfareGreen
	t.ActsAt = t.nextAct()
	return t
}

// WelfareAnswer is an answer as the phone recorded it.
type WelfareAnswer struct {
	At          time.Time   // by the phone's wall clock
	Clock       *PhoneClock // when it was sent; nil when the phone did not say
	BootID      string      // of the answer; "" when it did not say
	MonotonicMS int64       // since that start; -1 when it did not say
}

// GivenAt is when an answer was given that is received now. The phone's clocks at its sending tell for how long it lay
// there, wrong as the wall clock may be. Where they do not, the time it bears is believed if it can be true: an answer
// of before the timer began shows a clock that is behind, and one of the future a clock that is ahead, and either counts now.
func (t WelfareTimer) GivenAt(answer WelfareAnswer, now time.Time) time.Time {
	if answer.Clock != nil {
		if told, known := answer.Clock.Told(answer.At, answer.BootID, answer.MonotonicMS, now); known {
			return told
		}
	}
	if answer.At.Before(t.CreatedAt) {
		return now
	}
	return answer.At
}

// Answered counts an answer that was given at an instant, as GivenAt tells it, and is received now. One that lay on
// the phone counts from when it was given: it says nothing of later. CodeWrongState when the timer has ended.
func (t WelfareTimer) Answered(at, now time.Time) (WelfareTimer, error) {
	if t.StateAt(now) == WelfareEnded || t.State == WelfareEnded {
		return t, Fail(CodeWrongState)
	}
	if at.After(now.Add(-MaxClockAhead)) {
		at = now // the clocks agree as well as clocks of phones do
	}
	if !at.After(t.AnsweredAt) {
		return t, nil // a later one came first
	}
	later := t
	later.AnsweredAt, later.WarnedAt, later.State = at, time.Time{}, WelfareGreen
	switch later.StateAt(now) {
	case WelfareGreen:
		later.ActsAt = later.nextAct()
		return later, nil
	case WelfareEnded: // it was the last one wanted
		later.State, later.EndedAt, later.ActsAt = WelfareEnded, now, time.Time{}
		return later, nil
	default:
		return t, nil // too old to say that all is well now
	}
}

// Check refuses a timer that ends before it begins, or runs too long.
func (t WelfareTimer) Check(now time.Time) error {
	switch {
	case !t.UntilAt.After(now):
		return Unfit("until", FieldTooSmall, "> now")
	case t.UntilAt.After(now.Add(MaxWelfare)):
		return Unfit("until", FieldTooLarge, "<= now + 24 h")
	default:
		return nil
	}
}
