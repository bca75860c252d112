package models

import (
	"math"
	"testing"
)

func TestGCJ02PublishedPoint(t *testing.T) {
	got := WGS84ToGCJ02(Position{Lat: 31.1774276, Lng: 121.5272106})
	want := Position{Lat: 31.17530398, Lng: 121.53154186}
	if distance := got.DistanceM(want); distance > 0.01 {
		t.Fatalf("got %v, want %v: %.3f m apart", got, want, distance)
	}
}

func TestGCJ02RoundTrip(t *testing.T) {
	worst := 0.0
	for lat := 18.0; lat <= 53; lat += 0.37 {
		for lng := 74.0; lng <= 134; lng += 0.53 {
			start := Position{Lat: lat, Lng: lng}
			worst = math.Max(worst, start.DistanceM(GCJ02ToWGS84(WGS84ToGCJ02(start))))
		}
	}
	if worst > 0.01 {
		t.Fatalf("the worst round trip is off by %.4f m", worst)
	}
}

func TestGCJ02OutsideChina(t *testing.T) {
	for _, at := range []Position{{Lat: 48.8566, Lng: 2.3522}, {Lat: -33.86, Lng: 151.2}, {Lat: 60, Lng: 105}} {
		if WGS84ToGCJ02(at) != at || GCJ02ToWGS84(at) != at {
			t.Errorf("%v was moved", at)
		}
	}
}

// The two systems must not be confused: the control shows what that would cost.
func TestGCJ02MovesByHundredsOfMetres(t *testing.T) {
	at := Position{Lat: 30.52, Lng: 105.60}
	if distance := at.DistanceM(WGS84ToGCJ02(at)); distance < 100 || distance > 1000 {
		t.Fatalf("moved by %.0f m", distance)
	}
	if GCJ02.ToWGS84(at) == at || WGS84.ToWGS84(at) != at {
		t.Fatal("the systems are mixed up")
	}
}
