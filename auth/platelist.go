package auth

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"

	"xunfang/models"
)

const (
	plateListType = "plate-list+jws"
	plateListKey  = "xunfang/plate-list/hmac-sha-256/1"
	plateListHash = 16       // bytes of each hash that stand in a list
	maxPlateList  = 16 << 20 // bytes of the whole JWS
)

// ErrPlateList is the error of a plate list that was not signed by a known door key.
var ErrPlateList = errors.New("auth: not a plate list of ours")

// PlateHash is how a plate or a tag stands in a device's list; see deviceHash. A new secret makes new lists.
func PlateHash(secretHash []byte) func(mark models.Secret) string {
	hash := deviceHash(secretHash, plateListKey, plateListHash)
	return func(mark models.Secret) string { return hash([]byte(mark.Reveal())) }
}

// SignPlateList makes a compact JWS (RFC 7515, EdDSA of RFC 8037) of a list with the current door key. Its typ keeps it apart from
// door commands.
func (k *Keys) SignPlateList(list models.PlateList) (string, error) {
	payload, err := json.Marshal(list)
	if err != nil {
		return "", fmt.Errorf("auth: signing a plate list: %w", err)
	}
	return k.signForDoors(plateListType, payload)
}

// VerifyPlateList is the barrier's side: it gives a list signed by one of the keys for the device, and ErrPlateList for anything
// else. How long the list holds is for models.PlateList.DecideOffline to say.
func VerifyPlateList(jws string, device models.ID, keys map[string]ed25519.PublicKey) (models.PlateList, error) {
	payload, err := verifyForDoors(plateListType, jws, maxPlateList, keys)
	if err != nil {
		return models.PlateList{}, fmt.Errorf("%w: %w", ErrPlateList, err)
	}
	list := models.PlateList{}
	if strictJSON(payload, &list) != nil || list.DeviceID != device {
		return models.PlateList{}, fmt.Errorf("%w: of another device", ErrPlateList)
	}
	return list, nil
}
