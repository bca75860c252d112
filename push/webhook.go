package push

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"xunfang/models"
)

// Webhook is the Channel to the station's own systems: a signed HTTPS request in the form of the Standard Webhooks
// specification. It says that there is an alert, and no word of it.
type Webhook struct{ station *stationClient }

// NewWebhook checks the settings; it sends nothing.
func NewWebhook(config StationConfig) (*Webhook, error) {
	station, err := newStationClient(config)
	if err != nil {
		return nil, err
	}
	return &Webhook{station}, nil
}

// Close ends the idle connections.
func (w *Webhook) Close() { w.station.close() }

// The types of messages to the station's own systems.
const (
	webhookSent      = "alert.sent"
	webhookAgain     = "alert.unacknowledged"
	webhookCancelled = "alert.cancelled"
	webhookTest      = "alert.test"
)

type webhookMessage struct {
	Type      string      `json:"type"`
	Timestamp string      `json:"timestamp"`
	Data      webhookData `json:"data"`
}

type webhookData struct {
	AlertID   string `json:"alert_id"`
	Kind      string `json:"kind"`
	Severity  string `json:"severity"`
	CreatedAt string `json:"created_at"`
	ExpiresAt string `json:"expires_at"`
}

const wireTime = "2006-01-02T15:04:05.000Z"

func wired(at time.Time) string { return at.UTC().Format(wireTime) }

// Send implements Channel. A message's id is the same at each try, so that the receiver recognises a repeat.
func (w *Webhook) Send(ctx context.Context, message Message) Outcome {
	alertID, err := message.check(w.station.config.Now())
	if err != nil {
		return unsendable(err)
	}
	kind, id := webhookSent, alertID
	switch {
	case message.Kind == models.AlertCancelled:
		kind, id = webhookCancelled, alertID+".cancelled"
	case message.Round > 0:
		kind, id = webhookAgain, alertID+"."+strconv.FormatInt(message.Round, 10)
	}
	return w.post(ctx, kind, id, message)
}

// Test sends a message of its own kind, that is about no alert, and gives how it ended: "" or a reason.
func (w *Webhook) Test(ctx context.Context, id models.ID, address models.Secret, secrets []models.Secret) string {
	now := w.station.config.Now()
	return w.post(ctx, webhookTest, string(id), Message{
		AlertID: id, Kind: "test", Severity: models.SeverityInfo, CreatedAt: now, ExpiresAt: now, Address: address, Secrets: secrets,
	}).Reason
}

func (w *Webhook) post(ctx context.Context, kind, id string, message Message) Outcome {
	body, err := json.Marshal(webhookMessage{
		Type: kind, Timestamp: wired(w.station.config.Now()),
		Data: webhookData{
			AlertID: string(message.AlertID), Kind: message.Kind, Severity: message.Severity, CreatedAt: wired(message.CreatedAt),
			ExpiresAt: wired(message.ExpiresAt),
		},
	})
	if err != nil {
		return Outcome{State: StateFailed, Reason: ReasonInvalidMessage}
	}
	return w.station.send(ctx, message.Address, id, body, message.Secrets)
}
