package models

import "time"

// How long what is no longer needed is kept: the least data for the shortest time. The audit is kept.
const (
	VisitorKept      = 30 * 24 * time.Hour  // a visitor's name and plate, after the pass has ended or was revoked
	SOSTrailKept     = 24 * time.Hour       // where the caller for help was, after the call has ended
	DeliveryKept     = 14 * 24 * time.Hour  // an alert's deliveries; no alert lives longer than 7 days
	AlertKept        = 180 * 24 * time.Hour // an alert with its inbox items
	FindingKept      = 731 * 24 * time.Hour // a finding with its photos: a year's rating of a compound is compared with the year before
	ArrivalKept      = 30 * 24 * time.Hour  // which vehicle came and went when
	VehicleKept      = 30 * 24 * time.Hour  // a vehicle, after its owner has moved out
	RepairKept       = 731 * 24 * time.Hour // a repair with its photos: its figures are compared with the year before
	GroupMessageKept = 731 * 24 * time.Hour // a group's message with all that hangs on it, where the station sets nothing else
	CallKept         = 30 * 24 * time.Hour  // who was rung from which door
	CallPhotoKept    = 7 * 24 * time.Hour   // a panel's photo of who rang
	CallConsentKept  = 731 * 24 * time.Hour // that a phone might be rung, after it was withdrawn or its person moved out
	AccessEventKept  = 180 * 24 * time.Hour // who went through which door, and the commands that opened it
)

// How long thanks are kept. What is forgotten of points is only what they were for: the sum, and with it the level, stays.
const (
	PointKept            = 1096 * 24 * time.Hour // a line of points; longer than anything by which a deed of it could still change
	CommendationIdleKept = 366 * 24 * time.Hour  // a proposal that came to nothing: declined, or never decided
	CommendationKept     = 3653 * 24 * time.Hour // whose a commendation was and what for, with its points; that there was one stays
	RewardEndedKept      = 366 * 24 * time.Hour  // a reward that was declined, cancelled or not claimed, or a proposal that nobody decided
	RewardKept           = 1827 * 24 * time.Hour // who got a reward that was paid and why; that the tip was paid stays
)
