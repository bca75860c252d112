package models

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Bounds of the webhooks of a station.
const (
	MaxAlertWebhooks     = 10                 // of one station
	AlertWebhookOverlap  = 24 * time.Hour     // how long the secret before still signs as well
	AlertWebhookWorn     = 5 * 24 * time.Hour // of failures without one success, after which a webhook is switched off
	AlertWebhookTries    = 5                  // as many at least: one that failed once and was not asked since is not broken
	AlertWebhookLeast    = 5 * time.Second    // the first wait after a failure; it doubles
	AlertWebhookMost     = 10 * time.Minute   // the longest
	AlertWebhookKeyBytes = 32
)

// AlertWebhookBroken is the kind of alert by which the commander hears that a webhook was switched off.
const AlertWebhookBroken = "webhook_disabled"

// operational are kinds of the service's own alerts that say nothing of one person's affairs: a siren or a desk may have them.
var operational = []string{
	AlertSOS, AlertWatch, AlertWatchUpdate, AlertDoorAlarm, AlertDuress, AlertDeviceBack, AlertFinding, AlertCancelled,
}

// MayLeave says whether a webhook may be told that there is such an alert: what was sent to the holders of roles, and of what
// the service tells people by name only what is about the patrol and the doors. That somebody's tip, visitor, home or reward has
// news is theirs.
func (a Alert) MayLeave() bool {
	return len(a.Audience.Roles) > 0 && a.Kind != AlertTip || slices.Contains(operational, a.Kind)
}

// AlertWebhook is one system of the station's own that is told of alerts.
type AlertWebhook struct {
	ID         ID
	StationID  ID
	Name       string
	URL        Secret // its path or query may hold a key
	Secret     Secret
	Before     Secret // the secret before, which still signs until BeforeEnds
	BeforeEnds time.Time
	Severities []string
	Kinds      []string // none: all
	CreatedAt  time.Time

	Failures     int // since the last success
	FailingSince time.Time
	RetryAt      time.Time
	SucceededAt  time.Time
	DisabledAt   time.Time
}

// Wants says whether the webhook is told of an alert.
func (w AlertWebhook) Wants(alert Alert) bool {
	return w.DisabledAt.IsZero() && !w.Worn(alert.CreatedAt) && alert.MayLeave() && slices.Contains(w.Severities, alert.Severity) &&
		(len(w.Kinds) == 0 || slices.Contains(w.Kinds, alert.Kind))
}

// Secrets are those that sign at a time, the newest first.
func (w AlertWebhook) Secrets(now time.Time) []Secret {
	if w.Before != "" && now.Before(w.BeforeEnds) {
		return []Secret{w.Secret, w.Before}
	}
	return []Secret{w.Secret}
}

// Failed is the webhook after one more failure: it is left alone for a while, and longer each time.
func (w AlertWebhook) Failed(now time.Time) AlertWebhook {
	if w.Failures == 0 {
		w.FailingSince = now
	}
	w.Failures++
	wait := AlertWebhookLeast
	for doubled := 1; doubled < w.Failures && wait < AlertWebhookMost; doubled++ {
		wait *= 2
	}
	w.RetryAt = now.Add(min(wait, AlertWebhookMost))
	return w
}

// Worn says whether the webhook has failed for so long, or has said itself that it is no more, that it is switched off.
func (w AlertWebhook) Worn(now time.Time) bool {
	return w.Failures >= AlertWebhookTries && !now.Before(w.FailingSince.Add(AlertWebhookWorn))
}

const kindLetters = "abcdefghijklmnopqrstuvwxyz0123456789_"

// CheckWebhookKinds wants kinds as alerts have them.
func CheckWebhookKinds(kinds []string) error {
	for at, kind := range kinds {
		if strings.ContainsFunc(kind, func(letter rune) bool { return !strings.ContainsRune(kindLetters, letter) }) {
			return Unfit(Indexed("kinds", at), FieldFormat, "small letters, digits, _")
		}
	}
	return nil
}

// CheckWebhookURL wants https, without an account in it, and no address at which none of the station's systems may stand. What
// a name means is looked at whenever it is connected to.
func CheckWebhookURL(text string, networks DoorNetworks) error {
	read, err := url.Parse(text)
	if err != nil || read.Scheme != "https" || read.Hostname() == "" || read.User != nil || read.Fragment != "" || read.Opaque != "" {
		return Unfit("url", FieldFormat, "https://host/path, without account")
	}
	if address, err := netip.ParseAddr(read.Hostname()); err == nil && !networks.Permit(address) {
		return Unfit("url", FieldNotAllowed, "an address where a receiver may stand")
	}
	return nil
}
