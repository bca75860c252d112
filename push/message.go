package push

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"firebase.google.com/go/v4/messaging"

	"xunfang/models"
)

// Message is what one phone is told: that there is an alert. It has no field for a title, a text or
// a name, so that nothing personal can be handed to a provider.
type Message struct {
	AlertID   models.ID
	Kind      string    // the alert's kind
	Severity  string    // models.Severity…
	ExpiresAt time.Time // the alert's: afterwards it is worth nothing
	Address   models.Secret
	Platform  string // android, ios, …
	Locale    string // BCP 47; chooses the generic words

	DeliveryID models.ID       // of this attempt
	Round      int64           // which time of asking
	CreatedAt  time.Time       // the alert's
	Secrets    []models.Secret // what a station's own system knows us by, the newest first
}

// Why a message cannot become a provider's.
var (
	ErrExpired        = errors.New("push: the alert has expired")
	ErrInvalidMessage = errors.New("push: the message is not complete")
)

// The platforms of which it is known whose part of a message they read; any other gets both.
const (
	platformAndroid = "android"
	platformIOS     = "ios"
)

// maxTTL is the longest life that Firebase accepts; without a ttl it would also be the default.
const maxTTL = 28 * 24 * time.Hour

// kindPattern is the contract's form of a kind: no room for a name or a sentence.
var kindPattern = regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`)

// FirebaseMessage turns a message into Firebase's: the alert's id and kind, the generic words of the
// kind, and how urgent it is. ErrExpired from ExpiresAt on; ErrInvalidMessage when the id, the kind
// or the address cannot be used.
func FirebaseMessage(message Message, now time.Time) (*messaging.Message, error) {
	alertID, err := message.check(now)
	if err != nil {
		return nil, err
	}
	shown := phraseOf(message.Kind).in(message.Locale)
	made := &messaging.Message{
		Token:        message.Address.Reveal(),
		Data:         map[string]string{"alert_id": alertID, "kind": named(message.Kind)},
		Notification: &messaging.Notification{Title: shown.title, Body: shown.body},
	}
	// Firebase would drop the other maker's part; writing it is a third of what a message costs here.
	if message.Platform != platformIOS {
		made.Android = android(message, alertID, now)
	}
	if message.Platform != platformAndroid {
		made.APNS = apns(message, alertID)
	}
	return made, nil
}

// check gives the alert's id: ErrExpired from ExpiresAt on; ErrInvalidMessage when the id, the kind or the address cannot be used.
func (m Message) check(now time.Time) (string, error) {
	alertID, err := models.ParseID(string(m.AlertID))
	switch {
	case err != nil:
		return "", fmt.Errorf("%w: alert id", ErrInvalidMessage)
	case !kindPattern.MatchString(m.Kind):
		return "", fmt.Errorf("%w: kind", ErrInvalidMessage)
	case m.Address.Reveal() == "":
		return "", fmt.Errorf("%w: address", ErrInvalidMessage)
	case !now.Before(m.ExpiresAt):
		return "", ErrExpired
	}
	return string(alertID), nil
}

// unsendable is the outcome of a message that cannot become a provider's.
func unsendable(err error) Outcome {
	if errors.Is(err, ErrExpired) {
		return Outcome{State: StateFailed, Reason: ReasonExpired}
	}
	return Outcome{State: StateFailed, Reason: ReasonInvalidMessage}
}

// urgent says whether a sleeping phone is to be woken.
func urgent(severity string) bool {
	return severity == models.SeverityHigh || severity == models.SeverityEmergency
}

// nowOrNever says whether an alert that does not reach a phone at once is not to reach it at all: nobody is at the door any more.
func nowOrNever(kind string) bool { return kind == models.AlertCall }

// android uses the alert's id as collapse key and tag: one that arrives twice replaces itself.
func android(message Message, alertID string, now time.Time) *messaging.AndroidConfig {
	ttl := min(message.ExpiresAt.Sub(now), maxTTL).Truncate(time.Second) // 0: now or never
	if nowOrNever(message.Kind) {
		ttl = 0
	}
	config := &messaging.AndroidConfig{
		CollapseKey:  alertID,
		Priority:     "normal",
		TTL:          &ttl,
		Notification: &messaging.AndroidNotification{Tag: alertID},
	}
	if urgent(message.Severity) {
		config.Priority = "high"
		config.Notification.DefaultSound = true
	}
	return config
}

// apns follows Apple's "Sending notification requests to APNs": 10 is at once, 5 spares the battery.
func apns(message Message, alertID string) *messaging.APNSConfig {
	aps := &messaging.Aps{CustomData: map[string]any{"interruption-level": "active"}}
	priority := "5"
	if urgent(message.Severity) {
		priority = "10"
		aps.Sound = "default"
		aps.CustomData["interruption-level"] = "time-sensitive"
	} else if message.Severity == models.SeverityInfo {
		aps.CustomData["interruption-level"] = "passive"
	}
	expiration := message.ExpiresAt.Unix()
	if nowOrNever(message.Kind) {
		expiration = 0 // tried once, kept nowhere
	}
	return &messaging.APNSConfig{
		Headers: map[string]string{
			"apns-push-type":   "alert",
			"apns-priority":    priority,
			"apns-expiration":  strconv.FormatInt(expiration, 10),
			"apns-collapse-id": alertID, // at most 64 bytes; an id has 36
		},
		Payload: &messaging.APNSPayload{Aps: aps},
	}
}

// makeCritical makes a message one that Apple's phones sound in spite of silence and focus; the app needs Apple's entitlement.
func makeCritical(payload *messaging.Message) {
	if payload.APNS == nil {
		return
	}
	aps := payload.APNS.Payload.Aps
	aps.Sound = ""
	aps.CriticalSound = &messaging.CriticalSound{Critical: true, Name: "default", Volume: 1}
	aps.CustomData["interruption-level"] = "critical"
}
