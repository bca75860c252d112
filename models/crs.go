package models

import "math"

// The Krasovsky 1940 ellipsoid that GCJ-02 is built on.
const (
	krasovskyA  = 6378245.0              // semi-major axis, metres
	krasovskyEE = 0.00669342162296594323 // first eccentricity squared
)

// InChina says whether a point lies in the box in which GCJ-02 differs from WGS-84.
func InChina(at Position) bool {
	return at.Lng >= 72.004 && at.Lng <= 137.8347 && at.Lat >= 0.8293 && at.Lat <= 55.8271
}

// WGS84ToGCJ02 moves a point as Chinese maps do; outside China it stays.
func WGS84ToGCJ02(at Position) Position {
	if !InChina(at) {
		return at
	}
	x, y := at.Lng-105, at.Lat-35
	lat, lng := gcjLat(x, y), gcjLng(x, y)
	phi := radians(at.Lat)
	w := 1 - krasovskyEE*math.Pow(math.Sin(phi), 2)
	meridian := krasovskyA * (1 - krasovskyEE) / (w * math.Sqrt(w))
	parallel := krasovskyA / math.Sqrt(w) * math.Cos(phi)
	return Position{
		Lat: at.Lat + lat*180/(meridian*math.Pi),
		Lng: at.Lng + lng*180/(parallel*math.Pi),
	}
}

// GCJ02ToWGS84 undoes WGS84ToGCJ02: each step moves the guess by the error that is left,
// which shrinks a thousandfold, until it is below a centimetre's hundredth.
func GCJ02ToWGS84(at Position) Position {
	if !InChina(at) {
		return at
	}
	guess := at
	for range 10 {
		there := WGS84ToGCJ02(guess)
		dLat, dLng := at.Lat-there.Lat, at.Lng-there.Lng
		guess.Lat, guess.Lng = guess.Lat+dLat, guess.Lng+dLng
		if math.Abs(dLat) < 1e-9 && math.Abs(dLng) < 1e-9 {
			break
		}
	}
	return guess
}

// ToWGS84 reads a point that was given in the system.
func (c CRS) ToWGS84(at Position) Position {
	if c == GCJ02 {
		return GCJ02ToWGS84(at)
	}
	return at
}

// gcjLat is the published offset northward, in metres, at x and y degrees from (105 E, 35 N).
func gcjLat(x, y float64) float64 {
	metres := -100 + 2*x + 3*y + 0.2*y*y + 0.1*x*y + 0.2*math.Sqrt(math.Abs(x))
	metres += waves(20, 6*x, 20, 2*x)
	metres += waves(20, y, 40, y/3)
	return metres + waves(160, y/12, 320, y/30)
}

// gcjLng is the published offset eastward, in metres.
func gcjLng(x, y float64) float64 {
	metres := 300 + x + 2*y + 0.1*x*x + 0.1*x*y + 0.1*math.Sqrt(math.Abs(x))
	metres += waves(20, 6*x, 20, 2*x)
	metres += waves(20, x, 40, x/3)
	return metres + waves(150, x/12, 300, x/30)
}

// waves is two thirds of two sines, whose arguments are in half turns.
func waves(a, x, b, y float64) float64 {
	return (a*math.Sin(x*math.Pi) + b*math.Sin(y*math.Pi)) * 2 / 3
}
