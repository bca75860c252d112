package models

import (
	"strings"
	"time"
)

// The face of Open311's GeoReport v2 (wiki.open311.org/GeoReport_v2), by which civic apps send and read what a station
// declares public.
const (
	Open311Span    = 90 * 24 * time.Hour // what a list without dates goes back
	MaxOpen311     = 1000                // requests of one answer
	MaxOpen311IDs  = 100                 // ids of one question
	MaxOpen311Keys = 20                  // apps of a station that may send
)

// Open311Key lets a civic app send requests to one station, and nothing else.
type Open311Key struct {
	ID        ID
	StationID ID
	Name      string
	MAC       []byte // keyed hash of the key
	CreatedAt time.Time
}

// Open311Request is a tip of a public category, as anybody may see it.
type Open311Request struct {
	Tip  Tip
	Open bool // it was sent through Open311, so that its words are public
}

// Open311Status is where a tip stands, in GeoReport's words.
func Open311Status(state TipState) string {
	if (Tip{State: state}).Ended() {
		return "closed"
	}
	return "open"
}

// Open311Place is where a request is told to be: exactly when it was sent to be public, else rounded.
func (r Open311Request) Open311Place() *Position {
	if r.Tip.Fix == nil {
		return nil
	}
	if r.Open {
		return &r.Tip.Fix.Position
	}
	coarse := r.Tip.Fix.Position.Coarse()
	return &coarse
}

// ParseOpen311Time reads a time as GeoReport has it: W3C, with or without a fraction.
func ParseOpen311Time(text string) (time.Time, bool) {
	at, err := time.Parse(time.RFC3339Nano, strings.ReplaceAll(text, " ", "+")) // a + that a query turned into a space
	return at, err == nil
}
