package models

import (
	"math"
	"testing"
)

func TestWhichRouteATipLiesOn(t *testing.T) {
	origin := Position{Lat: 30.52, Lng: 105.6}
	at := func(east, north float64) Position { // metres from the origin
		return Position{
			Lat: origin.Lat + north/earthRadiusM*180/math.Pi,
			Lng: origin.Lng + east/earthRadiusM*180/math.Pi/math.Cos(radians(origin.Lat)),
		}
	}
	street := RouteLine{RouteID: "street", Points: []Position{at(0, 0), at(1000, 0), at(1000, 1000)}}
	avenue := RouteLine{RouteID: "avenue", Points: []Position{at(500, 300), at(500, 2000)}}
	post := RouteLine{RouteID: "post", Points: []Position{at(-3000, 0)}}
	none := RouteLine{RouteID: "none"}
	for name, one := range map[string]struct {
		at   Position
		want ID
	}{
		"between two checkpoints":          {at(500, -149), "street"},
		"too far aside":                    {at(500, -151), ""},
		"beyond the end":                   {at(-149, 0), "street"},
		"too far beyond the end":           {at(-151, 0), ""},
		"beyond the end, within its width": {at(-110, -110), ""},
		"inside a bend":                    {at(900, 120), "street"},
		"nearer to the other":              {at(500, 200), "avenue"},
		"at a single checkpoint":           {at(-3000, 149), "post"},
		"on the line":                      {at(1000, 500), "street"},
	} {
		if got, found := NearestRoute(one.at, []RouteLine{none, street, avenue, post}, TipRouteWithinM); got.RouteID != one.want || found != (one.want != "") {
			t.Errorf("%s: %q, want %q", name, got.RouteID, one.want)
		}
	}
	if got, _ := NearestRoute(at(1, 0), []RouteLine{{RouteID: "a", Points: street.Points}, {RouteID: "b", Points: street.Points}}, 10); got.RouteID != "a" {
		t.Errorf("of two as near: %q", got.RouteID)
	}
	exact := Position{Lat: 0, Lng: 0}.toSegmentM(Position{Lat: 0, Lng: 179.999}, Position{Lat: 0, Lng: 179.999})
	if across := (Position{Lat: 0, Lng: -179.999}).toSegmentM(Position{Lat: 0, Lng: 179.999}, Position{Lat: 0, Lng: 179.999}); across > 230 || exact < 230 {
		t.Errorf("over the date line: %v", across)
	}
}
