package models_test

import (
	"slices"
	"testing"
	"time"

	"xunfang/models"
)

func TestNearHas(t *testing.T) {
	now := time.Date(2026, 11, 24, 19, 0, 0, 0, time.UTC)
	gate := models.Position{Lat: 30.65, Lng: 104.06}
	away := models.Position{Lat: 30.66, Lng: 104.06}
	metres := gate.DistanceM(away)
	for name, test := range map[string]struct {
		at      models.Position
		ago     time.Duration
		radiusM float64
		want    bool
	}{
		"there now":               {gate, 0, 200, true},
		"at the edge":             {away, 0, metres, true},
		"beyond the edge":         {away, 0, metres - 0.01, false},
		"so long ago":             {gate, models.SeenNearWithin, 200, true},
		"longer ago":              {gate, models.SeenNearWithin + time.Millisecond, 200, false},
		"a clock that runs ahead": {gate, -time.Second, 200, true},
	} {
		t.Run(name, func(t *testing.T) {
			near := models.Near{Position: gate, RadiusM: test.radiusM}
			if got := near.Has(models.Whereabouts{Position: test.at, At: now.Add(-test.ago)}, now); got != test.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestAudienceNarrowed(t *testing.T) {
	for name, test := range map[string]struct {
		audience models.Audience
		want     bool
	}{
		"roles":   {models.Audience{Roles: []models.Role{models.RoleGuard}}, false},
		"on duty": {models.Audience{OnDuty: true}, true},
		"squad":   {models.Audience{SquadID: "s"}, true},
		"near":    {models.Audience{Near: &models.Near{}}, true},
		"named":   {models.Audience{Named: 1}, true},
	} {
		if got := test.audience.Narrowed(); got != test.want {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

func TestInAll(t *testing.T) {
	type ids = []models.ID
	for name, test := range map[string]struct {
		lists []ids
		want  ids
	}{
		"one list":             {[]ids{{"b", "a"}}, ids{"a", "b"}},
		"all must have them":   {[]ids{{"a", "b", "c"}, {"c", "b"}, {"b", "d"}}, ids{"b"}},
		"twice in one is once": {[]ids{{"a", "a"}, {"b", "b"}}, ids{}},
		"nobody in one":        {[]ids{{"a"}, {}}, ids{}},
	} {
		if got := models.InAll(test.lists...); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v", name, got)
		}
	}
}
