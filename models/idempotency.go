package models

import "time"

// AnswerLife is how long a repeated Idempotency-Key gets the first answer.
const AnswerLife = 24 * time.Hour

// Answered is the first answer to an action, kept for repeats of its Idempotency-Key.
type Answered struct {
	PrincipalID ID
	Operation   Operation
	KeyHash     []byte
	BodyHash    []byte
	Status      int
	Answer      []byte // JSON; sealed in the database, for it may hold a code shown once
	CreatedAt   time.Time
}
