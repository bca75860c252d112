package models

import (
	"slices"
	"time"
)

// CheckInMethod is how presence was shown.
type CheckInMethod string

// The methods.
const (
	MethodGPS        CheckInMethod = "gps"
	MethodQR         CheckInMethod = "qr"
	MethodNFC        CheckInMethod = "nfc"
	MethodManualCode CheckInMethod = "manual_code" // the typed fallback of a damaged sign
)

// CheckInStatus is the verdict, apart from its reasons.
type CheckInStatus string

// Uncertainty means review, never refusal.
const (
	StatusAccepted CheckInStatus = "accepted"
	StatusReview   CheckInStatus = "review"
	StatusRejected CheckInStatus = "rejected"
)

// CheckInReason says what was noticed.
type CheckInReason string

// The reasons.
const (
	ReasonMockLocation      CheckInReason = "mock_location"
	ReasonLowAccuracy       CheckInReason = "low_accuracy"
	ReasonOutsideRadius     CheckInReason = "outside_radius"
	ReasonNoPosition        CheckInReason = "no_position"
	ReasonNoCheckpointNear  CheckInReason = "no_checkpoint_near"
	ReasonWrongCode         CheckInReason = "wrong_code"
	ReasonMethodNotOffered  CheckInReason = "method_not_offered"
	ReasonClockSkew         CheckInReason = "clock_skew"
	ReasonTooOld            CheckInReason = "too_old"
	ReasonInTheFuture       CheckInReason = "in_the_future"
	ReasonUnknownCheckpoint CheckInReason = "unknown_checkpoint"
	ReasonInvalid           CheckInReason = "invalid"
)

// The limits of plausibility.
const (
	MaxTrustedAccuracyM = 100.0           // a fix less exact than this proves little
	MaxClockAhead       = 2 * time.Minute // a phone's clock further ahead is reviewed
	MaxFuture           = 24 * time.Hour  // a time further ahead is a mistake, not a check-in
	MaxOffline          = 72 * time.Hour  // how long a phone may keep a check-in
	MaxPast             = 366 * 24 * time.Hour
)

// CheckIn is one proof of presence with its verdict. Both clocks are kept.
type CheckIn struct {
	ID           ID // made by the phone
	OrderID      ID // captured_at and ID as one sortable id
	Place        Place
	PersonID     ID
	CheckpointID ID // "" when it was away from all of them
	RoundID      ID
	Method       CheckInMethod
	Fix          *Fix // nil when the phone gave no position
	CapturedAt   time.Time
	ReceivedAt   time.Time
	Note         Secret
	Verdict
}

// Verdict is what the server makes of a check-in.
type Verdict struct {
	Status    CheckInStatus
	Reasons   []CheckInReason
	DistanceM *float64 // to the checkpoint; nil without a position or a checkpoint
}

// ClockSkew is the server's time of arrival minus the phone's time of capture;
// for one recorded offline it contains the time it lay on the phone.
func (c CheckIn) ClockSkew() time.Duration { return c.ReceivedAt.Sub(c.CapturedAt) }

// Judge gives the verdict. checkpoint is nil when the check-in names none and none is near;
// codeHolds says whether the scanned or typed code is the checkpoint's.
func (c CheckIn) Judge(checkpoint *Checkpoint, codeHolds bool) Verdict {
	verdict := Verdict{Status: StatusAccepted, Reasons: []CheckInReason{}}
	note := func(status CheckInStatus, reason CheckInReason) {
		verdict.Reasons = append(verdict.Reasons, reason)
		if status == StatusRejected || verdict.Status == StatusAccepted {
			verdict.Status = status
		}
	}
	if skew := c.ClockSkew(); skew < -MaxClockAhead {
		note(StatusReview, ReasonClockSkew)
	} else if skew > MaxOffline {
		note(StatusReview, ReasonTooOld)
	}
	if c.Fix != nil && c.Fix.IsMock {
		note(StatusReview, ReasonMockLocation)
	}
	if c.Fix != nil && c.Fix.AccuracyM > MaxTrustedAccuracyM {
		note(StatusReview, ReasonLowAccuracy)
	}
	if checkpoint == nil {
		note(verdict.Status, ReasonNoCheckpointNear)
		return verdict
	}
	if !checkpoint.Offers(c.Method) {
		note(StatusReview, ReasonMethodNotOffered)
	}
	if c.Method != MethodGPS && !codeHolds {
		note(StatusRejected, ReasonWrongCode)
	}
	if c.Fix == nil {
		if c.Method == MethodGPS {
			note(StatusReview, ReasonNoPosition)
		}
		return verdict
	}
	distance := c.Fix.DistanceM(checkpoint.At)
	verdict.DistanceM = &distance
	radius := float64(checkpoint.RadiusM)
	switch {
	case distance <= radius:
	case c.Method == MethodGPS && distance > radius+c.Fix.AccuracyM:
		note(StatusRejected, ReasonOutsideRadius) // even its own error does not reach the place
	default:
		note(StatusReview, ReasonOutsideRadius)
	}
	return verdict
}

// CheckTimes refuses times that no phone's clock explains: those are mistakes in the request.
func (c CheckIn) CheckTimes() []FieldError {
	switch skew := c.ClockSkew(); {
	case skew < -MaxFuture:
		return []FieldError{{Field: "captured_at", Code: FieldInFuture, Want: "<= now + 24 h"}}
	case skew > MaxPast:
		return []FieldError{{Field: "captured_at", Code: FieldTooOld, Want: ">= now - 366 d"}}
	default:
		return nil
	}
}

// Has says whether the verdict carries the reason.
func (v Verdict) Has(reason CheckInReason) bool { return slices.Contains(v.Reasons, reason) }
