package models

import (
	"math"
	"time"
)

// Before a tip is sent, its reporter may ask whether something like it is known. The answer is about a square on the map and whole
// hours, and says how many only roughly: nobody can find out from it who reported what, or exactly where.
const (
	TipLikeCellM  = 300            // the side of the squares, in metres
	TipLikeWithin = 72 * time.Hour // how long ago the like ones were received
	MaxTipsLike   = 100            // counted at most; more are as many
	MaxTipMerges  = 200            // tips merged into one
)

// TipArea is the square that a position lies in and the eight around it: two tips on both sides of a border are near, too.
type TipArea struct{ SouthWest, NorthEast Position }

// TipAreaOf gives the area around a position.
func TipAreaOf(at Position) TipArea {
	const degreeM = 111_320.0 // of latitude
	north := TipLikeCellM / degreeM
	row := math.Floor(at.Lat / north)
	// All squares of a row have one width: that at its southern border.
	east := north / math.Max(math.Cos(row*north*math.Pi/180), 0.01)
	column := math.Floor(at.Lng / east)
	return TipArea{
		SouthWest: Position{Lat: (row - 1) * north, Lng: (column - 1) * east},
		NorthEast: Position{Lat: (row + 2) * north, Lng: (column + 2) * east},
	}
}

// TipsLike is what is told of open tips of one category in an area.
type TipsLike struct {
	Category string
	Count    TipCount
	Hours    int // since the newest was received, rounded up
}

// TipCount is how many, roughly.
type TipCount string

// The counts.
const (
	TipsNone TipCount = "none"
	TipsOne  TipCount = "one"
	TipsFew  TipCount = "few"  // 2 to 5
	TipsMany TipCount = "many" // 6 and more
)

// TipCountOf says roughly how many.
func TipCountOf(count int) TipCount {
	switch {
	case count <= 0:
		return TipsNone
	case count == 1:
		return TipsOne
	case count <= 5:
		return TipsFew
	default:
		return TipsMany
	}
}

// HoursSince is how many hours ago something was, rounded up: at least 1.
func HoursSince(at, now time.Time) int {
	return max(1, int((now.Sub(at)+time.Hour-1)/time.Hour))
}

// CheckMerge says whether a tip may be merged into another one, which goes on: CodeWrongState when one of both has ended.
func (t Tip) CheckMerge(into Tip) error {
	if t.ID == into.ID {
		return Unfit("into_id", FieldNotAllowed, "another tip")
	}
	if t.Place.Station != into.Place.Station {
		return Unfit("into_id", FieldNoSuch, "a tip of the same station")
	}
	if into.Ended() {
		return Fail(CodeWrongState)
	}
	return t.CheckTransition(TipClosed, TipDuplicate)
}

// TipDuplicate is the reason by which a merged tip is closed.
const TipDuplicate = "duplicate"
