package doors

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
)

const (
	testKeyID   = "test-1"
	commandType = "door-command+jws"
)

// signer is as much of JWS (RFC 7515, RFC 8037) as a controller's maker would write.
type signer struct{ private ed25519.PrivateKey }

func newSigner(seed byte) signer {
	bytes := make([]byte, ed25519.SeedSize)
	for at := range bytes {
		bytes[at] = seed + byte(at)
	}
	return signer{ed25519.NewKeyFromSeed(bytes)}
}

func (s signer) sign(payload []byte) (string, error) {
	return s.signAs(`{"alg":"EdDSA","kid":"`+testKeyID+`","typ":"`+commandType+`"}`, payload), nil
}

func (s signer) signAs(header string, payload []byte) string {
	signed := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString(payload)
	return signed + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(s.private, []byte(signed)))
}

func (s signer) verify(token string) ([]byte, error) {
	return verifyJWS(token, map[string]ed25519.PublicKey{testKeyID: s.private.Public().(ed25519.PublicKey)})
}

func verifyJWS(token string, keys map[string]ed25519.PublicKey) ([]byte, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, errors.New("not a compact JWS")
	}
	decoded := make([][]byte, len(parts))
	for at, part := range parts {
		var err error
		if decoded[at], err = base64.RawURLEncoding.Strict().DecodeString(part); err != nil {
			return nil, err
		}
	}
	var header map[string]string
	if err := json.Unmarshal(decoded[0], &header); err != nil {
		return nil, err
	}
	key, known := keys[header["kid"]]
	if !known || header["alg"] != "EdDSA" || header["typ"] != commandType || len(header) != 3 {
		return nil, errors.New("not a header of ours")
	}
	if !ed25519.Verify(key, []byte(parts[0]+"."+parts[1]), decoded[2]) {
		return nil, errors.New("the signature does not hold")
	}
	return decoded[1], nil
}
