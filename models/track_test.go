package models

import (
	"fmt"
	"testing"
	"time"
)

func TestFilterTrackKnowsItsEdges(t *testing.T) {
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	speed := func(mps float64) *float64 { return &mps }
	for name, one := range map[string]struct {
		change func(*TrackPoint)
		want   string
	}{
		"right":                   {func(*TrackPoint) {}, "kept"},
		"no accuracy":             {func(p *TrackPoint) { p.AccuracyM = 0 }, "kept"},
		"100 m":                   {func(p *TrackPoint) { p.AccuracyM = 100 }, "kept"},
		"over 100 m":              {func(p *TrackPoint) { p.AccuracyM = 100.01 }, "inaccurate"},
		"at zero":                 {func(p *TrackPoint) { p.Position = Position{} }, "zero"},
		"nearly at zero":          {func(p *TrackPoint) { p.Position = Position{Lat: -0.00099, Lng: 0.00099} }, "zero"},
		"on the equator":          {func(p *TrackPoint) { p.Position = Position{Lat: 0, Lng: 105} }, "kept"},
		"off the coast of Africa": {func(p *TrackPoint) { p.Position = Position{Lat: 0.001, Lng: 0} }, "kept"},
		"2 minutes ahead":         {func(p *TrackPoint) { p.At = now.Add(2 * time.Minute) }, "kept"},
		"more":                    {func(p *TrackPoint) { p.At = now.Add(2*time.Minute + time.Millisecond) }, "future"},
		"72 hours":                {func(p *TrackPoint) { p.At = now.Add(-72 * time.Hour) }, "kept"},
		"longer":                  {func(p *TrackPoint) { p.At = now.Add(-72*time.Hour - time.Millisecond) }, "too_old"},
		"60 m/s":                  {func(p *TrackPoint) { p.SpeedMps = speed(60) }, "kept"},
		"faster":                  {func(p *TrackPoint) { p.SpeedMps = speed(60.1) }, "too_fast"},
		"in no round yet":         {func(p *TrackPoint) { p.RoundID = "" }, "kept"},
		"made up":                 {func(p *TrackPoint) { p.IsMock = true }, "kept"},
	} {
		fix := Fix{AccuracyM: 8, Position: Position{Lat: 30.5, Lng: 105.6}}
		point := TrackPoint{RoundID: "round", At: now, PhoneAt: now, ReceivedAt: now, Fix: fix}
		one.change(&point)
		kept, c := FilterTrack([]TrackPoint{point}, TrackDefaults)
		got := map[[6]int]string{
			{1}: "kept", {0, 1}: "inaccurate", {0, 0, 1}: "zero", {0, 0, 0, 1}: "future", {0, 0, 0, 0, 1}: "too_old",
			{0, 0, 0, 0, 0, 1}: "too_fast",
		}[[6]int{c.Kept, c.Inaccurate, c.Zero, c.Future, c.TooOld, c.TooFast}]
		if got != one.want || len(kept) != c.Kept || c.Received != 1 {
			t.Errorf("%s: %+v, want %s", name, c, one.want)
		}
	}
}

func TestCorrectTrack(t *testing.T) {
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	clock := PhoneClock{BootID: "b", MonotonicMS: 3_600_000, WallAt: now}
	for name, one := range map[string]struct {
		boot      string
		monotonic int64
		wall      time.Time
		want      time.Time
	}{
		"right":                {"b", 0, now.Add(-time.Hour), now.Add(-time.Hour)},
		"2 minutes off":        {"b", 0, now.Add(-58 * time.Minute), now.Add(-58 * time.Minute)},
		"more":                 {"b", 0, now.Add(-58*time.Minute + time.Millisecond), now.Add(-time.Hour)},
		"a day behind":         {"b", 1_800_000, now.Add(-25 * time.Hour), now.Add(-30 * time.Minute)},
		"a day ahead":          {"b", 1_800_000, now.Add(24 * time.Hour), now.Add(-30 * time.Minute)},
		"of another start":     {"a", 1_800_000, now.Add(24 * time.Hour), now.Add(24 * time.Hour)},
		"later than it shows":  {"b", 3_600_001, now.Add(24 * time.Hour), now.Add(24 * time.Hour)},
		"without such a clock": {"", 0, now.Add(-24 * time.Hour), now.Add(-24 * time.Hour)},
	} {
		got := CorrectTrack(TrackPoint{BootID: one.boot, MonotonicMS: one.monotonic, PhoneAt: one.wall, ReceivedAt: now}, clock)
		if !got.At.Equal(one.want) || !got.PhoneAt.Equal(one.wall) {
			t.Errorf("%s: %v, want %v", name, got.At, one.want)
		}
	}
}

// What hangs on when a position arrived must not make it another one.
func TestARepeatIsKnownWhateverItsCorrectedTime(t *testing.T) {
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	point := TrackPoint{BootID: "b", MonotonicMS: 9_999, PhoneAt: now.Add(24 * time.Hour), At: now}
	late := point
	late.At, late.ReceivedAt = now.Add(3*time.Second), now.Add(time.Minute)
	if point.Key() != late.Key() || point.Rank() != late.Rank() {
		t.Error("a repeat that arrives later is another position")
	}
	other := point
	other.Lat = 0.000001
	if other.Rank() == point.Rank() || other.Key() != point.Key() {
		t.Error("another place at the same time must be another position of the same slot")
	}
	if next := (TrackPoint{BootID: "b", MonotonicMS: 10_000}); next.Key() == point.Key() {
		t.Error("ten seconds is the next slot")
	}
	if again := (TrackPoint{BootID: "c", MonotonicMS: 9_999}); again.Key() == point.Key() {
		t.Error("another start of the phone has slots of its own")
	}
}

func TestTrackLines(t *testing.T) {
	begin := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	at := func(person ID, seconds int, lat float64) TrackPoint {
		when, fix := begin.Add(time.Duration(seconds)*time.Second), Fix{Position: Position{Lat: lat, Lng: 105}}
		return TrackPoint{PersonID: person, RoundID: "r", At: when, Fix: fix}
	}
	for name, one := range map[string]struct {
		points []TrackPoint
		want   string
	}{
		"none":               {nil, "[]"},
		"one":                {[]TrackPoint{at("a", 0, 30)}, "[1]"},
		"2 minutes":          {[]TrackPoint{at("a", 0, 30), at("a", 120, 30)}, "[2]"},
		"longer":             {[]TrackPoint{at("a", 0, 30), at("a", 121, 30)}, "[1 1]"},
		"two people":         {[]TrackPoint{at("a", 0, 30), at("b", 0, 30), at("a", 10, 30), at("b", 10, 30)}, "[2 2]"},
		"a leap and back":    {[]TrackPoint{at("a", 0, 30), at("a", 10, 31), at("a", 20, 30)}, "[2]"},
		"a leap for good":    {[]TrackPoint{at("a", 0, 30), at("a", 10, 31), at("a", 20, 31)}, "[3]"},
		"as fast as allowed": {[]TrackPoint{at("a", 0, 30), at("a", 10, 30.0053), at("a", 20, 30)}, "[3]"},
		"a little faster":    {[]TrackPoint{at("a", 0, 30), at("a", 10, 30.0055), at("a", 20, 30)}, "[2]"},
	} {
		lengths := []int{}
		for _, line := range TrackLines(ByPerson(one.points)) {
			lengths = append(lengths, len(line))
		}
		if fmt.Sprint(lengths) != one.want {
			t.Errorf("%s: %v, want %s", name, lengths, one.want)
		}
	}
}

func TestTrackerForms(t *testing.T) {
	when := time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"1795485600": when, "1795485600000": when, "1795485600.5": when.Add(500 * time.Millisecond), " 1795485600 ": when,
		"2026-11-24T02:00:00Z": when, "2026-11-24T10:00:00+08:00": when, "2026-11-24T02:00:00.000Z": when,
		"2026-11-24T10:00:00.000+0800": when, "2026-11-24 02:00:00": when, "0": time.UnixMilli(0),
	} {
		if got, ok := ParseTrackerTime(text); !ok || !got.Equal(want) {
			t.Errorf("%q is %v, %t", text, got, ok)
		}
	}
	for _, text := range []string{"", "yesterday", "-1", "NaN", "Inf", "1e300", "2026-11-24", "9999999999999999"} {
		if got, ok := ParseTrackerTime(text); ok {
			t.Errorf("%q is taken as %v", text, got)
		}
	}
	number := func(value float64) *float64 { return &value }
	for _, one := range []struct {
		kind  TrackerKind
		speed *float64
		want  float64
	}{{TrackerOwnTracks, number(36), 10}, {TrackerOsmAnd, number(10), 5.144444444444445}, {TrackerOsmAnd, number(0), 0}} {
		if got := TrackerSpeed(one.kind, one.speed); got == nil || *got != one.want {
			t.Errorf("%s %v is %v", one.kind, *one.speed, got)
		}
	}
	if TrackerSpeed(TrackerOwnTracks, number(-1)) != nil || TrackerSpeed(TrackerOsmAnd, nil) != nil {
		t.Error("a speed that is not known is one")
	}
}
