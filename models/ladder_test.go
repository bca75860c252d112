package models

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestLaddersAreChecked(t *testing.T) {
	if err := DefaultLadders().Check(); err != nil {
		t.Fatalf("the defaults: %v", err)
	}
	for want, change := range map[string]func(l *Ladders){
		"high required":                      func(l *Ladders) { l.Rungs[SeverityHigh] = nil },
		"high[0].after_s too_large":          func(l *Ladders) { l.Rungs[SeverityHigh][0].After = time.Second },
		"high[1].after_s too_small":          func(l *Ladders) { l.Rungs[SeverityHigh][1].After = 0 },
		"high[2].after_s too_small":          func(l *Ladders) { l.Rungs[SeverityHigh][2].After = l.Rungs[SeverityHigh][1].After },
		"high[2].widen not_allowed":          func(l *Ladders) { l.Rungs[SeverityHigh][2].Widen = WidenNone },
		"high[0].repeat_every_s too_small":   func(l *Ladders) { l.Rungs[SeverityHigh][0].RepeatEvery = MinRepeat - time.Second },
		"high[2].repeat_every_s not_allowed": func(l *Ladders) { l.Rungs[SeverityHigh][2].RepeatEvery = time.Hour },
		"normal[0].repeats too_large":        func(l *Ladders) { l.Rungs[SeverityNormal][0].RepeatEvery = MaxLadder/2 + time.Second },
		"emergency[3].widen required":        func(l *Ladders) { l.Rungs[SeverityEmergency][3].Widen = WidenSquad },
		"emergency[3].after_s too_large":     func(l *Ladders) { l.Rungs[SeverityEmergency][3].After = CommanderByMax + time.Second },
		"": func(l *Ladders) {
			l.Rungs[SeverityEmergency][3].After = CommanderByMax
			l.Rungs[SeverityHigh][0].RepeatEvery = MinRepeat
			l.Rungs[SeverityNormal][0].RepeatEvery = MaxLadder / 2
			l.Rungs[SeverityHigh] = l.Rungs[SeverityHigh][:2] // only an emergency must end with the commander
		},
	} {
		ladders, got := DefaultLadders(), ""
		change(&ladders)
		for _, severity := range Severities {
			for _, field := range CheckRungs(severity, severity, ladders.Rungs[severity]) {
				got += strings.TrimSpace(field.Field + " " + string(field.Code))
			}
		}
		if got != want || (ladders.Check() == nil) != (want == "") {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

var ladderStart = time.Date(2026, 11, 24, 19, 0, 0, 0, time.UTC) // 03:00 at the station

func spelled(steps []LadderStep) string {
	said := []string{}
	for _, step := range steps {
		said = append(said, fmt.Sprintf("%s %d.%d %v", step.At.Sub(ladderStart), step.Rung, step.Repeat, step.Widen))
	}
	return strings.Join(said, ", ")
}

func TestTimeline(t *testing.T) {
	rungs := []Rung{
		{Channels: []string{ChannelStream}, RepeatEvery: time.Minute, Repeats: 2, Widen: WidenNone},
		{After: 90 * time.Second, Channels: []string{ChannelFCM}, Widen: WidenDeputy},
		{After: 2 * time.Minute, Channels: []string{ChannelFCM}, Widen: WidenCommander},
	}
	whole := "0s 0.0 [], 1m0s 0.1 [], 1m30s 1.0 [deputy], 2m0s 0.2 [], 2m0s 2.0 [commander]"
	if got := spelled(Timeline(rungs, ladderStart, ladderStart.Add(time.Hour))); got != whole {
		t.Errorf("%s, want %s", got, whole)
	}
	for end, want := range map[time.Duration]int{2*time.Minute + 1: 5, 2 * time.Minute: 3, 90*time.Second + 1: 3, 90 * time.Second: 2, 1: 1, 0: 0} {
		if got := len(Timeline(rungs, ladderStart, ladderStart.Add(end))); got != want {
			t.Errorf("%d steps before %s, want %d", got, end, want)
		}
	}
	steps := Timeline(rungs, ladderStart, ladderStart.Add(time.Hour))
	for _, try := range []struct {
		now   time.Duration
		after int
		want  string
	}{
		{time.Minute - 1, 1, "[] []"},
		{time.Minute, 2, "[stream] []"},
		{2*time.Minute - 1, 3, "[fcm stream] [deputy]"}, // whoever is late tells all at once
		{time.Hour, 5, "[fcm stream] [deputy commander]"},
	} {
		due, after := Due(steps, 1, ladderStart.Add(try.now))
		if got := fmt.Sprintf("%v %v", due.Channels, due.Widen); got != try.want || after != try.after {
			t.Errorf("at %s: %s then %d, want %s then %d", try.now, got, after, try.want, try.after)
		}
	}
	if !slices.Equal(rungs[1].Channels, []string{ChannelFCM}) {
		t.Error("a ladder was changed by climbing it")
	}
}

func TestWhatClimbs(t *testing.T) {
	alert := Alert{
		ID: "a", SenderID: "s", Severity: SeverityHigh, Audience: Audience{Roles: []Role{RoleGuard}, Place: Place{Station: "st"}},
		CreatedAt: ladderStart, ExpiresAt: ladderStart.Add(time.Hour),
	}
	rungs := DefaultLadders().Rungs[SeverityHigh]
	for name, try := range map[string]struct {
		change func(a *Alert)
		want   bool
	}{
		"high":                      {func(*Alert) {}, true},
		"normal":                    {func(a *Alert) { a.Severity = SeverityNormal }, false},
		"info that asks":            {func(a *Alert) { a.Severity, a.RequiresAck = SeverityInfo, true }, true},
		"to people by name":         {func(a *Alert) { a.Audience = Audience{People: []ID{"p"}} }, false},
		"of the service itself":     {func(a *Alert) { a.SenderID = "" }, false},
		"over before the next step": {func(a *Alert) { a.ExpiresAt = ladderStart.Add(rungs[0].RepeatEvery) }, false},
	} {
		one := alert
		try.change(&one)
		if _, got := NewClimb(one, rungs); got != try.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	climb, _ := NewClimb(alert, rungs)
	now := climb.DueAt
	for name, try := range map[string]struct {
		change func(a *Alert)
		at     time.Time
		want   string
	}{
		"nobody answers": {func(*Alert) {}, now, ""},
		"acknowledged":   {func(a *Alert) { a.Acknowledged = 1 }, now, ClimbAcknowledged},
		"cancelled":      {func(a *Alert) { a.CancelledAt = now }, now, ClimbCancelled},
		"a moment left":  {func(*Alert) {}, alert.ExpiresAt.Add(-1), ClimbTopped},
		"over":           {func(*Alert) {}, alert.ExpiresAt, ClimbExpired},
	} {
		one := alert
		try.change(&one)
		step, next := climb.Next(one, try.at)
		if next.Ended != try.want || (len(step.Channels) > 0) != (try.want == "" || try.want == ClimbTopped) {
			t.Errorf("%s: %+v %+v", name, step, next)
		}
	}
}
