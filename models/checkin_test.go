package models_test

import (
	"slices"
	"testing"
	"time"

	"xunfang/models"
)

var corner = models.Position{Lat: 30.52, Lng: 105.58}

// north is a fix so many metres north of the corner.
func north(metres, accuracy float64) *models.Fix {
	return &models.Fix{Position: models.Position{Lat: corner.Lat + metres/111_195, Lng: corner.Lng}, AccuracyM: accuracy}
}

func TestJudge(t *testing.T) {
	point := &models.Checkpoint{At: corner, RadiusM: 50, Methods: []models.CheckInMethod{models.MethodGPS, models.MethodQR}}
	onlyTag := &models.Checkpoint{At: corner, RadiusM: 50, Methods: []models.CheckInMethod{models.MethodNFC}}
	mock := north(0, 5)
	mock.IsMock = true
	tests := map[string]struct {
		checkIn models.CheckIn
		point   *models.Checkpoint
		code    models.CodeCheck
		status  models.CheckInStatus
		reasons []models.CheckInReason
	}{
		"at the place":                     {models.CheckIn{Method: models.MethodGPS, Fix: north(10, 5)}, point, models.CodeHolds, models.StatusAccepted, nil},
		"just inside":                      {models.CheckIn{Method: models.MethodGPS, Fix: north(49.9, 5)}, point, models.CodeHolds, models.StatusAccepted, nil},
		"outside, its error reaches in":    {models.CheckIn{Method: models.MethodGPS, Fix: north(60, 15)}, point, models.CodeHolds, models.StatusReview, []models.CheckInReason{models.ReasonOutsideRadius}},
		"outside, its error does not":      {models.CheckIn{Method: models.MethodGPS, Fix: north(80, 15)}, point, models.CodeHolds, models.StatusRejected, []models.CheckInReason{models.ReasonOutsideRadius}},
		"scanned, position far away":       {models.CheckIn{Method: models.MethodQR, Fix: north(500, 15)}, point, models.CodeHolds, models.StatusReview, []models.CheckInReason{models.ReasonOutsideRadius}},
		"scanned indoors without position": {models.CheckIn{Method: models.MethodQR}, point, models.CodeHolds, models.StatusAccepted, nil},
		"GPS without position":             {models.CheckIn{Method: models.MethodGPS}, point, models.CodeHolds, models.StatusReview, []models.CheckInReason{models.ReasonNoPosition}},
		"another sign's code":              {models.CheckIn{Method: models.MethodQR, Fix: north(5, 5)}, point, models.CodeWrong, models.StatusRejected, []models.CheckInReason{models.ReasonWrongCode}},
		"typed where there is a QR code":   {models.CheckIn{Method: models.MethodManualCode, Fix: north(5, 5)}, point, models.CodeHolds, models.StatusAccepted, nil},
		"a method the place has not":       {models.CheckIn{Method: models.MethodGPS, Fix: north(5, 5)}, onlyTag, models.CodeHolds, models.StatusReview, []models.CheckInReason{models.ReasonMethodNotOffered}},
		"a made-up position":               {models.CheckIn{Method: models.MethodGPS, Fix: mock}, point, models.CodeHolds, models.StatusReview, []models.CheckInReason{models.ReasonMockLocation}},
		"a poor fix":                       {models.CheckIn{Method: models.MethodGPS, Fix: north(5, 100.5)}, point, models.CodeHolds, models.StatusReview, []models.CheckInReason{models.ReasonLowAccuracy}},
		"a fix just good enough":           {models.CheckIn{Method: models.MethodGPS, Fix: north(5, 100)}, point, models.CodeHolds, models.StatusAccepted, nil},
		"away from all places":             {models.CheckIn{Method: models.MethodGPS, Fix: north(5, 5)}, nil, models.CodeWrong, models.StatusAccepted, []models.CheckInReason{models.ReasonNoCheckpointNear}},
		"the phone's clock ahead":          {models.CheckIn{Method: models.MethodGPS, Fix: north(5, 5), CapturedAt: noon.Add(models.MaxClockAhead + time.Millisecond)}, point, models.CodeHolds, models.StatusReview, []models.CheckInReason{models.ReasonClockSkew}},
		"ahead as far as is let pass":      {models.CheckIn{Method: models.MethodGPS, Fix: north(5, 5), CapturedAt: noon.Add(models.MaxClockAhead)}, point, models.CodeHolds, models.StatusAccepted, nil},
		"three days late":                  {models.CheckIn{Method: models.MethodGPS, Fix: north(5, 5), CapturedAt: noon.Add(-models.MaxOffline)}, point, models.CodeHolds, models.StatusAccepted, nil},
		"later than three days":            {models.CheckIn{Method: models.MethodGPS, Fix: north(5, 5), CapturedAt: noon.Add(-models.MaxOffline - time.Millisecond)}, point, models.CodeHolds, models.StatusReview, []models.CheckInReason{models.ReasonTooOld}},
		"a rejection outweighs a doubt":    {models.CheckIn{Method: models.MethodQR, Fix: mock}, point, models.CodeWrong, models.StatusRejected, []models.CheckInReason{models.ReasonMockLocation, models.ReasonWrongCode}},
	}
	for name, test := range tests {
		if test.checkIn.ReceivedAt = noon; test.checkIn.CapturedAt.IsZero() {
			test.checkIn.CapturedAt = noon
		}
		got := test.checkIn.Timed(nil, "", -1).Judge(test.point, test.code)
		if got.Status != test.status || !slices.Equal(got.Reasons, test.reasons) {
			t.Errorf("%s: %s %v, want %s %v", name, got.Status, got.Reasons, test.status, test.reasons)
		}
		if measured := test.point != nil && test.checkIn.Fix != nil; (got.DistanceM != nil) != measured {
			t.Errorf("%s: distance %v", name, got.DistanceM)
		}
	}
}

func TestTimesThatAreMistakes(t *testing.T) {
	for offset, want := range map[time.Duration]models.FieldCode{
		models.MaxFuture: "", models.MaxFuture + time.Millisecond: models.FieldInFuture,
		-models.MaxPast: "", -models.MaxPast - time.Millisecond: models.FieldTooOld, 0: "",
	} {
		fields := models.CheckIn{ReceivedAt: noon, CapturedAt: noon.Add(offset)}.CheckTimes()
		if got := firstCode(fields); got != want {
			t.Errorf("%s from now: %q, want %q", offset, got, want)
		}
	}
}

func firstCode(fields []models.FieldError) models.FieldCode {
	if len(fields) == 0 {
		return ""
	}
	return fields[0].Code
}

func TestNearestCheckpoint(t *testing.T) {
	at := func(id models.ID, metres float64, radius int) models.Checkpoint {
		return models.Checkpoint{ID: id, At: north(metres, 0).Position, RadiusM: radius}
	}
	points := []models.Checkpoint{at("far", 100, 50), at("near", 30, 20), at("huge", -400, 300)}
	tests := map[string]struct {
		fix  *models.Fix
		want models.ID
	}{
		"between two: the nearer":                   {north(40, 40), "near"},
		"only the far one's circle":                 {north(120, 5), "far"},
		"in the wide circle alone":                  {north(-150, 5), "huge"},
		"in none":                                   {north(-60, 5), ""},
		"the error helps no further than the limit": {north(-200, 1e6), "huge"},
	}
	for name, test := range tests {
		got, found := models.NearestCheckpoint(*test.fix, points)
		if got.ID != test.want || found != (test.want != "") {
			t.Errorf("%s: %q %t, want %q", name, got.ID, found, test.want)
		}
	}
	if _, found := models.NearestCheckpoint(*north(1000, 1e6), points); found {
		t.Error("a fix without any exactness found a checkpoint a kilometre away")
	}
}
