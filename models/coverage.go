package models

import "time"

// CoverKind is a kind of place whose cover is counted.
type CoverKind string

// The kinds. Key places are the checkpoints that are marked so, and are counted with them.
const (
	CoverCell       CoverKind = "cell"
	CoverCheckpoint CoverKind = "checkpoint"
	CoverRoute      CoverKind = "route"
	CoverKeyPlace   CoverKind = "key_place"
	CoverCompound   CoverKind = "compound"
	CoverStreetPost CoverKind = "street_post"
)

// Mode is how people moved: the kind of their round's squad, or one of these.
type Mode = SquadKind

// The modes beside those of squads.
const (
	ModeAll  Mode = "all"  // whatever the mode
	ModeNone Mode = "none" // without a round, or on a round without a squad
)

// The bounds of cover.
const (
	VisitGap        = 10                   // minutes without anybody within one visit; after more a new one begins
	MaxCoverDays    = 31                   // days of one question
	MaxCoverFigures = 50_000               // places × slots of one answer
	CoverOpen       = 14 * 24 * time.Hour  // how long after its end a day is counted anew: less than positions are kept
	PresenceKept    = 16 * 24 * time.Hour  // who was where in which minute, after the day has ended: longer than it is open
	CoverageKept    = 800 * 24 * time.Hour // the counts themselves, which name nobody: this year and the last two
)

// CoverDay is the day of UTC, counted from 1970, that an instant lies in.
func CoverDay(at time.Time) int64 { return floorDiv(unixMinute(at), DayMinutes) }

// DayOpen says whether what comes in now about a day still changes its cover. Later than that positions are gone,
// and a count without them would be another one.
func DayOpen(day int64, now time.Time) bool {
	return now.Before(time.Unix((day+1)*DayMinutes*60, 0).Add(CoverOpen))
}

func unixMinute(at time.Time) int64 { return floorDiv(at.Unix(), 60) }

func minuteTime(minute int64) time.Time { return time.Unix(minute*60, 0).UTC() }

func floorDiv(value, by int64) int64 {
	quotient := value / by
	if value%by < 0 {
		quotient--
	}
	return quotient
}

// Figures are what is told of a place in a stretch of time, in minutes but for Visits.
type Figures struct {
	Visits         int // stretches of presence that begin in it, with more than VisitGap minutes of nobody before each
	PatrolMinutes  int // with one person or more
	OfficerMinutes int // summed over people
	LongestGap     int // the longest stretch without anybody
}

// Stretch is the minutes [From, Until), counted from 1970.
type Stretch struct {
	From, Until int64
}

// StretchOf is the whole minutes that [from, to) touches.
func StretchOf(from, to time.Time) Stretch {
	return Stretch{From: unixMinute(from), Until: unixMinute(to.Add(time.Minute - 1))}
}

// Minutes is how long the stretch is.
func (s Stretch) Minutes() int { return int(s.Until - s.From) }

// Start and End are the stretch's instants.
func (s Stretch) Start() time.Time { return minuteTime(s.From) }

// End is the instant after the last minute.
func (s Stretch) End() time.Time { return minuteTime(s.Until) }

// Days are the first and the last day of UTC that the stretch touches.
func (s Stretch) Days() (first, last int64) {
	return floorDiv(s.From, DayMinutes), floorDiv(s.Until-1, DayMinutes)
}

// Clip is what of the stretch lies in another; it may be empty, and then Until is not after From.
func (s Stretch) Clip(other Stretch) Stretch {
	return Stretch{From: max(s.From, other.From), Until: min(s.Until, other.Until)}
}

// Cover is what was counted of one place, by day of UTC.
type Cover map[int64]Headcount

// Present gives the stretches of presence inside another one, in order.
func (c Cover) Present(inside Stretch) []Stretch {
	found := []Stretch{}
	first, last := inside.Days()
	for day := first; day <= last; day++ {
		count, ok := c[day]
		if !ok {
			continue
		}
		start, present := day*DayMinutes, count.Present()
		present.Each(func(minute int) {
			at := start + int64(minute)
			switch {
			case at < inside.From || at >= inside.Until:
			case len(found) > 0 && found[len(found)-1].Until == at:
				found[len(found)-1].Until++
			default:
				found = append(found, Stretch{From: at, Until: at + 1})
			}
		})
	}
	return found
}

// Gaps gives the stretches without anybody inside another one, in order.
func (c Cover) Gaps(inside Stretch) []Stretch {
	gaps, from := []Stretch{}, inside.From
	for _, present := range c.Present(inside) {
		if present.From > from {
			gaps = append(gaps, Stretch{From: from, Until: present.From})
		}
		from = present.Until
	}
	if from < inside.Until {
		gaps = append(gaps, Stretch{From: from, Until: inside.Until})
	}
	return gaps
}

// Figures tells of each slot, in one walk. The slots follow one another; presence outside of them does not count.
// A visit that goes on over the border of two slots is one, in the first.
func (c Cover) Figures(slots []Stretch) []Figures {
	figures := make([]Figures, len(slots))
	if len(slots) == 0 {
		return figures
	}
	present := c.Present(Stretch{From: slots[0].From, Until: slots[len(slots)-1].Until})
	first := 0
	for at, slot := range slots {
		one := Figures{OfficerMinutes: c.sum(slot)}
		for first < len(present) && present[first].Until <= slot.From {
			first++
		}
		empty := slot.From
		for next := first; next < len(present) && present[next].From < slot.Until; next++ {
			run := present[next].Clip(slot)
			if run.From == present[next].From && (next == 0 || run.From-present[next-1].Until > VisitGap) {
				one.Visits++
			}
			one.PatrolMinutes += run.Minutes()
			one.LongestGap = max(one.LongestGap, int(run.From-empty))
			empty = run.Until
		}
		one.LongestGap = max(one.LongestGap, int(slot.Until-empty))
		figures[at] = one
	}
	return figures
}

// sum is the officer minutes of a stretch.
func (c Cover) sum(inside Stretch) int {
	sum := 0
	first, last := inside.Days()
	for day := first; day <= last; day++ {
		start := day * DayMinutes
		sum += c[day].Sum(int(max(inside.From-start, 0)), int(min(inside.Until-start, DayMinutes)))
	}
	return sum
}

// LastPresent is the last minute of a stretch in which somebody was there; false when nobody was.
func (c Cover) LastPresent(inside Stretch) (time.Time, bool) {
	present := c.Present(inside)
	if len(present) == 0 {
		return time.Time{}, false
	}
	return minuteTime(present[len(present)-1].Until - 1), true
}

// DoneShare is how many of the planned stops that are due were done, on time or late, from 0 to 1; false when none was due.
// What is still ahead does not count, nor what nobody planned.
func DoneShare(stops map[StopState]int) (float64, bool) {
	done := stops[StopOnTime] + stops[StopLate]
	due := done + stops[StopMissed] + stops[StopSkipped]
	if due == 0 {
		return 0, false
	}
	return float64(done) / float64(due), true
}
