package models

import (
	"slices"
	"time"
)

// ReceiptInstallation stands where the installation would, for the address of a receipt: a tip has one.
const ReceiptInstallation = "receipt"

// How long an address counts since it was registered last; an app registers at each start. These are Firebase's own periods.
const (
	PushAddressFresh = 30 * 24 * time.Hour  // from then on it is stale: used for high and emergency alerts only
	PushAddressKept  = 270 * 24 * time.Hour // from then on Firebase knows it no more: it is deleted
)

// AgingAddresses are the kinds of address that age. An openid is bound once and stays good, as long as WeChat takes it.
var AgingAddresses = []string{"fcm_token", "fcm_installation", "hms_token"}

// PushAddress is where one installation of an app can be reached.
type PushAddress struct {
	PersonID       ID
	InstallationID string
	Kind           string // fcm_token, fcm_installation, wechat_mini_program, hms_token
	Value          Secret
	Platform       string
	Locale         string
	AppVersion     string
	UpdatedAt      time.Time
}

// Stale says whether the app behind the address has not been heard of for so long that it is probably gone. That of a receipt is
// registered once, for as long as its tip is of interest.
func (a PushAddress) Stale(now time.Time) bool {
	ages := slices.Contains(AgingAddresses, a.Kind) && a.InstallationID != ReceiptInstallation
	return ages && !now.Before(a.UpdatedAt.Add(PushAddressFresh))
}

// TakesPush says whether an alert of a severity is pushed to the address.
func (a PushAddress) TakesPush(severity string, now time.Time) bool {
	return Urgency(severity) <= Urgency(SeverityHigh) || !a.Stale(now)
}
