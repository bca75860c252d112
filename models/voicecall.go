package models

import (
	"slices"
	"time"
)

// Bounds of calls to people's numbers.
const (
	MaxAlertCalls     = 10               // to a person on a day of UTC: one night in China is one such day
	VoiceRingWithin   = 60 * time.Second // a call that was handed over and does not ring by then is not to ring any more
	VoiceCallbackKept = 24 * time.Hour   // how long it is known that a callback was taken: far beyond WebhookSigned
)

// VoiceEvent is what the station's caller system says became of a call. The words of those that failed are the reasons in the ledger.
type VoiceEvent string

// The events of a call.
const (
	VoiceAnswered VoiceEvent = "answered" // somebody picked up, or a mailbox did: no proof of the person
	VoicePressed  VoiceEvent = "pressed"  // the key that was asked for: the person acknowledges
	VoiceNoAnswer VoiceEvent = "no_answer"
	VoiceBusy     VoiceEvent = "busy"
	VoiceFailed   VoiceEvent = "failed"
)

// VoiceReport is one word of the caller system about one call.
type VoiceReport struct {
	CallbackID string // the sender's own, the same at each repeat
	CallID     ID     // the attempt's
	Event      VoiceEvent
}

// Moves says what an attempt becomes by an event; false: nothing. Events may come in any order and before our own record that the
// call was handed over. A key that was pressed stands over everything else; that something picked up is not news after a failure.
func (e VoiceEvent) Moves(attempt Attempt) (DeliveryState, bool) {
	if attempt.Channel != ChannelVoice || !attempt.MayHaveLeft() || attempt.State == DeliveryAcknowledged {
		return attempt.State, false
	}
	under := slices.Contains([]DeliveryState{DeliveryQueued, DeliverySent, DeliveryAccepted}, attempt.State)
	switch e {
	case VoicePressed:
		return DeliveryAcknowledged, true
	case VoiceAnswered:
		return DeliveryAccepted, under && attempt.Reason != string(VoiceAnswered)
	case VoiceNoAnswer, VoiceBusy, VoiceFailed:
		return DeliveryFailed, under
	default:
		return attempt.State, false
	}
}

// CallStands says whether a call that is about to be placed is still wanted: nobody is rung for what somebody sees to already.
func (a Alert) CallStands(now time.Time) bool {
	return a.CancelledAt.IsZero() && now.Before(a.ExpiresAt) && !a.Answered()
}
