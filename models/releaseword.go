package models

import (
	"time"
)

// A release word lets a locked vehicle out once. Guessing at one of four digits is bounded: MaxReleaseTries wrong ones of a
// vehicle in ReleaseDay, and after the second ReleasePause between any two. The owner is never locked out: unlocking asks for no word.
const (
	ReleaseWordDigits = 4
	ReleaseWordLife   = 24 * time.Hour
	ReleaseDay        = 24 * time.Hour
	MaxReleaseTries   = 5
	ReleaseTriesFree  = 2
	ReleasePause      = 30 * time.Second
)

// ReleaseWord is what is kept of a vehicle's release word, and of who guessed at it.
type ReleaseWord struct {
	MAC       []byte // of the word with the vehicle; empty when there is none
	Until     time.Time
	Wrong     int       // tries since WrongFrom
	WrongFrom time.Time // when the first of them was
	WrongAt   time.Time // when the last of them was
}

// ReleaseOutcome is what came of a try.
type ReleaseOutcome string

// The outcomes.
const (
	ReleaseDone  ReleaseOutcome = "released"
	ReleaseWrong ReleaseOutcome = "wrong_word"
	ReleaseWait  ReleaseOutcome = "wait"
	ReleaseOver  ReleaseOutcome = "no_tries_left"
)

// today counts the wrong tries of the present day, which begins with the first.
func (w ReleaseWord) today(now time.Time) int {
	if w.WrongFrom.IsZero() || now.Sub(w.WrongFrom) >= ReleaseDay {
		return 0
	}
	return w.Wrong
}

// TriesLeft is how many more wrong tries there may be today.
func (w ReleaseWord) TriesLeft(now time.Time) int { return max(0, MaxReleaseTries-w.today(now)) }

// Wait is how long no try is taken: until the day is over, or the pause.
func (w ReleaseWord) Wait(now time.Time) time.Duration {
	switch wrong := w.today(now); {
	case wrong >= MaxReleaseTries:
		return w.WrongFrom.Add(ReleaseDay).Sub(now)
	case wrong >= ReleaseTriesFree:
		return max(0, w.WrongAt.Add(ReleasePause).Sub(now))
	default:
		return 0
	}
}

// Try judges a try; same says whether it is the word. It gives what is to be kept: a word that was right is used up.
func (w ReleaseWord) Try(same bool, now time.Time) (ReleaseWord, ReleaseOutcome) {
	if w.Wait(now) > 0 {
		if w.TriesLeft(now) == 0 {
			return w, ReleaseOver
		}
		return w, ReleaseWait
	}
	if same && len(w.MAC) > 0 && now.Before(w.Until) {
		w.MAC, w.Until = nil, time.Time{}
		return w, ReleaseDone
	}
	if w.today(now) == 0 {
		w.Wrong, w.WrongFrom = 0, now
	}
	w.Wrong, w.WrongAt = w.Wrong+1, now
	return w, ReleaseWrong
}
