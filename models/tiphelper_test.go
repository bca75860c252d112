package models_test

import (
	"slices"
	"testing"
	"time"

	"xunfang/models"
)

func TestNobodyIsAskedTwiceAboutOneThing(t *testing.T) {
	tip := models.Tip{ID: "tip", ReceivedAt: noon, Fix: north(0, 5)}
	asking := func(about models.ID, metres float64, ago time.Duration) models.TipAsking {
		return models.TipAsking{TipID: about, PersonID: "guard", At: north(metres, 5).Position, AskedAt: noon.Add(-ago)}
	}
	merged := func(asking models.TipAsking, into models.ID) models.TipAsking { asking.IntoID = into; return asking }
	by := func(asking models.TipAsking, person models.ID) models.TipAsking {
		asking.PersonID = person
		return asking
	}
	last := models.TipAsksAnew - time.Millisecond
	for name, one := range map[string]struct {
		before []models.TipAsking
		again  bool
	}{
		"nobody was asked":                        {nil, true},
		"somebody else was":                       {[]models.TipAsking{by(asking("other", 0, 0), "auxiliary")}, true},
		"about the same tip":                      {[]models.TipAsking{asking("tip", 0, 0)}, false},
		"about the same tip, long ago":            {[]models.TipAsking{asking("tip", 0, time.Hour)}, false},
		"about the same place, at the same time":  {[]models.TipAsking{asking("other", 0, 0)}, false},
		"the last moment":                         {[]models.TipAsking{asking("other", 0, last)}, false},
		"two minutes later":                       {[]models.TipAsking{asking("other", 0, models.TipAsksAnew)}, true},
		"a minute ahead, where times are coarse":  {[]models.TipAsking{asking("other", 0, -time.Minute)}, false},
		"the edge of the place":                   {[]models.TipAsking{asking("other", 199.9, last)}, false},
		"just beyond the place":                   {[]models.TipAsking{asking("other", 200.1, 0)}, true},
		"far off, but merged with one here":       {[]models.TipAsking{merged(asking("far", 900, 0), "here"), by(asking("here", 0, 0), "auxiliary")}, false},
		"far off, merged into what one here was":  {[]models.TipAsking{merged(asking("far", 900, 0), "main"), merged(by(asking("here", 0, 0), "auxiliary"), "main")}, false},
		"far off, merged, two minutes before":     {[]models.TipAsking{merged(asking("far", 900, models.TipAsksAnew), "here"), by(asking("here", 0, 0), "auxiliary")}, true},
		"far off, merged with one elsewhere":      {[]models.TipAsking{merged(asking("far", 900, 0), "elsewhere")}, true},
		"merged into one here, too long ago here": {[]models.TipAsking{merged(asking("far", 900, 0), "here"), by(asking("here", 0, models.TipAsksAnew), "auxiliary")}, true},
	} {
		want := []models.ID{"officer"}
		if one.again {
			want = []models.ID{"guard", "officer"}
		}
		if got := tip.Unasked([]models.ID{"guard", "officer"}, one.before); !slices.Equal(got, want) {
			t.Errorf("%s: asked are %v, want %v", name, got, want)
		}
	}
	unknown := models.Tip{ID: "tip", ReceivedAt: noon}
	if got := unknown.Unasked([]models.ID{"guard"}, []models.TipAsking{asking("other", 0, 0)}); len(got) != 1 {
		t.Errorf("a tip without a place: %v", got)
	}
}
