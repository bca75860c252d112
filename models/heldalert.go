package models

import "time"

// UrgentTick is what the time of an urgent act of somebody nameless is rounded up to: of a crime in progress people are told
// at once, and a minute would be too late.
const UrgentTick = 5 * time.Second

// HeldUntil is when an alert may be written that tells of what somebody nameless did: at the next full minute, or at the
// next UrgentTick. Until then it waits outside of everybody's inbox, so that its id, by which inboxes are ordered, can be
// that of the later moment and says nothing of the act's. It is later than the act always, also at a full minute.
func HeldUntil(severity string, now time.Time) time.Time {
	tick := CoarseTime
	if Urgency(severity) <= Urgency(SeverityHigh) {
		tick = UrgentTick
	}
	return now.Truncate(tick).Add(tick)
}
