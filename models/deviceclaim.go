package models

import (
	"crypto/subtle"
	"time"
)

const (
	// DeviceClaimLife is how long a claim code can be used.
	DeviceClaimLife = 15 * time.Minute
	// DeviceClaimDigits are drawn for each: with a hundred codes alive, a million guesses find one with a chance of 1e-8.
	DeviceClaimDigits = 16
	// DeviceClaimKept is how long a claim is kept after it expired.
	DeviceClaimKept = 24 * time.Hour
)

// DeviceClaim is a code by which one device, whoever enters it first, comes by its secret.
type DeviceClaim struct {
	ID        ID
	Place     Place // the station
	DeviceID  ID
	CodeMAC   []byte
	NonceMAC  []byte // of who used it; nil before
	CreatedAt time.Time
	ExpiresAt time.Time
	UsedAt    time.Time
}

// Take says whether whoever shows the code with a nonce gets the device's secret. again: it is the one who got it before,
// and only the answer was lost. Every refusal looks as if there were no such code.
func (c DeviceClaim) Take(device Device, nonceMAC []byte, now time.Time) (again bool, err error) {
	used := !c.UsedAt.IsZero()
	if device.Disabled() || !now.Before(c.ExpiresAt) || used && subtle.ConstantTimeCompare(c.NonceMAC, nonceMAC) != 1 {
		return false, Fail(CodeNotFound)
	}
	return used, nil
}
