package models_test

import (
	"testing"
	"time"

	"xunfang/models"
)

func TestSignalsOfAPicture(t *testing.T) {
	zone := time.FixedZone("UTC+8", 8*3600)
	now := time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
	here := models.Position{Lat: 30.52, Lng: 105.6}
	tip := models.Tip{OccurredAt: now, Fix: &models.Fix{Position: here}}
	placeless := models.Tip{OccurredAt: now}
	quiet := func(reporting models.Reporting) models.Tip {
		return models.Tip{OccurredAt: now, Fix: tip.Fix, Reporting: reporting}
	}
	ago := func(minutes int) models.Taken {
		return models.Taken{At: now.Add(-time.Duration(minutes) * time.Minute), Zoned: true}
	}
	north := func(degrees float64) *models.Position {
		return &models.Position{Lat: here.Lat + degrees, Lng: here.Lng}
	}
	number := func(value int) *int { return &value }
	wall := func(text string) models.Taken {
		at, err := time.Parse(time.DateTime, text)
		if err != nil {
			t.Fatal(err)
		}
		return models.Taken{At: at}
	}
	for name, test := range map[string]struct {
		taken models.Taken
		tip   models.Tip
		want  models.MediaSignals
	}{
		"nothing known":             {models.Taken{}, tip, models.MediaSignals{}},
		"the station's clock":       {wall("2026-11-24 09:48:30"), tip, models.MediaSignals{TakenMinutesBefore: number(11)}},
		"a clock with its zone":     {models.Taken{At: now.Add(-time.Hour), Zoned: true}, tip, models.MediaSignals{TakenMinutesBefore: number(60)}},
		"afterwards":                {models.Taken{At: now.Add(90 * time.Second), Zoned: true}, tip, models.MediaSignals{TakenMinutesBefore: number(-2)}},
		"a mad clock":               {models.Taken{At: now.AddDate(-101, 0, 0), Zoned: true}, tip, models.MediaSignals{}},
		"at the place":              {models.Taken{Position: north(0.0002)}, tip, models.MediaSignals{HasGPS: true, GPSDistanceM: number(0)}},
		"some way off":              {models.Taken{Position: north(0.001)}, tip, models.MediaSignals{HasGPS: true, GPSDistanceM: number(100)}},
		"exactly where it is named": {models.Taken{Position: north(0.02)}, quiet(models.ReportingNamed), models.MediaSignals{HasGPS: true, GPSDistanceM: number(2200)}},
		"unknown, near":             {models.Taken{Position: north(0.0004)}, quiet(models.ReportingAnonymous), models.MediaSignals{HasGPS: true, GPSDistanceM: number(0)}},
		"unknown, some way off":     {models.Taken{Position: north(0.0085)}, quiet(models.ReportingAnonymous), models.MediaSignals{HasGPS: true, GPSDistanceM: number(900)}},
		"unknown, far":              {models.Taken{Position: north(0.02)}, quiet(models.ReportingAnonymous), models.MediaSignals{HasGPS: true, GPSDistanceM: number(2000)}},
		"hidden, far":               {models.Taken{Position: north(0.02)}, quiet(models.ReportingHidden), models.MediaSignals{HasGPS: true, GPSDistanceM: number(2000)}},
		"unknown, just now":         {ago(59), quiet(models.ReportingAnonymous), models.MediaSignals{TakenMinutesBefore: number(59)}},
		"unknown, an hour ago":      {ago(89), quiet(models.ReportingAnonymous), models.MediaSignals{TakenMinutesBefore: number(60)}},
		"unknown, long ago":         {ago(91), quiet(models.ReportingAnonymous), models.MediaSignals{TakenMinutesBefore: number(120)}},
		"unknown, hours afterwards": {ago(-200), quiet(models.ReportingAnonymous), models.MediaSignals{TakenMinutesBefore: number(-180)}},
		"the tip has no place":      {models.Taken{Position: north(0.001)}, placeless, models.MediaSignals{HasGPS: true}},
	} {
		got := models.SignalsOf("", test.taken, test.tip, zone)
		if got.HasGPS != test.want.HasGPS || !same(got.TakenMinutesBefore, test.want.TakenMinutesBefore) || !same(got.GPSDistanceM, test.want.GPSDistanceM) {
			t.Errorf("%s: %+v, want %+v", name, got, test.want)
		}
	}
}

func same(one, other *int) bool {
	return (one == nil) == (other == nil) && (one == nil || *one == *other)
}
