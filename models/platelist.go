package models

import (
	"cmp"
	"slices"
	"time"
)

// PlateListLife is how long a barrier may decide by a list, counted from when it was signed; MaxPlateList bounds its vehicles,
// MaxPlateListPasses the visitors' passes in it.
const (
	PlateListLife      = 12 * time.Hour
	MaxPlateList       = 20_000
	MaxPlateListPasses = 5_000
)

// PlateList is what a barrier decides by while it cannot reach the server. Marks stand in it as keyed hashes, in base64url, in
// order; the key is the device's own, so that a list says nothing without it.
type PlateList struct {
	DeviceID  ID           `json:"device_id"`
	Issued    int64        `json:"iat"` // seconds
	Expires   int64        `json:"exp"`
	Residents []string     `json:"residents"` // of vehicles that live there, locked or not
	Locked    []string     `json:"locked"`
	Visitors  []PlateVisit `json:"visitors"` // by mark, then by from
}

// PlateVisit is a time in which a visitor's vehicle may pass.
type PlateVisit struct {
	Mark  string `json:"mark"`  // as in the other lists
	From  int64  `json:"from"`  // seconds; it is in
	Until int64  `json:"until"` // it is not
}

// PlateVisitsOf are the times of a pass that a list of that time holds. They are whole times of the pass, not cut to the list's,
// so that a list reads the same until something changes. A part of a second is left out. Passes that are used up or
// revoked, and those of groups, are not for a list: that is asked before.
func PlateVisitsOf(pass VisitorPass, mark string, issued time.Time, zone *time.Location) []PlateVisit {
	visits, until := []PlateVisit{}, issued.Add(PlateListLife)
	for _, span := range pass.Times.spans(issued, until, zone) {
		from, end := pass.StartsAt, pass.EndsAt
		if !pass.Times.IsZero() && span[0].After(from) {
			from = span[0]
		}
		if !pass.Times.IsZero() && span[1].Before(end) {
			end = span[1]
		}
		if from.Before(end) && from.Before(until) && end.After(issued) {
			visits = append(visits, PlateVisit{Mark: mark, From: from.Add(time.Second - 1).Unix(), Until: end.Unix()})
		}
	}
	return visits
}

// ComparePlateVisits is the order of a list.
func ComparePlateVisits(one, other PlateVisit) int {
	return cmp.Or(cmp.Compare(one.Mark, other.Mark), cmp.Compare(one.From, other.From), cmp.Compare(one.Until, other.Until))
}

// visits says whether a mark may pass now as a visitor's.
func (l PlateList) visits(mark string, now time.Time) bool {
	at, _ := slices.BinarySearchFunc(l.Visitors, mark, func(visit PlateVisit, mark string) int { return cmp.Compare(visit.Mark, mark) })
	for ; at < len(l.Visitors) && l.Visitors[at].Mark == mark; at++ {
		if second := now.Unix(); l.Visitors[at].From <= second && second < l.Visitors[at].Until {
			return true
		}
	}
	return false
}

// DecideOffline says what a barrier does about a reading by its list; hash is how a mark stands in the list. A visitor's pass is
// for a plate, not for a tag. After its end the list still keeps locked vehicles in, and no longer lets anybody in.
func (l PlateList) DecideOffline(reading Reading, mark Secret, hash func(Secret) string, now time.Time) (string, BarrierReason) {
	in := func(list []string, mark Secret) bool {
		_, found := slices.BinarySearch(list, hash(mark))
		return found
	}
	facts := BarrierFacts{Locked: in(l.Locked, mark)}
	facts.Resident = now.Unix() < l.Expires && in(l.Residents, mark)
	facts.Pass = now.Unix() < l.Expires && !reading.Tag && l.visits(hash(mark), now)
	if reading.Direction == DirectionOut && reading.Uncertain() {
		facts.LikeLocked = slices.ContainsFunc(PlateVariants(mark), func(variant Secret) bool { return in(l.Locked, variant) })
	}
	return DecideAtBarrier(reading, facts)
}
