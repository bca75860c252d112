package models_test

import (
	"testing"
	"time"

	"xunfang/models"
)

func TestSOSWidensOnTheMillisecond(t *testing.T) {
	now := time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
	call := models.NewSOS(models.SOS{Kind: models.SOSPanic, RaisedAt: now.Add(-time.Minute)}, now)
	for _, c := range []struct {
		after time.Duration
		state models.SOSState
		wide  bool
		step  int
	}{
		{30*time.Second - time.Millisecond, models.SOSRaised, false, 1},
		{30 * time.Second, models.SOSAcknowledged, false, 1},
		{30 * time.Second, models.SOSResolved, false, 1},
		{30 * time.Second, models.SOSDelivered, true, 2}, // a phone that has it is not a person who has
		{60*time.Second - time.Millisecond, models.SOSDelivered, false, 2},
		{60 * time.Second, models.SOSDelivered, true, 3},
		{24 * time.Hour, models.SOSDelivered, false, 3},
	} {
		call.State = c.state
		next, wide := call.Widened(now.Add(c.after))
		if wide != c.wide || next.Step != c.step {
			t.Errorf("%s after %v: %t, step %d; want %t, %d", c.state, c.after, wide, next.Step, c.wide, c.step)
		}
		call = next
	}
}

func TestSOSOfTheSamePersonAgain(t *testing.T) {
	now := time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
	call := models.NewSOS(models.SOS{Kind: models.SOSPanic, RaisedAt: now.Add(time.Hour)}, now)
	if !call.RaisedAt.Equal(now) || call.Silent {
		t.Errorf("raised at %v, silent %t", call.RaisedAt, call.Silent)
	}
	call.State = models.SOSAcknowledged
	duress := models.NewSOS(models.SOS{Kind: models.SOSDuress}, now)
	if !duress.Silent {
		t.Error("a call under threat is not silent")
	}
	fallen := models.NewSOS(models.SOS{Kind: models.SOSManDown}, now)
	late := now.Add(10 * time.Minute)
	claimed := call
	claimed.ClaimedSafeAt = now
	for _, c := range []struct {
		name        string
		open, again models.SOS
		now         time.Time
		asks        models.Asking
		kind        models.SOSKind
		state       models.SOSState
	}{
		{"the same", call, call, late.Add(-time.Millisecond), models.AskNobody, models.SOSPanic, models.SOSAcknowledged},
		{"graver", call, fallen, late.Add(-time.Millisecond), models.AskAgain, models.SOSManDown, models.SOSAcknowledged},
		{"less grave", fallen, call, late.Add(-time.Millisecond), models.AskNobody, models.SOSManDown, models.SOSRaised},
		{"late", call, call, late, models.AskAnew, models.SOSPanic, models.SOSRaised},
		{"late and less grave", duress, call, late, models.AskAnew, models.SOSDuress, models.SOSRaised},
		{"after saying to be safe", claimed, call, now, models.AskAnew, models.SOSPanic, models.SOSRaised},
	} {
		joined, asks := c.open.Joined(c.again, c.now)
		widens := c.open.WidensAt
		if asks == models.AskAnew {
			widens = c.now.Add(30 * time.Second)
		}
		if asks != c.asks || joined.Kind != c.kind || joined.State != c.state || joined.Silent != c.open.Silent ||
			joined.Step != 1 || !joined.WidensAt.Equal(widens) || asks == models.AskAnew && !joined.ClaimedSafeAt.IsZero() {
			t.Errorf("%s: %+v, asks %d", c.name, joined, asks)
		}
	}
}

func TestWhoSeesAnSOS(t *testing.T) {
	station, one := models.ID("a"), models.Place{Station: "a", Compound: "one"}
	who := func(id models.ID, role models.Role, place models.Place) models.Principal {
		return models.Principal{ID: id, StationID: place.Station, Grants: []models.Grant{{Role: role, Place: place}}}
	}
	caller := who("caller", models.RoleOfficer, one)
	for _, c := range []struct {
		name   string
		who    models.Principal
		silent bool
		asked  bool
		sees   bool
		takes  bool
	}{
		{"the caller", caller, false, false, true, false},
		{"the caller of a silent one", caller, true, false, false, false},
		{"the caller, named by mistake", caller, true, true, false, false},
		{"who was asked", who("v", models.RoleVolunteer, models.Place{Station: station, Compound: "two"}), true, true, true, true},
		{"who was not", who("v", models.RoleVolunteer, one), false, false, false, false},
		{"an officer there", who("o", models.RoleOfficer, one), true, false, true, true},
		{"an officer elsewhere", who("o", models.RoleOfficer, models.Place{Station: station, Compound: "two"}), false, false, false, false},
		{"the commander", who("c", models.RoleCommander, models.Place{Station: station}), false, false, true, true},
		{"another station's", who("c", models.RoleCommander, models.Place{Station: "b"}), false, false, false, false},
		{"the administrator", who("d", models.RoleAdmin, models.Place{Station: station}), false, false, false, false},
	} {
		call := models.SOS{CallerID: "caller", Place: one, Silent: c.silent}
		if got := call.MaySee(models.OpGetSOS, c.who, c.asked) == nil; got != c.sees {
			t.Errorf("%s sees: %t", c.name, got)
		}
		if got := call.MayTake(models.OpAcknowledgeSOS, c.who, c.asked) == nil; got != c.takes {
			t.Errorf("%s takes: %t", c.name, got)
		}
	}
}

// A car twice as far away may be there first.
func TestSoonest(t *testing.T) {
	at := func(id models.ID, metres float64) models.Neighbour {
		return models.Neighbour{Whereabouts: models.Whereabouts{ID: id}, DistanceM: metres}
	}
	foot := []models.Neighbour{at("f1", 250), at("f2", 500), at("f3", 1000)}
	car := []models.Neighbour{at("c1", 1000), at("c2", 4000)}
	want := []models.ID{"f1", "c1", "f2"}
	got := models.Soonest(3, foot, car)
	for place, id := range want {
		if len(got) != 3 || got[place].ID != id {
			t.Fatalf("%v, want %v", got, want)
		}
	}
	if all := models.Soonest(9, foot, nil); len(all) != 3 {
		t.Errorf("%d of 3", len(all))
	}
}
