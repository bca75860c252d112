package models

import (
	"crypto/hmac"
	"crypto/sha1" // #nosec G505 -- the vectors of RFC 4226 are made with it
	"encoding/binary"
	"testing"
	"time"
)

// RFC 4226, appendix D.
func TestTruncationOfRFC4226(t *testing.T) {
	for count, want := range []string{
		"755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489",
	} {
		mac := hmac.New(sha1.New, []byte("12345678901234567890"))
		_ = binary.Write(mac, binary.BigEndian, uint64(count))
		if got := oneTimeCode(mac.Sum(nil), 6); got != want {
			t.Errorf("count %d: %s, want %s", count, got, want)
		}
	}
}

// RFC 6238, appendix B, the lines of SHA-256.
func TestRotatingCodeOfRFC6238(t *testing.T) {
	secret := []byte("12345678901234567890123456789012")
	for at, want := range map[int64]string{
		59: "46119246", 1111111109: "68084774", 1111111111: "67062674", 1234567890: "91819424", 2000000000: "90698825", 20000000000: "77737706",
	} {
		if got := RotatingCode(secret, RotatingStepAt(time.Unix(at, 0))); got != want {
			t.Errorf("at %d: %s, want %s", at, got, want)
		}
	}
}

func TestCheckRotating(t *testing.T) {
	secret, other := []byte("one checkpoint's secret"), []byte("another's")
	shown := time.Date(2026, 11, 24, 17, 0, 0, 0, time.UTC) // the code is in force until 17:00:30
	step := RotatingStepAt(shown)
	code := RotatingCode(secret, step)
	const day = 24 * time.Hour
	tests := map[string]struct {
		secret             []byte
		step               int64
		code               string
		occurred, received time.Duration // after it was first shown
		want               CodeCheck
	}{
		"as it appears":                      {secret, step, code, 0, 0, CodeHolds},
		"in its last moment":                 {secret, step, code, 30*time.Second - 1, 30 * time.Second, CodeHolds},
		"one step late":                      {secret, step, code, 60*time.Second - 1, 60 * time.Second, CodeHolds},
		"one step early":                     {secret, step, code, -30 * time.Second, 0, CodeHolds},
		"scanned in time, three days late":   {secret, step, code, time.Second, 3 * day, CodeHolds},
		"two steps late":                     {secret, step, code, 60 * time.Second, 60 * time.Second, CodeReplayed},
		"two steps late, sent later":         {secret, step, code, 60 * time.Second, day, CodeReplayed},
		"yesterday's":                        {secret, step, code, day, day, CodeReplayed},
		"two steps early":                    {secret, step, code, -30*time.Second - 1, 0, CodeOffTime},
		"a phone a day behind":               {secret, step, code, -day, 0, CodeOffTime},
		"a phone a day ahead":                {secret, step, code, day, time.Second, CodeOffTime},
		"a phone a day ahead, sent too late": {secret, step, code, day, 60 * time.Second, CodeReplayed},
		"another checkpoint's":               {other, step, code, 0, 0, CodeWrong},
		"of another step than it says":       {secret, step + 1, code, 0, 0, CodeWrong},
		"nothing":                            {secret, step, "", 0, 0, CodeWrong},
	}
	for name, test := range tests {
		got := CheckRotating(test.secret, test.step, test.code, shown.Add(test.occurred), shown.Add(test.received))
		if got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}
