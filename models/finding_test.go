package models

import (
	"testing"
	"time"
)

func TestFindingTransitions(t *testing.T) {
	for _, from := range FindingStates {
		for _, to := range FindingStates {
			for _, reason := range []string{"", "duplicate"} {
				want := map[string]bool{
					"reported accepted": true, "reported dismissed": true, "accepted handed_over": true, "accepted resolved": true,
					"accepted dismissed": true,
				}[string(from)+" "+string(to)] && (to == FindingDismissed) == (reason != "")
				if err := (Finding{State: from}).CheckTransition(to, reason); (err == nil) != want {
					t.Errorf("%s to %s with reason %q: %v", from, to, reason, err)
				}
			}
		}
	}
}

func TestFoundWhen(t *testing.T) {
	now := time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
	clock := PhoneClock{BootID: "b", MonotonicMS: 1000}
	for name, c := range map[string]struct {
		clock   PhoneClock
		boot    string
		ms      int64
		phoneAt time.Time
		want    time.Time
		code    FieldCode
	}{
		"by the monotonic clock":     {clock, "b", 400, now.Add(-time.Hour), now.Add(-600 * time.Millisecond), ""},
		"sent at once":               {clock, "b", 1000, now.AddDate(9, 0, 0), now, ""},
		"read after it was sent":     {clock, "b", 1001, now.Add(-time.Hour), now.Add(-time.Hour), ""},
		"another start":              {clock, "c", 400, now.Add(-time.Hour), now.Add(-time.Hour), ""},
		"no clock":                   {PhoneClock{}, "", 400, now.Add(-time.Hour), now.Add(-time.Hour), ""},
		"no monotonic time":          {clock, "b", -1, now.Add(-time.Hour), now.Add(-time.Hour), ""},
		"a little ahead":             {clock, "c", 0, now.Add(time.Millisecond), now, ""},
		"a day ahead":                {clock, "c", 0, now.Add(MaxFuture), now, ""},
		"more than a day ahead":      {clock, "c", 0, now.Add(MaxFuture + 1), now.Add(MaxFuture + 1), FieldInFuture},
		"a year old":                 {clock, "c", 0, now.Add(-MaxPast), now.Add(-MaxPast), ""},
		"more than a year old":       {clock, "c", 0, now.Add(-MaxPast - 1), now.Add(-MaxPast - 1), FieldTooOld},
		"recorded three days before": {clock, "c", 0, now.Add(-MaxOffline), now.Add(-MaxOffline), ""},
	} {
		got, problems := FoundWhen(c.clock, c.boot, c.ms, c.phoneAt, now)
		code := FieldCode("")
		if len(problems) > 0 {
			code = problems[0].Code
		}
		if !got.Equal(c.want) || code != c.code {
			t.Errorf("%s: %v %s, want %v %s", name, got, code, c.want, c.code)
		}
	}
}

func TestFindingPlace(t *testing.T) {
	near, far := Position{Lat: 30.52, Lng: 105.60}, Position{Lat: 30.62, Lng: 105.60}
	compounds := []Compound{{ID: "one", StationID: "s", Centre: near}}
	checkpoint := &Checkpoint{Place: Place{Station: "s", Compound: "two"}}
	who := Principal{StationID: "s", Grants: []Grant{{Place: Place{Station: "s", Compound: "three"}}}}
	for name, c := range map[string]struct {
		fix        *Fix
		checkpoint *Checkpoint
		want       Place
	}{
		"near a compound":               {&Fix{Position: near}, checkpoint, Place{Station: "s", Compound: "one"}},
		"far from all, at a checkpoint": {&Fix{Position: far}, checkpoint, Place{Station: "s", Compound: "two"}},
		"far from all":                  {&Fix{Position: far}, nil, Place{Station: "s"}},
		"a checkpoint alone":            {nil, checkpoint, Place{Station: "s", Compound: "two"}},
	} {
		if got := FindingPlace(c.fix, c.checkpoint, compounds, who); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestFindingSharedWith(t *testing.T) {
	at := time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
	finding := Finding{RoundID: "r", FinderID: "finder", FoundAt: at}
	with := func(person ID, from, left time.Time) RoundMember {
		return RoundMember{RoundID: "r", PersonID: person, JoinedAt: from, ConfirmedAt: from, LeftAt: left}
	}
	finder := with("finder", at.Add(-time.Hour), time.Time{})
	for name, c := range map[string]struct {
		finder, reader RoundMember
		want           bool
	}{
		"both all the time":     {finder, with("reader", at.Add(-time.Hour), time.Time{}), true},
		"joined at that moment": {finder, with("reader", at, time.Time{}), true},
		"joined after":          {finder, with("reader", at.Add(1), time.Time{}), false},
		"left at that moment":   {finder, with("reader", at.Add(-time.Hour), at), true},
		"left before":           {finder, with("reader", at.Add(-time.Hour), at.Add(-1)), false},
		"never confirmed":       {finder, RoundMember{RoundID: "r", PersonID: "reader", JoinedAt: at}, false},
		"no member":             {finder, RoundMember{}, false},
		"finder no member":      {RoundMember{}, with("reader", at, time.Time{}), false},
		"finder left before":    {with("finder", at.Add(-time.Hour), at.Add(-1)), with("reader", at, time.Time{}), false},
	} {
		if got := finding.SharedWith(c.finder, c.reader); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
	if (Finding{FinderID: "finder", FoundAt: at}).SharedWith(finder, finder) {
		t.Error("a finding of no round is shared")
	}
}
