package models

import (
	"strconv"
	"time"
)

// AlertDigest is what a phone is told in the morning of the info alerts that waited for the end of the quiet hours.
const AlertDigest = "digest"

// Quiet hours, in minutes of the day by the station's clock, where a person has set none.
const (
	QuietFrom  = 22 * 60
	QuietUntil = 7 * 60
	MaxQuiet   = 12 * 60 // minutes: whoever is told nothing for longer is not reached at all
)

const dayMinutes = 24 * 60

// AlertSettings say when a person's phones are left alone.
type AlertSettings struct {
	PersonID   ID
	QuietFrom  int       // minute of the day by the station's clock
	QuietUntil int       // not before QuietFrom: of the next day
	QuietOff   bool      // nothing waits
	Digest     bool      // info alerts that waited come as one push
	UpdatedAt  time.Time // zero: these are the defaults
}

// DefaultAlertSettings are those of who has set none. Who commands a station has no shift by which to tell when they are on duty,
// and must hear of a gap in a patrol at night: for them nothing waits unless they say so.
func DefaultAlertSettings(commands bool) AlertSettings {
	return AlertSettings{QuietFrom: QuietFrom, QuietUntil: QuietUntil, QuietOff: commands, Digest: true}
}

// Check refuses hours that are none, or too long.
func (s AlertSettings) Check() error {
	length := (s.QuietUntil - s.QuietFrom + dayMinutes) % dayMinutes
	switch {
	case length == 0:
		return Unfit("quiet_until", FieldNotAllowed, "other than quiet_from")
	case length > MaxQuiet:
		return Unfit("quiet_until", FieldTooLarge, "<= "+strconv.Itoa(MaxQuiet/60)+" h")
	default:
		return nil
	}
}

// Within says whether an instant is within the quiet hours, and when those end. Their first instant is, their last is not.
func (s AlertSettings) Within(now time.Time, zone *time.Location) (until time.Time, quiet bool) {
	if s.QuietOff {
		return time.Time{}, false
	}
	today := DateIn(now, zone)
	for _, day := range []Date{today.Add(-1), today} {
		last := day
		if s.QuietUntil <= s.QuietFrom {
			last = day.Add(1)
		}
		until = last.At(s.QuietUntil, zone)
		if !now.Before(day.At(s.QuietFrom, zone)) && now.Before(until) {
			return until, true
		}
	}
	return time.Time{}, false
}

// Waits says whether a push of an alert may wait for the end of somebody's quiet hours. A call at the door is now or never.
func (a Alert) Waits() bool {
	return Urgency(a.Severity) > Urgency(SeverityHigh) && a.Kind != AlertCall
}

// HoldBack decides whether a push of an alert to one person waits, and until when; never for somebody who is on duty.
func (a Alert) HoldBack(settings AlertSettings, onDuty bool, now time.Time, zone *time.Location) (until time.Time, held bool) {
	if onDuty || !a.Waits() {
		return time.Time{}, false
	}
	return settings.Within(now, zone)
}

// InDigest says whether a push that waits is one of those that become one. A message in a mini-program needs the person's consent
// to its very template, so there each comes by itself.
func (s AlertSettings) InDigest(severity, channel string) bool {
	return s.Digest && severity == SeverityInfo && (channel == ChannelFCM || channel == ChannelHMS)
}
