package auth

import (
	"bytes"
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
	plateListType = "plate-list+jws"
	plateListKey  = "xunfang/plate-list/hmac-sha-256/1"
	plateListHash = 16 // bytes of each hash that stand in a list
)

// ErrPlateList is the error of a plate list that was not signed by a known door key.
var ErrPlateList = errors.New("auth: not a plate list of ours")

// PlateHash is how a plate or a tag stands in a device's list: the first 16 bytes, in base64url, of its HMAC-SHA-256 under a key
// that only the device and the server can make, HMAC-SHA-256(SHA-256(secret), plateListKey). secretHash is what HashSecret makes of
// the device's secret; a new secret makes new lists.
func PlateHash(secretHash []byte) func(mark models.Secret) string {
	derive := hmac.New(sha256.New, secretHash)
	derive.Write([]byte(plateListKey))
	key := derive.Sum(nil)
	return func(mark models.Secret) string {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(mark.Reveal()))
		return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:plateListHash])
	}
}

// SignPlateList makes a compact JWS (RFC 7515, EdDSA of RFC 8037) of a list with the current door key. Its typ keeps it apart from
// door commands.
func (k *Keys) SignPlateList(list models.PlateList) (string, error) {
	payload, err := json.Marshal(list)
	if err != nil {
		return "", fmt.Errorf("auth: signing a plate list: %w", err)
	}
	current := k.ring().door[0]
	header, err := json.Marshal(doorHeader{Algorithm: "EdDSA", Type: plateListType, KeyID: current.kid})
	if err != nil {
		return "", fmt.Errorf("auth: signing a plate list: %w", err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	signed := encode(header) + "." + encode(payload)
	return signed + "." + encode(ed25519.Sign(current.private, []byte(signed))), nil
}

// VerifyPlateList is the barrier's side: it gives a list signed by one of the keys for the device, and ErrPlateList for anything
// else. How long the list holds is for models.PlateList.DecideOffline to say.
func VerifyPlateList(jws string, device models.ID, keys map[string]ed25519.PublicKey) (models.PlateList, error) {
	refused := func(why string) (models.PlateList, error) {
		return models.PlateList{}, fmt.Errorf("%w: %s", ErrPlateList, why)
	}
	parts := strings.Split(jws, ".")
	if len(parts) != 3 {
		return refused("not three parts")
	}
	var decoded [3][]byte
	for at, part := range parts {
		var err error
		if decoded[at], err = decodeSegment(part); err != nil {
			return refused("not base64url")
		}
	}
	var header doorHeader
	if strictJSON(decoded[0], &header) != nil || header.Algorithm != "EdDSA" || header.Type != plateListType {
		return refused("alg or typ")
	}
	public, known := keys[header.KeyID]
	if !known || len(public) != ed25519.PublicKeySize || !ed25519.Verify(public, []byte(parts[0]+"."+parts[1]), decoded[2]) {
		return refused("the signature does not hold")
	}
	list := models.PlateList{}
	if strictJSON(decoded[1], &list) != nil || list.DeviceID != device {
		return refused("of another device")
	}
	return list, nil
}

func strictJSON(text []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}
