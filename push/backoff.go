package push

import "time"

// How long the Worker waits between two attempts at one delivery.
const (
	MinBackoff = 2 * time.Second
	MaxBackoff = 5 * time.Minute
)

// NextAttempt says when to try again after attempt (1 is the first) ended in outcome, and whether at
// all: only after StateRetry, and never at or past expiresAt. The wait doubles from MinBackoff to
// MaxBackoff and is never shorter than the provider asked for. jitter in [0, 1) spreads the waits,
// so that what failed together does not come back together.
func NextAttempt(attempt int, outcome Outcome, now, expiresAt time.Time, jitter float64) (time.Time, bool) {
	if outcome.State != StateRetry {
		return time.Time{}, false
	}
	wait := backoff(attempt, jitter)
	if asked := outcome.RetryAfter; asked > 0 {
		wait = max(wait, asked+portion(min(asked, MaxBackoff)/4, jitter))
	}
	at := now.Add(wait)
	if !at.Before(expiresAt) {
		return time.Time{}, false
	}
	return at, true
}

// backoff lies in the upper half of a window: 2 to 4 s, 4 to 8 s, … , 2.5 to 5 min.
func backoff(attempt int, jitter float64) time.Duration {
	window := 2 * MinBackoff
	for ; attempt > 1 && window < MaxBackoff; attempt-- {
		window *= 2
	}
	half := min(window, MaxBackoff) / 2
	return half + portion(half, jitter)
}

// portion is a share of a duration; a jitter outside [0, 1] counts as the nearer edge.
func portion(whole time.Duration, jitter float64) time.Duration {
	return time.Duration(float64(whole) * min(max(jitter, 0), 1))
}
