package models

import (
	"slices"
	"strings"
	"time"
)

// The bounds of a month's report.
const (
	ReportGaps   = 20  // the longest gaps that it lists
	ReportUnseen = 200 // the checkpoints not seen that it lists
)

// MonthReport is what a station did in a month on patrol, in figures. What is not known is nil and is
// printed as a dash, never as a nought.
type MonthReport struct {
	Station  string
	Zone     *time.Location
	From, To time.Time // the month in the station's zone; To is MadeAt while the month lasts
	MadeAt   time.Time

	Stops       []StopTally
	Rounds      map[RoundState]int
	CheckIns    map[CheckInStatus]int
	Corrections *int
	KeyPlaces   []PlaceCover
	Gaps        []CoverGap
	Unseen      []UnseenPlace
	UnseenMore  int // beyond those listed
	Findings    map[FindingKind]map[FindingState]int
	SOS         *SOSTally
}

// StopTally counts the planned stops of one route by one squad.
type StopTally struct { //nolint:recvcheck // Add counts, the others tell
	Route, Squad           string // "" for a free list of checkpoints, and for a round without a squad
	OnTime, Late           int
	Missed, Skipped, Extra int
}

// Add counts stops of one state; what is still to come does not count. A pending stop whose time is over is
// missed, and an optional one that was not seen was not asked for.
func (t *StopTally) Add(state StopState, priority Priority, number int) {
	switch state {
	case StopOnTime:
		t.OnTime += number
	case StopLate:
		t.Late += number
	case StopExtra:
		t.Extra += number
	case StopMissed, StopPending:
		if priority != PriorityOptional {
			t.Missed += number
		}
	case StopSkipped:
		if priority != PriorityOptional {
			t.Skipped += number
		}
	}
}

// Planned is how many stops were asked for; an extra one was not.
func (t StopTally) Planned() int { return t.OnTime + t.Late + t.Missed + t.Skipped }

// Done is how many of them were seen.
func (t StopTally) Done() int { return t.OnTime + t.Late }

func (t StopTally) plus(other StopTally) StopTally {
	t.OnTime, t.Late, t.Missed = t.OnTime+other.OnTime, t.Late+other.Late, t.Missed+other.Missed
	t.Skipped, t.Extra = t.Skipped+other.Skipped, t.Extra+other.Extra
	return t
}

// PlaceCover is how well one key place was covered.
type PlaceCover struct {
	Name          string
	Visits        int
	PatrolMinutes *int // with one or more present; nil when it is not known
	LongestGap    time.Duration
}

// CoverGap is a time without anybody at a place.
type CoverGap struct {
	Place    string
	From, To time.Time
}

// Length is how long it lasted.
func (g CoverGap) Length() time.Duration { return g.To.Sub(g.From) }

// UnseenPlace is a checkpoint that nobody was seen at all month.
type UnseenPlace struct {
	Name     string
	KeyPlace bool
	LastSeen time.Time // zero: never
}

// SOSTally is what became of calls for help.
type SOSTally struct {
	Raised, FalseAlarms, Unacknowledged int
	MedianAcknowledge                   time.Duration // of those acknowledged; 0 when there are none
}

// TallySOS counts calls for help.
func TallySOS(calls []SOS) *SOSTally {
	tally, took := &SOSTally{Raised: len(calls)}, []time.Duration{}
	for _, call := range calls {
		if call.State == SOSFalseAlarm {
			tally.FalseAlarms++
		}
		if call.AcknowledgedAt.IsZero() {
			tally.Unacknowledged++
		} else {
			took = append(took, call.AcknowledgedAt.Sub(call.ReceivedAt))
		}
	}
	if slices.Sort(took); len(took) > 0 {
		tally.MedianAcknowledge = (took[(len(took)-1)/2] + took[len(took)/2]) / 2
	}
	return tally
}

// LongestGaps gives the longest gaps, the longest first; of equal ones the earlier, then by name.
func LongestGaps(gaps []CoverGap, most int) []CoverGap {
	gaps = slices.Clone(gaps)
	slices.SortStableFunc(gaps, func(left, right CoverGap) int {
		switch {
		case left.Length() != right.Length():
			return int(right.Length().Milliseconds() - left.Length().Milliseconds())
		case !left.From.Equal(right.From):
			return left.From.Compare(right.From)
		default:
			return strings.Compare(left.Place, right.Place)
		}
	})
	return gaps[:min(len(gaps), most)]
}

// LastMonth is the month before the one that it is at an instant, YYYY-MM.
func LastMonth(now time.Time, zone *time.Location) string {
	today := DateIn(now, zone)
	return Date{Year: today.Year, Month: today.Month, Day: 1}.Add(-1).String()[:len("2026-10")]
}

// MonthOf is an instant's month in a time zone, YYYY-MM.
func MonthOf(at time.Time, zone *time.Location) string { return at.In(zone).Format("2006-01") }

// MonthIn gives the bounds of a month, YYYY-MM, in a time zone. false when it is none.
func MonthIn(text string, zone *time.Location) (from, to time.Time, is bool) {
	first, err := ParseDate(text + "-01")
	if err != nil {
		return time.Time{}, time.Time{}, false
	}
	next := Date{Year: first.Year, Month: first.Month + 1, Day: 1} // month 13 is read as next January
	return first.At(0, zone), next.At(0, zone), true
}
