package models

import "time"

// Guessing at receipts. There are 10^16, so a guesser finds nothing; what is bounded is the work they make.
// From one address the first ReceiptsFree wrong ones cost nothing, after that the wait doubles with each up to
// ReceiptPauseMost. Nobody is locked out, and who was wrong long ago begins anew.
const (
	ReceiptsFree       = 3
	ReceiptPause       = 2 * time.Second
	ReceiptPauseMost   = time.Minute
	ReceiptsForgotten  = time.Hour
	ReceiptsEverywhere = 10 // wrong tries a second over all addresses
	ReceiptsPaid       = 10 // tries a second over all addresses by who is slowed and solved a proof of work instead of waiting
)

// ReceiptTries is how often one address was wrong.
type ReceiptTries struct {
	Wrong int
	Last  time.Time
}

// Wait says how long the address must wait before it may try again.
func (t ReceiptTries) Wait(now time.Time) time.Duration {
	if t.Wrong < ReceiptsFree || now.Sub(t.Last) >= ReceiptsForgotten {
		return 0
	}
	pause := ReceiptPauseMost
	if over := t.Wrong - ReceiptsFree; over < 5 {
		pause = min(pause, ReceiptPause<<over)
	}
	return max(0, pause-now.Sub(t.Last))
}

// Tried counts one more that is wrong, or may be.
func (t ReceiptTries) Tried(now time.Time) ReceiptTries {
	if now.Sub(t.Last) >= ReceiptsForgotten {
		t.Wrong = 0
	}
	return ReceiptTries{Wrong: t.Wrong + 1, Last: now}
}
