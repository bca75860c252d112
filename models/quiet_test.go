package models_test

import (
	"testing"
	"time"

	"xunfang/models"
)

func zoneOf(t *testing.T, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func TestQuietHours(t *testing.T) {
	const layout = "2006-01-02 15:04:05.000 -0700"
	night := models.AlertSettings{QuietFrom: models.QuietFrom, QuietUntil: models.QuietUntil}
	noon := models.AlertSettings{QuietFrom: 12*60 + 30, QuietUntil: 14 * 60}
	from2 := models.AlertSettings{QuietFrom: 2*60 + 30, QuietUntil: 7 * 60}
	until2 := models.AlertSettings{QuietFrom: 22 * 60, QuietUntil: 2*60 + 30}
	skipped := models.AlertSettings{QuietFrom: 2*60 + 10, QuietUntil: 2*60 + 50}
	midnight := models.AlertSettings{QuietFrom: 0, QuietUntil: 6 * 60}
	toMidnight := models.AlertSettings{QuietFrom: 20 * 60, QuietUntil: 0}
	off := models.AlertSettings{QuietFrom: models.QuietFrom, QuietUntil: models.QuietUntil, QuietOff: true}
	for _, row := range []struct {
		name     string
		settings models.AlertSettings
		zone     string
		at       string
		want     string // "": not quiet
	}{
		{"before", night, "Asia/Shanghai", "2026-11-24 21:59:59.999 +0800", ""},
		{"first instant", night, "Asia/Shanghai", "2026-11-24 22:00:00.000 +0800", "2026-11-25 07:00:00.000 +0800"},
		{"before midnight", night, "Asia/Shanghai", "2026-11-24 23:59:59.999 +0800", "2026-11-25 07:00:00.000 +0800"},
		{"midnight", night, "Asia/Shanghai", "2026-11-25 00:00:00.000 +0800", "2026-11-25 07:00:00.000 +0800"},
		{"last instant", night, "Asia/Shanghai", "2026-11-25 06:59:59.999 +0800", "2026-11-25 07:00:00.000 +0800"},
		{"end", night, "Asia/Shanghai", "2026-11-25 07:00:00.000 +0800", ""},
		{"the station's clock, not UTC's", night, "Asia/Shanghai", "2026-11-24 22:30:00.000 +0000", "2026-11-25 07:00:00.000 +0800"},
		{"another zone", night, "Asia/Urumqi", "2026-11-25 07:30:00.000 +0800", "2026-11-25 07:00:00.000 +0600"},
		{"off", off, "Asia/Shanghai", "2026-11-25 03:00:00.000 +0800", ""},
		{"by day, before", noon, "Asia/Shanghai", "2026-11-25 12:29:59.999 +0800", ""},
		{"by day", noon, "Asia/Shanghai", "2026-11-25 12:30:00.000 +0800", "2026-11-25 14:00:00.000 +0800"},
		{"by day, end", noon, "Asia/Shanghai", "2026-11-25 14:00:00.000 +0800", ""},
		{"by day, at night", noon, "Asia/Shanghai", "2026-11-25 03:00:00.000 +0800", ""},
		{"from midnight, before", midnight, "Asia/Shanghai", "2026-11-24 23:59:59.999 +0800", ""},
		{"from midnight", midnight, "Asia/Shanghai", "2026-11-25 00:00:00.000 +0800", "2026-11-25 06:00:00.000 +0800"},
		{"to midnight", toMidnight, "Asia/Shanghai", "2026-11-24 23:59:59.999 +0800", "2026-11-25 00:00:00.000 +0800"},
		{"to midnight, end", toMidnight, "Asia/Shanghai", "2026-11-25 00:00:00.000 +0800", ""},
		// In Berlin clocks go from 02:00 to 03:00 on 29 March 2026, and from 03:00 to 02:00 on 25 October.
		{"a night of eight hours", night, "Europe/Berlin", "2026-03-28 22:00:00.000 +0100", "2026-03-29 07:00:00.000 +0200"},
		{"a night of ten hours", night, "Europe/Berlin", "2026-10-24 22:00:00.000 +0200", "2026-10-25 07:00:00.000 +0100"},
		{"after the change", night, "Europe/Berlin", "2026-10-25 06:59:59.999 +0100", "2026-10-25 07:00:00.000 +0100"},
		{"begins within what is skipped", from2, "Europe/Berlin", "2026-03-29 01:59:59.999 +0100", ""},
		{"begins at the change", from2, "Europe/Berlin", "2026-03-29 03:00:00.000 +0200", "2026-03-29 07:00:00.000 +0200"},
		{"ends within what is skipped", until2, "Europe/Berlin", "2026-03-29 01:59:59.999 +0100", "2026-03-29 03:00:00.000 +0200"},
		{"over at the change", until2, "Europe/Berlin", "2026-03-29 03:00:00.000 +0200", ""},
		{"skipped whole", skipped, "Europe/Berlin", "2026-03-29 03:00:00.000 +0200", ""},
		{"begins in the first of two", from2, "Europe/Berlin", "2026-10-25 02:30:00.000 +0200", "2026-10-25 07:00:00.000 +0100"},
		{"goes on in the second of two", from2, "Europe/Berlin", "2026-10-25 02:00:00.000 +0100", "2026-10-25 07:00:00.000 +0100"},
		{"ends in the first of two", until2, "Europe/Berlin", "2026-10-25 02:30:00.000 +0200", ""},
	} {
		at, err := time.Parse(layout, row.at)
		if err != nil {
			t.Fatal(err)
		}
		until, quiet := row.settings.Within(at, zoneOf(t, row.zone))
		want, _ := time.Parse(layout, row.want)
		if quiet != (row.want != "") || !until.Equal(want) {
			t.Errorf("%s: %t until %s, want %q", row.name, quiet, until, row.want)
		}
	}
}

func TestWhatWaits(t *testing.T) {
	zone := zoneOf(t, "Asia/Shanghai")
	night := time.Date(2026, 11, 25, 3, 0, 0, 0, zone)
	settings := models.DefaultAlertSettings(false)
	for _, row := range []struct {
		severity, kind string
		onDuty, held   bool
	}{
		{models.SeverityInfo, "notice", false, true},
		{models.SeverityNormal, "notice", false, true},
		{models.SeverityHigh, "notice", false, false},
		{models.SeverityEmergency, "notice", false, false},
		{models.SeverityNormal, "notice", true, false},
		{models.SeverityInfo, "notice", true, false},
		{models.SeverityNormal, models.AlertCall, false, false},
	} {
		alert := models.Alert{Severity: row.severity, Kind: row.kind}
		if _, held := alert.HoldBack(settings, row.onDuty, night, zone); held != row.held {
			t.Errorf("%+v: held %t", row, held)
		}
	}
	if _, held := (models.Alert{Severity: models.SeverityInfo}).HoldBack(models.DefaultAlertSettings(true), false, night, zone); held {
		t.Error("what a commander must know waits until the morning")
	}
	for channel, want := range map[string]bool{models.ChannelFCM: true, models.ChannelHMS: true, models.ChannelWeChat: false, models.ChannelSMS: false} {
		if settings.InDigest(models.SeverityInfo, channel) != want || settings.InDigest(models.SeverityNormal, channel) {
			t.Errorf("a digest of %s", channel)
		}
	}
}

func TestQuietHoursAreHoursAndNotTooMany(t *testing.T) {
	for _, row := range []struct {
		from, until int
		fits        bool
	}{
		{22 * 60, 7 * 60, true},
		{20 * 60, 8 * 60, true},
		{20 * 60, 8*60 + 1, false},
		{0, 12 * 60, true},
		{0, 12*60 + 1, false},
		{22 * 60, 22 * 60, false},
		{7 * 60, 7*60 - 1, false},
	} {
		if err := (models.AlertSettings{QuietFrom: row.from, QuietUntil: row.until}).Check(); (err == nil) != row.fits {
			t.Errorf("%d to %d: %v", row.from, row.until, err)
		}
	}
}

func TestStaleAddresses(t *testing.T) {
	at := time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
	for _, row := range []struct {
		kind, installation string
		age                time.Duration
		stale              bool
	}{
		{"fcm_token", "phone", 30*24*time.Hour - time.Millisecond, false},
		{"fcm_token", "phone", 30 * 24 * time.Hour, true},
		{"fcm_installation", "phone", 31 * 24 * time.Hour, true},
		{"hms_token", "phone", 31 * 24 * time.Hour, true},
		{"wechat_mini_program", "wechat", 400 * 24 * time.Hour, false},
		{"fcm_token", models.ReceiptInstallation, 31 * 24 * time.Hour, false},
	} {
		address := models.PushAddress{Kind: row.kind, InstallationID: row.installation, UpdatedAt: at}
		now := at.Add(row.age)
		if address.Stale(now) != row.stale || address.TakesPush(models.SeverityNormal, now) == row.stale ||
			!address.TakesPush(models.SeverityHigh, now) || !address.TakesPush(models.SeverityEmergency, now) {
			t.Errorf("%+v: stale %t", row, address.Stale(now))
		}
	}
}
