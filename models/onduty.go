package models

import (
	"cmp"
	"slices"
	"time"
)

// OnDuty is somebody who is on duty now, and how they move.
type OnDuty struct {
	PersonID ID
	Role     Role
	Mode     SquadKind
	LeaderID ID // who leads the round or squad; "" when nobody does
}

// How fast help comes, in metres a second: on foot in a hurry, and by car through streets. Streets bend for both.
const (
	onFootMps = 2.5
	byCarMps  = 8.0
)

// Mps is how fast somebody of such a squad comes.
func (k SquadKind) Mps() float64 {
	if k == SquadVehicle {
		return byCarMps
	}
	return onFootMps
}

// Radius is how far away somebody may be to be asked, in metres, by how they come.
type Radius struct{ OnFootM, ByCarM float64 }

// RadiusIn is that of who comes within so long.
func RadiusIn(within time.Duration) Radius {
	return Radius{OnFootM: onFootMps * within.Seconds(), ByCarM: byCarMps * within.Seconds()}
}

// Soonest chooses the n who are there first, from the n nearest on foot and the n nearest by car.
func Soonest(n int, onFoot, byCar []Neighbour) []Neighbour {
	type arrival struct {
		Neighbour
		seconds float64
	}
	all := []arrival{}
	for _, one := range onFoot {
		all = append(all, arrival{one, one.DistanceM / onFootMps})
	}
	for _, one := range byCar {
		all = append(all, arrival{one, one.DistanceM / byCarMps})
	}
	slices.SortFunc(all, func(left, right arrival) int {
		return cmp.Or(cmp.Compare(left.seconds, right.seconds), compareNeighbours(left.Neighbour, right.Neighbour))
	})
	chosen := []Neighbour{}
	for _, one := range all[:min(n, len(all))] {
		chosen = append(chosen, one.Neighbour)
	}
	return chosen
}
