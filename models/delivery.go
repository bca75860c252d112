package models

import "time"

// The states of a delivery.
const (
	DeliveryQueued = "queued"
	DeliverySent   = "sent"   // the provider took it
	DeliveryGone   = "gone"   // the provider says the address is no more; it has been forgotten
	DeliveryFailed = "failed" // given up, or expired
)

// Delivery is one alert to be sent to one address: a row of the outbox.
type Delivery struct {
	ID             ID
	AlertID        ID
	PersonID       ID
	InstallationID string
	Kind           string // of the address: fcm_token, ...
	AlertKind      string
	Severity       string
	Address        Secret
	Platform       string
	Locale         string
	Attempt        int // tries so far
	ExpiresAt      time.Time
}

// DeliveryResult is what became of one try.
type DeliveryResult struct {
	Delivery
	State  string    // DeliveryQueued: to be tried again at NextAt
	NextAt time.Time // for DeliveryQueued
	Reason string    // short stable code, no personal data
}
