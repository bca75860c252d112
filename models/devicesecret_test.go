package models

import (
	"bytes"
	"testing"
	"time"
)

// Which secrets hold: a rotation leaves the one that the device uses, also when an answer was lost in between.
func TestARotationLeavesTheSecretInUse(t *testing.T) {
	now, a, b, c := doorDay, []byte("a"), []byte("b"), []byte("c")
	rotated := Device{SecretHash: a}.Rotated(b, now)
	lost := rotated.Rotated(c, now.Add(SecretOverlap-time.Millisecond))
	for name, try := range map[string]struct {
		device Device
		after  time.Duration
		holds  string
		used   []byte
	}{
		"never rotated":        {Device{SecretHash: a}, 0, "a", a},
		"at once":              {rotated, 0, "ba", a},
		"just before the end":  {rotated, SecretOverlap - time.Millisecond, "ba", a},
		"at the end":           {rotated, SecretOverlap, "b", b},
		"an answer was lost":   {lost, SecretOverlap, "ca", a},
		"another one later":    {rotated.Rotated(c, now.Add(SecretOverlap)), SecretOverlap, "cb", b},
		"replaced meanwhile":   {rotated.Replaced(c), 0, "c", c},
		"disabled in overlap":  {Device{SecretHash: b, OldSecret: rotated.OldSecret, DisabledAt: now}, 0, "", a},
		"nothing hashed to ''": {Device{OldSecret: OldSecret{Until: now.Add(time.Hour)}}, 0, "", nil},
	} {
		at := now.Add(try.after)
		if got := string(bytes.Join(try.device.SecretHashes(at), nil)); got != try.holds || !bytes.Equal(try.device.UsedSecretHash(at), try.used) {
			t.Errorf("%s: %q hold, used is %q", name, got, try.device.UsedSecretHash(at))
		}
	}
}

func TestAClaimIsTakenOnce(t *testing.T) {
	now, mac := doorDay, []byte("nonce")
	fresh := DeviceClaim{ExpiresAt: now.Add(DeviceClaimLife)}
	used := fresh
	used.UsedAt, used.NonceMAC = now, mac
	for name, try := range map[string]struct {
		claim  DeviceClaim
		device Device
		nonce  []byte
		after  time.Duration
		again  bool
		code   Code
	}{
		"first":                   {fresh, Device{}, mac, 0, false, ""},
		"just in time":            {fresh, Device{}, mac, DeviceClaimLife - time.Millisecond, false, ""},
		"over":                    {fresh, Device{}, mac, DeviceClaimLife, false, CodeNotFound},
		"disabled":                {fresh, Device{DisabledAt: now}, mac, 0, false, CodeNotFound},
		"again by the same":       {used, Device{}, mac, time.Minute, true, ""},
		"again, over":             {used, Device{}, mac, DeviceClaimLife, false, CodeNotFound},
		"by another":              {used, Device{}, []byte("other"), 0, false, CodeNotFound},
		"used before nonces were": {DeviceClaim{ExpiresAt: fresh.ExpiresAt, UsedAt: now}, Device{}, mac, 0, false, CodeNotFound},
	} {
		again, err := try.claim.Take(try.device, try.nonce, now.Add(try.after))
		if again != try.again || CodeOf(err) != try.code {
			t.Errorf("%s: %t %v", name, again, err)
		}
	}
}
