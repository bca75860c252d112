package models

import "time"

// How long what is no longer needed is kept: the least data for the shortest time. The audit is kept.
const (
	VisitorKept     = 30 * 24 * time.Hour  // a visitor's name and plate, after the pass has ended
	SOSTrailKept    = 24 * time.Hour       // where the caller for help was, after the call has ended
	DeliveryKept    = 14 * 24 * time.Hour  // an alert's deliveries; no alert lives longer than 7 days
	AlertKept       = 180 * 24 * time.Hour // an alert with its inbox items
	FindingKept     = 731 * 24 * time.Hour // a finding with its photos: a year's rating of a compound is compared with the year before
	RepairKept      = 731 * 24 * time.Hour // a repair with its photos: its figures are compared with the year before
	CallKept        = 30 * 24 * time.Hour  // who was rung from which door
	CallPhotoKept   = 7 * 24 * time.Hour   // a panel's photo of who rang
	CallConsentKept = 731 * 24 * time.Hour // that a phone might be rung, after it was withdrawn
	AccessEventKept = 180 * 24 * time.Hour // who went through which door, and the commands that opened it
)
