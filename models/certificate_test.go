package models

import "testing"

func TestWhatACheckSays(t *testing.T) {
	paper := Commendation{PersonName: "王芳", StationName: "慈音派出所", GrantedOn: Date{2026, 11, 24}, Reason: "事由", CheckCode: "7K2M9QXA4T8W"}
	for state, want := range map[CommendationState]CertificateCheck{
		"":                   {State: CertificateUnknown},
		CommendationProposed: {State: CertificateUnknown},
		CommendationDeclined: {State: CertificateUnknown},
		CommendationGranted:  {CertificateGenuine, 2026, "慈音派出所", "王*"},
		CommendationRevoked:  {CertificateRevoked, 2026, "慈音派出所", ""},
	} {
		paper.State = state
		if got := paper.Checked(); got != want {
			t.Errorf("%s: %+v, want %+v", state, got, want)
		}
	}
	paper.State, paper.PersonName = CommendationGranted, "" // forgotten after its time
	if got := paper.Checked(); got.State != CertificateGenuine || got.MaskedName != "" {
		t.Errorf("without a name: %+v", got)
	}
}

func TestWhereASquareLeads(t *testing.T) {
	for public, want := range map[string]string{
		"": "", "https://a.example": "https://a.example/v1/certificate-checks/7K2M9QXA4T8W", "https://a.example/x/": "https://a.example/x/v1/certificate-checks/7K2M9QXA4T8W",
	} {
		if got := CertificateCheckURL(public, "7K2M9QXA4T8W"); got != want {
			t.Errorf("%s: %s, want %s", public, got, want)
		}
	}
}

func TestOnlyWhatWasGrantedIsRevoked(t *testing.T) {
	now := rewardStart
	for state, want := range map[CommendationState]Code{
		CommendationProposed: CodeWrongState, CommendationDeclined: CodeWrongState, CommendationGranted: "", CommendationRevoked: CodeWrongState,
	} {
		before := Commendation{PersonID: "p", State: state, Number: 7, CheckCode: "x"}
		after, err := before.Revoked("c", "不实", now)
		if CodeOf(err) != want || want != "" && after.State != state {
			t.Errorf("%s: %v, %s", state, err, after.State)
		}
		if want == "" && (after.State != CommendationRevoked || after.RevokerID != "c" || !after.RevokedAt.Equal(now) || after.Number != 7 || after.CheckCode != "x") {
			t.Errorf("revoked: %+v", after)
		}
		if earns := CommendationEarns(after)[EarnCommendation]; len(earns) != 0 {
			t.Errorf("%s earns %v", after.State, earns)
		}
	}
}

// Who sent a tip is not to be read off a commendation by officers of other compounds, nor by anybody else.
func TestWhoSeesWhatACommendationIsFor(t *testing.T) {
	who := func(id ID, role Role, place Place) Principal {
		return Principal{ID: id, StationID: "a", Grants: []Grant{{Role: role, Place: place}}}
	}
	tip := Commendation{StationID: "a", PersonID: "p", ProposerID: "o", AboutKind: AboutTip, AboutID: "t"}
	for _, one := range []struct {
		name string
		who  Principal
		sees bool
	}{
		{"the person", who("p", RoleVolunteer, Place{Station: "a", Compound: "c"}), true},
		{"who proposed it", who("o", RoleOfficer, Place{Station: "a", Compound: "c"}), true},
		{"another officer", who("x", RoleOfficer, Place{Station: "a", Compound: "d"}), false},
		{"the commander", who("y", RoleCommander, Place{Station: "a"}), true},
		{"another station's commander", who("z", RoleCommander, Place{Station: "b"}), false},
	} {
		if got := tip.MayShowAbout(one.who); got != one.sees {
			t.Errorf("%s: %t", one.name, got)
		}
	}
	round := tip
	round.AboutKind = AboutRound
	if !round.MayShowAbout(who("x", RoleOfficer, Place{Station: "a", Compound: "d"})) {
		t.Error("a round is no secret")
	}
}
