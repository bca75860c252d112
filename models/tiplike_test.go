package models

import (
	"errors"
	"testing"
	"time"
)

func TestTipAreas(t *testing.T) {
	for _, at := range []Position{{Lat: 30.52, Lng: 105.601}, {Lat: -33.9, Lng: 151.2}, {Lat: 0, Lng: 0}, {Lat: 89.99, Lng: -179.99}} {
		area := TipAreaOf(at)
		if at.Lat < area.SouthWest.Lat || at.Lat >= area.NorthEast.Lat || at.Lng < area.SouthWest.Lng || at.Lng >= area.NorthEast.Lng {
			t.Errorf("%v is not in its area %v", at, area)
		}
	}
	// Who asks from anywhere in one square gets one answer: nothing can be found out by moving a little.
	first := TipAreaOf(Position{Lat: 30.5201, Lng: 105.6012})
	centre := Position{Lat: (first.SouthWest.Lat + first.NorthEast.Lat) / 2, Lng: (first.SouthWest.Lng + first.NorthEast.Lng) / 2}
	for _, step := range []float64{-0.0012, -0.0005, 0.0005, 0.0012} { // of 0.0027, the side of a square
		if area := TipAreaOf(Position{Lat: centre.Lat + step, Lng: centre.Lng + step}); area != first {
			t.Errorf("within the square: %v, not %v", area, first)
		}
	}
	side := Position{Lat: first.SouthWest.Lat, Lng: 105.6}.DistanceM(Position{Lat: first.NorthEast.Lat, Lng: 105.6})
	width := Position{Lat: 30.52, Lng: first.SouthWest.Lng}.DistanceM(Position{Lat: 30.52, Lng: first.NorthEast.Lng})
	if side < 880 || side > 920 || width < 880 || width > 920 {
		t.Errorf("three squares are %.0f m by %.0f m", side, width)
	}
}

func TestRoughCounts(t *testing.T) {
	for count, want := range map[int]TipCount{0: TipsNone, 1: TipsOne, 2: TipsFew, 5: TipsFew, 6: TipsMany, 100: TipsMany} {
		if got := TipCountOf(count); got != want {
			t.Errorf("%d is %s, want %s", count, got, want)
		}
	}
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for ago, want := range map[time.Duration]int{0: 1, -time.Second: 1, time.Hour: 1, time.Hour + time.Millisecond: 2, 71 * time.Hour: 71} {
		if got := HoursSince(now.Add(-ago), now); got != want {
			t.Errorf("%s ago is %d hours, want %d", ago, got, want)
		}
	}
}

func TestWhatMayBeMerged(t *testing.T) {
	station := Place{Station: "s"}
	tip := func(id ID, place Place, state TipState) Tip { return Tip{ID: id, Place: place, State: state} }
	for name, one := range map[string]struct {
		tip, into Tip
		want      Code
	}{
		"both open":          {tip("a", station, TipReceived), tip("b", station, TipInvestigating), ""},
		"itself":             {tip("a", station, TipReceived), tip("a", station, TipReceived), CodeUnprocessable},
		"another station's":  {tip("a", station, TipReceived), tip("b", Place{Station: "other"}, TipReceived), CodeUnprocessable},
		"into a resolved":    {tip("a", station, TipReceived), tip("b", station, TipResolved), CodeWrongState},
		"into a closed":      {tip("a", station, TipReceived), tip("b", station, TipClosed), CodeWrongState},
		"what is closed":     {tip("a", station, TipClosed), tip("b", station, TipReceived), CodeWrongState},
		"what is resolved":   {tip("a", station, TipResolved), tip("b", station, TipReceived), CodeWrongState},
		"what is being done": {tip("a", station, TipInvestigating), tip("b", station, TipReceived), ""},
	} {
		err := one.tip.CheckMerge(one.into)
		if got := CodeOf(err); got != one.want {
			t.Errorf("%s: %q, want %q", name, got, one.want)
		}
		var failed *Error
		if one.want == CodeUnprocessable && (!errors.As(err, &failed) || failed.Fields[0].Field != "into_id") {
			t.Errorf("%s: the field is not named as the body has it: %v", name, err)
		}
	}
}
