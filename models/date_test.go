package models_test

import (
	"testing"
	"time"
	_ "time/tzdata"

	"xunfang/models"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	found, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func date(t *testing.T, text string) models.Date {
	t.Helper()
	if text == "" {
		return models.Date{}
	}
	read, err := models.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return read
}

// A later minute of the wall clock is never an earlier instant, and what the clock then shows is the minute,
// unless no such minute is shown that day: checked against a walk through every minute of the days.
func TestAtIsTheFirstInstantThatShowsTheMinute(t *testing.T) {
	for _, c := range []struct{ zone, day string }{
		{"Europe/Berlin", "2026-03-29"},
		{"Europe/Berlin", "2026-10-25"},
		{"America/New_York", "2026-03-08"},
		{"America/New_York", "2026-11-01"},
		{"America/Santiago", "2026-09-06"},
		{"America/Santiago", "2026-04-04"},
		{"Asia/Beirut", "2026-03-29"},
		{"Asia/Shanghai", "2026-05-01"},
		{"Australia/Lord_Howe", "2026-04-05"},
	} {
		in, day := zone(t, c.zone), date(t, c.day)
		first := map[string]time.Time{} // what the clock shows → when it first does
		begin := time.Date(day.Year, day.Month, day.Day-1, 0, 0, 0, 0, time.UTC)
		for at := begin; at.Before(begin.Add(96 * time.Hour)); at = at.Add(time.Minute) {
			shown := at.In(in).Format("2006-01-02 15:04")
			if _, known := first[shown]; !known {
				first[shown] = at
			}
		}
		before := time.Time{}
		for minute := range 1441 {
			got := day.At(minute, in)
			shown := time.Date(day.Year, day.Month, day.Day, 0, minute, 0, 0, time.UTC).Format("2006-01-02 15:04")
			if want, shows := first[shown]; shows && !got.Equal(want) {
				t.Fatalf("%s %s: %v, want %v", c.zone, shown, got.UTC(), want)
			}
			if got.Before(before) {
				t.Fatalf("%s %s: %v is before %v", c.zone, shown, got.UTC(), before.UTC())
			}
			before = got
		}
	}
}

func TestDatesAreReadAndWritten(t *testing.T) {
	for text, good := range map[string]bool{
		"2026-11-24": true, "2028-02-29": true, "2027-02-29": false, "2026-13-01": false, "2026-1-1": false, "": false, "2026-11-24T00:00:00Z": false,
	} {
		var read models.Date
		if err := read.UnmarshalText([]byte(text)); (err == nil) != good {
			t.Errorf("%q: %v", text, err)
		}
		if written, _ := read.MarshalText(); good && string(written) != text {
			t.Errorf("%q is written %q", text, written)
		}
	}
	if got := date(t, "2028-02-28").Add(2); got != date(t, "2028-03-01") || got.Weekday() != time.Wednesday {
		t.Errorf("%v %v", got, got.Weekday())
	}
	if day := date(t, "2026-11-24"); day.Before(day) || !day.Before(day.Add(1)) || day.Add(1).Before(day) || !day.Before(day.Add(40)) {
		t.Error("the order of days")
	}
}
