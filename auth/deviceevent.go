package auth

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
)

// eventKeyPurpose keeps the key of events apart from whatever else is ever derived from a device's secret.
const eventKeyPurpose = "xunfang device events v1"

// DeviceEventKey is the key by which a device signs its events: HMAC-SHA256 over the purpose, with the SHA-256 of its
// secret. So it goes with the secret, rotation included, and no second secret is kept. By itself it opens nothing: a
// batch also needs the device's token, which only the secret gives.
func DeviceEventKey(secretHash []byte) []byte { return deviceKey(secretHash, eventKeyPurpose) }

// SignEvents is the signature of a batch, in lower-case hexadecimal: HMAC-SHA256 over timestamp, a full stop, and the
// body as it was sent.
func SignEvents(key []byte, timestamp string, body []byte) string {
	sum := hmac.New(sha256.New, key)
	sum.Write([]byte(timestamp + "."))
	sum.Write(body)
	return hex.EncodeToString(sum.Sum(nil))
}

// SignedEvents says, in constant time, whether a signature is that of the batch. A device without a secret signs nothing.
func SignedEvents(secretHash []byte, timestamp string, body []byte, signature string) bool {
	if len(secretHash) == 0 {
		return false
	}
	return hmac.Equal([]byte(SignEvents(DeviceEventKey(secretHash), timestamp, body)), []byte(signature))
}
