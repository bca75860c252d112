package models

import "time"

// PhoneClock is what a phone's clocks show at the moment it sends: the wall clock, which people set and
// which may be days off, and the monotonic one, which counts on from the phone's start.
type PhoneClock struct {
	BootID      string // changes when the phone starts anew
	MonotonicMS int64  // since then, sleep included
	WallAt      time.Time
}

// Correct tells when something happened that the phone recorded at MonotonicMS of the same start: as long before
// receivedAt as the monotonic clock says. false when it cannot tell: another start, or a reading of the future.
// What it tells is late by the time that the request was on its way.
func (c PhoneClock) Correct(bootID string, monotonicMS int64, receivedAt time.Time) (time.Time, bool) {
	ago := c.MonotonicMS - monotonicMS
	if c.BootID == "" || bootID != c.BootID || monotonicMS < 0 || ago < 0 || ago > MaxPast.Milliseconds() {
		return time.Time{}, false
	}
	return receivedAt.Add(-time.Duration(ago) * time.Millisecond), true
}

// Told is Correct and, where that cannot tell, as long before receivedAt as the wall clock showed between at and the
// sending: it may be wrong, but it was the same one. false when neither tells.
func (c PhoneClock) Told(at time.Time, bootID string, monotonicMS int64, receivedAt time.Time) (time.Time, bool) {
	if told, known := c.Correct(bootID, monotonicMS, receivedAt); known {
		return told, true
	}
	ago := c.WallAt.Sub(at)
	if c.WallAt.IsZero() || ago < 0 || ago > MaxPast {
		return time.Time{}, false
	}
	return receivedAt.Add(-ago), true
}

// Off says whether the wall clock is further from the time of arrival than is let pass.
func (c PhoneClock) Off(receivedAt time.Time) bool {
	return !c.WallAt.IsZero() && c.WallAt.Sub(receivedAt).Abs() > MaxClockAhead
}
