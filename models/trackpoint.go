package models

import (
	"fmt"
	"time"
)

// TrackSource is by which form a position came.
type TrackSource string

// The sources.
const (
	SourceApp       TrackSource = "app"
	SourceOwnTracks TrackSource = "owntracks"
	SourceOsmAnd    TrackSource = "osmand"
)

// TrackPoint is where a person was at one instant of a round.
type TrackPoint struct {
	Fix
	PersonID    ID
	StationID   ID
	RoundID     ID        // "" while it belongs to none that is known: such a position waits, and nobody sees it
	At          time.Time // corrected by the phone's monotonic clock where that could be told
	PhoneAt     time.Time // by the phone's wall clock
	ReceivedAt  time.Time
	SpeedMps    *float64 // metres per second, nil when the phone did not say
	Source      TrackSource
	BootID      string // of the phone; "" when it did not say
	MonotonicMS int64  // since that start, with BootID
}

// recorded is when the phone says it took the position, by the clock that nobody can set where there is one. Unlike At
// it does not hang on when the position arrived, so that a repeat is known for what it is.
func (p TrackPoint) recorded() time.Time {
	switch {
	case p.BootID != "":
		return time.UnixMilli(p.MonotonicMS)
	case p.PhoneAt.IsZero():
		return p.At
	default:
		return p.PhoneAt
	}
}

// TrackKey is the place of a position in a person's track: of those with the same key one is kept.
type TrackKey struct {
	BootID string
	Slot   int64 // which TrackSlot of the phone's clock
}

// Key is the position's place in its person's track.
func (p TrackPoint) Key() TrackKey {
	return TrackKey{BootID: p.BootID, Slot: p.recorded().UnixMilli() / TrackSlot.Milliseconds()}
}

// Rank decides which of the positions of one key is kept: the smallest, which is the earliest, and of several at one
// millisecond always the same. Two of the same rank are the same position.
func (p TrackPoint) Rank() ID {
	speed := ""
	if p.SpeedMps != nil {
		speed = fmt.Sprint(*p.SpeedMps)
	}
	return OrderID(p.recorded(), ID(fmt.Sprint(p.BootID, " ", p.PhoneAt.UnixMilli(), " ", p.Source, " ",
		p.Lat, " ", p.Lng, " ", p.ReportedCRS, " ", p.AccuracyM, " ", p.IsMock, " ", speed)))
}

// OrderID sorts positions by time, and those of one millisecond by person and key.
func (p TrackPoint) OrderID() ID {
	key := p.Key()
	return OrderID(p.At, p.PersonID+ID(fmt.Sprintf("/%s/%d", key.BootID, key.Slot)))
}
