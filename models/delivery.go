package models

import (
	"slices"
	"time"
)

// DeliveryState is how far one attempt at telling somebody has come. Each is written only with proof of it.
type DeliveryState string

// The states of an attempt.
const (
	DeliveryQueued       DeliveryState = "queued"
	DeliverySent         DeliveryState = "sent"              // the bytes went out; nobody has answered for them
	DeliveryAccepted     DeliveryState = "provider_accepted" // the provider said yes
	DeliveryReceived     DeliveryState = "device_received"   // the signed-in app on the phone said so
	DeliverySeen         DeliveryState = "seen"              // the app showed it
	DeliveryAcknowledged DeliveryState = "acknowledged"      // the person did
	DeliveryFailed       DeliveryState = "failed"            // with a reason
	DeliveryExpired      DeliveryState = "expired"           // the alert was over before it could be sent
	DeliveryNone         DeliveryState = "none"              // of a person: nothing was ever sent to them
)

// The channels that there are.
const (
	ChannelStream  = "stream"
	ChannelFCM     = "fcm"
	ChannelWeChat  = "wechat"
	ChannelSMS     = "sms"
	ChannelVoice   = "voice"
	ChannelHMS     = "hms"
	ChannelWebhook = "webhook"
)

// Channels names them, the provable one first.
var Channels = []string{ChannelStream, ChannelFCM, ChannelWeChat, ChannelSMS, ChannelVoice, ChannelHMS, ChannelWebhook}

// Why nothing more is sent, where it is not the provider's word.
const (
	ReasonReceived     = "received"     // the phone has it already
	ReasonExpired      = "expired"      // the alert was over; where it failed by that, nobody knows whether it had left
	ReasonAcknowledged = "acknowledged" // so has the person
	ReasonCallOver     = "call_over"
	ReasonRungAgain    = "rung_again"   // a newer row rings
	ReasonDigest       = "digest"       // of what is sent: not by itself, but with others
	ReasonSeenTo       = "seen_to"      // a call that was not placed: somebody had acknowledged, or it was off
	ReasonDailyLimit   = "daily_limit"  // the person was sent as many messages as a day has
	ReasonSwitchedOff  = "switched_off" // the station's own system is told no more
)

// MaxAlertTexts is how many SMS of alerts a person is sent on a day of UTC: one night in China is one such day.
const MaxAlertTexts = 10

// PhoneInstallation stands where the installation would, for what goes to a person's number.
const PhoneInstallation = "phone-number"

// ChannelOf is the channel of a kind of push address.
func ChannelOf(kind string) string {
	switch kind {
	case "fcm_token", "fcm_installation":
		return ChannelFCM
	case "wechat_mini_program":
		return ChannelWeChat
	case "hms_token":
		return ChannelHMS
	default:
		return kind
	}
}

// DeliveryStates are the states of a person, from the one that knows least; the best of many is the last of them.
var DeliveryStates = []DeliveryState{
	DeliveryNone, DeliveryExpired, DeliveryFailed, DeliveryQueued, DeliverySent, DeliveryAccepted, DeliveryReceived, DeliverySeen,
	DeliveryAcknowledged,
}

// Rank is the state's place among DeliveryStates; 0 for what is none of them.
func (s DeliveryState) Rank() int { return max(0, slices.Index(DeliveryStates, s)) }

// MayBecome says whether an attempt may go from one state to another. It only moves forward; steps of which there was no
// proof are left out. A failure is what the sender knew: the phone's own word is more than that. What expired never went out.
func (s DeliveryState) MayBecome(next DeliveryState) bool {
	return slices.Contains(DeliveriesBefore(next), s)
}

// DeliveriesBefore are the states from which an attempt may come to one.
func DeliveriesBefore(next DeliveryState) []DeliveryState {
	way := []DeliveryState{DeliveryQueued, DeliverySent, DeliveryAccepted, DeliveryReceived, DeliverySeen, DeliveryAcknowledged}
	at := slices.Index(way, next)
	switch {
	case next == DeliveryFailed || next == DeliveryExpired:
		return []DeliveryState{DeliveryQueued}
	case next == DeliveryReceived || next == DeliverySeen:
		return append(slices.Clone(way[:at]), DeliveryFailed)
	case next == DeliveryAcknowledged: // by what the phone had: which of the others told the person nobody knows
		return []DeliveryState{DeliveryReceived, DeliverySeen}
	case at > 0:
		return slices.Clone(way[:at])
	default:
		return nil
	}
}

// Attempt is one try at telling a person by one channel: a row of the ledger.
type Attempt struct {
	ID             ID
	AlertID        ID
	PersonID       ID
	InstallationID string // "" where the channel has none
	Channel        string
	Round          int64 // which time of asking; tries at one of them are numbered from 0
	Number         int
	State          DeliveryState
	Claimed        bool // somebody has begun to send it
	Reason         string
	SentAt         time.Time
	AcceptedAt     time.Time
	ReceivedAt     time.Time // by the phone's clock
	SeenAt         time.Time // by the phone's clock
	AcknowledgedAt time.Time
	ChangedAt      time.Time
}

// At is when the attempt came to its state.
func (a Attempt) At() time.Time {
	at := map[DeliveryState]time.Time{
		DeliverySent: a.SentAt, DeliveryAccepted: a.AcceptedAt, DeliveryReceived: a.ReceivedAt, DeliverySeen: a.SeenAt,
		DeliveryAcknowledged: a.AcknowledgedAt,
	}[a.State]
	if at.IsZero() {
		return a.ChangedAt
	}
	return at
}

// MayHaveLeft says whether a phone can have got it.
func (a Attempt) MayHaveLeft() bool {
	return a.State != DeliveryExpired && (a.State != DeliveryQueued || a.Claimed)
}

// DeliveryReceipt is what an app says of one alert that came to it.
type DeliveryReceipt struct {
	AlertID        ID
	InstallationID string
	Channel        string
	State          DeliveryState // DeliveryReceived or DeliverySeen
	At             time.Time     // by the phone's clock
}

// Witnessed is the attempt that a receipt is of: the newest by its way that can have left.
func (r DeliveryReceipt) Witnessed(attempts []Attempt) (Attempt, bool) {
	found, some := Attempt{}, false
	for _, one := range attempts {
		here := one.InstallationID == r.InstallationID || r.Channel == ChannelWeChat // of which a person has one, and no app knows its name
		same := one.AlertID == r.AlertID && here && one.Channel == r.Channel && one.MayHaveLeft()
		newer := one.Round > found.Round || one.Round == found.Round && one.Number >= found.Number
		if same && (!some || newer) {
			found, some = one, true
		}
	}
	return found, some
}

// Within brings a phone's time between when the alert was made and when its receipt came: its clock may be wrong.
func (r DeliveryReceipt) Within(made, now time.Time) time.Time {
	switch {
	case r.At.Before(made):
		return made
	case r.At.After(now):
		return now
	default:
		return r.At
	}
}

// Told is what is known of one person and an alert.
type Told struct {
	PersonID       ID
	State          DeliveryState
	Channel        string    // by which it came to that; "" when nobody knows
	At             time.Time // zero when nothing happened
	Reason         string    // of what failed
	AcknowledgedAt time.Time
	Attempts       int
}

// TellOf sums up the attempts at telling one person: the best of them, the earliest among equals. That they acknowledged
// counts by itself, for an inbox can be read without having been told.
func TellOf(person ID, acknowledgedAt time.Time, attempts []Attempt) Told {
	told := Told{PersonID: person, State: DeliveryNone, AcknowledgedAt: acknowledgedAt}
	for _, one := range attempts {
		if one.PersonID != person {
			continue
		}
		told.Attempts++
		better := one.State.Rank() > told.State.Rank()
		sooner := one.State == told.State && one.At().Before(told.At)
		if better || sooner {
			told.State, told.Channel, told.At, told.Reason = one.State, one.Channel, one.At(), one.Reason
		}
	}
	if acknowledgedAt.IsZero() {
		return told
	}
	if told.State.Rank() < DeliveryReceived.Rank() {
		told.Channel = ""
	}
	told.State, told.At, told.Reason = DeliveryAcknowledged, acknowledgedAt, ""
	return told
}

// Delivery is one alert to be sent to one address: a row of the outbox.
type Delivery struct {
	ID             ID
	AlertID        ID
	PersonID       ID
	InstallationID string
	Kind           string // of the address: fcm_token, ...
	AlertKind      string
	Severity       string
	Address        Secret
	Platform       string
	Locale         string
	Attempt        int // tries so far
	Spent          int // of them, those that count: made while the provider took others' messages
	Round          int64
	Secrets        []Secret // of a webhook: what its messages are signed with, the newest first
	CreatedAt      time.Time
	ExpiresAt      time.Time
}

// DeliveryResult is what became of one try.
type DeliveryResult struct {
	Delivery
	State      DeliveryState
	Forget     bool      // the provider says the address is no more
	NextAt     time.Time // when to try again; zero: not
	Counted    bool      // this try counts
	Reason     string    // short stable code, no personal data
	ProviderID string    // the provider's own name of the message, with DeliveryAccepted
}
