package auth

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
)

const (
	doorCommandType = "door-command+jws"
	maxDoorPayload  = 4 << 10 // bytes
	maxDoorCommand  = 8 << 10 // bytes of the whole JWS
)

// ErrDoorCommand is the error of a door command that was not signed by a known door key.
var ErrDoorCommand = errors.New("auth: not a door command of ours")

// SignDoorCommand makes a compact JWS (RFC 7515, EdDSA of RFC 8037) of the payload with
// the current door key. Its typ keeps it apart from every other thing that is signed.
func (k *Keys) SignDoorCommand(payload []byte) (string, error) {
	if len(payload) == 0 || len(payload) > maxDoorPayload {
		return "", fmt.Errorf("auth: signing a door command: %d bytes, 1 to %d are taken", len(payload), maxDoorPayload)
	}
	return k.signForDoors(doorCommandType, payload)
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
	if payload, err = verifyForDoors(doorCommandType, jws, maxDoorCommand, keys); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDoorCommand, err)
	}
	return payload, nil
}
