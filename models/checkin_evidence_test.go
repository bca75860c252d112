package models_test

import (
	"slices"
	"testing"
	"time"

	"xunfang/models"
)

// What a position is worth depends on the proof beside it. Each line is one line of the table in docs/check-ins.md.
func TestPositionBesideTheProof(t *testing.T) {
	at := func(change func(fix *models.Fix)) *models.Fix {
		fix := north(5, 8)
		fix.ReportedCRS = models.WGS84
		change(fix)
		return fix
	}
	mock := at(func(fix *models.Fix) { fix.IsMock = true })
	vague := at(func(fix *models.Fix) { fix.AccuracyM = 900 })
	stale := at(func(fix *models.Fix) { fix.FixedAt = noon.Add(-models.MaxFixAge - time.Millisecond) })
	staleFar := at(func(fix *models.Fix) { *fix = *north(900, 8); fix.FixedAt = noon.Add(-time.Hour) })
	fresh := at(func(fix *models.Fix) { fix.FixedAt = noon.Add(-models.MaxFixAge) })
	near, far := north(65, 16), north(67, 16) // the circle of 50 m and the error of 16 m end at 66
	silent, silentFar := north(149, 0), north(151, 0)
	misread := at(func(fix *models.Fix) { fix.Position = models.WGS84ToGCJ02(corner) })
	elsewhere := at(func(fix *models.Fix) { fix.Position = models.GCJ02ToWGS84(north(300, 0).Position) })
	type judged struct{ gps, printed, rotating string }
	const accepted, review, rejected = "accepted", "review", "rejected"
	tests := map[string]struct {
		fix    *models.Fix
		want   judged
		reason models.CheckInReason
	}{
		"exact":                          {fresh, judged{accepted, accepted, accepted}, ""},
		"none":                           {nil, judged{review, accepted, accepted}, models.ReasonNoPosition},
		"made up":                        {mock, judged{review, review, accepted}, models.ReasonMockLocation},
		"vague":                          {vague, judged{review, accepted, accepted}, models.ReasonLowAccuracy},
		"of more than a minute before":   {stale, judged{review, accepted, accepted}, models.ReasonStaleFix},
		"old, and of far away":           {staleFar, judged{review, accepted, accepted}, models.ReasonStaleFix},
		"outside, and near enough":       {near, judged{review, accepted, accepted}, models.ReasonOutsideRadius},
		"outside, and too far":           {far, judged{rejected, review, review}, models.ReasonOutsideRadius},
		"how exact it does not say":      {silent, judged{review, accepted, accepted}, models.ReasonOutsideRadius},
		"that, and too far":              {silentFar, judged{rejected, review, review}, models.ReasonOutsideRadius},
		"fits only as GCJ-02":            {misread, judged{review, accepted, accepted}, models.ReasonSystemSuspect},
		"far away in every other system": {elsewhere, judged{rejected, review, review}, models.ReasonOutsideRadius},
	}
	point := &models.Checkpoint{At: corner, RadiusM: 50, Methods: []models.CheckInMethod{
		models.MethodGPS, models.MethodQR, models.MethodNFC, models.MethodRotatingQR,
	}}
	for name, test := range tests {
		for method, want := range map[models.CheckInMethod]string{
			models.MethodGPS: test.want.gps, models.MethodQR: test.want.printed, models.MethodManualCode: test.want.printed,
			models.MethodNFC: test.want.rotating, models.MethodRotatingQR: test.want.rotating,
		} {
			checkIn := models.CheckIn{Method: method, Fix: test.fix, CapturedAt: noon, ReceivedAt: noon}.Timed(nil, "", -1)
			got := checkIn.Judge(point, models.CodeHolds)
			noted := test.reason == "" || got.Has(test.reason) || (test.fix == nil && method != models.MethodGPS)
			if string(got.Status) != want || !noted {
				t.Errorf("%s, %s: %s %v, want %s %s", name, method, got.Status, got.Reasons, want, test.reason)
			}
			// The control: with a wrong code nothing of this is left.
			if bad := checkIn.Judge(point, models.CodeWrong); method != models.MethodGPS && bad.Status != models.StatusRejected {
				t.Errorf("%s, %s, and a wrong code: %s", name, method, bad.Status)
			}
		}
	}
}

func TestCodes(t *testing.T) {
	point := &models.Checkpoint{At: corner, RadiusM: 50, Methods: []models.CheckInMethod{
		models.MethodGPS, models.MethodQR, models.MethodNFC, models.MethodRotatingQR,
	}}
	for _, test := range []struct {
		method  models.CheckInMethod
		code    models.CodeCheck
		status  models.CheckInStatus
		reasons []models.CheckInReason
	}{
		{models.MethodQR, models.CodeHolds, models.StatusAccepted, nil},
		{models.MethodQR, models.CodeWrong, models.StatusRejected, []models.CheckInReason{models.ReasonWrongCode}},
		{models.MethodManualCode, models.CodeWrong, models.StatusRejected, []models.CheckInReason{models.ReasonWrongCode}},
		{models.MethodNFC, models.CodeHolds, models.StatusAccepted, nil},
		{models.MethodNFC, models.CodeWrong, models.StatusRejected, []models.CheckInReason{models.ReasonWrongTag}},
		{models.MethodRotatingQR, models.CodeHolds, models.StatusAccepted, nil},
		{models.MethodRotatingQR, models.CodeWrong, models.StatusRejected, []models.CheckInReason{models.ReasonWrongCode}},
		{models.MethodRotatingQR, models.CodeReplayed, models.StatusRejected, []models.CheckInReason{models.ReasonReplayedCode}},
		{models.MethodRotatingQR, models.CodeOffTime, models.StatusReview, []models.CheckInReason{models.ReasonClockSkew}},
	} {
		got := models.CheckIn{Method: test.method, CapturedAt: noon, ReceivedAt: noon}.Timed(nil, "", -1).Judge(point, test.code)
		if got.Status != test.status || !slices.Equal(got.Reasons, test.reasons) {
			t.Errorf("%s, %s: %s %v", test.method, test.code, got.Status, got.Reasons)
		}
	}
}
