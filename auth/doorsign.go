package auth

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

const (
	doorCommandType = "door-command+jws"
	maxDoorPayload  = 4 << 10 // bytes
	maxDoorCommand  = 8 << 10 // bytes of the whole JWS
)

// ErrDoorCommand is the error of a door command that was not signed by a known door key.
var ErrDoorCommand = errors.New("auth: not a door command of ours")

// doorHeader is the protected header of a door command; no other member is taken, crit
// included (RFC 7515, section 4.1.11).
type doorHeader struct {
	Algorithm string `json:"alg"`
	Type      string `json:"typ"`
	KeyID     string `json:"kid"`
}

// SignDoorCommand makes a compact JWS (RFC 7515, EdDSA of RFC 8037) of the payload with
// the current door key. Its typ keeps it apart from every other thing that is signed.
func (k *Keys) SignDoorCommand(payload []byte) (string, error) {
	if len(payload) == 0 || len(payload) > maxDoorPayload {
		return "", fmt.Errorf("auth: signing a door command: %d bytes, 1 to %d are taken", len(payload), maxDoorPayload)
	}
	current := k.ring().door[0]
	header, err := json.Marshal(doorHeader{Algorithm: "EdDSA", Type: doorCommandType, KeyID: current.kid})
	if err != nil {
		return "", fmt.Errorf("auth: signing a door command: %w", err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	signed := encode(header) + "." + encode(payload)
	return signed + "." + encode(ed25519.Sign(current.private, []byte(signed))), nil
}

// DoorPublicKeys gives, by kid, every key that door commands may be signed with: what a
// controller is set up with.
func (k *Keys) DoorPublicKeys() map[string]ed25519.PublicKey {
	keys := make(map[string]ed25519.PublicKey, len(k.ring().door))
	for _, key := range k.ring().door {
		keys[key.kid] = bytes.Clone(key.public())
	}
	return keys
}

// VerifyDoorCommand is the controller's side: it gives the payload of a command signed
// by one of the keys, and ErrDoorCommand for anything else. Whether the command is for
// this door, new and in time is said by the payload, and is the controller's to check.
func VerifyDoorCommand(jws string, keys map[string]ed25519.PublicKey) (payload []byte, err error) {
	if len(jws) > maxDoorCommand {
		return nil, fmt.Errorf("%w: too long", ErrDoorCommand)
	}
	parts := strings.Split(jws, ".")
	if len(parts) != 3 {
		return nil, fmt.Errorf("%w: not three parts", ErrDoorCommand)
	}
	var decoded [3][]byte
	for at, part := range parts {
		if decoded[at], err = decodeSegment(part); err != nil {
			return nil, fmt.Errorf("%w: part %d: %w", ErrDoorCommand, at+1, err)
		}
	}
	var header doorHeader
	decoder := json.NewDecoder(bytes.NewReader(decoded[0]))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&header); err != nil || decoder.More() {
		return nil, fmt.Errorf("%w: its header has other members than alg, typ and kid", ErrDoorCommand)
	}
	if header.Algorithm != "EdDSA" || header.Type != doorCommandType {
		return nil, fmt.Errorf("%w: alg or typ", ErrDoorCommand)
	}
	public, known := keys[header.KeyID]
	if !known || len(public) != ed25519.PublicKeySize { // ed25519.Verify panics on another size
		return nil, fmt.Errorf("%w: no such key", ErrDoorCommand)
	}
	if !ed25519.Verify(public, []byte(parts[0]+"."+parts[1]), decoded[2]) {
		return nil, fmt.Errorf("%w: the signature does not hold", ErrDoorCommand)
	}
	return decoded[1], nil
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
