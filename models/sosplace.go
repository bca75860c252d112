package models

import (
	"math"
	"slices"
	"time"
)

// What a place that the caller does not send now is worth, and how much of the way is kept.
const (
	SOSPlaceKnown   = 5 * time.Minute  // an older place does not say where the caller is
	SOSTrailLength  = 2000             // positions kept of one call, the newest
	SOSClassAnew    = 10 * time.Minute // from one class of distance of a helper to the next, for one caller
	sosClockBelieve = WhereaboutsKept  // a phone that writes of longer ago has a wrong clock, rather than waited so long
)

// PlaceKnown says whether the call tells where the caller is at an instant, well enough to choose who is near.
func (s SOS) PlaceKnown(now time.Time) bool {
	return s.Fix != nil && now.Sub(s.Fix.FixedAt) <= SOSPlaceKnown
}

// PlaceOld says whether the place was an old one when people were asked.
func (s SOS) PlaceOld() bool { return s.Fix != nil && !s.PlaceKnown(s.AskedAt) }

// FixSentWith gives the position that came with a call the time at which it was found, by the server's clock. A phone
// that does not say when has found it as it called. The time may come from satellites or from a wall clock that is off:
// it is old only when it is old by both. Where nothing tells how far the clock is off, how long before the call it was
// found is what counts.
func FixSentWith(fix *Fix, clock *PhoneClock, raisedAt, receivedAt time.Time) *Fix {
	if fix == nil {
		return nil
	}
	dated, found := *fix, fix.FixedAt
	if found.IsZero() {
		found = raisedAt
	}
	age := receivedAt.Sub(found)
	switch {
	case clock != nil && !clock.WallAt.IsZero():
		if byWall := clock.WallAt.Sub(found); age < 0 || byWall >= 0 && byWall < age {
			age = byWall
		}
	case age < 0 || age > sosClockBelieve:
		age = raisedAt.Sub(found)
	}
	dated.FixedAt = receivedAt.Add(-max(0, age))
	return &dated
}

// SOSPosition is where the caller was at one instant of an open call.
type SOSPosition struct {
	Fix
	At          time.Time // by the server's clock, as well as it can be told
	PhoneAt     time.Time // by the phone's wall clock
	BootID      string    // of the phone; "" when it did not say
	MonotonicMS int64     // since that start; -1 when it did not say
}

// TrailOf puts the positions of one batch right: each by the monotonic clock where that tells, all others by one and the
// same correction, so that their order stays. None is in the future, where it would hide what comes later. behind is how
// far behind the phone's clock is known to be from the call itself; 0 when that is not known.
func TrailOf(sent []SOSPosition, clock *PhoneClock, behind time.Duration, receivedAt time.Time) []SOSPosition {
	trail, told := slices.Clone(sent), make([]bool, len(sent))
	shift := behind
	if clock != nil && !clock.WallAt.IsZero() {
		shift = receivedAt.Sub(clock.WallAt)
	}
	ahead := time.Duration(0)
	for at, one := range sent {
		if clock != nil {
			trail[at].At, told[at] = clock.Correct(one.BootID, one.MonotonicMS, receivedAt)
		}
		if !told[at] {
			trail[at].At = one.PhoneAt.Add(shift)
			ahead = max(ahead, trail[at].At.Sub(receivedAt))
		}
	}
	for at, one := range sent {
		if !told[at] {
			trail[at].At = trail[at].At.Add(-ahead)
		}
		age := time.Duration(0)
		if !one.FixedAt.IsZero() {
			age = max(0, one.PhoneAt.Sub(one.FixedAt)) // the phone sent an old one again
		}
		trail[at].FixedAt = trail[at].At.Add(-age)
	}
	return trail
}

// ClockBehind is how far the caller's clock is behind, as far as the call itself shows; 0 where it may just have come late.
func (s SOS) ClockBehind() time.Duration {
	if late := s.ReceivedAt.Sub(s.RaisedAt); late > sosClockBelieve {
		return late
	}
	return 0
}

// SOSDistanceClasses are what everybody but police of the place is told of how far a helper is away, the caller too:
// within so many metres.
var SOSDistanceClasses = []float64{300, 1000, 3000, 10_000}

// SOSDistanceStepM is what distances to helpers are rounded to, in metres: enough to know that somebody comes nearer.
const SOSDistanceStepM = 10

// RoundedM is a distance in such steps.
func RoundedM(metres float64) float64 { return math.Round(metres/SOSDistanceStepM) * SOSDistanceStepM }

// SOSClass is the class of a distance; nil beyond all of them, and where nobody knows it.
func SOSClass(metres *float64) *float64 {
	if metres == nil {
		return nil
	}
	at := slices.IndexFunc(SOSDistanceClasses, func(within float64) bool { return RoundedM(*metres) <= within })
	if at < 0 {
		return nil
	}
	class := SOSDistanceClasses[at]
	return &class
}

// Classed sets the class that others are told: once, when the helper is asked. What the caller says of their place later
// does not change it, nor does another call of the same caller within SOSClassAnew: before is what was told then, zero
// when nothing was. From classes at several invented places a caller could work out where somebody is.
func (h SOSHelper) Classed(before SOSHelper) SOSHelper {
	if !before.ClassAt.IsZero() && h.AskedAt.Sub(before.ClassAt) < SOSClassAnew {
		h.ClassM, h.ClassAt = before.ClassM, before.ClassAt
		return h
	}
	h.ClassM, h.ClassAt = SOSClass(h.DistanceM), h.AskedAt
	return h
}
