package push

import (
	"context"
	"time"
)

// Channel is one way to a phone. Send makes one attempt, ends when ctx does, and never reports more
// than an Outcome: whether and when to try again is the Worker's decision.
type Channel interface {
	Send(ctx context.Context, message Message) Outcome
}

// State is how an attempt ended.
type State string

// The states.
const (
	StateSent   State = "sent"   // taken by the provider
	StateGone   State = "gone"   // the address no longer exists: forget it
	StateRetry  State = "retry"  // not taken now; later it may be
	StateFailed State = "failed" // will never be taken as it stands; the address is kept
)

// The reasons an Outcome can carry. They are stable and hold nothing personal, so that they can be
// stored, counted and logged.
const (
	ReasonUnregistered     = "unregistered"
	ReasonSenderMismatch   = "sender_id_mismatch"
	ReasonInvalidArgument  = "invalid_argument"
	ReasonInvalidToken     = "invalid_token"   // messages of this shape went through for others
	ReasonInvalidMessage   = "invalid_message" // refused before it was sent
	ReasonRefused          = "refused"
	ReasonQuota            = "quota"
	ReasonInternal         = "internal"
	ReasonUnavailable      = "unavailable"
	ReasonTimeout          = "timeout"
	ReasonNetwork          = "network"
	ReasonBadAnswer        = "bad_answer"         // success without a message name: not the provider
	ReasonCredentials      = "credentials"        // ours to mend
	ReasonPermission       = "permission"         // ours to mend
	ReasonProviderNotFound = "provider_not_found" // a 404 that says nothing about the address
	ReasonCancelled        = "cancelled"
	ReasonExpired          = "expired"
	ReasonGaveUp           = "gave_up"
	ReasonPanic            = "panic"
	ReasonNoChannel        = "no_channel"
	ReasonNoConsent        = "no_consent"  // the person allows no further message of this kind
	ReasonNoTemplate       = "no_template" // the station has no template for this kind
	ReasonBadOutcome       = "bad_outcome" // a channel answered with a state that is none
)

// Outcome is how one attempt ended.
type Outcome struct {
	State      State
	RetryAfter time.Duration // with StateRetry: what the provider asked for; 0 when it asked for nothing
	Reason     string        // one of the reasons; "" with StateSent
	ProviderID string        // with StateSent: the provider's own name of the message
}
