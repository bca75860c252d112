package models

import "time"

// AccessToken is what a provider of messages gave us for a while, shared between replicas.
type AccessToken struct {
	Value     Secret
	ExpiresAt time.Time
	Version   int64 // counts up with each token that is kept
}
