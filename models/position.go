package models

import (
	"math"
	"time"
)

// CRS is the coordinate system a position was given in.
type CRS string

// WGS-84 is what satellites and phones give; GCJ-02 is what Chinese maps and mini-programs give;
// BD-09 is what Baidu's maps give.
const (
	WGS84 CRS = "WGS84"
	GCJ02 CRS = "GCJ02"
	BD09  CRS = "BD09"
)

// Position is a point on the ground in WGS-84 degrees.
type Position struct {
	Lat, Lng float64
}

// Fix is a position as a phone reported it.
type Fix struct {
	Position
	ReportedCRS CRS       // the system the phone reported in; Position is already WGS-84
	AccuracyM   float64   // metres, 0 when the phone did not say
	IsMock      bool      // the phone's own word that the position is made up
	FixedAt     time.Time // when the position was found, by the phone; zero when it did not say
}

const earthRadiusM = 6371008.8 // mean radius, IUGG

// DistanceM is the great-circle distance in metres (haversine).
func (p Position) DistanceM(other Position) float64 {
	lat1, lat2 := radians(p.Lat), radians(other.Lat)
	dLat, dLng := lat2-lat1, radians(other.Lng-p.Lng)
	h := math.Pow(math.Sin(dLat/2), 2) + math.Cos(lat1)*math.Cos(lat2)*math.Pow(math.Sin(dLng/2), 2)
	return 2 * earthRadiusM * math.Asin(math.Sqrt(math.Min(1, h)))
}

func radians(degrees float64) float64 { return degrees * math.Pi / 180 }
