package models

import "time"

// VisitWindow is for how long after a visit's first door the other doors of its pass open by the same code. It contains its
// start and not its end.
const VisitWindow = 15 * time.Minute

// VisitSkew is how far the clock that judges a further door may be behind the one that judged the first.
const VisitSkew = 30 * time.Second

// VisitDoor is one door opened in one visit of a pass.
type VisitDoor struct {
	Number    int // of the visit: the pass's uses when it began, from 1
	DoorID    ID
	StartedAt time.Time // of the visit, not of the door
}

// VisitAt says in which visit a pass's code opens one of its doors now. A use of a pass is one visit: it goes on through the
// pass's other doors, each once, within VisitWindow. The door takes the oldest such visit it has not been in; without one it
// begins the next, as long as maxUses has not been reached. So any number of entries at one door opens it maxUses times, and
// of two visitors on one pass neither uses up the other's way.
//
// opened is what is known of the pass; older visits may be left out. Whether the pass stands, has begun or has ended, and
// whether the door is one of its own, is asked elsewhere. A controller without a network knows its own doors alone and so
// counts right for each of them; told later, with the others' openings in the order of their times, the same rule finds what
// no visit covers.
func VisitAt(opened []VisitDoor, uses, maxUses int, door ID, now time.Time) (visit VisitDoor, begins, opens bool) {
	last := 0 // the latest visit in which the door was opened: it was in every one before that which it could join
	for _, one := range opened {
		if one.DoorID == door {
			last = max(last, one.Number)
		}
	}
	for _, one := range opened {
		under := one.Number > last && !now.Before(one.StartedAt.Add(-VisitSkew)) && now.Before(one.StartedAt.Add(VisitWindow))
		if under && (visit.Number == 0 || one.Number < visit.Number) {
			visit = VisitDoor{Number: one.Number, DoorID: door, StartedAt: one.StartedAt}
		}
	}
	if visit.Number > 0 {
		return visit, false, true
	}
	if uses >= maxUses {
		return VisitDoor{}, false, false
	}
	return VisitDoor{Number: uses + 1, DoorID: door, StartedAt: now}, true, true
}

// VisitsKept is for how long the doors of a visit are remembered: what a controller without a network allowed is told late.
const VisitsKept = 7 * 24 * time.Hour

// VisitLate says to which visit an opening belongs that a controller allowed without the server, at that time. It has happened,
// whatever is left: it joins the visit nearest before it or, as openings of several controllers are told in any order, after it,
// in which the door was not opened yet, within VisitWindow; else it begins another one, which may be one too many.
func VisitLate(opened []VisitDoor, uses int, door ID, at time.Time) (visit VisitDoor, begins bool) {
	been := map[int]bool{}
	for _, one := range opened {
		been[one.Number] = been[one.Number] || one.DoorID == door
	}
	nearest := VisitWindow
	for _, one := range opened {
		apart := at.Sub(one.StartedAt).Abs()
		if !been[one.Number] && apart < nearest {
			nearest, visit = apart, VisitDoor{Number: one.Number, DoorID: door, StartedAt: one.StartedAt}
		}
	}
	if visit.Number > 0 {
		return visit, false
	}
	return VisitDoor{Number: uses + 1, DoorID: door, StartedAt: at}, true
}

// VisitUntil is until when the latest visit goes on through the pass's other doors; zero when none does.
func (p VisitorPass) VisitUntil(now time.Time) time.Time {
	if p.VisitStartedAt.IsZero() || !p.RevokedAt.IsZero() || len(p.DoorIDs) < 2 {
		return time.Time{}
	}
	until := p.VisitStartedAt.Add(VisitWindow)
	if p.EndsAt.Before(until) {
		until = p.EndsAt
	}
	if !now.Before(until) {
		return time.Time{}
	}
	return until
}
