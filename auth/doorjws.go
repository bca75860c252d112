package auth

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
)

// doorHeader is the protected header of what is signed for controllers; no other member is taken, crit
// included (RFC 7515, section 4.1.11).
type doorHeader struct {
	Algorithm string `json:"alg"`
	Type      string `json:"typ"`
	KeyID     string `json:"kid"`
}

// signForDoors makes a compact JWS (RFC 7515, EdDSA of RFC 8037) of a payload with the current door key. Its typ keeps it
// apart from every other thing that is signed.
func (k *Keys) signForDoors(kind string, payload []byte) (string, error) {
	current := k.ring().door[0]
	header, err := json.Marshal(doorHeader{Algorithm: "EdDSA", Type: kind, KeyID: current.kid})
	if err != nil {
		return "", err
	}
	encode := base64.RawURLEncoding.EncodeToString
	signed := encode(header) + "." + encode(payload)
	return signed + "." + encode(ed25519.Sign(current.private, []byte(signed))), nil
}

// verifyForDoors is the controller's side: the payload of a JWS of a kind, of at most so many bytes and signed by one of the keys.
func verifyForDoors(kind, jws string, most int, keys map[string]ed25519.PublicKey) (payload []byte, err error) {
	parts := strings.Split(jws, ".")
	if len(jws) > most || len(parts) != 3 {
		return nil, errors.New("too long, or not three parts")
	}
	var decoded [3][]byte
	for at, part := range parts {
		if decoded[at], err = decodeSegment(part); err != nil {
			return nil, err
		}
	}
	var header doorHeader
	if strictJSON(decoded[0], &header) != nil {
		return nil, errors.New("its header has other members than alg, typ and kid")
	}
	if header.Algorithm != "EdDSA" || header.Type != kind {
		return nil, errors.New("alg or typ")
	}
	public, known := keys[header.KeyID]
	if !known || len(public) != ed25519.PublicKeySize { // ed25519.Verify panics on another size
		return nil, errors.New("no such key")
	}
	if !ed25519.Verify(public, []byte(parts[0]+"."+parts[1]), decoded[2]) {
		return nil, errors.New("the signature does not hold")
	}
	return decoded[1], nil
}

// strictJSON reads one JSON value and nothing besides.
func strictJSON(text []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if decoder.More() {
		return errors.New("more than one value")
	}
	return nil
}

// deviceKey is a key for one purpose that only a device and the server can make: HMAC-SHA-256(SHA-256(secret), purpose).
// secretHash is what HashSecret makes of the secret, so it goes with the secret, rotation included.
func deviceKey(secretHash []byte, purpose string) []byte {
	mac := hmac.New(sha256.New, secretHash)
	mac.Write([]byte(purpose))
	return mac.Sum(nil)
}

// deviceHash makes hashes for one device's lists: the first so many bytes, in base64url, of HMAC-SHA-256 under its
// deviceKey.
func deviceHash(secretHash []byte, purpose string, length int) func(data []byte) string {
	key := deviceKey(secretHash, purpose)
	return func(data []byte) string {
		mac := hmac.New(sha256.New, key)
		mac.Write(data)
		return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:length])
	}
}

// decodeSegment reads unpadded base64url of which each value has one spelling only.
// The library's strict mode still skips line breaks, hence the look at each byte.
func decodeSegment(text string) ([]byte, error) {
	for _, c := range []byte(text) {
		if !base64urlByte(c) {
			return nil, errors.New("not base64url")
		}
	}
	return base64.RawURLEncoding.Strict().DecodeString(text)
}
