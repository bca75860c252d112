package auth

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"

	"xunfang/models"
)

const (
	allowListType = "allow-list+jws"
	allowListKey  = "xunfang/allow-list/hmac-sha-256/1"
	allowListHash = 16       // bytes of each hash that stand in a list
	maxAllowList  = 16 << 20 // bytes of the whole JWS
)

// ErrAllowList is the error of an allow-list that was not signed by a known door key.
var ErrAllowList = errors.New("auth: not an allow-list of ours")

// AllowCodeKey is the key of a compound that goes into every hash of its visitors' codes. It stands in the lists of the
// compound's controllers, and is of no use without what else is needed: a controller's own key, or the database.
func (k *Keys) AllowCodeKey(compound models.ID) []byte {
	return k.CodeMAC("allow_list_code_key", string(compound))
}

// AllowInner is the first half of a hash: HMAC-SHA-256 of "code.extension" under the compound's key. It is all that is kept of
// a code for lists, sealed, so that a list can be made for any controller at any time without the code.
func AllowInner(codeKey []byte, code models.VisitorCode) []byte {
	mac := hmac.New(sha256.New, codeKey)
	mac.Write([]byte(code.Code.Reveal() + "." + code.Extension.Reveal()))
	return mac.Sum(nil)
}

// AllowHash is the second half: the first 16 bytes, in base64url, of HMAC-SHA-256 of the first under the device's own key,
// HMAC-SHA-256(SHA-256(secret), allowListKey). So one controller's list cannot be searched with what another one knows.
func AllowHash(secretHash []byte) func(inner []byte) string {
	return deviceHash(secretHash, allowListKey, allowListHash)
}

// SignAllowList makes a compact JWS of a list with the current door key; its typ keeps it apart from door commands.
func (k *Keys) SignAllowList(list models.AllowList) (string, error) {
	payload, err := json.Marshal(list)
	if err != nil {
		return "", fmt.Errorf("auth: signing an allow-list: %w", err)
	}
	return k.signForDoors(allowListType, payload)
}

// VerifyAllowList is the controller's side: it gives a list signed by one of the keys for the device, and ErrAllowList for
// anything else. Whether it is newer than the one held, and holds, is the controller's to check.
func VerifyAllowList(jws string, device models.ID, keys map[string]ed25519.PublicKey) (models.AllowList, error) {
	payload, err := verifyForDoors(allowListType, jws, maxAllowList, keys)
	if err != nil {
		return models.AllowList{}, fmt.Errorf("%w: %w", ErrAllowList, err)
	}
	list := models.AllowList{}
	if strictJSON(payload, &list) != nil || list.DeviceID != device || list.Serial <= 0 {
		return models.AllowList{}, fmt.Errorf("%w: of another device", ErrAllowList)
	}
	return list, nil
}
