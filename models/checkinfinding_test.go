package models_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"xunfang/models"
)

// seenAt is a scan, so many seconds after noon, at a checkpoint so many metres north of the corner; its radius is 50 m.
func seenAt(seconds, metres float64, method models.CheckInMethod, kind models.SquadKind) models.Traced {
	point := models.Checkpoint{ID: models.ID(fmt.Sprint("point ", metres)), At: north(metres, 0).Position, RadiusM: 50}
	when := noon.Add(time.Duration(seconds * float64(time.Second)))
	return models.CheckIn{
		ID: models.ID(fmt.Sprintf("%08.0f at %.0f", seconds*1000, metres)), CheckpointID: point.ID, Method: method,
		CapturedAt: when, OccurredAt: when, Verdict: models.Verdict{Status: models.StatusAccepted},
	}.Trace(&point, kind)
}

func reasonsAmong(traces []models.Traced) []models.CheckInReason {
	reasons := []models.CheckInReason{}
	for _, found := range models.FindAmong(traces) {
		for _, finding := range found {
			reasons = append(reasons, finding.Reason)
		}
	}
	slices.Sort(reasons)
	return reasons
}

func TestFindings(t *testing.T) {
	foot := func(seconds, metres float64) models.Traced {
		return seenAt(seconds, metres, models.MethodQR, models.SquadFoot)
	}
	gps := func(seconds, metres float64) models.Traced {
		return seenAt(seconds, metres, models.MethodGPS, models.SquadFoot)
	}
	car := func(seconds, metres float64) models.Traced {
		return seenAt(seconds, metres, models.MethodQR, models.SquadVehicle)
	}
	alone := func(seconds, metres float64) models.Traced { return seenAt(seconds, metres, models.MethodQR, "") }
	speed, fast, again := models.ReasonImpossibleSpeed, models.ReasonTooFastBetween, models.ReasonRepeatedScan
	rejected, madeUp := foot(60, 5000), foot(60, 5000)
	rejected = models.CheckIn{Verdict: models.Verdict{Status: models.StatusRejected}}.Trace(&models.Checkpoint{At: rejected.At}, "")
	madeUp = models.CheckIn{Fix: &models.Fix{Position: madeUp.At, IsMock: true}}.Trace(nil, "")
	tests := map[string]struct {
		traces []models.Traced
		want   []models.CheckInReason
	}{
		"a walk":                                  {[]models.Traced{foot(0, 0), foot(300, 400), foot(600, 800)}, nil},
		"one leg too fast is an accident":         {[]models.Traced{foot(0, 0), foot(60, 5000), foot(6000, 0)}, nil},
		"two legs too fast":                       {[]models.Traced{foot(0, 0), foot(60, 5000), foot(120, 1)}, []models.CheckInReason{speed}},
		"three legs too fast":                     {[]models.Traced{foot(0, 0), foot(60, 5000), foot(120, 100), foot(180, 5001)}, []models.CheckInReason{speed, speed}},
		"two, with a slow one between":            {[]models.Traced{foot(0, 0), foot(60, 5000), foot(3000, 5200), foot(3060, 0)}, nil},
		"just as fast as the limit, both circles": {[]models.Traced{foot(0, 0), foot(100, 699), foot(200, 1)}, nil},
		"just faster":                             {[]models.Traced{foot(0, 0), foot(100, 702), foot(200, 1)}, []models.CheckInReason{speed}},
		"by car that is nothing":                  {[]models.Traced{car(0, 0), car(100, 701), car(200, 1)}, nil},
		"too fast for a car":                      {[]models.Traced{car(0, 0), car(100, 3700), car(200, 1)}, []models.CheckInReason{speed}},
		"nobody knows how they go: by car":        {[]models.Traced{alone(0, 0), alone(100, 701), alone(200, 1)}, nil},
		"legs of more than two hours say nothing": {[]models.Traced{foot(0, 0), foot(7201, 90_000), foot(14402, 0)}, nil},
		"legs of two hours do":                    {[]models.Traced{foot(0, 0), foot(7200, 90_000), foot(14400, 0)}, []models.CheckInReason{speed}},
		"a rejected one shows nothing":            {[]models.Traced{foot(0, 0), rejected, foot(320, 0)}, nil},
		"nor does a made-up position":             {[]models.Traced{foot(0, 0), madeUp, foot(320, 0)}, nil},
		"two codes within twenty seconds":         {[]models.Traced{foot(0, 0), foot(19.999, 200)}, []models.CheckInReason{fast}},
		"in twenty seconds":                       {[]models.Traced{foot(0, 0), foot(20, 200)}, nil},
		"circles that touch":                      {[]models.Traced{foot(0, 0), foot(5, 99)}, nil},
		"passed without stopping":                 {[]models.Traced{gps(0, 0), gps(10, 150)}, nil},
		"the same place within five minutes":      {[]models.Traced{foot(0, 0), foot(299.999, 0)}, []models.CheckInReason{again}},
		"in five minutes":                         {[]models.Traced{foot(0, 0), foot(300, 0)}, nil},
		"there and back":                          {[]models.Traced{foot(0, 0), foot(100, 200), foot(250, 0)}, []models.CheckInReason{again}},
	}
	for name, test := range tests {
		if got := reasonsAmong(test.traces); !slices.Equal(got, test.want) && len(got)+len(test.want) > 0 {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

// Whatever the order of arrival, the findings are the same; and it matters which check-ins there are.
func TestFindingsDoNotDependOnTheOrder(t *testing.T) {
	traces := []models.Traced{}
	random := rand.New(rand.NewPCG(3, 5))
	for range 60 {
		method := []models.CheckInMethod{models.MethodQR, models.MethodGPS}[random.IntN(2)]
		traces = append(traces, seenAt(float64(random.IntN(3000)), float64(random.IntN(5)*1000), method, models.SquadFoot))
	}
	same := func(left, right map[models.ID][]models.CheckInFinding) bool {
		return maps.EqualFunc(left, right, func(a, b []models.CheckInFinding) bool {
			return slices.EqualFunc(a, b, func(x, y models.CheckInFinding) bool { return x.Reason == y.Reason && slices.Equal(x.With, y.With) })
		})
	}
	want := models.FindAmong(traces)
	if len(want) < 10 {
		t.Fatalf("only %d findings to compare", len(want))
	}
	for range 1000 {
		random.Shuffle(len(traces), func(i, j int) { traces[i], traces[j] = traces[j], traces[i] })
		if !same(want, models.FindAmong(traces)) {
			t.Fatal("another order, other findings")
		}
	}
	if same(want, models.FindAmong(traces[1:])) && same(want, models.FindAmong(traces[2:])) && same(want, models.FindAmong(traces[5:])) {
		t.Error("the control: five check-ins fewer make no difference")
	}
}
