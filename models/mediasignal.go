package models

import (
	"math"
	"time"
)

// MediaSignals is what staff are told of where and when a tip's picture was taken, instead of the place and the time.
type MediaSignals struct {
	MediaID            ID
	HasGPS             bool
	TakenMinutesBefore *int // minutes from the picture to what the tip is about; negative when it was taken after it; nil: unknown
	GPSDistanceM       *int // metres from the picture's place to the tip's, to the nearest 50; nil: one of them is unknown
}

const (
	gpsDistanceStepM = 50
	maxTakenApart    = 100 * 366 * 24 * time.Hour // beyond it a camera's clock says nothing

	// Of who is hidden or unknown: the farther away, the less exactly it is told, for it could be their home or their day.
	quietStepM      = 100
	quietFarM       = 1000 // from here on to the nearest so many
	quietFarMinutes = 60   // from here on to the nearest hour
)

// SignalsOf compares what a picture said with the tip it came with. A wall clock without a zone is the station's. Of an
// anonymous tip the distance is to where the tip is known to be outside of its seal, within about 100 m.
func SignalsOf(media ID, taken Taken, tip Tip, zone *time.Location) MediaSignals {
	signals := MediaSignals{MediaID: media, HasGPS: taken.Position != nil}
	quiet := tip.Reporting == ReportingHidden || tip.Reporting == ReportingAnonymous
	if at := taken.At; !at.IsZero() {
		if !taken.Zoned {
			at = time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), 0, zone)
		}
		if apart := tip.OccurredAt.Sub(at); apart.Abs() < maxTakenApart {
			minutes := int(math.Floor(apart.Minutes()))
			if quiet && apart.Abs() >= quietFarMinutes*time.Minute {
				minutes = int(math.Round(apart.Hours())) * 60
			}
			signals.TakenMinutesBefore = &minutes
		}
	}
	if taken.Position != nil && tip.Fix != nil {
		distance, step := taken.Position.DistanceM(tip.Fix.Position), gpsDistanceStepM
		switch {
		case quiet && distance >= quietFarM:
			step = quietFarM
		case quiet:
			step = quietStepM
		}
		metres := int(math.Round(distance/float64(step))) * step
		signals.GPSDistanceM = &metres
	}
	return signals
}
