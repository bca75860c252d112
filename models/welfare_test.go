package models_test

import (
	"testing"
	"time"

	"xunfang/models"
)

// A timer of 30 minutes with a grace of 5, from 22:00 until 23:10, to the millisecond.
func TestWelfareStates(t *testing.T) {
	start := time.Date(2026, 11, 24, 22, 0, 0, 0, time.UTC)
	made := models.WelfareTimer{Interval: 30 * time.Minute, Grace: 5 * time.Minute, UntilAt: start.Add(70 * time.Minute)}.Started(start)
	at := func(minutes int, ms int) time.Time {
		return start.Add(time.Duration(minutes)*time.Minute + time.Duration(ms)*time.Millisecond)
	}
	advance := func(timer models.WelfareTimer, now time.Time) models.WelfareTimer {
		next, _ := timer.Advanced(now)
		return next
	}
	answer := func(timer models.WelfareTimer, when, now time.Time) models.WelfareTimer {
		next, err := timer.Answered(when, now)
		if err != nil {
			t.Errorf("answering at %v: %v", now, err)
		}
		return next
	}
	warned := advance(made, at(30, 0))
	answered := answer(made, at(20, 0), at(20, 0))
	lastAnswer := answer(made, at(45, 0), at(45, 0)) // 23:15 would be after the end
	late := advance(made, at(31, 1))                 // the service was away for more than a minute
	cases := []struct {
		name  string
		timer models.WelfareTimer
		now   time.Time
		want  models.WelfareState
	}{
		{"begins", made, at(0, 0), models.WelfareGreen},
		{"just before the warning", made, at(30, -1), models.WelfareGreen},
		{"warning", made, at(30, 0), models.WelfareWarning},
		{"not critical before anybody was warned", made, at(36, 0), models.WelfareWarning},
		{"just before critical", warned, at(35, -1), models.WelfareWarning},
		{"critical", warned, at(35, 0), models.WelfareCritical},
		{"critical stays, whatever the end", warned, at(71, 0), models.WelfareCritical},
		{"answered, just before", answered, at(50, -1), models.WelfareGreen},
		{"answered, then silent", answered, at(50, 0), models.WelfareWarning},
		{"no further warning before the end", lastAnswer, at(70, -1), models.WelfareGreen},
		{"ended", lastAnswer, at(70, 0), models.WelfareEnded},
		{"warned late, the whole grace", late, at(36, 0), models.WelfareWarning},
		{"warned late, critical", late, at(36, 1), models.WelfareCritical},
		{"warned a minute late, on time", advance(made, at(31, 0)), at(35, 0), models.WelfareCritical},
	}
	for _, c := range cases {
		if got := c.timer.StateAt(c.now); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestWelfareActs(t *testing.T) {
	start := time.Date(2026, 11, 24, 22, 0, 0, 0, time.UTC)
	timer := models.WelfareTimer{Interval: 30 * time.Minute, Grace: 5 * time.Minute, UntilAt: start.Add(2 * time.Hour)}.Started(start)
	for _, c := range []struct {
		after time.Duration
		acts  bool
		state models.WelfareState
	}{
		{30*time.Minute - time.Millisecond, false, models.WelfareGreen},
		{30 * time.Minute, true, models.WelfareWarning},
		{30 * time.Minute, false, models.WelfareWarning}, // once
		{35*time.Minute - time.Millisecond, false, models.WelfareWarning},
		{35 * time.Minute, true, models.WelfareCritical},
		{40 * time.Minute, false, models.WelfareCritical},
		{3 * time.Hour, false, models.WelfareCritical},
	} {
		next, acts := timer.Advanced(start.Add(c.after))
		if acts != c.acts || next.State != c.state {
			t.Errorf("after %v: acts %t, %s; want %t, %s", c.after, acts, next.State, c.acts, c.state)
		}
		timer = next
	}
	if back, err := timer.Answered(start.Add(40*time.Minute), start.Add(40*time.Minute)); err != nil || back.State != models.WelfareGreen ||
		!back.ActsAt.Equal(start.Add(70*time.Minute)) {
		t.Errorf("an answer after help was called: %+v, %v", back, err)
	}
	if over, err := timer.Answered(start.Add(130*time.Minute), start.Add(130*time.Minute)); err != nil || over.State != models.WelfareEnded {
		t.Errorf("an answer after the end: %+v, %v", over, err)
	}
}

// An answer that lay on the phone says that all was well then, not now.
func TestWelfareAnswersCountFromWhenTheyWereGiven(t *testing.T) {
	start := time.Date(2026, 11, 24, 22, 0, 0, 0, time.UTC)
	timer := models.WelfareTimer{Interval: 30 * time.Minute, Grace: 5 * time.Minute, UntilAt: start.Add(8 * time.Hour)}.Started(start)
	now := start.Add(32 * time.Minute)
	warned, _ := timer.Advanced(now)
	for _, c := range []struct {
		name  string
		given time.Time
		state models.WelfareState
		warns time.Time
	}{
		{"now", now, models.WelfareGreen, now.Add(30 * time.Minute)},
		{"by a clock ahead", now.Add(time.Hour), models.WelfareGreen, now.Add(30 * time.Minute)},
		{"by a clock a little behind", now.Add(-2*time.Minute + time.Millisecond), models.WelfareGreen, now.Add(30 * time.Minute)},
		{"two minutes ago", now.Add(-2 * time.Minute), models.WelfareGreen, now.Add(28 * time.Minute)},
		{"ten minutes ago", now.Add(-10 * time.Minute), models.WelfareGreen, now.Add(20 * time.Minute)},
		{"too long ago", now.Add(-30 * time.Minute), models.WelfareWarning, start.Add(30 * time.Minute)},
		{"before the start", start.Add(-time.Hour), models.WelfareWarning, start.Add(30 * time.Minute)},
	} {
		got, err := warned.Answered(c.given, now)
		if err != nil || got.State != c.state || !got.WarnsAt().Equal(c.warns) {
			t.Errorf("%s: %s, warns at %v, %v; want %s, %v", c.name, got.State, got.WarnsAt(), err, c.state, c.warns)
		}
	}
	ended := timer
	ended.EndedAt, ended.State = now, models.WelfareEnded
	if _, err := ended.Answered(now, now); models.CodeOf(err) != models.CodeWrongState {
		t.Errorf("an ended timer was answered: %v", err)
	}
}
