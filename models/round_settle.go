package models

import (
	"slices"
	"strings"
	"time"
)

// UnfinishedRoundEnds is how long after its planned end a round that nobody finishes ends by itself.
const UnfinishedRoundEnds = 4 * time.Hour

// LongestRound is the most there can be between a round's planned start and its end: a shift over a change of the clocks.
const LongestRound = MaxShift + time.Hour

// MinTeam is how many members must have scanned on a round for it to be credited to a team.
const MinTeam = 2

// Why a round that nobody finished was abandoned; people write their own reasons.
const (
	ReasonNobodyStarted  = "nobody_started"
	ReasonNobodyFinished = "nobody_finished"
)

// SettleRound works out anew what became of a round: from its planned stops, its members, every check-in that
// names it (with the verdict that holds now) and every skip. The same facts give the same round, in whatever
// order, how often and in how many batches they came. now only moves what time alone moves: a stop whose window
// is over is missed, a round that nobody finished ends.
//
// A check-in counts when it names the round, lies at a checkpoint, is not rejected, and was made by somebody who
// was a confirmed member at that moment, from the start of the round to its end. That moment is OccurredAt: what the phone's
// wall clock showed does not matter. Counting check-ins are taken in the order in which they were made:
//   - in a stop's window [from, until) the first sees it on time; after the window the first sees it late;
//   - one before the window does not see the stop, for the plan asks that somebody be there then: it is an extra,
//     as one at a checkpoint that is no stop is;
//   - where a checkpoint has several windows, one made in a window belongs to that window alone;
//   - on an ordered round a stop can be seen only while no stop after it has been: one made too late for the
//     order leaves its stop as it is;
//   - more at a stop that is seen already change nothing.
//
// A stop that nobody saw is skipped when a member said so on the round before its window was over; otherwise it is missed once
// its window or the round is over. An optional stop is never missed: it stays pending.
func SettleRound(round Round, members []RoundMember, scans []CheckIn, skips []StopSkip, now time.Time) Round {
	ended := round.endsBy(now)
	walk := newWalk(round)
	for _, scan := range countingScans(round, members, scans, ended) {
		walk.take(scan)
	}
	for at := range walk.stops {
		if stop := &walk.stops[at]; stop.SeenAt.IsZero() {
			round.leave(stop, members, skips, ended, now)
		}
	}
	round.Scanners = len(walk.scanners)
	round.Stops = append(walk.stops, walk.extras...)
	for at := range round.Stops {
		round.Stops[at].Ordinal = at + 1
	}
	return round.standing(ended)
}

// AsOf is a settled round as it stands at a later moment without any new fact.
func (r Round) AsOf(now time.Time) Round {
	ended := r.endsBy(now)
	r.Stops = slices.Clone(r.Stops)
	for at := range r.Stops {
		if stop := &r.Stops[at]; stop.State == StopPending && stop.overdue(ended, now) {
			stop.State = StopMissed
		}
	}
	return r.standing(ended)
}

// overdue says whether nobody can see the stop on time any more, and somebody had to.
func (s RoundStop) overdue(ended, now time.Time) bool {
	return s.Priority != PriorityOptional && (!ended.IsZero() || !now.Before(s.UntilAt))
}

// Credited says whether the round counts for who was to walk it: a team's needs scans by at least two members.
func (r Round) Credited() bool { return !r.Team || r.Scanners >= MinTeam }

// Ended says whether the round is over.
func (r Round) Ended() bool { return r.State == RoundCompleted || r.State == RoundAbandoned }

// Planned gives the planned stops, without the extras.
func (r Round) Planned() []RoundStop {
	planned := make([]RoundStop, 0, len(r.Stops))
	for _, stop := range r.Stops {
		if stop.State != StopExtra {
			planned = append(planned, stop)
		}
	}
	return planned
}

// endsBy is when the round ended: by somebody's word, or by itself; zero while it goes on.
func (r Round) endsBy(now time.Time) time.Time {
	alone := r.EndsAt.Add(UnfinishedRoundEnds)
	switch {
	case r.EndedBy != "":
		return r.EndedAt
	case now.Before(alone):
		return time.Time{}
	default:
		return alone
	}
}

// standing sets the round's state where nobody's word has set it. One that ended by itself is completed when
// every stop that is not optional was seen or skipped.
func (r Round) standing(ended time.Time) Round {
	if r.EndedBy != "" {
		return r
	}
	r.EndedAt, r.Reason = ended, ""
	open := func(stop RoundStop) bool {
		return stop.State == StopMissed || stop.State == StopPending && stop.Priority != PriorityOptional
	}
	switch {
	case ended.IsZero() && r.StartedAt.IsZero():
		r.State = RoundScheduled
	case ended.IsZero():
		r.State = RoundInProgress
	case r.StartedAt.IsZero():
		r.State, r.Reason = RoundAbandoned, ReasonNobodyStarted
	case slices.ContainsFunc(r.Stops, open):
		r.State, r.Reason = RoundAbandoned, ReasonNobodyFinished
	default:
		r.State = RoundCompleted
	}
	return r
}

// countingScans are the check-ins that count, each once, in the order in which they were made.
func countingScans(round Round, members []RoundMember, scans []CheckIn, ended time.Time) []CheckIn {
	counting := []CheckIn{}
	for _, scan := range scans {
		if scan.RoundID == round.ID && scan.CheckpointID != "" && scan.Status != StatusRejected &&
			round.counts(members, scan.PersonID, scan.OccurredAt, ended) {
			counting = append(counting, scan)
		}
	}
	slices.SortFunc(counting, func(left, right CheckIn) int {
		if order := left.OccurredAt.Compare(right.OccurredAt); order != 0 {
			return order
		}
		return strings.Compare(string(left.ID), string(right.ID))
	})
	return slices.CompactFunc(counting, func(left, right CheckIn) bool { return left.ID == right.ID })
}

// counts says whether what a person did at an instant counts for the round.
func (r Round) counts(members []RoundMember, person ID, at, ended time.Time) bool {
	return !r.StartedAt.IsZero() && !at.Before(r.StartedAt) && (ended.IsZero() || !at.After(ended)) &&
		slices.ContainsFunc(members, func(member RoundMember) bool { return member.PersonID == person && member.Counts(at) })
}

// roundWalk is a round as its check-ins are taken one by one.
type roundWalk struct {
	ordered  bool
	passed   int // the furthest stop that was seen
	stops    []RoundStop
	extras   []RoundStop
	scanners map[ID]bool
}

func newWalk(round Round) *roundWalk {
	walk := &roundWalk{ordered: round.Ordered, stops: round.Planned(), scanners: map[ID]bool{}}
	slices.SortFunc(walk.stops, func(left, right RoundStop) int { return left.Ordinal - right.Ordinal })
	for at, stop := range walk.stops {
		walk.stops[at] = RoundStop{
			CheckpointID: stop.CheckpointID, FromAt: stop.FromAt, UntilAt: stop.UntilAt, Priority: stop.Priority, State: StopPending,
		}
	}
	return walk
}

// take gives a check-in to the stop that it sees, or to an extra, or to nothing.
func (w *roundWalk) take(scan CheckIn) {
	w.scanners[scan.PersonID] = true
	best, begun, within := -1, false, false
	for at, stop := range w.stops {
		if stop.CheckpointID != scan.CheckpointID || scan.OccurredAt.Before(stop.FromAt) {
			continue
		}
		begun = true
		inWindow := scan.OccurredAt.Before(stop.UntilAt)
		if inWindow && !within { // a window that is open takes it from all that are over, even when it needs no more
			best, within = -1, true
		}
		if inWindow != within || !stop.SeenAt.IsZero() || w.ordered && at < w.passed {
			continue
		}
		if best < 0 || inWindow == stop.UntilAt.Before(w.stops[best].UntilAt) { // the first to close, or the last that did
			best = at
		}
	}
	switch {
	case best >= 0:
		w.passed = max(w.passed, best)
		see(&w.stops[best], scan)
	case !begun:
		w.extra(scan)
	}
}

// extra keeps the first check-in at each checkpoint where nobody had to be then.
func (w *roundWalk) extra(scan CheckIn) {
	same := func(stop RoundStop) bool { return stop.CheckpointID == scan.CheckpointID }
	if slices.ContainsFunc(w.extras, same) || len(w.stops)+len(w.extras) >= MaxRoundStops {
		return
	}
	stop := RoundStop{CheckpointID: scan.CheckpointID, Priority: PriorityOptional}
	see(&stop, scan)
	stop.State = StopExtra
	w.extras = append(w.extras, stop)
}

func see(stop *RoundStop, scan CheckIn) {
	stop.SeenAt, stop.SeenBy, stop.CheckInID, stop.State = scan.OccurredAt, scan.PersonID, scan.ID, StopOnTime
	if !scan.OccurredAt.Before(stop.UntilAt) {
		stop.State = StopLate
	}
}

// leave says what becomes of a stop that nobody saw. Of several who skipped it the first to say so is heard.
func (r Round) leave(stop *RoundStop, members []RoundMember, skips []StopSkip, ended, now time.Time) {
	var first *StopSkip
	for at := range skips {
		skip := &skips[at]
		if skip.CheckpointID != stop.CheckpointID || !skip.At.Before(stop.UntilAt) ||
			!r.counts(members, skip.PersonID, skip.At, ended) {
			continue
		}
		if first == nil || skip.At.Before(first.At) || skip.At.Equal(first.At) && skip.PersonID < first.PersonID {
			first = skip
		}
	}
	switch {
	case first != nil:
		stop.State, stop.SkipReason = StopSkipped, first.Reason.Reveal()
	case stop.overdue(ended, now):
		stop.State = StopMissed
	}
}
