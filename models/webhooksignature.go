package models

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
	"time"
)

// The headers of the Standard Webhooks specification.
const (
	WebhookHeaderID        = "webhook-id"
	WebhookHeaderTimestamp = "webhook-timestamp"
	WebhookHeaderSignature = "webhook-signature"
)

// WebhookSigned is how far a signed message's time may be from ours, either way; the specification leaves it to the receiver.
const WebhookSigned = 300 * time.Second

const webhookSecretPrefix = "whsec_"

// NewWebhookSecret writes a key of 24 to 64 bytes as the specification does.
func NewWebhookSecret(key []byte) Secret {
	return Secret(webhookSecretPrefix + base64.StdEncoding.EncodeToString(key))
}

// WebhookKey reads a secret as the specification writes it: 24 to 64 bytes.
func WebhookKey(secret Secret) ([]byte, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret.Reveal(), webhookSecretPrefix))
	if err != nil || len(key) < 24 || len(key) > 64 {
		return nil, errors.New(`webhook: a secret is "whsec_" and base64 of 24 to 64 bytes`)
	}
	return key, nil
}

// WebhookHeaders gives the three headers of a message. A signature is over id.timestamp.body, so that none of them can be
// exchanged; there is one for each key, so that a receiver can change from one to the other.
func WebhookHeaders(id string, at time.Time, body []byte, keys ...[]byte) map[string]string {
	timestamp := strconv.FormatInt(at.Unix(), 10)
	signatures := make([]string, 0, len(keys))
	for _, key := range keys {
		signatures = append(signatures, "v1,"+base64.StdEncoding.EncodeToString(webhookSum(key, id, timestamp, body)))
	}
	return map[string]string{
		WebhookHeaderID: id, WebhookHeaderTimestamp: timestamp, WebhookHeaderSignature: strings.Join(signatures, " "),
	}
}

// WebhookGenuine says whether one of the signatures of a message is made with the key, and its time is not too far from now.
func WebhookGenuine(key []byte, id, timestamp, signatures string, body []byte, now time.Time) bool {
	at, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || len(key) == 0 || id == "" {
		return false
	}
	// In seconds: a difference of Durations ends after 292 years, and a timestamp may say anything.
	if off, limit := now.Unix()-at, int64(WebhookSigned/time.Second); off > limit || off < -limit {
		return false
	}
	want, genuine := webhookSum(key, id, timestamp, body), false
	for _, one := range strings.Fields(signatures) {
		encoded, v1 := strings.CutPrefix(one, "v1,")
		sum, err := base64.StdEncoding.DecodeString(encoded)
		genuine = genuine || v1 && err == nil && hmac.Equal(sum, want)
	}
	return genuine
}

func webhookSum(key []byte, id, timestamp string, body []byte) []byte {
	sum := hmac.New(sha256.New, key)
	_, _ = sum.Write([]byte(id + "." + timestamp + "."))
	_, _ = sum.Write(body)
	return sum.Sum(nil)
}
