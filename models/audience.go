package models

import (
	"slices"
	"time"
)

// SeenNearWithin is how long ago somebody may have been seen near a point to be told of what is there.
const SeenNearWithin = 30 * time.Minute

// Audience says whom an alert is for: the holders of roles in a place, or named people.
type Audience struct {
	Roles   []Role
	Place   Place
	People  []ID // by name; then the rest only says where the alert belongs
	OnDuty  bool // of the holders those who are on duty as it is sent
	SquadID ID   // those who belong to this squad; "": no matter
	Near    *Near
	Named   int  // of the holders those whom its sender named: how many; 0: it names nobody
	Only    []ID // who fulfils OnDuty, SquadID, Near and Named: found as the alert is sent, and not kept
}

// Near is a piece of ground: who is on duty and was seen there lately is told.
type Near struct {
	Position
	RadiusM float64
}

// Narrowed says whether not all holders are meant, so that Only counts.
func (a Audience) Narrowed() bool { return a.OnDuty || a.SquadID != "" || a.Near != nil || a.Named > 0 }

// Has says whether somebody who was seen last so is near at an instant. The edge, and that time ago, are.
func (n Near) Has(seen Whereabouts, now time.Time) bool {
	return now.Sub(seen.At) <= SeenNearWithin && n.DistanceM(seen.Position) <= n.RadiusM
}

// InAll gives whom every one of some lists names, in order.
func InAll(lists ...[]ID) []ID {
	count, all := map[ID]int{}, []ID{}
	for at, list := range lists {
		for _, id := range list {
			if count[id] == at { // once a list
				count[id] = at + 1
			}
		}
	}
	for id, times := range count {
		if times == len(lists) {
			all = append(all, id)
		}
	}
	slices.Sort(all)
	return all
}
