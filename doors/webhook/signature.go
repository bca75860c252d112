package webhook

import (
	"time"

	"xunfang/models"
)

// The header that the specification puts signatures into, and the one with their time.
const (
	headerTimestamp = models.WebhookHeaderTimestamp
	headerSignature = models.WebhookHeaderSignature
)

func parseSecret(secret models.Secret) ([]byte, error) { return models.WebhookKey(secret) }

// sign gives the three headers; the id is the command's, so that a receiver recognises a repeat.
func sign(key []byte, id string, at time.Time, body []byte) map[string]string {
	return models.WebhookHeaders(id, at, body, key)
}
