package models

import "time"

// ReceiptInstallation stands where the installation would, for the address of a receipt: a tip has one.
const ReceiptInstallation = "receipt"

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
