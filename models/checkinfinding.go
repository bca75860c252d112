package models

import (
	"cmp"
	"slices"
	"time"
)

// The limits of what one person's check-ins can be together.
const (
	MaxLeg       = 2 * time.Hour    // check-ins further apart say nothing about each other
	RepeatWithin = 5 * time.Minute  // the same place again within this is repeated_scan
	MinBetween   = 20 * time.Second // two places' codes scanned within this are too_fast_between
)

// FindingsLookBack is how far before a check-in its findings can reach: two legs.
const FindingsLookBack = 2 * MaxLeg

// Speeds that nobody reaches from one checkpoint to the next, in metres per second along the straight line.
const (
	MaxSpeedFootMps    = 6.0  // a good runner, for hundreds of metres
	MaxSpeedVehicleMps = 35.0 // 126 km/h
)

// MaxSpeedMps is the limit for a squad; a squad that may have a car, and somebody without a round, may drive.
func (k SquadKind) MaxSpeedMps() float64 {
	if k == SquadFoot || k == SquadDog {
		return MaxSpeedFootMps
	}
	return MaxSpeedVehicleMps
}

// CheckInFinding is what somebody's other check-ins say about one of theirs. It is computed whenever it is asked for, from
// all that has arrived by then: it does not depend on the order of arrival, and the verdict stays as it was.
type CheckInFinding struct {
	Reason CheckInReason
	With   []ID // the check-ins that it follows from, the earliest first
}

// Traced is a check-in with where its person was, as far as it shows that.
type Traced struct {
	CheckIn
	At          Position
	WithinM     float64 // how far from At the person may have been
	Located     bool
	MaxSpeedMps float64
}

// Trace locates a check-in: at its checkpoint, or at its position where it was at none. One that was
// rejected, or whose position is made up, shows nothing.
func (c CheckIn) Trace(checkpoint *Checkpoint, kind SquadKind) Traced {
	traced := Traced{CheckIn: c, MaxSpeedMps: kind.MaxSpeedMps()}
	switch {
	case c.Status == StatusRejected:
	case checkpoint != nil:
		traced.At, traced.WithinM, traced.Located = checkpoint.At, float64(checkpoint.RadiusM), true
	case c.Fix != nil && !c.Fix.IsMock:
		traced.At, traced.WithinM, traced.Located = c.Fix.Position, max(c.Fix.AccuracyM, MinFixErrorM), true
	}
	return traced
}

// MinFixErrorM is the error that every fix is taken to have, in metres.
const MinFixErrorM = 30

// FindAmong gives the findings about one person's check-ins, by id. They may come in any order, and must go back
// FindingsLookBack before those that matter. Each finding is about the last of the check-ins that make it.
func FindAmong(traces []Traced) map[ID][]CheckInFinding {
	sorted := []Traced{}
	for _, trace := range traces {
		if trace.Located {
			sorted = append(sorted, trace)
		}
	}
	slices.SortFunc(sorted, func(left, right Traced) int {
		return cmp.Or(left.OccurredAt.Compare(right.OccurredAt), cmp.Compare(left.ID, right.ID))
	})
	findings, last := map[ID][]CheckInFinding{}, map[ID]Traced{} // last: by checkpoint
	for at, trace := range sorted {
		found := func(reason CheckInReason, with ...ID) {
			findings[trace.ID] = append(findings[trace.ID], CheckInFinding{Reason: reason, With: with})
		}
		if at > 1 && sorted[at-2].tooFar(sorted[at-1]) && sorted[at-1].tooFar(trace) {
			found(ReasonImpossibleSpeed, sorted[at-2].ID, sorted[at-1].ID)
		}
		if at > 0 && sorted[at-1].tooFast(trace) {
			found(ReasonTooFastBetween, sorted[at-1].ID)
		}
		if before, seen := last[trace.CheckpointID]; seen && trace.OccurredAt.Sub(before.OccurredAt) < RepeatWithin {
			found(ReasonRepeatedScan, before.ID)
		}
		if trace.CheckpointID != "" {
			last[trace.CheckpointID] = trace
		}
	}
	return findings
}

// tooFar says whether the leg to the next check-in is faster than the mode of either allows.
func (t Traced) tooFar(next Traced) bool {
	took := next.OccurredAt.Sub(t.OccurredAt)
	metres := t.At.DistanceM(next.At) - t.WithinM - next.WithinM
	return took <= MaxLeg && metres > max(took.Seconds(), 1)*max(t.MaxSpeedMps, next.MaxSpeedMps)
}

// tooFast says whether two places' codes were scanned one right after the other: one has to stop for each. Places
// whose circles touch may share a corner.
func (t Traced) tooFast(next Traced) bool {
	return t.Method != MethodGPS && next.Method != MethodGPS && t.CheckpointID != "" && next.CheckpointID != "" &&
		next.OccurredAt.Sub(t.OccurredAt) < MinBetween && t.At.DistanceM(next.At) > t.WithinM+next.WithinM
}
