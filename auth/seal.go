package auth

import (
	"errors"
	"fmt"

	"xunfang/models"
)

// A sealed value is: version, length of the key id, key id, nonce (12 bytes), text, tag (16 bytes).
const (
	sealVersion  = 1
	sealOverhead = 12 + 16
)

// ErrSealed is the error of a sealed value that does not open: altered, cut, moved to
// another row or column, or sealed under a key that the key file no longer has.
var ErrSealed = errors.New("auth: the sealed value does not open")

// Seal encrypts a column with AES-256-GCM under the current data key. The context names
// the column and the row ("people.phone:<id>") and is bound to the value, so that it
// opens nowhere else. The nonce is random: rotate the data key well before 2^32 values.
func (k *Keys) Seal(plain []byte, context string) []byte {
	current := k.ring().data[0]
	sealed := make([]byte, 0, 2+len(current.kid)+sealOverhead+len(plain))
	sealed = append(sealed, sealVersion, byte(len(current.kid))) //nolint:gosec // a kid is short
	sealed = append(sealed, current.kid...)
	return current.aead.Seal(sealed, nil, plain, sealedWith(sealed, context)) //nolint:gosec // it draws its nonce itself
}

// Open gives back what Seal was given in the same context, or ErrSealed.
func (k *Keys) Open(sealed []byte, context string) ([]byte, error) {
	if len(sealed) < 2 || sealed[0] != sealVersion {
		return nil, fmt.Errorf("%w: no known version", ErrSealed)
	}
	body := 2 + int(sealed[1])
	if len(sealed) < body+sealOverhead {
		return nil, fmt.Errorf("%w: cut short", ErrSealed)
	}
	kid := string(sealed[2:body])
	for _, key := range k.ring().data {
		if key.kid != kid {
			continue
		}
		plain, err := key.aead.Open(nil, nil, sealed[body:], sealedWith(sealed[:body], context))
		if err != nil {
			return nil, fmt.Errorf("%w: altered, or of another place", ErrSealed)
		}
		return plain, nil
	}
	return nil, fmt.Errorf("%w: its key is not in the key file", ErrSealed)
}

// SealText is Seal for text that must not be printed.
func (k *Keys) SealText(plain models.Secret, context string) []byte {
	return k.Seal([]byte(plain.Reveal()), context)
}

// OpenText is Open for text that must not be printed.
func (k *Keys) OpenText(sealed []byte, context string) (models.Secret, error) {
	plain, err := k.Open(sealed, context)
	return models.Secret(plain), err
}

// sealedWith is the additional data: the header with its lengths, then the context.
func sealedWith(header []byte, context string) []byte {
	return append(append(make([]byte, 0, len(header)+len(context)), header...), context...)
}
