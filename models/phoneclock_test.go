package models_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"xunfang/models"
)

const oneDay = 24 * time.Hour

// A check-in was made at noon (by the station's clock) and arrives some time later. The phone's wall clock may be wrong, its
// monotonic clock counts from a start two days before noon.
func TestWhenACheckInHappened(t *testing.T) {
	const boot = "boot-1"
	reading := (2 * oneDay).Milliseconds() // of the monotonic clock, at noon
	tests := map[string]struct {
		late     time.Duration // arrival after noon
		wallOff  time.Duration // of the wall clock at the check-in
		wallThen time.Duration // and when it sends
		boot     string        // at the check-in; "" for one that sends no reading
		noClock  bool
		occurred time.Duration // after noon
		status   models.CheckInStatus
		reasons  []models.CheckInReason
		refused  models.FieldCode
	}{
		"all is well":                                 {time.Second, 0, 0, boot, false, 0, models.StatusAccepted, nil, ""},
		"a little off":                                {time.Second, models.MaxClockAhead, 0, boot, false, 0, models.StatusAccepted, nil, ""},
		"a day ahead":                                 {time.Second, oneDay, oneDay, boot, false, 0, models.StatusAccepted, skewed, ""},
		"a day behind":                                {time.Second, -oneDay, -oneDay, boot, false, 0, models.StatusAccepted, skewed, ""},
		"a day ahead, three days late":                {models.MaxOffline, oneDay, oneDay, boot, false, 0, models.StatusAccepted, skewed, ""},
		"a day behind, three days late":               {models.MaxOffline, -oneDay, -oneDay, boot, false, 0, models.StatusAccepted, skewed, ""},
		"put right before it sends":                   {time.Hour, -oneDay, 0, boot, false, 0, models.StatusAccepted, skewed, ""},
		"put wrong before it sends":                   {time.Hour, 0, oneDay, boot, false, 0, models.StatusAccepted, nil, ""},
		"later than three days":                       {models.MaxOffline + time.Millisecond, 0, 0, boot, false, 0, models.StatusReview, tooOld, ""},
		"a year behind":                               {time.Hour, -400 * oneDay, -400 * oneDay, boot, false, 0, models.StatusAccepted, skewed, ""},
		"a year ahead":                                {time.Hour, 400 * oneDay, 400 * oneDay, boot, false, 0, models.StatusAccepted, skewed, ""},
		"started anew, right":                         {time.Hour, 0, 0, "boot-0", false, 0, models.StatusAccepted, nil, ""},
		"started anew, wrong since":                   {time.Hour, 0, oneDay, "boot-0", false, 0, models.StatusReview, skewed, ""},
		"started anew, a day behind":                  {time.Hour, -oneDay, -oneDay, "boot-0", false, -oneDay, models.StatusReview, skewed, ""},
		"started anew, a year ahead":                  {time.Hour, 400 * oneDay, 400 * oneDay, "boot-0", false, 400 * oneDay, "", nil, models.FieldInFuture},
		"started anew, a year and more behind":        {time.Hour, -400 * oneDay, -400 * oneDay, "boot-0", false, -400 * oneDay, "", nil, models.FieldTooOld},
		"no readings, right":                          {time.Hour, 0, 0, "", false, 0, models.StatusAccepted, nil, ""},
		"no clock at all":                             {time.Hour, 0, 0, boot, true, 0, models.StatusAccepted, nil, ""},
		"no clock at all, a day ahead":                {0, oneDay, oneDay, boot, true, oneDay, models.StatusReview, skewed, ""},
		"no clock at all, a day behind: nobody knows": {0, -oneDay, -oneDay, boot, true, -oneDay, models.StatusAccepted, nil, ""},
	}
	point := &models.Checkpoint{At: corner, RadiusM: 50, Methods: []models.CheckInMethod{models.MethodGPS}}
	for name, test := range tests {
		clock := &models.PhoneClock{
			BootID: boot, MonotonicMS: reading + test.late.Milliseconds(), WallAt: noon.Add(test.late + test.wallThen),
		}
		if test.noClock {
			clock = nil
		}
		mine := reading
		if test.boot == "" {
			mine = -1
		}
		checkIn := models.CheckIn{
			ID: "a", Method: models.MethodGPS, Fix: north(5, 5), CapturedAt: noon.Add(test.wallOff), ReceivedAt: noon.Add(test.late),
		}.Timed(clock, test.boot, mine)
		if want := noon.Add(test.occurred); !checkIn.OccurredAt.Equal(want) || checkIn.OrderID != models.OrderID(want, "a") {
			t.Errorf("%s: it happened at %s, order %s; want %s", name, checkIn.OccurredAt, checkIn.OrderID, want)
		}
		if !checkIn.CapturedAt.Equal(noon.Add(test.wallOff)) {
			t.Errorf("%s: the wall clock's time is lost", name)
		}
		if got := firstCode(checkIn.CheckTimes()); got != test.refused {
			t.Errorf("%s: refused with %q, want %q", name, got, test.refused)
		}
		if test.refused != "" {
			continue
		}
		if got := checkIn.Judge(point, models.CodeHolds); got.Status != test.status || !slices.Equal(got.Reasons, test.reasons) {
			t.Errorf("%s: %s %v, want %s %v", name, got.Status, got.Reasons, test.status, test.reasons)
		}
	}
}

var (
	skewed = []models.CheckInReason{models.ReasonClockSkew}
	tooOld = []models.CheckInReason{models.ReasonTooOld}
)

func TestCorrectTellsOnlyWhatItCan(t *testing.T) {
	clock := models.PhoneClock{BootID: "b", MonotonicMS: 400 * oneDay.Milliseconds()}
	year := models.MaxPast.Milliseconds()
	tests := map[string]struct {
		clock models.PhoneClock
		boot  string
		at    int64
		ago   time.Duration
		told  bool
	}{
		"this moment":           {clock, "b", clock.MonotonicMS, 0, true},
		"a moment ahead":        {clock, "b", clock.MonotonicMS + 1, 0, false},
		"as long ago as it may": {clock, "b", clock.MonotonicMS - year, models.MaxPast, true},
		"longer":                {clock, "b", clock.MonotonicMS - year - 1, 0, false},
		"another start":         {clock, "c", 0, 0, false},
		"no name of the start":  {models.PhoneClock{MonotonicMS: 10}, "", 5, 0, false},
		"no reading":            {models.PhoneClock{BootID: "b"}, "b", -1, 0, false},
		"too large to count":    {models.PhoneClock{BootID: "b", MonotonicMS: math.MaxInt64}, "b", 0, 0, false},
	}
	for name, test := range tests {
		at, told := test.clock.Correct(test.boot, test.at, noon)
		if told != test.told || (told && !at.Equal(noon.Add(-test.ago))) {
			t.Errorf("%s: %s %t", name, at, told)
		}
	}
}

// A fix is not called old because the wall clock is wrong: the time of a fix may come from satellites.
func TestAgeOfAFixUnderAWrongClock(t *testing.T) {
	point := &models.Checkpoint{At: corner, RadiusM: 50, Methods: []models.CheckInMethod{models.MethodGPS}}
	clock := &models.PhoneClock{BootID: "b", MonotonicMS: 1000, WallAt: noon}
	for name, test := range map[string]struct {
		wallOff, fixed time.Duration
		stale          bool
	}{
		"by satellites, the wall clock a day ahead":  {oneDay, 0, false},
		"by satellites, the wall clock a day behind": {-oneDay, 0, false},
		"by the wall clock, a day behind":            {-oneDay, -oneDay, false},
		"old by both, a day ahead":                   {oneDay, -2 * time.Minute, true},
		"old by both":                                {0, -2 * time.Minute, true},
	} {
		fix := north(5, 5)
		fix.FixedAt = noon.Add(test.fixed)
		checkIn := models.CheckIn{Method: models.MethodGPS, Fix: fix, CapturedAt: noon.Add(test.wallOff), ReceivedAt: noon}.Timed(clock, "b", 1000)
		if got := checkIn.Judge(point, models.CodeHolds); got.Has(models.ReasonStaleFix) != test.stale {
			t.Errorf("%s: %v", name, got.Reasons)
		}
	}
}
