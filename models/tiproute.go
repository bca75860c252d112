package models

import "math"

// TipRouteWithinM is how far from a route a tip still counts as lying on it, in metres: the pavements and shop fronts of its streets,
// and how far a phone is off between houses.
const TipRouteWithinM = 150

// RouteLine is a route that somebody leads, as a line from checkpoint to checkpoint.
type RouteLine struct {
	RouteID   ID
	OfficerID ID
	Points    []Position
}

// NearestRoute finds the route that runs nearest to a point, within a distance in metres; of two as near, the first.
func NearestRoute(at Position, routes []RouteLine, withinM float64) (RouteLine, bool) {
	nearest, best, found := RouteLine{}, withinM, false
	for _, route := range routes {
		if distance := route.distanceM(at); distance < best || distance == best && !found {
			nearest, best, found = route, distance, true
		}
	}
	return nearest, found
}

// distanceM is how far the line runs from a point, in metres; infinite for a line without points.
func (r RouteLine) distanceM(at Position) float64 {
	nearest := math.Inf(1)
	for index, point := range r.Points {
		nearest = min(nearest, at.toSegmentM(r.Points[max(0, index-1)], point))
	}
	return nearest
}

// toSegmentM is the distance to the straight line between two points, in metres. It reckons in the plane that touches the earth here:
// over the few kilometres between two checkpoints that is off by less than a metre.
func (p Position) toSegmentM(from, to Position) float64 {
	flat := func(other Position) (east, north float64) {
		east = math.Remainder(other.Lng-p.Lng, 360) // the short way round the earth
		return earthRadiusM * radians(east) * math.Cos(radians(p.Lat)), earthRadiusM * radians(other.Lat-p.Lat)
	}
	fromEast, fromNorth := flat(from)
	toEast, toNorth := flat(to)
	east, north := toEast-fromEast, toNorth-fromNorth
	along := 0.0
	if length := east*east + north*north; length > 0 {
		along = max(0, min(1, -(fromEast*east+fromNorth*north)/length))
	}
	return math.Hypot(fromEast+along*east, fromNorth+along*north)
}
