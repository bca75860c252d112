package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
	"time"

	"xunfang/models"
)

// The headers of the Standard Webhooks specification.
const (
	headerID        = "webhook-id"
	headerTimestamp = "webhook-timestamp"
	headerSignature = "webhook-signature"
)

// parseSecret reads a secret as the specification writes it: 24 to 64 bytes.
func parseSecret(secret models.Secret) ([]byte, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret.Reveal(), "whsec_"))
	if err != nil || len(key) < 24 || len(key) > 64 {
		return nil, errors.New(`webhook: a secret is "whsec_" and base64 of 24 to 64 bytes`)
	}
	return key, nil
}

// sign gives the three headers. The signature is over id.timestamp.body, so that none of them can be exchanged;
// the id is the command's, so that a receiver recognises a repeat.
func sign(key []byte, id string, at time.Time, body []byte) map[string]string {
	timestamp := strconv.FormatInt(at.Unix(), 10)
	sum := hmac.New(sha256.New, key)
	_, _ = sum.Write([]byte(id + "." + timestamp + "."))
	_, _ = sum.Write(body)
	return map[string]string{
		headerID: id, headerTimestamp: timestamp,
		headerSignature: "v1," + base64.StdEncoding.EncodeToString(sum.Sum(nil)),
	}
}
