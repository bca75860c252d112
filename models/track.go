package models

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"
)

// The limits of tracks.
const (
	MaxTrackBatch = 1000                // positions in one request
	MaxTrackFile  = 10_000              // positions in one GeoJSON or GPX file: more than a person's day, at one per TrackSlot
	TrackKept     = 30 * 24 * time.Hour // how long positions are kept
	TrackSlot     = 10 * time.Second    // of the positions of one person within one slot one is kept
	TrackBreak    = 2 * time.Minute     // a line is not drawn over a longer silence: nobody knows the way
	clockTrust    = MaxClockAhead       // a wall clock that is off by less is taken as it is
)

// TrackSettings says which positions are worth keeping. Each rule looks at one position alone, never at its neighbours
// in a request, so that a recording ends the same however it is cut up, in whatever order and how often it arrives.
type TrackSettings struct {
	MaxAccuracyM float64       // metres; one that the phone itself knows less exactly is dropped, one that does not say is kept
	ZeroDegrees  float64       // latitude and longitude both nearer to zero: a receiver that has not found itself yet
	MaxFuture    time.Duration // ahead of the server's clock
	MaxAge       time.Duration // between recording and arrival
	MaxSpeedMps  float64       // metres per second, by the phone's own word
}

// TrackDefaults are the settings in use.
var TrackDefaults = TrackSettings{
	MaxAccuracyM: MaxTrustedAccuracyM, ZeroDegrees: 0.001, MaxFuture: MaxClockAhead, MaxAge: MaxOffline, MaxSpeedMps: 60,
}

// TrackCounts says what became of the positions of one request; together they are Received.
type TrackCounts struct {
	Received, Kept, Waiting, Duplicates int

	Inaccurate, Zero, Future, TooOld, TooFast, Thinned int
}

// FilterTrack gives the positions that are worth keeping, one for each key, in order, and counts the others.
// What of them is new, only the store can say; until then all of them count as kept.
func FilterTrack(points []TrackPoint, settings TrackSettings) ([]TrackPoint, TrackCounts) {
	counts, best := TrackCounts{Received: len(points)}, map[TrackKey]TrackPoint{}
	seen := map[ID]bool{}
	for _, point := range points {
		if count := settings.fault(point, &counts); count != nil {
			*count++
			continue
		}
		key, rank := point.Key(), point.Rank()
		before, taken := best[key]
		switch {
		case seen[rank]:
			counts.Duplicates++
			continue
		case taken:
			counts.Thinned++
		}
		seen[rank] = true
		if !taken || rank < before.Rank() {
			best[key] = point
		}
	}
	kept := make([]TrackPoint, 0, len(best))
	for _, point := range best {
		kept = append(kept, point)
	}
	slices.SortFunc(kept, func(left, right TrackPoint) int { return strings.Compare(string(left.Rank()), string(right.Rank())) })
	counts.Kept = len(kept)
	return kept, counts
}

// fault gives the counter of the first rule that a position breaks, or nil.
func (s TrackSettings) fault(point TrackPoint, counts *TrackCounts) *int {
	age := point.ReceivedAt.Sub(point.At)
	switch {
	case math.Abs(point.Lat) < s.ZeroDegrees && math.Abs(point.Lng) < s.ZeroDegrees:
		return &counts.Zero
	case point.AccuracyM > s.MaxAccuracyM:
		return &counts.Inaccurate
	case age < -s.MaxFuture:
		return &counts.Future
	case age > s.MaxAge:
		return &counts.TooOld
	case point.SpeedMps != nil && *point.SpeedMps > s.MaxSpeedMps:
		return &counts.TooFast
	default:
		return nil
	}
}

// CorrectTrack gives a position its time: the phone's, unless its monotonic clock shows that the wall clock was wrong.
func CorrectTrack(point TrackPoint, clock PhoneClock) TrackPoint {
	point.At = point.PhoneAt
	truly, known := clock.Correct(point.BootID, point.MonotonicMS, point.ReceivedAt)
	if known && truly.Sub(point.PhoneAt).Abs() > clockTrust {
		point.At = truly
	}
	return point
}

// TrackLines cuts a track, in the order of ByPerson, into lines to be drawn: where the person or the round changes,
// where nobody knows the way for longer than TrackBreak, and around positions that cannot be: too far from both
// neighbours to be reached. Such a position stays in the track and is in no line.
func TrackLines(points []TrackPoint) [][]TrackPoint {
	lines, line := [][]TrackPoint{}, []TrackPoint{}
	end := func() {
		if len(line) > 0 {
			lines = append(lines, line)
		}
		line = nil
	}
	for at, point := range points {
		if at > 0 && at < len(points)-1 && leap(points[at-1], point) && leap(point, points[at+1]) && !leap(points[at-1], points[at+1]) {
			continue
		}
		if len(line) > 0 {
			last := line[len(line)-1]
			if last.PersonID != point.PersonID || last.RoundID != point.RoundID || point.At.Sub(last.At) > TrackBreak {
				end()
			}
		}
		line = append(line, point)
	}
	end()
	return lines
}

// leap says whether nobody gets from one position to the next in time, their errors allowed for.
func leap(from, to TrackPoint) bool {
	if from.PersonID != to.PersonID {
		return false
	}
	metres := from.DistanceM(to.Position) - from.AccuracyM - to.AccuracyM
	return metres > TrackDefaults.MaxSpeedMps*max(1, to.At.Sub(from.At).Seconds())
}

// ByPerson puts a track into the order of people and times, as TrackLines needs it.
func ByPerson(points []TrackPoint) []TrackPoint {
	sorted := slices.Clone(points)
	slices.SortStableFunc(sorted, func(left, right TrackPoint) int {
		return cmp.Or(cmp.Compare(left.PersonID, right.PersonID), left.At.Compare(right.At))
	})
	return sorted
}
