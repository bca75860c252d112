package models

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Units of other apps, in metres per second.
const (
	kilometresPerHour = 1.0 / 3.6
	knots             = 1852.0 / 3600 // international knot
)

// TrackerSpeed reads the speed of an app: kilometres per hour from OwnTracks (booklet, "JSON"), knots from the OsmAnd
// form as Traccar describes it. nil when the app did not know, which some say with a negative number.
func TrackerSpeed(kind TrackerKind, speed *float64) *float64 {
	if speed == nil || *speed < 0 {
		return nil
	}
	unit := knots
	if kind == TrackerOwnTracks {
		unit = kilometresPerHour
	}
	metres := *speed * unit
	return &metres
}

// ParseTrackerTime reads the time of the OsmAnd form: Unix seconds or milliseconds, RFC 3339, or "2006-01-02 15:04:05" in
// UTC. A number below 2^31 is of seconds, as Traccar has it.
func ParseTrackerTime(text string) (time.Time, bool) {
	text = strings.TrimSpace(text)
	if number, err := strconv.ParseFloat(text, 64); err == nil {
		if math.IsNaN(number) || number < 0 || number > 253402300799999 { // the year 9999, in milliseconds
			return time.Time{}, false
		}
		if number < 1<<31 {
			number *= 1000
		}
		return time.UnixMilli(int64(number)).UTC(), true
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05.000Z0700", time.DateTime} {
		if at, err := time.Parse(layout, text); err == nil && at.Year() >= 1970 && at.Year() <= 9999 {
			return at.UTC().Truncate(time.Millisecond), true
		}
	}
	return time.Time{}, false
}
