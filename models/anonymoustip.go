package models

import (
	"encoding/json"
	"errors"
	"math"
	"time"
)

// Reporting says how much is known of who reported a tip.
type Reporting string

// The ways of reporting.
const (
	ReportingNamed     Reporting = "named"     // ReporterID says who
	ReportingHidden    Reporting = "hidden"    // somebody with an account, whose identity is sealed
	ReportingAnonymous Reporting = "anonymous" // nobody knows, nor can find out
	ReportingCivicApp  Reporting = "civic_app" // came by Open311: the app knows who, this server does not, and nobody reads what it writes
)

// What is kept of an anonymous tip outside of its sealed content is coarse.
const (
	coarseDegrees = 1000             // a position is rounded to 1/1000 degree, about 100 m
	CoarseTime    = time.Minute      // times are cut to it
	sealedBlock   = 512              // bytes; sealed contents are filled up to a multiple, so that their length says little
	maxSealedText = 128 << 10        // bytes of an opened content that is believed; the longest text with answers has 90 KiB
	ReceiptLife   = 30 * time.Minute // of the token that a receipt is exchanged for; it is not renewed
	ReceiptDigits = 16
)

// Coarse is a position to about 100 m.
func (p Position) Coarse() Position {
	round := func(degrees float64) float64 { return math.Round(degrees*coarseDegrees) / coarseDegrees }
	return Position{Lat: round(p.Lat), Lng: round(p.Lng)}
}

// CoarseFix is a fix of which only the rounded position is left; of none it is none.
func CoarseFix(fix *Fix) *Fix {
	if fix == nil {
		return nil
	}
	return &Fix{Position: fix.Position.Coarse(), ReportedCRS: WGS84}
}

// CoarseID is an id made from another one that says only in which minute it was made: the first 48 bits of a
// version 7 id are milliseconds, by which a tip could be joined with whatever else happened then.
func CoarseID(id ID, now time.Time) ID { return OrderID(now.Truncate(CoarseTime), id) }

// ReachedBy is the id under which the reporter is told of the tip's way: their own, or for the
// holder of a receipt that of the tip.
func (t Tip) ReachedBy() ID {
	if t.Reporting == ReportingAnonymous {
		return t.ID
	}
	return t.ReporterID
}

// SealedTip is what of an anonymous tip only the station's key opens.
type SealedTip struct {
	Description string     `json:"description"`
	Fix         *SealedFix `json:"position,omitempty"`
	OccurredAt  time.Time  `json:"occurred_at"`
	Answers     TipAnswers `json:"answers,omitempty"`
}

// SealedFix is the exact position, WGS-84.
type SealedFix struct {
	Lat       float64 `json:"lat"`
	Lng       float64 `json:"lng"`
	AccuracyM float64 `json:"accuracy_m,omitempty"`
}

// SealTip gives the bytes to be encrypted: JSON, filled up with spaces.
func SealTip(description Secret, answers TipAnswers, fix *Fix, occurredAt time.Time) ([]byte, error) {
	content := SealedTip{Description: description.Reveal(), Answers: answers, OccurredAt: occurredAt.UTC()}
	if fix != nil {
		content.Fix = &SealedFix{Lat: fix.Lat, Lng: fix.Lng, AccuracyM: fix.AccuracyM}
	}
	plain, err := json.Marshal(content)
	if err != nil {
		return nil, err
	}
	return filledUp(plain), nil
}

// Opened is the tip with what was sealed in it; plain is what SealTip gave.
func (t Tip) Opened(plain []byte) (Tip, error) {
	if len(plain) > maxSealedText {
		return t, errors.New("models: the opened tip is too long")
	}
	content := SealedTip{}
	if err := json.Unmarshal(plain, &content); err != nil {
		return t, errors.New("models: the opened tip cannot be read") // its text stays out of the error
	}
	t.Description, t.OccurredAt, t.Sealed = Secret(content.Description), content.OccurredAt, nil
	t.Answers = content.Answers
	if content.Fix != nil {
		t.Fix = &Fix{
			Position:    Position{Lat: content.Fix.Lat, Lng: content.Fix.Lng},
			ReportedCRS: WGS84, AccuracyM: content.Fix.AccuracyM,
		}
	}
	return t, nil
}

// CheckWithdrawal says whether the reporter may withdraw the tip: as long as it may be closed.
func (t Tip) CheckWithdrawal() error { return t.CheckTransition(TipClosed, ClosedWithdrawn) }

// ClosedWithdrawn is the reason of a tip that its own reporter withdrew; no officer gives it.
const ClosedWithdrawn = "withdrawn"
