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
	return shiftGCJ02(at)
}

// shiftGCJ02 is WGS84ToGCJ02 without the box.
func shiftGCJ02(at Position) Position {
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

// GCJ02ToWGS84 undoes WGS84ToGCJ02.
func GCJ02ToWGS84(at Position) Position { return undo(shiftGCJ02, at) }

// baiduWave is the frequency of BD-09's waves, per degree.
const baiduWave = math.Pi * 3000 / 180

// GCJ02ToBD09 moves a point as Baidu's maps do; outside China it stays.
func GCJ02ToBD09(at Position) Position {
	if !InChina(at) {
		return at
	}
	return shiftBD09(at)
}

// shiftBD09 is GCJ02ToBD09 without the box.
func shiftBD09(at Position) Position {
	length := math.Hypot(at.Lng, at.Lat) + 0.00002*math.Sin(at.Lat*baiduWave)
	angle := math.Atan2(at.Lat, at.Lng) + 0.000003*math.Cos(at.Lng*baiduWave)
	return Position{Lat: length*math.Sin(angle) + 0.006, Lng: length*math.Cos(angle) + 0.0065}
}

// BD09ToGCJ02 undoes GCJ02ToBD09. The formula that is usually published for it is off by up to a metre.
func BD09ToGCJ02(at Position) Position { return undo(shiftBD09, at) }

// undo finds the point that a system moves to at: each step moves the guess by the error that is left, which
// shrinks a hundredfold and more, until it is below a millimetre. What is moved there from outside the box was not moved at all.
func undo(shift func(Position) Position, at Position) Position {
	guess := at
	for range 12 {
		there := shift(guess)
		dLat, dLng := at.Lat-there.Lat, at.Lng-there.Lng
		guess.Lat, guess.Lng = guess.Lat+dLat, guess.Lng+dLng
		if math.Abs(dLat) < 1e-10 && math.Abs(dLng) < 1e-10 {
			break
		}
	}
	if !InChina(guess) {
		return at
	}
	return guess
}

// ToWGS84 reads a point that was given in the system.
func (c CRS) ToWGS84(at Position) Position {
	switch c {
	case GCJ02:
		return GCJ02ToWGS84(at)
	case BD09:
		return GCJ02ToWGS84(BD09ToGCJ02(at))
	default:
		return at
	}
}

// FromWGS84 gives a point in the system.
func (c CRS) FromWGS84(at Position) Position {
	switch c {
	case GCJ02:
		return WGS84ToGCJ02(at)
	case BD09:
		return GCJ02ToBD09(WGS84ToGCJ02(at))
	default:
		return at
	}
}

// Misread says whether the fix is near a place only when its numbers are read in another system than the phone named,
// and gives that one. A phone, or a map's library, that mixes them up moves a point by hundreds of metres.
func (f Fix) Misread(place Position, withinM float64) (CRS, bool) {
	if f.DistanceM(place) <= withinM || !InChina(f.Position) {
		return "", false
	}
	sent := f.ReportedCRS.FromWGS84(f.Position)
	for _, other := range []CRS{WGS84, GCJ02, BD09} {
		if other != f.ReportedCRS && other.ToWGS84(sent).DistanceM(place) <= withinM {
			return other, true
		}
	}
	return "", false
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
