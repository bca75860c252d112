package push

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestNextAttempt(t *testing.T) {
	retry := func(after time.Duration) Outcome { return Outcome{State: StateRetry, RetryAfter: after} }
	day := 24 * time.Hour
	for _, row := range []struct {
		name    string
		attempt int
		outcome Outcome
		left    time.Duration
		jitter  float64
		want    time.Duration // 0: not again
	}{
		{"first", 1, retry(0), day, 0, 2 * time.Second},
		{"first, latest", 1, retry(0), day, 1, 4 * time.Second},
		{"second", 2, retry(0), day, 0, 4 * time.Second},
		{"third", 3, retry(0), day, 0.5, 12 * time.Second},
		{"capped", 20, retry(0), day, 0, 150 * time.Second},
		{"capped, latest", 1 << 40, retry(0), day, 1, 5 * time.Minute},
		{"no attempt counted", 0, retry(0), day, 0, 2 * time.Second},
		{"asked for more", 1, retry(time.Minute), day, 0, time.Minute},
		{"asked for more, spread", 1, retry(time.Minute), day, 1, 75 * time.Second},
		{"asked for less", 20, retry(time.Second), day, 0, 150 * time.Second},
		{"asked for hours", 1, retry(6 * time.Hour), day, 0, 6 * time.Hour},
		{"just before the expiry", 1, retry(0), 2*time.Second + 1, 0, 2 * time.Second},
		{"at the expiry", 1, retry(0), 2 * time.Second, 0, 0},
		{"after the expiry", 1, retry(time.Hour), time.Minute, 0, 0},
		{"expired", 1, retry(0), -time.Second, 0, 0},
		{"sent", 1, Outcome{State: StateSent}, day, 0, 0},
		{"gone", 1, Outcome{State: StateGone}, day, 0, 0},
		{"failed", 1, Outcome{State: StateFailed, RetryAfter: time.Second}, day, 0, 0},
	} {
		at, again := NextAttempt(row.attempt, row.outcome, testNow, testNow.Add(row.left), row.jitter)
		if again != (row.want > 0) || again && at.Sub(testNow) != row.want {
			t.Errorf("%s: %s %v, want %s", row.name, at.Sub(testNow), again, row.want)
		}
	}
}

func TestNextAttemptHoldsItsBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		attempt := rapid.IntRange(-5, 200).Draw(t, "attempt")
		asked := time.Duration(rapid.Int64Range(-1, int64(24*time.Hour)).Draw(t, "asked"))
		left := time.Duration(rapid.Int64Range(-int64(time.Hour), int64(48*time.Hour)).Draw(t, "left"))
		jitter := rapid.Float64Range(-1, 2).Draw(t, "jitter")
		at, again := NextAttempt(attempt, Outcome{State: StateRetry, RetryAfter: asked}, testNow, testNow.Add(left), jitter)
		wait := at.Sub(testNow)
		if again && (wait < MinBackoff || wait < asked || wait >= left || asked <= 0 && wait > MaxBackoff) {
			t.Fatalf("waits %s", wait)
		}
	})
}
