package auth

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"

	"xunfang/models"
)

// NewSecret draws 256 bits and writes them in base64url, 43 characters: for refresh
// tokens and the secrets of devices.
func NewSecret(random io.Reader) (models.Secret, error) {
	var bits [32]byte
	if _, err := io.ReadFull(random, bits[:]); err != nil {
		return "", fmt.Errorf("auth: drawing a secret: %w", err)
	}
	return models.Secret(base64.RawURLEncoding.EncodeToString(bits[:])), nil
}

// HashSecret is how a NewSecret is kept: its SHA-256, 32 bytes. No salt and no cost are
// needed for 256 random bits; anything that a person chose or could guess needs
// Passwords or CodeMAC instead.
func HashSecret(secret models.Secret) []byte {
	sum := sha256.Sum256([]byte(secret.Reveal()))
	return sum[:]
}

// SameSecret says, in constant time, whether the hash is that of the secret.
func SameSecret(hash []byte, secret models.Secret) bool {
	return SameBytes(hash, HashSecret(secret))
}

// SameBytes compares two MACs or hashes in constant time. Two empty ones are not the
// same: a row read without its hash must match nothing.
func SameBytes(one, other []byte) bool {
	return len(one) > 0 && subtle.ConstantTimeCompare(one, other) == 1
}
