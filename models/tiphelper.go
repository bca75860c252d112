package models

import (
	"slices"
	"time"
)

// Who can soon be at a crime in progress is asked to help at once.
const (
	TipHelpersAsked = 8                // people on duty, the soonest there first
	TipHelpWithin   = 20 * time.Minute // on the way: on foot from 3 km away, by car from 9.6
	TipAsksAnew     = 2 * time.Minute  // from then on people are asked again about the same place
	TipSamePlaceM   = 200.0            // metres between two tips that tell of the same thing; anonymous ones are rounded to 100
)

// TipAnswer is what somebody answers who was asked to help with a tip; "" until then.
type TipAnswer string

// The answers.
const (
	TipComing TipAnswer = "coming"
	TipCannot TipAnswer = "cannot"
)

// TipHelper is somebody who was asked to help with a tip. They learn its place, category and time, and neither its words nor
// whose it is.
type TipHelper struct {
	PersonID   ID
	AskedAt    time.Time
	Answer     TipAnswer
	AnsweredAt time.Time
}

// TipAsking says that somebody was asked to help, and about which tip.
type TipAsking struct {
	TipID    ID
	IntoID   ID // the tip that it was merged into; "" for none
	PersonID ID
	At       Position // of the tip
	AskedAt  time.Time
}

// about names what the asking is about: tips that were merged tell of one thing.
func (a TipAsking) about() ID {
	if a.IntoID != "" {
		return a.IntoID
	}
	return a.TipID
}

// Unasked leaves of the people who should be asked to help with a tip those whom nobody has asked yet. Who was asked about it is never
// asked again; nor is, for TipAsksAnew, who was asked about another one within TipSamePlaceM of it, or about one that was merged with
// such a tip: many see the same crime, and one phone should not ring for each of them. They count among the TipHelpersAsked, so
// that many tips do not call out the whole station.
func (t Tip) Unasked(people []ID, before []TipAsking) []ID {
	lately := func(asking TipAsking) bool { return t.ReceivedAt.Sub(asking.AskedAt) < TipAsksAnew }
	same := map[ID]bool{t.ID: true}
	for _, asking := range before {
		if t.Fix != nil && lately(asking) && t.Fix.DistanceM(asking.At) <= TipSamePlaceM {
			same[asking.about()] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(people), func(person ID) bool {
		return slices.ContainsFunc(before, func(asking TipAsking) bool {
			return asking.PersonID == person && (asking.TipID == t.ID || same[asking.about()] && lately(asking))
		})
	})
}
