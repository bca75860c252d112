package models_test

import (
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

func TestChanceOfAStranger(t *testing.T) {
	tests := map[string]struct {
		change func(*models.CodeRules)
		fits   bool
	}{
		"as it is":                       {func(*models.CodeRules) {}, true},
		"five tries":                     {func(r *models.CodeRules) { r.Tries = 5 }, false},
		"more codes that come alone":     {func(r *models.CodeRules) { r.Few = 106 }, false},
		"more live codes":                {func(r *models.CodeRules) { r.Most = 2090 }, false},
		"a gate of a large compound":     {func(r *models.CodeRules) { r.Extension, r.Most = 5, 20_000 }, true},
		"ten digits, ten tries":          {func(r *models.CodeRules) { r.Digits, r.Tries, r.Few, r.Most = 10, 10, 900, 3000 }, true},
		"a shorter pause":                {func(r *models.CodeRules) { r.Pause = 20 * time.Second }, false},
		"a shorter pause, few codes":     {func(r *models.CodeRules) { r.Pause, r.Most = 10*time.Second, 600 }, true},
		"always with extension":          {func(r *models.CodeRules) { r.Few, r.Most = 0, 3400 }, true},
		"always with extension, crowded": {func(r *models.CodeRules) { r.Few, r.Most = 0, 3500 }, false},
		"no pause at all":                {func(r *models.CodeRules) { r.Pause = 0 }, false},
	}
	for name, test := range tests {
		rules := models.DefaultCodeRules()
		test.change(&rules)
		err := rules.Check()
		if (err == nil) != test.fits {
			t.Errorf("%s: %.3g, %v", name, rules.Chance(), err)
		}
		if err != nil && !strings.Contains(err.Error(), "at most 1e-06") {
			t.Errorf("%s: the figures are not told: %v", name, err)
		}
	}
}

func TestWhatADoorAsks(t *testing.T) {
	rules := models.DefaultCodeRules()
	ago := func(times ...time.Duration) models.CodeTries {
		tries := models.CodeTries{}
		for _, passed := range times {
			tries.Wrong = append(tries.Wrong, noon.Add(-passed))
		}
		return tries
	}
	const day = models.CodeWindow
	crowded := func(tries models.CodeTries, until time.Duration) models.CodeTries {
		tries.CrowdedUntil = noon.Add(until)
		return tries
	}
	tests := map[string]struct {
		tries models.CodeTries
		want  models.CodeAsk
	}{
		"nothing yet":               {ago(), models.CodeAsk{}},
		"one short of it":           {ago(0, 1, 2), models.CodeAsk{}},
		"too many, just now":        {ago(0, 1, 2, 3), models.CodeAsk{Extension: true, Wait: 30 * time.Second}},
		"by another server's clock": {ago(-time.Hour, 1, 2, 3), models.CodeAsk{Extension: true, Wait: 30 * time.Second}},
		"a moment before the end":   {ago(30*time.Second-1, 60e9, 61e9, 62e9), models.CodeAsk{Extension: true, Wait: 1}},
		"after the pause":           {ago(30*time.Second, 60e9, 61e9, 62e9), models.CodeAsk{Extension: true}},
		"a moment within the day":   {ago(day-4, day-3, day-2, day-1), models.CodeAsk{Extension: true}},
		"the first is a day old":    {ago(day-4, day-3, day-2, day), models.CodeAsk{}},
		"crowded":                   {crowded(ago(0, 1, 2), 1), models.CodeAsk{Extension: true}},
		"no longer crowded":         {crowded(ago(0, 1, 2), 0), models.CodeAsk{}},
		"crowded and too many":      {crowded(ago(0, 1, 2, 3), 1), models.CodeAsk{Extension: true, Wait: 30 * time.Second}},
	}
	for name, test := range tests {
		if got := rules.Ask(test.tries, noon); got != test.want {
			t.Errorf("%s: %+v, want %+v", name, got, test.want)
		}
	}
	rules.Tries = 0
	if got := rules.Ask(models.CodeTries{}, noon); got != (models.CodeAsk{Extension: true}) {
		t.Errorf("a door that always is careful asks %+v at first", got)
	}
}

func TestRoomForCodes(t *testing.T) {
	rules := models.DefaultCodeRules()
	for live, want := range map[models.LiveCodes]string{
		{All: 99}: "", {All: 100}: "crowded", {All: 1999}: "crowded", {All: 2000}: "full",
		{All: 99, OfHost: 99}: "", {All: 100, OfHost: 100}: "full",
	} {
		crowded, err := rules.Room(live)
		got := map[bool]string{true: "crowded"}[crowded]
		if err != nil {
			got = "full"
		}
		if got != want {
			t.Errorf("%+v: %q %v, want %q", live, got, err, want)
		}
	}
	pass := models.VisitorPass{StartsAt: noon.Add(time.Hour), EndsAt: noon.Add(2 * time.Hour)}
	if from, until := pass.CodeSpan(noon); !from.Equal(noon) || !until.Equal(pass.EndsAt) {
		t.Errorf("a pass for today counts from %s to %s", from, until)
	}
	pass.StartsAt = noon.Add(models.CodeWindow + time.Second)
	if from, _ := pass.CodeSpan(noon); !from.Equal(noon.Add(time.Second)) {
		t.Errorf("one for later counts from %s", from)
	}
}
