package models

import "time"

// SecretOverlap is how long a device's old secret holds after a rotation, unless the new one is used sooner.
const SecretOverlap = 10 * time.Minute

// OldSecret is the one before the present, while both hold. Zero: there is none.
type OldSecret struct {
	Hash  []byte
	Until time.Time
}

// Holds says whether the old secret still holds.
func (o OldSecret) Holds(now time.Time) bool { return len(o.Hash) > 0 && now.Before(o.Until) }

// SecretHashes are those of the secrets that the device may show now, the newest first. None when it is disabled.
func (d Device) SecretHashes(now time.Time) [][]byte {
	switch {
	case d.Disabled():
		return nil
	case d.OldSecret.Holds(now):
		return [][]byte{d.SecretHash, d.OldSecret.Hash}
	default:
		return [][]byte{d.SecretHash}
	}
}

// UsedSecretHash is that of the secret that the device has shown last: what it is given is keyed by it, for whether a new
// one has reached the device nobody knows before it is used.
func (d Device) UsedSecretHash(now time.Time) []byte {
	if d.OldSecret.Holds(now) {
		return d.OldSecret.Hash
	}
	return d.SecretHash
}

// Rotated is the device with a new secret beside the one it uses. Where an earlier new one was never used, for its answer
// was lost, that one goes, and not the one that the device knows.
func (d Device) Rotated(hash []byte, now time.Time) Device {
	d.OldSecret, d.SecretHash = OldSecret{Hash: d.UsedSecretHash(now), Until: now.Add(SecretOverlap)}, hash
	return d
}

// Replaced is the device with a new secret and no other.
func (d Device) Replaced(hash []byte) Device {
	d.OldSecret, d.SecretHash = OldSecret{}, hash
	return d
}
