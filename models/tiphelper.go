package models

import "time"

// Who is near a crime in progress is asked to help at once.
const (
	TipHelpersAsked = 8      // people on duty, the nearest first
	TipHelpWithinM  = 3000.0 // metres; on foot in half an hour
)

// TipAnswer is what somebody answers who was asked to help with a tip; "" until then.
type TipAnswer string

// The answers.
const (
	TipComing TipAnswer = "coming"
	TipCannot TipAnswer = "cannot"
)

// TipHelper is somebody who was asked to help with a tip. They learn its place, category and time, and neither its words nor
// whose it is.
type TipHelper struct {
	PersonID   ID
	AskedAt    time.Time
	Answer     TipAnswer
	AnsweredAt time.Time
}
