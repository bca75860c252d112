package auth

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
)

// The labels keep the keys that are derived from one another's purposes apart
// (RFC 5869, info). A label never changes: what was made under it could not be found again.
const (
	labelSeal       = "xunfang/seal/aes-256-gcm/1"
	labelBlindIndex = "xunfang/blind-index/hmac-sha-256/1"
	labelCodeMAC    = "xunfang/code-mac/hmac-sha-256/1"
	labelAuditMAC   = "xunfang/audit-mac/hmac-sha-256/1"
	labelAuditHash  = "xunfang/audit-hash/hmac-sha-256/1"
	labelKeyID      = "xunfang/key-id/1"
)

// subkeys are the keys that are really used; those in the file only make them.
type subkeys struct {
	blindIndex, codeMAC, auditMAC, auditHash []byte
}

func (r *keyring) derive() error {
	for _, made := range []struct {
		into  *[]byte
		from  []byte
		label string
	}{
		{&r.derived.blindIndex, r.index, labelBlindIndex},
		{&r.derived.codeMAC, r.pepper, labelCodeMAC},
		{&r.derived.auditMAC, r.audit, labelAuditMAC},
		{&r.derived.auditHash, r.audit, labelAuditHash},
	} {
		key, err := hkdf.Key(sha256.New, made.from, nil, made.label, keySize)
		if err != nil {
			return err
		}
		*made.into = key
	}
	for at := range r.data {
		aead, err := columnCipher(r.data[at].key)
		if err != nil {
			return err
		}
		r.data[at].aead = aead
	}
	return nil
}

func columnCipher(dataKey []byte) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, dataKey, nil, labelSeal, keySize)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// fingerprint names a data key by six bytes derived from it, which say nothing about it.
func fingerprint(key []byte) (string, error) {
	short, err := hkdf.Key(sha256.New, key, nil, labelKeyID, 6)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(short), nil
}

// thumbprint is the kid of a new signing key: its JWK thumbprint (RFC 7638, RFC 8037 A.3).
func thumbprint(public ed25519.PublicKey) string {
	x := base64.RawURLEncoding.EncodeToString(public)
	sum := sha256.Sum256([]byte(`{"crv":"Ed25519","kty":"OKP","x":"` + x + `"}`))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
