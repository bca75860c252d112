package models

import (
	"slices"
	"testing"
	"time"
)

func TestFaceTextsHoldUntilTheGraceIsOver(t *testing.T) {
	second := time.Date(2027, time.March, 1, 0, 0, 0, 0, time.UTC)
	texts := append(slices.Clone(FaceConsentTexts), FaceConsentText{Version: "2027-03", From: second})
	for at, want := range map[time.Time][]string{
		second.Add(-time.Millisecond): {"2026-11", "2026-11,2027-03"},
		second:                        {"2027-03", "2026-11,2027-03"},
		second.Add(FaceConsentGrace - time.Millisecond): {"2027-03", "2026-11,2027-03"},
		second.Add(FaceConsentGrace):                    {"2027-03", "2027-03"},
		FaceConsentTexts[0].From.Add(-time.Millisecond): {"", "2026-11,2027-03"},
	} {
		text, _ := CurrentFaceText(texts, at)
		standing := ""
		for _, version := range StandingFaceTexts(texts, at) {
			if standing != "" {
				standing += ","
			}
			standing += version
		}
		if text.Version != want[0] || standing != want[1] {
			t.Errorf("%s: %s of %s, want %v", at, text.Version, standing, want)
		}
	}
}

func TestWhoConsentsToAFace(t *testing.T) {
	now := time.Date(2026, time.November, 27, 16, 0, 0, 0, time.UTC) // already the 28th in China
	person := func(id ID, born string) Person {
		if born == "" {
			return Person{ID: id}
		}
		return Person{ID: id, IDNumber: Secret("510903" + born + "0011")}
	}
	for name, c := range map[string]struct {
		subject, giver Person
		at             time.Time
		want           Code
	}{
		"oneself, age unknown":       {person("a", ""), person("a", ""), now, ""},
		"oneself, 14 today":          {person("a", "20121128"), person("a", "20121128"), now, ""},
		"oneself, 14 tomorrow":       {person("a", "20121128"), person("a", "20121128"), now.Add(-time.Millisecond), CodeGuardianNeeded},
		"a child, 14 tomorrow":       {person("a", "20121128"), person("b", ""), now.Add(-time.Millisecond), ""},
		"a child, 14 today":          {person("a", "20121128"), person("b", ""), now, CodeUnprocessable},
		"another of unknown age":     {person("a", ""), person("b", ""), now, CodeUnprocessable},
		"a child by one who is 18":   {person("a", "20200101"), person("b", "20081128"), now, ""},
		"a child by one who is 17":   {person("a", "20200101"), person("b", "20081129"), now, CodeGuardianNeeded},
		"born tomorrow, so unknown":  {person("a", "20261129"), person("b", ""), now, CodeUnprocessable},
		"a number that is no number": {Person{ID: "a", IDNumber: "51090320131399001X"}, person("b", ""), now, CodeUnprocessable},
	} {
		if got := CodeOf(CheckFaceGiver(c.subject, c.giver, c.at)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
