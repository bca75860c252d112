package models_test

import (
	"testing"
	"time"

	"xunfang/models"
)

// A timer of 30 minutes began at noon. An answer was given some minutes after noon and arrives later; the phone's clock is
// off. counts is the minute after noon from which the answer counts; -1 when it does not.
func TestWelfareAnswersUnderAWrongClock(t *testing.T) {
	const boot = "b"
	for name, c := range map[string]struct {
		given, arrives int // minutes after noon
		off            time.Duration
		clock          bool
		boot           string // at the answer; "" for no reading
		counts         int
	}{
		"right, live":                                     {20, 20, 0, false, "", 20},
		"a day behind, live":                              {20, 20, -oneDay, false, "", 20},
		"a day ahead, live":                               {20, 20, oneDay, false, "", 20},
		"a day behind, live, warned":                      {32, 32, -oneDay, false, "", 32},
		"a day behind, live, all clocks":                  {20, 20, -oneDay, true, boot, 20},
		"a day ahead, live, all clocks":                   {20, 20, oneDay, true, boot, 20},
		"an hour behind, live, all clocks":                {20, 20, -time.Hour, true, boot, 20},
		"ten minutes behind, live, all clocks":            {20, 20, -10 * time.Minute, true, boot, 20},
		"kept, right, no clocks":                          {10, 20, 0, false, "", 10},
		"kept, right, all clocks":                         {10, 20, 0, true, boot, 10},
		"kept, a day behind, all clocks":                  {10, 20, -oneDay, true, boot, 10},
		"kept, a day ahead, all clocks":                   {10, 20, oneDay, true, boot, 10},
		"kept, a day behind, the wall clock at sending":   {10, 20, -oneDay, true, "", 10},
		"kept, a day ahead, the wall clock at sending":    {10, 20, oneDay, true, "", 10},
		"kept, a day behind, started anew since":          {10, 20, -oneDay, true, "a", 10},
		"kept too long, a day ahead, all clocks":          {1, 32, oneDay, true, boot, -1},
		"kept too long, a day behind, all clocks":         {1, 32, -oneDay, true, boot, -1},
		"kept too long, right, no clocks":                 {1, 32, 0, false, "", -1},
		"given before the timer began, all clocks":        {-5, 20, 0, true, boot, -1},
		"given before the timer began, ahead, all clocks": {-5, 20, oneDay, true, boot, -1},
	} {
		minute := func(minutes int) time.Time { return noon.Add(time.Duration(minutes) * time.Minute) }
		timer := models.WelfareTimer{Interval: 30 * time.Minute, Grace: 5 * time.Minute, UntilAt: noon.Add(8 * time.Hour)}.Started(noon)
		timer, _ = timer.Advanced(minute(c.arrives))
		answer := models.WelfareAnswer{At: minute(c.given).Add(c.off), MonotonicMS: -1}
		if c.clock {
			answer.Clock = &models.PhoneClock{
				BootID: boot, MonotonicMS: time.Duration(int64(c.arrives+60) * int64(time.Minute)).Milliseconds(), WallAt: minute(c.arrives).Add(c.off),
			}
		}
		if c.boot != "" {
			answer.BootID, answer.MonotonicMS = c.boot, time.Duration(int64(c.given+60)*int64(time.Minute)).Milliseconds()
		}
		got, err := timer.Answered(timer.GivenAt(answer, minute(c.arrives)), minute(c.arrives))
		want := minute(c.counts)
		if c.counts < 0 {
			want = noon
		}
		if err != nil || !got.AnsweredAt.Equal(want) {
			t.Errorf("%s: counts from %v, %v; want %v", name, got.AnsweredAt, err, want)
		}
	}
}
