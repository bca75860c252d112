package models

import (
	"slices"
	"time"
)

// RepairFact is what a month's figures need of one repair.
type RepairFact struct {
	Category    RepairCategory
	State       RepairState
	RequestedAt time.Time
	AcceptedAt  time.Time
	DoneAt      time.Time
	Late        bool
	Reopened    int
	Rating      int
}

// RepairFigures says how a compound's repairs of one category went, of those that were asked for in a month.
type RepairFigures struct {
	Category         RepairCategory
	Requested        int
	Done             int
	Cancelled        int
	Open             int
	Late             int // of any of its clocks
	Reopened         int
	MedianAcceptance time.Duration // from the request; 0 when none was accepted
	MedianDone       time.Duration
	Rated            int
	MeanRating       float64 // 0 when none was rated
}

// FiguresOfRepairs counts repairs by category, in the order of RepairCategories, those without any left out.
func FiguresOfRepairs(facts []RepairFact) []RepairFigures {
	figures := []RepairFigures{}
	for _, category := range RepairCategories {
		one, stars := RepairFigures{Category: category}, 0
		accepted, done := []time.Duration{}, []time.Duration{}
		for _, fact := range facts {
			if fact.Category != category {
				continue
			}
			one.Requested++
			switch fact.State {
			case RepairDone, RepairRated:
				one.Done++
				done = append(done, fact.DoneAt.Sub(fact.RequestedAt))
			case RepairCancelled:
				one.Cancelled++
			default:
				one.Open++
			}
			if !fact.AcceptedAt.IsZero() {
				accepted = append(accepted, fact.AcceptedAt.Sub(fact.RequestedAt))
			}
			if fact.Late {
				one.Late++
			}
			if fact.Reopened > 0 {
				one.Reopened++
			}
			if fact.Rating > 0 {
				one.Rated++
				stars += fact.Rating
			}
		}
		if one.Requested == 0 {
			continue
		}
		one.MedianAcceptance, one.MedianDone = medianOf(accepted), medianOf(done)
		if one.Rated > 0 {
			one.MeanRating = float64(stars) / float64(one.Rated)
		}
		figures = append(figures, one)
	}
	return figures
}

// medianOf is the middle one, or the mean of the two in the middle; 0 of none.
func medianOf(times []time.Duration) time.Duration {
	if len(times) == 0 {
		return 0
	}
	slices.Sort(times)
	middle := len(times) / 2
	if len(times)%2 == 1 {
		return times[middle]
	}
	return (times[middle-1] + times[middle]) / 2
}
