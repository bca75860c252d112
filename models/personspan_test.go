package models

import (
	"slices"
	"testing"
	"time"
)

func TestFindingSpans(t *testing.T) {
	noon := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	of := func(person ID, after time.Duration) CheckIn {
		return CheckIn{PersonID: person, OccurredAt: noon.Add(after)}
	}
	span := func(person ID, from, last time.Duration) PersonSpan {
		return PersonSpan{PersonID: person, From: noon.Add(from), To: noon.Add(last + time.Millisecond)}
	}
	for name, c := range map[string]struct {
		checkIns []CheckIn
		want     []PersonSpan
	}{
		"none":                  {nil, []PersonSpan{}},
		"one":                   {[]CheckIn{of("a", 0)}, []PersonSpan{span("a", -4*time.Hour, 0)}},
		"the same instant":      {[]CheckIn{of("a", 0), of("a", 0)}, []PersonSpan{span("a", -4*time.Hour, 0)}},
		"two of one, any order": {[]CheckIn{of("a", time.Hour), of("a", 0)}, []PersonSpan{span("a", -4*time.Hour, time.Hour)}},
		"two people":            {[]CheckIn{of("a", 0), of("b", 1)}, []PersonSpan{span("a", -4*time.Hour, 0), span("b", 1-4*time.Hour, 1)}},
		"they touch": {
			[]CheckIn{of("a", 0), of("a", 4*time.Hour-time.Millisecond)}, []PersonSpan{span("a", -4*time.Hour, 4*time.Hour-time.Millisecond)},
		},
		"together too long": { // the second goes on where the first ends
			[]CheckIn{of("a", 0), of("a", 4*time.Hour)},
			[]PersonSpan{span("a", -4*time.Hour, 0), {PersonID: "a", From: noon.Add(time.Millisecond), To: noon.Add(4*time.Hour + time.Millisecond)}},
		},
		"a year apart": {
			[]CheckIn{of("a", 8760*time.Hour), of("a", 0)}, []PersonSpan{span("a", -4*time.Hour, 0), span("a", 8756*time.Hour, 8760*time.Hour)},
		},
	} {
		if got := FindingSpans(c.checkIns); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
