package models_test

import (
	"slices"
	"testing"
	"time"

	"xunfang/models"
)

func TestTipPeriodsFitTogether(t *testing.T) {
	for name, one := range map[string]struct {
		change func(*models.TipPeriods)
		want   []string
	}{
		"the defaults":                   {func(*models.TipPeriods) {}, nil},
		"a day's as short as a crime's":  {func(p *models.TipPeriods) { p.AcknowledgeByDay = p.AcknowledgeUrgent }, nil},
		"a day's shorter than a crime's": {func(p *models.TipPeriods) { p.AcknowledgeByDay = p.AcknowledgeUrgent - time.Minute }, []string{"acknowledge_by_day_minutes"}},
		"a night's shorter": {
			func(p *models.TipPeriods) { p.AcknowledgeByNight = p.AcknowledgeUrgent - time.Minute }, []string{"acknowledge_by_night_minutes"},
		},
		"decided as soon as seen":           {func(p *models.TipPeriods) { p.Decide = p.AcknowledgeByNight }, nil},
		"decided before it is seen":         {func(p *models.TipPeriods) { p.Decide = p.AcknowledgeByNight - time.Minute }, []string{"decide_hours"}},
		"finished before decided":           {func(p *models.TipPeriods) { p.Finish = p.Decide - time.Hour }, []string{"finish_hours"}},
		"a day of an hour":                  {func(p *models.TipPeriods) { p.DayBegins, p.DayEnds = 23, 24 }, nil},
		"a day of none":                     {func(p *models.TipPeriods) { p.DayBegins, p.DayEnds = 7, 7 }, []string{"day_ends_hour"}},
		"a day that ends in the one before": {func(p *models.TipPeriods) { p.DayBegins, p.DayEnds = 22, 6 }, []string{"day_ends_hour"}},
	} {
		periods := models.DefaultTipPeriods
		one.change(&periods)
		if got := fieldsOf(periods.Check()); !slices.Equal(got, one.want) {
			t.Errorf("%s: %v, want %v", name, got, one.want)
		}
	}
}

func TestWhoHasNotSeenEveryStep(t *testing.T) {
	tip := models.Tip{State: models.TipInvestigating, Steps: make([]models.TipStep, 3)}
	for steps, want := range map[int]models.Code{0: "", 2: models.CodeWrongState, 3: "", 4: models.CodeWrongState} {
		if got := models.CodeOf(tip.CheckSeen(steps)); got != want {
			t.Errorf("%d of 3 steps seen: %q, want %q", steps, got, want)
		}
	}
}
