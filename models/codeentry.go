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
	if recentGuesses(wrong, now) < GuessesFree {
		return 0
	}
	return max(0, GuessPause-now.Sub(wrong[len(wrong)-1]))
}

// TriesAtOnce says how many tries at a door may be judged at the same moment: what a crowd of visitors
// needs, and one where guesses have been many.
func TriesAtOnce(wrong []time.Time, now time.Time) int {
	if recentGuesses(wrong, now) < GuessesFree {
		return maxTriesAtOnce
	}
	return 1
}

const maxTriesAtOnce = 64

func recentGuesses(wrong []time.Time, now time.Time) int {
	recent := 0
	for _, at := range wrong {
		if now.Sub(at) < GuessWindow {
			recent++
		}
	}
	return recent
}
