package auth

import (
	"crypto/cipher"
	"crypto/ed25519"
	"fmt"
	"io"
	"log/slog"
)

const (
	keySize = 32 // bytes of every symmetric key and of every Ed25519 seed

	// A list this long has seen years of rotations; the file needs tidying before the next.
	maxKeysInList = 32
)

// Keys holds every key of one installation. It never changes once made, so it may be
// used by any number of goroutines, and it cannot be printed: fmt, slog and
// encoding/json all write "***".
//
// The only field is a function: where Keys is in an unexported field of something else,
// fmt cannot call our methods, and a pointer it follows for some verbs (%t of a struct
// around it printed every key); of a function it never shows more than the address.
type Keys struct{ ring func() *keyring } //nolint:recvcheck // masked by value too

// keyring is what a key file holds, and what is derived from it once.
type keyring struct {
	demo   bool
	access []signingKey // sign access tokens; the first is current, the rest still verify
	door   []signingKey // sign door commands; likewise
	data   []dataKey    // seal columns; the first is current, the rest still open
	index  []byte       // blind indexes
	pepper []byte       // codes and secrets short enough to be guessed
	audit  []byte       // the audit's MACs and salted hashes

	derived subkeys
	jwks    []byte
}

type signingKey struct {
	kid     string
	private ed25519.PrivateKey
}

type dataKey struct {
	kid  string
	key  []byte
	aead cipher.AEAD // derived
}

func (k signingKey) public() ed25519.PublicKey {
	return ed25519.PublicKey(k.private[ed25519.SeedSize:])
}

// GenerateKeys makes a fresh set with one key of each kind. Keys marked demo are for
// the demonstration: a production server refuses them (see Demo).
func GenerateKeys(random io.Reader, demo bool) (*Keys, error) {
	ring := &keyring{demo: demo}
	for _, into := range []*[]byte{&ring.index, &ring.pepper, &ring.audit} {
		key, err := drawKey(random)
		if err != nil {
			return nil, err
		}
		*into = key
	}
	if err := ring.addCurrent(random); err != nil {
		return nil, err
	}
	return ring.finish()
}

// Rotate gives a copy with new current signing, door and data keys in front of the old
// ones, which go on verifying and opening. The index key, the pepper and the audit key
// stay: what they made is compared, not opened, and could not be made again.
func (k *Keys) Rotate(random io.Reader) (*Keys, error) {
	next := *k.ring()
	next.data = append([]dataKey(nil), k.ring().data...)
	if err := next.addCurrent(random); err != nil {
		return nil, err
	}
	return next.finish()
}

// Demo says whether the keys are for demonstration only.
func (k *Keys) Demo() bool { return k.ring().demo }

func (r *keyring) addCurrent(random io.Reader) error {
	for _, list := range []*[]signingKey{&r.access, &r.door} {
		seed, err := drawKey(random)
		if err != nil {
			return err
		}
		key := signingKey{private: ed25519.NewKeyFromSeed(seed)}
		key.kid = thumbprint(key.public())
		*list = append([]signingKey{key}, *list...)
	}
	key, err := drawKey(random)
	if err != nil {
		return err
	}
	kid, err := fingerprint(key)
	if err != nil {
		return err
	}
	r.data = append([]dataKey{{kid: kid, key: key}}, r.data...)
	return nil
}

// finish checks the keys and derives from them what is used; nothing else makes a Keys.
func (r *keyring) finish() (*Keys, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	if err := r.derive(); err != nil {
		return nil, fmt.Errorf("auth: deriving keys: %w", err)
	}
	jwks, err := jwksOf(r.access, r.door)
	if err != nil {
		return nil, err
	}
	r.jwks = jwks
	return &Keys{ring: func() *keyring { return r }}, nil
}

func drawKey(random io.Reader) ([]byte, error) {
	key := make([]byte, keySize)
	if _, err := io.ReadFull(random, key); err != nil {
		return nil, fmt.Errorf("auth: drawing a key: %w", err)
	}
	return key, nil
}

const maskedKeys = "***"

// String masks the keys.
func (k Keys) String() string { return maskedKeys }

// GoString masks the keys for %#v.
func (k Keys) GoString() string { return maskedKeys }

// LogValue masks the keys for slog.
func (k Keys) LogValue() slog.Value { return slog.StringValue(maskedKeys) }

// MarshalJSON masks the keys; only WriteFile writes them.
func (k Keys) MarshalJSON() ([]byte, error) { return []byte(`"` + maskedKeys + `"`), nil }
