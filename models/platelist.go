package models

import (
	"slices"
	"time"
)

// PlateListLife is how long a barrier may decide by a list, counted from when it was signed; MaxPlateList bounds its entries.
const (
	PlateListLife = 12 * time.Hour
	MaxPlateList  = 20_000
)

// PlateList is what a barrier decides by while it cannot reach the server. Marks stand in it as keyed hashes, in base64url, in
// order; the key is the device's own, so that a list says nothing without it.
type PlateList struct {
	DeviceID  ID       `json:"device_id"`
	Issued    int64    `json:"iat"` // seconds
	Expires   int64    `json:"exp"`
	Residents []string `json:"residents"` // of vehicles that live there, locked or not
	Locked    []string `json:"locked"`
}

// DecideOffline says what a barrier does about a reading by its list; hash is how a mark stands in the list. Visitors' passes are
// not in it: their holders ring. After its end the list still keeps locked vehicles in, and no longer lets anybody in.
func (l PlateList) DecideOffline(reading Reading, mark Secret, hash func(Secret) string, now time.Time) (string, BarrierReason) {
	in := func(list []string, mark Secret) bool {
		_, found := slices.BinarySearch(list, hash(mark))
		return found
	}
	facts := BarrierFacts{Locked: in(l.Locked, mark)}
	facts.Resident = now.Unix() < l.Expires && in(l.Residents, mark)
	if reading.Direction == DirectionOut && reading.Uncertain() {
		facts.LikeLocked = slices.ContainsFunc(PlateVariants(mark), func(variant Secret) bool { return in(l.Locked, variant) })
	}
	return DecideAtBarrier(reading, facts)
}
