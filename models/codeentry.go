package models

import "time"

// Guessing at a door: after GuessesFree codes that never existed within GuessWindow, the door
// takes one try per GuessPause, for that door alone. Nobody is locked out: an honest visitor
// waits at most GuessPause.
const (
	GuessWindow = 10 * time.Minute
	GuessesFree = 10
	GuessPause  = 30 * time.Second
)

// GuessWait says how long a door still takes no code: wrong holds the times of the wrong
// guesses there, oldest first.
func GuessWait(wrong []time.Time, now time.Time) time.Duration {
	recent := 0
	for _, at := range wrong {
		if now.Sub(at) < GuessWindow {
			recent++
		}
	}
	if recent < GuessesFree || len(wrong) == 0 {
		return 0
	}
	return max(0, GuessPause-now.Sub(wrong[len(wrong)-1]))
}
