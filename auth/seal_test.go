package auth

import (
	"bytes"
	"errors"
	"testing"
	"testing/cryptotest"
)

func TestSealOpensInItsOwnPlaceOnly(t *testing.T) {
	keys := keysFrom(t, 1)
	for _, plain := range []string{"", "13900000000", string(make([]byte, 10_000))} {
		sealed := keys.Seal([]byte(plain), "people.phone:1")
		if got, err := keys.Open(sealed, "people.phone:1"); err != nil || string(got) != plain {
			t.Fatalf("%q came back as %q, %v", plain, got, err)
		}
		for _, elsewhere := range []string{"people.phone:2", "people.phone:", "people.id_number:1", "", "people.phone:11"} {
			if _, err := keys.Open(sealed, elsewhere); !errors.Is(err, ErrSealed) {
				t.Errorf("opened in %q", elsewhere)
			}
		}
		if _, err := keysFrom(t, 2).Open(sealed, "people.phone:1"); !errors.Is(err, ErrSealed) {
			t.Error("opened with another installation's keys")
		}
	}
	text, err := keys.OpenText(keys.SealText("13900000000", "here"), "here")
	if err != nil || text.Reveal() != "13900000000" || text.String() == text.Reveal() {
		t.Errorf("text: %v", err)
	}
}

func TestSealedValueOpensOnlyWhole(t *testing.T) {
	keys := keysFrom(t, 1)
	sealed := keys.Seal([]byte("13900000000"), "here")
	for at := range sealed {
		for bit := range 8 {
			altered := bytes.Clone(sealed)
			altered[at] ^= 1 << bit
			if _, err := keys.Open(altered, "here"); !errors.Is(err, ErrSealed) {
				t.Fatalf("opened with bit %d of byte %d altered", bit, at)
			}
		}
		if _, err := keys.Open(sealed[:at], "here"); !errors.Is(err, ErrSealed) {
			t.Fatalf("opened when cut to %d bytes", at)
		}
	}
	if _, err := keys.Open(append(bytes.Clone(sealed), 0), "here"); !errors.Is(err, ErrSealed) {
		t.Error("opened with a byte more")
	}
	if _, err := keys.Open(nil, "here"); !errors.Is(err, ErrSealed) {
		t.Error("opened nothing")
	}
}

// The header is bound too: even where two ids named one key, a value would open under
// its own only.
func TestSealBindsItsHeader(t *testing.T) {
	keys := keysFrom(t, 1)
	sealed := keys.Seal([]byte("text"), "here")
	ring := *keys.ring()
	twin := ring.data[0]
	twin.kid = "twintwin"
	ring.data = append([]dataKey{twin}, ring.data...)
	both := &Keys{ring: func() *keyring { return &ring }}
	if _, err := both.Open(sealed, "here"); err != nil {
		t.Fatalf("control: %v", err)
	}
	copy(sealed[2:], twin.kid)
	if _, err := both.Open(sealed, "here"); !errors.Is(err, ErrSealed) {
		t.Error("opened under another id")
	}
}

func TestSealNeverRepeatsItsNonce(t *testing.T) {
	keys := keysFrom(t, 1)
	seen := map[string]bool{}
	nonce := func(sealed []byte) string { return string(sealed[2+len(keys.ring().data[0].kid):][:12]) }
	for range 10_000 {
		seen[nonce(keys.Seal([]byte("text"), "here"))] = true
	}
	if len(seen) != 10_000 {
		t.Errorf("%d nonces for 10000 values", len(seen))
	}
	// Two programs started from the same seeded keys must not share nonces either.
	one, two := keysFrom(t, 1), keysFrom(t, 1)
	if nonce(one.Seal(nil, "")) == nonce(two.Seal(nil, "")) {
		t.Error("the nonce comes from the keys' own stream")
	}
}

func TestSealTakesItsNonceFromTheSystem(t *testing.T) {
	keys := keysFrom(t, 1)
	cryptotest.SetGlobalRandom(t, 1)
	first := keys.Seal([]byte("text"), "here")
	cryptotest.SetGlobalRandom(t, 1)
	if !bytes.Equal(first, keys.Seal([]byte("text"), "here")) {
		t.Error("something else than the system's randomness is in the value")
	}
}

func FuzzOpen(f *testing.F) {
	keys := keysFrom(f, 1)
	f.Add(keys.Seal([]byte("text"), "here")[:20])
	f.Add([]byte{1, 255})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, sealed []byte) {
		if _, err := keys.Open(sealed, "there"); !errors.Is(err, ErrSealed) {
			t.Errorf("%x opened", sealed)
		}
	})
}
