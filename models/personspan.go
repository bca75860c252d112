package models

import (
	"slices"
	"time"
)

// PersonSpan is a stretch of one person's time: [From, To).
type PersonSpan struct {
	PersonID ID
	From, To time.Time
}

// maxFindingSpan is how long the stretches are that spans which touch are made into: what is read of one stretch at once
// has a limit, and a long one would come to it.
const maxFindingSpan = 2 * FindingsLookBack

// FindingSpans are the times whose check-ins say something about those given: of each person as long as
// FindingsLookBack before each of theirs. What comes after a check-in says nothing about it. No two spans of a person overlap.
func FindingSpans(checkIns []CheckIn) []PersonSpan {
	sorted := slices.SortedFunc(slices.Values(checkIns), func(left, right CheckIn) int { return left.OccurredAt.Compare(right.OccurredAt) })
	spans, last := []PersonSpan{}, map[ID]int{} // last: the place of each person's latest
	for _, checkIn := range sorted {
		from, until := checkIn.OccurredAt.Add(-FindingsLookBack), checkIn.OccurredAt.Add(time.Millisecond)
		if place, seen := last[checkIn.PersonID]; seen && !from.After(spans[place].To) {
			if until.Sub(spans[place].From) <= maxFindingSpan {
				spans[place].To = until
				continue
			}
			from = spans[place].To
		}
		if !from.Before(until) { // at the same instant as the one before
			continue
		}
		last[checkIn.PersonID] = len(spans)
		spans = append(spans, PersonSpan{PersonID: checkIn.PersonID, From: from, To: until})
	}
	return spans
}
