package models_test

import (
	"slices"
	"testing"
	"time"

	"xunfang/models"
)

func TestPlaceIsKnownForFiveMinutes(t *testing.T) {
	for age, known := range map[time.Duration]bool{
		0: true, models.SOSPlaceKnown: true, models.SOSPlaceKnown + time.Millisecond: false, 2 * time.Hour: false,
	} {
		call := models.SOS{Fix: &models.Fix{FixedAt: noon.Add(-age)}, AskedAt: noon}
		if call.PlaceKnown(noon) != known || call.PlaceOld() == known {
			t.Errorf("after %v: known %t, old %t", age, call.PlaceKnown(noon), call.PlaceOld())
		}
	}
	if (models.SOS{AskedAt: noon}).PlaceKnown(noon) || (models.SOS{AskedAt: noon}).PlaceOld() {
		t.Error("nowhere is neither a known place nor an old one")
	}
}

// A call arrives at noon. found, raised and wall are what the phone writes, after noon; age is how old its place then is.
func TestAgeOfAPositionThatComesWithACall(t *testing.T) {
	const none = -1000 * oneDay
	for name, c := range map[string]struct{ found, raised, wall, age time.Duration }{
		"now":                             {none, 0, none, 0},
		"found earlier":                   {-6 * time.Minute, 0, none, 6 * time.Minute},
		"came late":                       {none, -6 * time.Minute, none, 6 * time.Minute},
		"came late, with the clock":       {none, -6 * time.Minute, 0, 6 * time.Minute},
		"a day late, with the clock":      {none, -oneDay, 0, oneDay},
		"a day behind":                    {none, -oneDay, none, 0},
		"a day behind, found earlier":     {-oneDay - 6*time.Minute, -oneDay, none, 6 * time.Minute},
		"a day behind, by satellites":     {-10 * time.Second, -oneDay, none, 10 * time.Second},
		"a day behind, with the clock":    {-oneDay - 6*time.Minute, -oneDay - time.Minute, -oneDay, 6 * time.Minute},
		"an hour behind, with the clock":  {none, -time.Hour, -time.Hour, 0},
		"a day ahead":                     {none, oneDay, none, 0},
		"a day ahead, found earlier":      {oneDay - 6*time.Minute, oneDay, none, 6 * time.Minute},
		"a day ahead, with the clock":     {oneDay - 6*time.Minute, oneDay, oneDay, 6 * time.Minute},
		"a day ahead, by satellites":      {-10 * time.Second, oneDay, oneDay, 10 * time.Second},
		"found after the call, as if now": {time.Minute, 0, none, 0},
	} {
		fix, clock := &models.Fix{}, (*models.PhoneClock)(nil)
		if c.found != none {
			fix.FixedAt = noon.Add(c.found)
		}
		if c.wall != none {
			clock = &models.PhoneClock{BootID: "b", WallAt: noon.Add(c.wall)}
		}
		if got := models.FixSentWith(fix, clock, noon.Add(c.raised), noon); noon.Sub(got.FixedAt) != c.age {
			t.Errorf("%s: %v old, want %v", name, noon.Sub(got.FixedAt), c.age)
		}
	}
	if models.FixSentWith(nil, nil, noon, noon) != nil {
		t.Error("no position has become one")
	}
}

// Three positions, 20, 10 and 0 s before noon, when they arrive, from a phone whose clock is off.
func TestTrailOfAClockThatIsOff(t *testing.T) {
	ago := []time.Duration{20 * time.Second, 10 * time.Second, 0}
	for name, c := range map[string]struct {
		off      time.Duration
		readings bool // of the monotonic clock
		clock    bool
		behind   time.Duration
		shift    time.Duration // what is left of off
	}{
		"right":                           {0, false, false, 0, 0},
		"a day ahead":                     {oneDay, false, false, 0, 0},
		"a day ahead, with the clock":     {oneDay, false, true, 0, 0},
		"a day ahead, all readings":       {oneDay, true, true, 0, 0},
		"a day behind, nobody knows":      {-oneDay, false, false, 0, -oneDay},
		"a day behind, as the call was":   {-oneDay, false, false, oneDay, 0},
		"a day behind, with the clock":    {-oneDay, false, true, 0, 0},
		"a day behind, all readings":      {-oneDay, true, true, 0, 0},
		"put right since the call":        {0, false, false, oneDay, 0},
		"five minutes ahead":              {5 * time.Minute, false, false, 0, 0},
		"a year ahead, with the readings": {400 * oneDay, true, true, 0, 0},
	} {
		sent, clock := []models.SOSPosition{}, (*models.PhoneClock)(nil)
		for _, before := range ago {
			one := models.SOSPosition{PhoneAt: noon.Add(c.off - before), MonotonicMS: -1}
			if c.readings {
				one.BootID, one.MonotonicMS = "b", (time.Hour - before).Milliseconds()
			}
			one.FixedAt = one.PhoneAt.Add(-time.Minute) // the phone found it a minute before
			sent = append(sent, one)
		}
		if c.clock {
			clock = &models.PhoneClock{BootID: "b", MonotonicMS: time.Hour.Milliseconds(), WallAt: noon.Add(c.off)}
		}
		trail := models.TrailOf(sent, clock, c.behind, noon)
		for at, one := range trail {
			want := noon.Add(c.shift - ago[at])
			if !one.At.Equal(want) || !one.PhoneAt.Equal(sent[at].PhoneAt) || !one.FixedAt.Equal(want.Add(-time.Minute)) {
				t.Errorf("%s: %v by the phone's %v, found %v; want %v", name, one.At, one.PhoneAt, one.FixedAt, want)
			}
		}
		if !slices.IsSortedFunc(trail, func(left, right models.SOSPosition) int { return left.At.Compare(right.At) }) {
			t.Errorf("%s: out of order", name)
		}
	}
}

func TestClassOfADistanceIsToldOnce(t *testing.T) {
	at := func(metres float64) *float64 { return &metres }
	told := models.SOSHelper{ClassM: at(300), ClassAt: noon}
	for name, c := range map[string]struct {
		after  time.Duration
		metres *float64
		before models.SOSHelper
		want   *float64
	}{
		"at once":                {0, at(304), models.SOSHelper{}, at(300)},
		"at the edge":            {0, at(305), models.SOSHelper{}, at(1000)},
		"beyond all":             {0, at(10_006), models.SOSHelper{}, nil},
		"nobody knows":           {0, nil, models.SOSHelper{}, nil},
		"told before":            {10*time.Minute - time.Millisecond, at(2000), told, at(300)},
		"told long before":       {10 * time.Minute, at(2000), told, at(3000)},
		"told before: not known": {time.Minute, at(2000), models.SOSHelper{ClassAt: noon}, nil},
	} {
		got := models.SOSHelper{DistanceM: c.metres, AskedAt: noon.Add(c.after)}.Classed(c.before)
		if (got.ClassM == nil) != (c.want == nil) || got.ClassM != nil && *got.ClassM != *c.want {
			t.Errorf("%s: %v, want %v", name, got.ClassM, c.want)
		}
	}
}

func TestLeftCallsEndAfterSevenDays(t *testing.T) {
	call := models.SOS{State: models.SOSAcknowledged, ChangedAt: noon}
	if _, due := call.Left(noon.Add(7*oneDay - time.Millisecond)); due {
		t.Error("too early")
	}
	over, due := call.Left(noon.Add(7 * oneDay))
	if !due || over.Open() || over.State != models.SOSResolved || over.EndReason != models.SOSNoContact || over.EndedBy != "" {
		t.Errorf("%t: %+v", due, over)
	}
	if _, due := over.Left(noon.Add(30 * oneDay)); due {
		t.Error("ended twice")
	}
}

// Who could not be read is looked for every five seconds, as long as the alert is worth delivering.
func TestIncompleteAskingIsTriedAgain(t *testing.T) {
	call := models.SOS{AskedAt: noon}
	if got := call.Incomplete(noon).WidensAt; !got.Equal(noon.Add(5 * time.Second)) {
		t.Errorf("again at %v", got)
	}
	if got := call.Incomplete(noon.Add(6 * time.Hour)).WidensAt; !got.IsZero() {
		t.Errorf("for ever: %v", got)
	}
}
