package models

import "time"

// Guessing at claim codes: after GuessesFree codes that never existed within GuessWindow, one try per GuessPause is taken
// from whoever guesses. What a door does about guesses is in CodeRules.
const (
	GuessWindow = 10 * time.Minute
	GuessesFree = 10
	GuessPause  = 30 * time.Second
)

// GuessWait says how long no code is taken yet: wrong holds the times of the wrong guesses, oldest first.
func GuessWait(wrong []time.Time, now time.Time) time.Duration {
	if recentGuesses(wrong, now) < GuessesFree {
		return 0
	}
	return max(0, GuessPause-now.Sub(wrong[len(wrong)-1]))
}

// TriesAtOnce says how many tries may be judged at the same moment: one where guesses have been many.
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
