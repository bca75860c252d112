package push

import (
	"context"
	"time"

	"xunfang/models"
)

// Outbox is where deliveries wait. It is the database's part of the promise: a delivery is handed to
// one owner at a time, until its lease ends.
type Outbox interface {
	// ClaimShares leases to owner what is due at now and nobody holds, until now + lease: of each share's channels no more
	// than the share says, the most urgent first.
	ClaimShares(
		ctx context.Context, owner string, shares []models.DeliveryShare, lease time.Duration, now time.Time,
	) ([]Delivery, error)
	// FinishDeliveries writes how attempts ended, only for those that owner still holds: sent and
	// failed end the delivery, gone ends it and forgets the address, retry frees it until NextAt.
	FinishDeliveries(ctx context.Context, owner string, results []Result, now time.Time) error
}

// Delivery is one alert on its way to one installation of an app.
type Delivery struct {
	ID             models.ID
	PersonID       models.ID
	InstallationID string
	Attempt        int    // which attempt this is; 1 is the first
	Spent          int    // attempts before it that counted: those made while the provider took others' messages
	Kind           string // of the address: chooses the channel
	Message        Message
}

// Result is how an attempt at a delivery ended.
type Result struct {
	Delivery Delivery
	Outcome  Outcome
	NextAt   time.Time // with StateRetry: when to try again; else zero
	Counted  bool      // with StateRetry: one of those that the delivery has
}
