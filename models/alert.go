package models

import "time"

// The severities, least first.
const (
	SeverityInfo      = "info"
	SeverityNormal    = "normal"
	SeverityHigh      = "high"
	SeverityEmergency = "emergency"
)

// AlertTipUpdate tells a reporter that their tip went on.
const AlertTipUpdate = "tip_update"

// AlertMessage tells the holder of a receipt that there is something to read; a phone shows the general words for it.
const AlertMessage = "message"

// What alerts say about findings: to the officers about an urgent one, and to the finder that it went on.
const (
	AlertFinding       = "finding"
	AlertFindingUpdate = "finding_update"
)

// AlertCancelled is what a phone is told of an alert that was cancelled after it was sent.
const AlertCancelled = "alert_cancelled"

// AlertVehicle tells who keeps a vehicle of its lock, and of what happens to it at a barrier.
const AlertVehicle = "vehicle"

// AlertVehiclePending tells property that a vehicle was registered and waits for their confirmation.
const AlertVehiclePending = "vehicle_pending"

// AlertVisitorPass tells a host that a pass was used for the first time, or that a group is full.
const AlertVisitorPass = "visitor_pass"

// AlertRepair tells those who mend, or who asked, of a repair.
const AlertRepair = "repair"

// MaxAudience bounds the people one alert goes to.
const MaxAudience = 100_000

// Alert is something people are told.
type Alert struct {
	ID           ID
	Kind         string
	Severity     string
	Title        Secret // in Chinese, or in the words of who wrote it
	Body         Secret
	TitleEN      Secret // "" where the words are the same in every language
	BodyEN       Secret
	Audience     Audience
	SenderID     ID // "" for the service itself
	AboutID      ID // what it is about: a tip, a finding
	RequiresAck  bool
	CreatedAt    time.Time
	ExpiresAt    time.Time
	CancelledAt  time.Time // zero: it holds
	Recipients   int
	Acknowledged int
}

// In gives the words in a language: English for "en" where there is any, else as they are.
func (a Alert) In(language string) (title, body Secret) {
	if language == "en" && a.TitleEN != "" {
		return a.TitleEN, a.BodyEN
	}
	return a.Title, a.Body
}

// Urgency orders the outbox: an emergency goes before everything else.
func Urgency(severity string) int {
	switch severity {
	case SeverityEmergency:
		return 0
	case SeverityHigh:
		return 1
	case SeverityNormal:
		return 2
	default:
		return 3
	}
}

// InboxItem is one alert in one person's inbox.
type InboxItem struct {
	PersonID       ID
	Alert          Alert
	AcknowledgedAt time.Time
}

// What alerts say about tips: to whose they are about a new, moved or overdue one, and to who is near a crime in progress.
const (
	AlertTip     = "tip"
	AlertTipHelp = "tip_help"
)
