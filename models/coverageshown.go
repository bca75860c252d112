package models

import (
	"slices"
	"time"
)

// What of cover is shown to those who may not see tracks. Minute by minute, the cover of one who walks alone is a track,
// and so are two figures that can be subtracted from each other, or a bound that can be moved until an answer changes.
const (
	ShownGapStep        = 30 // minutes: gaps begin and end where a piece of so many does, by the wall clock
	LeastShownGap       = 30 // minutes: the least gap that can be asked for
	ShownLongestGapStep = 15 // minutes: the longest gap of a slot is rounded down to so many
)

// ShownCellsM are the sides, in metres, of the cells that are shown to those who may not see tracks. Each is a whole
// number of the one before, from the same corner: no two can be subtracted to learn more than the smallest tells.
var ShownCellsM = []int{150, 300, 600}

// ShownCell says whether cells of a size are shown to those who may not see tracks.
func ShownCell(sizeM int) bool { return slices.Contains(ShownCellsM, sizeM) }

// Shown are the figures as those are told them who may not see tracks.
func (f Figures) Shown() Figures {
	f.LongestGap -= f.LongestGap % ShownLongestGapStep
	return f
}

// Whole is what of the stretch is whole pieces: rounded inwards, so that nobody is said to have been absent while
// somebody was there. The pieces are in order and follow one another. Where none is whole, the stretch is empty.
func (s Stretch) Whole(pieces []Stretch) Stretch {
	whole := Stretch{From: s.From, Until: s.From}
	for _, piece := range pieces {
		switch {
		case piece.From < s.From || piece.Until > s.Until:
		case whole.From == whole.Until:
			whole = piece
		default:
			whole.Until = piece.Until
		}
	}
	return whole
}

// DayShown is the beginning of an instant's day in a time zone, which is all that is told of it to those who may not
// see tracks; the zero time stays.
func DayShown(at time.Time, zone *time.Location) time.Time {
	if at.IsZero() {
		return at
	}
	return DateIn(at, zone).At(0, zone)
}
