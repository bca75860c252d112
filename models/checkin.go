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
	MethodQR         CheckInMethod = "qr" // fixed, printed
	MethodNFC        CheckInMethod = "nfc"
	MethodManualCode CheckInMethod = "manual_code" // the typed fallback of a damaged sign
	MethodRotatingQR CheckInMethod = "rotating_qr" // on a screen, another every RotatingStep
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
	ReasonStaleFix          CheckInReason = "stale_fix"
	ReasonReplayedCode      CheckInReason = "replayed_code"
	ReasonWrongTag          CheckInReason = "wrong_tag" // wrong_code of an NFC tag
	ReasonSystemSuspect     CheckInReason = "coordinates_system_suspect"

	// These depend on the person's other check-ins; see FindAmong.
	ReasonImpossibleSpeed CheckInReason = "impossible_speed"
	ReasonTooFastBetween  CheckInReason = "too_fast_between"
	ReasonRepeatedScan    CheckInReason = "repeated_scan"
)

// The limits of plausibility.
const (
	MaxTrustedAccuracyM = 100.0           // a fix less exact than this proves little; one that does not say is taken for it
	MaxFixAge           = time.Minute     // a position found longer before is of some other place
	MaxClockAhead       = 2 * time.Minute // a phone's clock further ahead, or off, is noticed
	MaxFuture           = 24 * time.Hour  // a time further ahead is a mistake, not a check-in
	MaxOffline          = 72 * time.Hour  // how long a phone may keep a check-in
	MaxPast             = 366 * 24 * time.Hour
)

// CheckIn is one proof of presence with its verdict. Both clocks are kept, and what they tell together.
type CheckIn struct {
	ID           ID // made by the phone
	OrderID      ID // OccurredAt and ID as one sortable id
	Place        Place
	PersonID     ID
	CheckpointID ID // "" when it was away from all of them
	RoundID      ID
	Method       CheckInMethod
	Fix          *Fix      // nil when the phone gave no position
	CapturedAt   time.Time // by the phone's wall clock
	OccurredAt   time.Time // corrected by its monotonic clock; CapturedAt where that could not be told
	ReceivedAt   time.Time
	Note         Secret
	Verdict

	clockTold bool // OccurredAt is by the monotonic clock
	clockOff  bool // the wall clock was seen to be wrong by more than MaxClockAhead
}

// Verdict is what the server makes of a check-in by itself. It never changes: what other check-ins
// say is a CheckInFinding, what an officer says a Correction.
type Verdict struct {
	Status    CheckInStatus
	Reasons   []CheckInReason
	DistanceM *float64 // to the checkpoint; nil without a position or a checkpoint
}

// ClockSkew is the server's time of arrival minus the phone's time of capture;
// for one recorded offline it contains the time it lay on the phone.
func (c CheckIn) ClockSkew() time.Duration { return c.ReceivedAt.Sub(c.CapturedAt) }

// Timed sets when the check-in happened and its order. clock is nil when the phone did not tell its clocks.
func (c CheckIn) Timed(clock *PhoneClock, bootID string, monotonicMS int64) CheckIn {
	c.OccurredAt = c.CapturedAt
	if clock != nil {
		c.clockOff = clock.Off(c.ReceivedAt)
		if at, told := clock.Correct(bootID, monotonicMS, c.ReceivedAt); told {
			c.OccurredAt, c.clockTold = at, true
			c.clockOff = c.CapturedAt.Sub(at).Abs() > MaxClockAhead
		}
	}
	c.OrderID = OrderID(c.OccurredAt, c.ID)
	return c
}

// CheckTimes refuses times that no phone's clock explains: those are mistakes in the request. Where the
// monotonic clock tells the time, the wall clock may show what it likes.
func (c CheckIn) CheckTimes() []FieldError {
	switch skew := c.ClockSkew(); {
	case c.clockTold:
		return nil
	case skew < -MaxFuture:
		return []FieldError{{Field: "captured_at", Code: FieldInFuture, Want: "<= now + 24 h"}}
	case skew > MaxPast:
		return []FieldError{{Field: "captured_at", Code: FieldTooOld, Want: ">= now - 366 d"}}
	default:
		return nil
	}
}

// Judge gives the verdict. checkpoint is nil when the check-in names none and none is near; code is what became
// of the scanned or typed code. docs/check-ins.md has the table of what leads to what.
func (c CheckIn) Judge(checkpoint *Checkpoint, code CodeCheck) Verdict {
	verdict := Verdict{Status: StatusAccepted, Reasons: []CheckInReason{}}
	proven := checkpoint != nil && c.Method != MethodGPS && (code == CodeHolds || code == CodeOffTime)
	doubt := StatusReview // what is wrong with a position
	if proven {
		doubt = StatusAccepted // somebody with the place's code was there, whatever the position says
	}
	c.judgeClock(&verdict, proven && code == CodeOffTime)
	if c.Fix != nil && c.Fix.IsMock {
		if c.Method == MethodQR || c.Method == MethodManualCode {
			verdict.note(StatusReview, ReasonMockLocation) // a photo of a printed code and a made-up position go together
		} else {
			verdict.note(doubt, ReasonMockLocation)
		}
	}
	if c.Fix != nil && c.Fix.AccuracyM > MaxTrustedAccuracyM {
		verdict.note(doubt, ReasonLowAccuracy)
	}
	if c.staleFix() {
		verdict.note(doubt, ReasonStaleFix)
	}
	if checkpoint == nil {
		verdict.note(StatusAccepted, ReasonNoCheckpointNear)
		return verdict
	}
	if !checkpoint.Offers(c.Method) {
		verdict.note(StatusReview, ReasonMethodNotOffered)
	}
	switch {
	case c.Method == MethodGPS, proven:
	case code == CodeReplayed:
		verdict.note(StatusRejected, ReasonReplayedCode)
	case c.Method == MethodNFC:
		verdict.note(StatusRejected, ReasonWrongTag)
	default:
		verdict.note(StatusRejected, ReasonWrongCode)
	}
	c.judgePosition(&verdict, *checkpoint, proven)
	return verdict
}

// judgeClock notes a clock that was wrong. What the monotonic clock has put right is noted and no more.
func (c CheckIn) judgeClock(verdict *Verdict, codeOffTime bool) {
	switch skew := c.ReceivedAt.Sub(c.OccurredAt); {
	case codeOffTime, !c.clockTold && (c.clockOff || skew < -MaxClockAhead):
		verdict.note(StatusReview, ReasonClockSkew)
	case c.clockOff:
		verdict.note(StatusAccepted, ReasonClockSkew)
	}
	if c.ReceivedAt.Sub(c.OccurredAt) > MaxOffline {
		verdict.note(StatusReview, ReasonTooOld)
	}
}

// staleFix looks at the earlier of both clocks: satellites give the time of a fix, or the phone's wall clock does.
func (c CheckIn) staleFix() bool {
	if c.Fix == nil || c.Fix.FixedAt.IsZero() {
		return false
	}
	at := c.CapturedAt
	if c.OccurredAt.Before(at) {
		at = c.OccurredAt
	}
	return at.Sub(c.Fix.FixedAt) > MaxFixAge
}

// judgePosition compares the position with the checkpoint's.
func (c CheckIn) judgePosition(verdict *Verdict, checkpoint Checkpoint, proven bool) {
	if c.Fix == nil {
		if c.Method == MethodGPS {
			verdict.note(StatusReview, ReasonNoPosition)
		}
		return
	}
	distance, radius, reach := c.Fix.DistanceM(checkpoint.At), float64(checkpoint.RadiusM), c.Fix.AccuracyM
	verdict.DistanceM = &distance
	if reach == 0 {
		reach = MaxTrustedAccuracyM
	}
	far := distance > radius+reach // even its own error does not reach the place
	elsewhere := far && !c.staleFix()
	_, misread := c.Fix.Misread(checkpoint.At, radius+min(reach, MaxTrustedAccuracyM))
	misread = misread && far
	switch {
	case distance <= radius:
	case misread && proven:
		verdict.note(StatusAccepted, ReasonSystemSuspect)
	case misread:
		verdict.note(StatusReview, ReasonSystemSuspect)
	case elsewhere && c.Method == MethodGPS:
		verdict.note(StatusRejected, ReasonOutsideRadius)
	case proven && !elsewhere:
		verdict.note(StatusAccepted, ReasonOutsideRadius)
	default:
		verdict.note(StatusReview, ReasonOutsideRadius)
	}
}

// note adds a reason; the status only gets worse.
func (v *Verdict) note(status CheckInStatus, reason CheckInReason) {
	v.Reasons = append(v.Reasons, reason)
	if status == StatusRejected || (status == StatusReview && v.Status == StatusAccepted) {
		v.Status = status
	}
}

// Has says whether the verdict carries the reason.
func (v *Verdict) Has(reason CheckInReason) bool { return slices.Contains(v.Reasons, reason) }
