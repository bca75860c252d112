package models

import "time"

const (
	// DeviceSilenceDefault is how long a device is not heard before somebody is told: they say something every minute.
	DeviceSilenceDefault = 5 * time.Minute
	// LeastDeviceSilence leaves room for a lost message.
	LeastDeviceSilence = 2 * time.Minute
	// MostDeviceSilence bounds the setting.
	MostDeviceSilence = 24 * time.Hour
	// HearingBreak is the longest pause between two looks after which this server still counts as listening.
	HearingBreak = time.Minute
)

// EventSilent is an alarm of the server's own: nothing was heard of a device for long. No device tells it.
const EventSilent DoorEventKind = "silent"

// AlertDeviceBack tells that a device is heard again whose silence was told.
const AlertDeviceBack = "device_back"

// Silent says whether a device has not been heard for so long. One that was never heard is not: it may lie in its box.
func (d Device) Silent(now time.Time, silence time.Duration) bool {
	return !d.Disabled() && !d.LastSeenAt.IsZero() && now.Sub(d.LastSeenAt) >= silence
}

// Hearing is since when this server could hear devices without a break. Who did not listen knows nothing of anybody's silence:
// after a start, or while the broker or the database is away, all of them look silent at once.
type Hearing struct {
	since, last time.Time
}

// Look is the hearing after one more look; able says whether devices can be heard now.
func (h Hearing) Look(now time.Time, able bool) Hearing {
	switch {
	case !able:
		return Hearing{}
	case h.since.IsZero() || now.Before(h.last) || now.Sub(h.last) > HearingBreak:
		return Hearing{since: now, last: now}
	default:
		return Hearing{since: h.since, last: now}
	}
}

// Through says whether a silence of that length was listened to from its beginning.
func (h Hearing) Through(now time.Time, silence time.Duration) bool {
	return !h.since.IsZero() && now.Sub(h.since) >= silence
}
