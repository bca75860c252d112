package models

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// Pairs that others published: the test data of eviltransform and coordtransform, and the example of Baidu's own
// conversion service. Its first value is what the service answered, which keeps fewer digits.
func TestPublishedPoints(t *testing.T) {
	at := func(lat, lng float64) Position { return Position{Lat: lat, Lng: lng} }
	tests := map[string]struct {
		move     func(Position) Position
		from, to Position
		within   float64 // metres
	}{
		"Shanghai, WGS-84 to GCJ-02": {WGS84ToGCJ02, at(31.1774276, 121.5272106), at(31.17530398364597, 121.531541859215), 0.001},
		"Shenzhen, WGS-84 to GCJ-02": {WGS84ToGCJ02, at(22.543847, 113.912316), at(22.540796131694766, 113.9171764808363), 0.001},
		"Beijing, WGS-84 to GCJ-02":  {WGS84ToGCJ02, at(39.911954, 116.377817), at(39.91334545536069, 116.38404722455657), 0.001},
		"Shanghai, GCJ-02 to WGS-84": {GCJ02ToWGS84, at(31.17530398364597, 121.531541859215), at(31.1774276, 121.5272106), 0.001},
		"Beijing, GCJ-02 to BD-09":   {GCJ02ToBD09, at(39.915, 116.404), at(39.92133699351021, 116.41036949371029), 0.001},
		"Beijing, WGS-84 to BD-09":   {BD09.FromWGS84, at(39.915, 116.404), at(39.922699552216216, 116.41662724378733), 0.001},
		"Beijing, BD-09 to GCJ-02":   {BD09ToGCJ02, at(39.915, 116.404), at(39.90865673957631, 116.39762729119315), 1},
		"Beijing, BD-09 to WGS-84":   {BD09.ToWGS84, at(39.915, 116.404), at(39.907253214522164, 116.3913836995125), 1},
		"Baidu's answer for Xianning": {
			BD09.FromWGS84, at(29.575429778924, 114.21892734521), at(29.57908428837437, 114.2307519546763), 1,
		},
	}
	for name, test := range tests {
		if apart := test.move(test.from).DistanceM(test.to); apart > test.within {
			t.Errorf("%s: %.4f m from what was published", name, apart)
		}
		if test.from.DistanceM(test.to) < 400 { // the control: a system that moves nothing would be found out
			t.Errorf("%s: the two are too near to show anything", name)
		}
	}
}

// There and back over a grid of all China, 25 km wide, and at points drawn at random.
func TestSystemsRoundTrip(t *testing.T) {
	systems := []CRS{WGS84, GCJ02, BD09}
	for lat := 3.5; lat <= 54; lat += 0.23 {
		for lng := 73.0; lng <= 136; lng += 0.23 {
			start := Position{Lat: lat, Lng: lng}
			for _, system := range systems {
				if off := start.DistanceM(system.ToWGS84(system.FromWGS84(start))); off > 0.01 {
					t.Fatalf("%s, %v: off by %.3f m", system, start, off)
				}
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		start := Position{Lat: rapid.Float64Range(0.85, 55.8).Draw(t, "lat"), Lng: rapid.Float64Range(72.05, 137.8).Draw(t, "lng")}
		system := rapid.SampledFrom(systems).Draw(t, "system")
		if off := start.DistanceM(system.ToWGS84(system.FromWGS84(start))); off > 0.01 {
			t.Fatalf("%s, %v: off by %.3f m", system, start, off)
		}
		if off := start.DistanceM(system.FromWGS84(system.ToWGS84(start))); off > 0.01 {
			t.Fatalf("%s, %v, the other way round: off by %.3f m", system, start, off)
		}
	})
}

// At the edges of the box, far out at sea and abroad, points are moved out of it; the way back from GCJ-02 finds them still.
func TestEdgesRoundTrip(t *testing.T) {
	for lat := 0.83; lat < 55.82; lat += 0.11 {
		for _, lng := range []float64{72.0041, 72.006, 137.83, 137.8346} {
			start := Position{Lat: lat, Lng: lng}
			if off := start.DistanceM(GCJ02ToWGS84(WGS84ToGCJ02(start))); off > 0.01 {
				t.Fatalf("%v: off by %.3f m", start, off)
			}
		}
	}
}

// The formula that is usually published for the way back is only near: the bound of the round trip can tell them apart.
func TestTheUsualWayBackFromBD09IsRough(t *testing.T) {
	worst := 0.0
	for lat := 18.0; lat < 54; lat += 0.5 {
		for lng := 74.0; lng < 135; lng += 0.01 {
			start := Position{Lat: lat, Lng: lng}
			moved := GCJ02ToBD09(start)
			x, y := moved.Lng-0.0065, moved.Lat-0.006
			length := math.Hypot(x, y) - 0.00002*math.Sin(y*baiduWave)
			angle := math.Atan2(y, x) - 0.000003*math.Cos(x*baiduWave)
			worst = math.Max(worst, start.DistanceM(Position{Lat: length * math.Sin(angle), Lng: length * math.Cos(angle)}))
		}
	}
	if worst < 0.1 {
		t.Errorf("it is off by %.3f m at most", worst)
	}
	t.Logf("it is off by up to %.3f m", worst)
}

func TestOutsideChinaNothingMoves(t *testing.T) {
	for _, at := range []Position{{48.8566, 2.3522}, {-33.86, 151.2}, {60, 105}, {0, 0}, {35, 138.5}, {35, 71}, {-90, 180}} {
		for _, system := range []CRS{WGS84, GCJ02, BD09, "", "CGCS2000"} {
			if system.ToWGS84(at) != at || system.FromWGS84(at) != at {
				t.Errorf("%v was moved by %q", at, system)
			}
		}
	}
}

func TestMisread(t *testing.T) {
	place := Position{Lat: 30.52, Lng: 105.58}
	abroad := Position{Lat: 48.8566, Lng: 2.3522}
	// sent is what a phone sends that stands at the place, thinks in one system and names another.
	sent := func(meant, named CRS) Fix {
		return Fix{Position: named.ToWGS84(meant.FromWGS84(place)), ReportedCRS: named}
	}
	tests := map[string]struct {
		fix   Fix
		place Position
		want  CRS
	}{
		"GCJ-02 named WGS-84":      {sent(GCJ02, WGS84), place, GCJ02},
		"WGS-84 named GCJ-02":      {sent(WGS84, GCJ02), place, WGS84},
		"BD-09 named WGS-84":       {sent(BD09, WGS84), place, BD09},
		"BD-09 named GCJ-02":       {sent(BD09, GCJ02), place, BD09},
		"WGS-84 named BD-09":       {sent(WGS84, BD09), place, WGS84},
		"rightly named":            {sent(BD09, BD09), place, ""},
		"away in every system":     {Fix{Position: Position{Lat: 30.6, Lng: 105.58}, ReportedCRS: WGS84}, place, ""},
		"outside China, and there": {Fix{Position: abroad, ReportedCRS: WGS84}, abroad, ""},
	}
	for name, test := range tests {
		if got, found := test.fix.Misread(test.place, 50); got != test.want || found != (test.want != "") {
			t.Errorf("%s: %q %t, want %q", name, got, found, test.want)
		}
	}
}
