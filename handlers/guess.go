package handlers

import (
	"sync"
	"time"

	"xunfang/models"
)

// guessBook remembers the wrong guesses of each guesser for models.GuessWindow, and how many tries are being judged.
type guessBook struct {
	mutex    sync.Mutex
	guessers map[models.ID]*guesser
}

type guesser struct {
	wrong  []time.Time
	judged int // tries under way, whose worth nobody knows yet
}

// maxGuesses bounds what is remembered of one guesser: more would change no wait.
const maxGuesses = models.GuessesFree + 1

// take lets a try be judged, or says how long none is taken yet. Tries at the same moment
// are no way around the pause: they are bounded, to one after too many guesses.
func (b *guessBook) take(who models.ID, now time.Time) time.Duration {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	seen := b.guessers[who]
	if seen == nil {
		seen = &guesser{}
		b.guessers[who] = seen
	}
	wait := models.GuessWait(seen.wrong, now)
	if wait == 0 && seen.judged >= models.TriesAtOnce(seen.wrong, now) {
		wait = minRetry
	}
	if wait == 0 {
		seen.judged++
	}
	return wait
}

// settle ends the judging of a try that take let through.
func (b *guessBook) settle(who models.ID, now time.Time, guess bool) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	seen := b.guessers[who]
	seen.judged--
	if guess {
		seen.wrong = append(seen.wrong, now)
		seen.wrong = seen.wrong[max(0, len(seen.wrong)-maxGuesses):]
	}
}
