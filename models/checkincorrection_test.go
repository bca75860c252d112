package models_test

import (
	"testing"

	"xunfang/models"
)

func TestWhoMayDecideACorrection(t *testing.T) {
	for name, test := range map[string]struct {
		state   models.CorrectionState
		decider models.ID
		want    models.Code
	}{
		"somebody else":        {models.CorrectionProposed, "chief", ""},
		"the proposer":         {models.CorrectionProposed, "officer", models.CodeSecondPerson},
		"whose check-in it is": {models.CorrectionProposed, "walker", models.CodeOwnCheckIn},
		"approved before":      {models.CorrectionApproved, "chief", models.CodeWrongState},
		"declined before":      {models.CorrectionDeclined, "chief", models.CodeWrongState},
	} {
		correction := models.Correction{PersonID: "walker", ProposerID: "officer", State: test.state}
		if got := models.CodeOf(correction.CheckDecider(test.decider)); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
	if got := models.CodeOf(models.Correction{PersonID: "a", ProposerID: "a"}.CheckProposer()); got != models.CodeOwnCheckIn {
		t.Errorf("of one's own: %q", got)
	}
	if err := (models.Correction{PersonID: "a", ProposerID: "b"}).CheckProposer(); err != nil {
		t.Error(err)
	}
}
