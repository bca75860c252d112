package models_test

import (
	"slices"
	"testing"
	"time"

	"xunfang/models"
)

func TestEveryStepOfATip(t *testing.T) {
	states := []models.TipState{models.TipReceived, models.TipAcknowledged, models.TipInvestigating, models.TipResolved, models.TipClosed}
	next := map[models.TipState][]models.TipState{
		models.TipReceived:      {models.TipAcknowledged, models.TipInvestigating, models.TipClosed},
		models.TipAcknowledged:  {models.TipInvestigating, models.TipResolved, models.TipClosed},
		models.TipInvestigating: {models.TipResolved, models.TipClosed},
	}
	for _, from := range states {
		for _, to := range states {
			reason, want := "", models.CodeWrongState
			if to == models.TipClosed {
				reason = "unfounded"
			}
			if slices.Contains(next[from], to) {
				want = ""
			}
			if got := models.CodeOf(models.Tip{State: from}.CheckTransition(to, reason)); got != want {
				t.Errorf("%s → %s: %q, want %q", from, to, got, want)
			}
		}
	}
	received := models.Tip{State: models.TipReceived}
	if got := fieldsOf(received.CheckTransition(models.TipClosed, "")); !slices.Equal(got, []string{"reason"}) {
		t.Errorf("closed without a reason: %v", got)
	}
	if got := fieldsOf(received.CheckTransition(models.TipAcknowledged, "unfounded")); !slices.Equal(got, []string{"reason"}) {
		t.Errorf("acknowledged with a reason: %v", got)
	}
}

func TestWhoseTipItIs(t *testing.T) {
	compounds := []models.Compound{
		{ID: "garden", StationID: "station-1", Centre: corner},
		{ID: "lake", StationID: "station-1", Centre: north(1000, 0).Position},
	}
	reporter := with("a", role(models.RoleVolunteer, lake))
	tests := map[string]struct {
		fix  *models.Fix
		who  models.Principal
		want models.Place
	}{
		"near one compound":               {north(100, 5), reporter, garden},
		"nearer to the other":             {north(601, 5), reporter, lake},
		"near none":                       {north(-500, 5), reporter, station},
		"no position: their own compound": {nil, reporter, lake},
		"no position and no compound":     {nil, with("a", role(models.RoleOfficer, station)), station},
	}
	for name, test := range tests {
		if got := models.TipPlace(test.fix, compounds, test.who); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

func TestWhenATipHappened(t *testing.T) {
	for offset, want := range map[time.Duration]models.FieldCode{
		0: "", models.MaxClockAhead: "", models.MaxClockAhead + time.Millisecond: models.FieldInFuture,
		-10 * models.MaxPast: "", -10*models.MaxPast - time.Millisecond: models.FieldTooOld,
	} {
		if got := firstCode(models.CheckOccurred(noon.Add(offset), noon)); got != want {
			t.Errorf("%s from now: %q, want %q", offset, got, want)
		}
	}
}
