package models

import "time"

// How long sign-in lasts.
const (
	AccessTokenLife  = 10 * time.Minute
	RefreshTokenLife = 30 * 24 * time.Hour
	RefreshGrace     = 10 * time.Second // a phone that lost the answer may ask again with the same Idempotency-Key
)

// Session is one sign-in of a person or a device: the family of its refresh tokens.
type Session struct {
	ID         ID
	SubjectID  ID // person or device
	StationID  ID
	Device     bool
	Client     string // the app's own name and version
	CreatedAt  time.Time
	LastUsedAt time.Time
	RevokedAt  time.Time
	ExpiresAt  time.Time
}

// Live says whether the session still holds.
func (s Session) Live(now time.Time) bool { return s.RevokedAt.IsZero() && now.Before(s.ExpiresAt) }

// RefreshToken is one link of a session's chain; only the hash of the token is kept.
type RefreshToken struct {
	Hash      []byte
	SessionID ID
	IssuedAt  time.Time
	ExpiresAt time.Time
	UsedAt    time.Time
	RetryHash []byte // hash of the Idempotency-Key it was used with
	Answer    []byte // the answer given when it was used, sealed at rest and forgotten after RefreshGrace
}
