package models

import (
	"testing"
	"time"
)

func TestTipClocks(t *testing.T) {
	shanghai := time.FixedZone("UTC+8", 8*60*60)
	at := func(text string) time.Time {
		parsed, err := time.Parse("2006-01-02 15:04", text)
		if err != nil {
			t.Fatal(err)
		}
		return parsed.Add(-8 * time.Hour) // the station's clock
	}
	for name, one := range map[string]struct {
		state    TipState
		category string
		begun    string
		action   string
		want     string // "" for none
	}{
		"by day":                      {TipReceived, "theft", "2026-11-24 07:00", "", "2026-11-24 07:15"},
		"the last minute of the day":  {TipReceived, "theft", "2026-11-24 21:59", "", "2026-11-24 22:14"},
		"the first minute of night":   {TipReceived, "theft", "2026-11-24 22:00", "", "2026-11-24 22:30"},
		"over midnight":               {TipReceived, "theft", "2026-11-24 23:45", "", "2026-11-25 00:15"},
		"the last minute of night":    {TipReceived, "theft", "2026-11-24 06:59", "", "2026-11-24 07:29"},
		"a crime by night":            {TipReceived, CategoryCrime, "2026-11-24 23:58", "", "2026-11-25 00:03"},
		"a crime by day":              {TipReceived, CategoryCrime, "2026-11-24 12:00", "", "2026-11-24 12:05"},
		"acknowledged":                {TipAcknowledged, "theft", "2026-11-24 12:00", "", "2026-11-27 12:00"},
		"investigated, over the year": {TipInvestigating, "theft", "2026-12-30 12:00", "", "2027-01-02 12:00"},
		"an early action":             {TipActionScheduled, "theft", "2026-11-24 12:00", "2026-11-25 09:00", "2026-11-27 12:00"},
		"a late action":               {TipActionScheduled, "theft", "2026-11-24 12:00", "2026-12-01 09:00", "2026-12-01 09:00"},
		"resolved":                    {TipResolved, "theft", "2026-11-24 12:00", "", ""},
		"closed":                      {TipClosed, "theft", "2026-11-24 12:00", "", ""},
	} {
		tip := Tip{State: one.state, Category: one.category, Steps: []TipStep{{State: one.state, At: at(one.begun)}}, Clock: TipClock{BegunAt: at(one.begun), Climb: TipAtDeputy}}
		if one.action != "" {
			tip.Clock.ActionAt = at(one.action)
		}
		got, want := tip.NextClock(DefaultTipPeriods, shanghai), time.Time{}
		if one.want != "" {
			want = at(one.want)
		}
		if !got.DueAt.Equal(want) || !got.ClimbsAt.Equal(want) || got.Climb != TipOnTime {
			t.Errorf("%s: due %v, climbs %v at step %d, want %v", name, got.DueAt, got.ClimbsAt, got.Climb, want)
		}
		if reopens := at(one.begun).Add(DefaultTipPeriods.ReopenWithin); tip.Ended() != got.ReopensTill.Equal(reopens) {
			t.Errorf("%s: reopens till %v", name, got.ReopensTill)
		}
	}
}

// What a station sets counts for the step that begins, each by its own period.
func TestEachStepHasItsPeriod(t *testing.T) {
	begun := time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)
	periods := TipPeriods{
		AcknowledgeByDay: 11 * time.Minute, AcknowledgeByNight: 12 * time.Minute, AcknowledgeUrgent: 3 * time.Minute,
		Decide: 24 * time.Hour, Finish: 100 * time.Hour, ReopenWithin: 48 * time.Hour, DayBegins: 1, DayEnds: 2,
	}
	for name, one := range map[string]struct {
		state    TipState
		category string
		hour     int
		want     time.Duration
	}{
		"by day": {TipReceived, "theft", 1, periods.AcknowledgeByDay}, "by night": {TipReceived, "theft", 2, periods.AcknowledgeByNight},
		"a crime": {TipReceived, CategoryCrime, 2, periods.AcknowledgeUrgent}, "to decide": {TipAcknowledged, "theft", 1, periods.Decide},
		"to finish": {TipInvestigating, "theft", 1, periods.Finish}, "to act": {TipActionScheduled, "theft", 1, periods.Finish},
	} {
		at := begun.Add(time.Duration(one.hour-1) * time.Hour)
		tip := Tip{State: one.state, Category: one.category, Clock: TipClock{BegunAt: at}}
		if got := tip.NextClock(periods, time.UTC); !got.DueAt.Equal(at.Add(one.want)) {
			t.Errorf("%s: due %v after, want %v", name, got.DueAt.Sub(at), one.want)
		}
	}
	ended := Tip{State: TipResolved, Steps: []TipStep{{State: TipResolved, At: begun}}}.NextClock(periods, time.UTC)
	if !ended.ReopensTill.Equal(begun.Add(48 * time.Hour)) {
		t.Errorf("reopens till %v", ended.ReopensTill)
	}
}

func TestTipsClimbTwice(t *testing.T) {
	due := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	clock := TipClock{DueAt: due, ClimbsAt: due}
	periods := TipPeriods{ClimbUnseen: 7 * time.Minute, ClimbUndecided: 5 * time.Hour}
	once := clock.Climbed(TipReceived, periods)
	if once.Climb != TipAtDeputy || !once.ClimbsAt.Equal(due.Add(7*time.Minute)) {
		t.Errorf("after one step: %+v", once)
	}
	if slow := clock.Climbed(TipInvestigating, periods); !slow.ClimbsAt.Equal(due.Add(5 * time.Hour)) {
		t.Errorf("an undecided one: %+v", slow)
	}
	if twice := once.Climbed(TipReceived, periods); twice.Climb != TipAtCommand || !twice.ClimbsAt.IsZero() {
		t.Errorf("after two steps: %+v", twice)
	}
}

func TestEveryStepOfATip(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	states := []TipState{TipReceived, TipAcknowledged, TipInvestigating, TipActionScheduled, TipResolved, TipClosed}
	right := map[TipState]string{ // which of the states above, in their order
		TipReceived: "-yy--y", TipAcknowledged: "--yyyy", TipInvestigating: "---yyy", TipActionScheduled: "--yyyy",
		TipResolved: "------", TipClosed: "------",
	}
	for _, from := range states {
		for at, to := range states {
			reason, action := "", time.Time{}
			if to == TipClosed {
				reason = "unfounded"
			}
			if to == TipActionScheduled {
				action = now.Add(time.Hour)
			}
			err := Tip{State: from}.CheckOfficersStep(to, reason, action, now)
			if allowed := right[from][at] == 'y'; (err == nil) != allowed || !allowed && CodeOf(err) != CodeWrongState {
				t.Errorf("%s to %s: %v", from, to, err)
			}
		}
	}
	open := Tip{State: TipInvestigating}
	for name, err := range map[string]error{
		"withdrawn by an officer": open.CheckOfficersStep(TipClosed, ClosedWithdrawn, time.Time{}, now),
		"an action without time":  open.CheckOfficersStep(TipActionScheduled, "", time.Time{}, now),
		"an action in the past":   open.CheckOfficersStep(TipActionScheduled, "", now.Add(-time.Millisecond), now),
		"an action far ahead":     open.CheckOfficersStep(TipActionScheduled, "", now.Add(MaxTipAction+time.Millisecond), now),
		"a time without action":   open.CheckOfficersStep(TipResolved, "", now, now),
	} {
		if CodeOf(err) != CodeUnprocessable {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhichTipsAreReopened(t *testing.T) {
	ended := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	tip := func(state TipState, reason string) Tip {
		return Tip{State: state, ClosedReason: reason, Steps: []TipStep{{State: TipReceived}, {State: state, At: ended}}}
	}
	till := func(tip Tip, until time.Time) Tip { tip.Clock.ReopensTill = until; return tip }
	for name, one := range map[string]struct {
		tip  Tip
		at   time.Time
		want Code
	}{
		"resolved":         {tip(TipResolved, ""), ended.Add(time.Hour), ""},
		"unfounded":        {tip(TipClosed, "unfounded"), ended.Add(DefaultTipPeriods.ReopenWithin), ""},
		"too late":         {tip(TipClosed, "unfounded"), ended.Add(DefaultTipPeriods.ReopenWithin + time.Millisecond), CodeWrongState},
		"as it was set":    {till(tip(TipResolved, ""), ended.Add(24*time.Hour)), ended.Add(24 * time.Hour), ""},
		"later than that":  {till(tip(TipResolved, ""), ended.Add(24*time.Hour)), ended.Add(24*time.Hour + time.Millisecond), CodeWrongState},
		"withdrawn":        {tip(TipClosed, ClosedWithdrawn), ended, CodeWrongState},
		"a duplicate":      {tip(TipClosed, TipDuplicate), ended, CodeWrongState},
		"still open":       {tip(TipInvestigating, ""), ended, CodeWrongState},
		"just received":    {tip(TipReceived, ""), ended, CodeWrongState},
		"action scheduled": {tip(TipActionScheduled, ""), ended, CodeWrongState},
	} {
		if got := CodeOf(one.tip.CheckReopening(one.at)); got != one.want {
			t.Errorf("%s: %q, want %q", name, got, one.want)
		}
	}
}
