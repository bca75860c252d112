package models

import (
	"testing"
	"time"
)

// A shorter period deletes nothing for a week, however it came to be set; a longer one counts at once.
func TestGroupSettings(t *testing.T) {
	now := time.Date(2026, 6, 1, 3, 0, 0, 0, time.UTC)
	for name, try := range map[string]struct {
		settings GroupSettings
		at       time.Duration
		days     int
		waits    bool
	}{
		"nothing is set":              {DefaultGroupSettings(), 0, 731, false},
		"longer":                      {DefaultGroupSettings().Set(1000, now), 0, 1000, false},
		"the same":                    {DefaultGroupSettings().Set(731, now), 0, 731, false},
		"shorter, at once":            {DefaultGroupSettings().Set(90, now), 0, 731, true},
		"shorter, to the last moment": {DefaultGroupSettings().Set(90, now), GroupKeepNotice - time.Millisecond, 731, true},
		"shorter, a week later":       {DefaultGroupSettings().Set(90, now), GroupKeepNotice, 90, false},
		"a slip, mended in time":      {DefaultGroupSettings().Set(90, now).Set(900, now.Add(time.Hour)), time.Hour, 900, false},
		"shorter still, in two steps": {
			DefaultGroupSettings().Set(400, now).Set(90, now.Add(24*time.Hour)), GroupKeepNotice + 23*time.Hour, 731, true,
		},
		"a step, then another": {
			DefaultGroupSettings().Set(400, now).Set(90, now.Add(GroupKeepNotice)), GroupKeepNotice, 400, true,
		},
	} {
		at := now.Add(try.at)
		kept, waits := try.settings.KeptFor(at), !try.settings.AppliesAt(at).IsZero()
		if want := time.Duration(try.days) * 24 * time.Hour; kept != want || waits != try.waits {
			t.Errorf("%s: kept for %s, waits %v; want %s", name, kept, waits, want)
		}
	}
}

func TestGroupExportPart(t *testing.T) {
	found := []GroupMessage{{Ordinal: 3}, {Ordinal: 7}, {Ordinal: 9}}
	for holds, want := range map[int][2]int{1: {1, 3}, 2: {2, 7}, 3: {3, 0}, 4: {3, 0}} {
		if part, after := GroupExportPart(found, holds); len(part) != want[0] || after != want[1] {
			t.Errorf("of three with room for %d: %d, and on after %d", holds, len(part), after)
		}
	}
}
