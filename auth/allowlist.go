package auth

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

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
	derive := hmac.New(sha256.New, secretHash)
	derive.Write([]byte(allowListKey))
	key := derive.Sum(nil)
	return func(inner []byte) string {
		mac := hmac.New(sha256.New, key)
		mac.Write(inner)
		return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:allowListHash])
	}
}

// SignAllowList makes a compact JWS of a list with the current door key; its typ keeps it apart from door commands.
func (k *Keys) SignAllowList(list models.AllowList) (string, error) {
	payload, err := json.Marshal(list)
	if err != nil {
		return "", fmt.Errorf("auth: signing an allow-list: %w", err)
	}
	current := k.ring().door[0]
	header, err := json.Marshal(doorHeader{Algorithm: "EdDSA", Type: allowListType, KeyID: current.kid})
	if err != nil {
		return "", fmt.Errorf("auth: signing an allow-list: %w", err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	signed := encode(header) + "." + encode(payload)
	return signed + "." + encode(ed25519.Sign(current.private, []byte(signed))), nil
}

// VerifyAllowList is the controller's side: it gives a list signed by one of the keys for the device, and ErrAllowList for
// anything else. Whether it is newer than the one held, and holds, is the controller's to check.
func VerifyAllowList(jws string, device models.ID, keys map[string]ed25519.PublicKey) (models.AllowList, error) {
	refused := func(why string) (models.AllowList, error) {
		return models.AllowList{}, fmt.Errorf("%w: %s", ErrAllowList, why)
	}
	parts := strings.Split(jws, ".")
	if len(jws) > maxAllowList || len(parts) != 3 {
		return refused("too long, or not three parts")
	}
	var decoded [3][]byte
	for at, part := range parts {
		var err error
		if decoded[at], err = decodeSegment(part); err != nil {
			return refused("not base64url")
		}
	}
	var header doorHeader
	if strictJSON(decoded[0], &header) != nil || header.Algorithm != "EdDSA" || header.Type != allowListType {
		return refused("alg or typ")
	}
	public, known := keys[header.KeyID]
	if !known || len(public) != ed25519.PublicKeySize || !ed25519.Verify(public, []byte(parts[0]+"."+parts[1]), decoded[2]) {
		return refused("the signature does not hold")
	}
	list := models.AllowList{}
	if strictJSON(decoded[1], &list) != nil || list.DeviceID != device || list.Serial <= 0 {
		return refused("of another device")
	}
	return list, nil
}
