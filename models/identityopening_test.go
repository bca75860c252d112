package models_test

import (
	"testing"

	"xunfang/models"
)

func TestIdentityOpening(t *testing.T) {
	asked, approved := models.IdentityOpening{AskedBy: "a"}, models.IdentityOpening{AskedBy: "a", ApprovedBy: "b"}
	for name, test := range map[string]struct {
		opening models.IdentityOpening
		who     models.ID
		approve models.Code
		opens   bool
	}{
		"who asked, before":     {asked, "a", models.CodeSecondPerson, false},
		"another, before":       {asked, "b", "", false},
		"who asked, after":      {approved, "a", models.CodeSecondPerson, true},
		"who consented, after":  {approved, "b", models.CodeWrongState, true},
		"a third, after":        {approved, "c", models.CodeWrongState, false},
		"nobody":                {asked, "", "", false},
		"one who is both":       {models.IdentityOpening{AskedBy: "a", ApprovedBy: "a"}, "a", models.CodeSecondPerson, false},
		"nobody after, neither": {models.IdentityOpening{ApprovedBy: "b"}, "c", models.CodeWrongState, false},
	} {
		if got := models.CodeOf(test.opening.CheckApproval(test.who)); got != test.approve {
			t.Errorf("%s may consent: %q", name, got)
		}
		if got := test.opening.Opens(test.who); got != test.opens {
			t.Errorf("%s sees it: %t", name, got)
		}
	}
	for reporting, want := range map[models.Reporting]models.Code{
		models.ReportingHidden: "", models.ReportingNamed: models.CodeWrongState, models.ReportingAnonymous: models.CodeWrongState,
	} {
		if got := models.CodeOf(models.Tip{Reporting: reporting}.CheckAsk()); got != want {
			t.Errorf("%s: %q", reporting, got)
		}
	}
	who := models.Principal{ID: "a", Alias: "x"}
	for owner, want := range map[models.ID]bool{"a": true, "x": true, "b": false, "": false} {
		if who.Owns(owner) != want {
			t.Errorf("owns %q: %t", owner, !want)
		}
	}
	if (models.Principal{ID: "a"}).Owns("") {
		t.Error("without an alias nobody's is theirs")
	}
}
