package models

import (
	"fmt"
	"math"
	"time"
)

const (
	// CodeWindow is how long a wrong code at a door is remembered.
	CodeWindow = 24 * time.Hour
	// WrongCodeKept is how long it stays in the database: longer than CodeWindow, so that clocks may differ.
	WrongCodeKept = 2 * CodeWindow
	// StrangersChance is how likely a stranger may be to open one door within one day by trying codes.
	StrangersChance = 1e-6
)

// The bounds of the settings of codes.
const (
	LeastCodeDigits      = 9 // drawn; the check digit comes on top
	MostCodeDigits       = 12
	LeastExtensionDigits = 4
	MostExtensionDigits  = 8
	MostCodeTries        = 20 // before a door asks for more
	LeastLiveCodes       = 20
	MostLiveCodes        = 1_000_000
	MostCodePause        = 30 // seconds: nobody honest is kept longer
)

// CodeRules say how visitors' codes are drawn, and what a door asks of whoever types one. Nobody is ever locked out: after
// Tries wrong codes within CodeWindow a door asks for the extension too and lets each wrong try be followed by a Pause.
type CodeRules struct {
	Digits    int           // of a code, drawn; a check digit follows them
	Extension int           // digits of the extension
	Tries     int           // wrong codes at a door within CodeWindow before it asks for more
	Few       int           // codes live at a door up to which it takes a code alone; beyond, always with its extension
	Most      int           // codes live at a door
	Pause     time.Duration // after a wrong try, once there were too many
}

// DefaultCodeRules are those of a server that nobody set otherwise.
func DefaultCodeRules() CodeRules {
	return CodeRules{Digits: 9, Extension: 4, Tries: 4, Few: 100, Most: 2000, Pause: 30 * time.Second}
}

// MostOfOneHost is how many codes of one host may be live at one door: one alone must not use it up for all.
func (r CodeRules) MostOfOneHost() int { return max(1, r.Most/20) }

// Chance bounds how likely a stranger is to open one door within one day: each try that is judged hits one of the codes
// that are live there. Tries codes are judged alone, with at most Few live ones; then codes with their extensions, one
// after each Pause, with at most Most. A door may go from the one to the other within a day: the sum holds for all.
func (r CodeRules) Chance() float64 {
	alone := float64(r.Tries) * float64(r.Few) / math.Pow10(r.Digits)
	slow := float64(r.Tries) + math.Ceil(float64(CodeWindow)/float64(max(r.Pause, 1))) + 1
	return alone + slow*float64(r.Most)/math.Pow10(r.Digits+r.Extension)
}

// Check refuses rules by which a stranger's chance is greater than StrangersChance, and says how great it is.
func (r CodeRules) Check() error {
	if chance := r.Chance(); chance > StrangersChance {
		return fmt.Errorf(
			"a stranger would open a door within a day with a chance of %.2g, at most %.0e is allowed (%d tries at up to %d codes of "+
				"%d digits, then one per %s at up to %d codes of %d digits)", chance, StrangersChance,
			r.Tries, r.Few, r.Digits, r.Pause, r.Most, r.Digits+r.Extension)
	}
	return nil
}

// CodeTries is what a door remembers.
type CodeTries struct {
	Wrong        []time.Time // the latest Tries wrong codes within CodeWindow, or all there are; newest first
	CrowdedUntil time.Time   // until when more than Few codes may be live
}

// CodeAsk is what a door asks of who types a code now.
type CodeAsk struct {
	Extension bool
	Wait      time.Duration // so long no code is judged
}

// Ask says what a door asks now, whatever is typed: the answer tells nothing about any code.
func (r CodeRules) Ask(tries CodeTries, now time.Time) CodeAsk {
	recent := 0
	for _, at := range tries.Wrong {
		if now.Sub(at) < CodeWindow {
			recent++
		}
	}
	if recent < r.Tries {
		return CodeAsk{Extension: now.Before(tries.CrowdedUntil)}
	}
	ask := CodeAsk{Extension: true}
	if len(tries.Wrong) > 0 {
		ask.Wait = min(r.Pause, max(0, r.Pause-now.Sub(tries.Wrong[0])))
	}
	return ask
}

// LiveCodes is what a new pass finds at one door: codes that are live while it is.
type LiveCodes struct {
	DoorID ID
	All    int
	OfHost int // of the same host
}

// Room refuses one more code at a door that has too many, and says whether the door gets crowded by it.
func (r CodeRules) Room(live LiveCodes) (crowded bool, err error) {
	if live.All >= r.Most || live.OfHost >= r.MostOfOneHost() {
		return false, Fail(CodeTooManyCodes)
	}
	return live.All >= r.Few, nil
}

// CodeSpan is when a pass counts as live at its doors: a day before its window too, since a code that was typed too
// early is typed again.
func (p VisitorPass) CodeSpan(now time.Time) (from, until time.Time) {
	if from = p.StartsAt.Add(-CodeWindow); from.Before(now) {
		from = now
	}
	return from, p.EndsAt
}

// VisitorCode is what a visitor gets: the code, and the extension for a door that asks for it.
type VisitorCode struct {
	Code, Extension Secret
	Signed          Secret // the text of a signed QR code, where one of the doors decides without the server
}
