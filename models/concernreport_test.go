package models

import (
	"strings"
	"testing"
	"time"
)

var concernAt = time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)

func TestConcernSourceNeedsTwo(t *testing.T) {
	source := ConcernSource{ProposedBy: "a", ProposerRole: RoleOfficer, ValidUntil: concernAt.Add(time.Hour)}
	for name, one := range map[string]struct {
		change func(*ConcernSource)
		who    ID
		role   Role
		at     time.Time
		want   Code
	}{
		"a commander":                  {nil, "b", RoleCommander, concernAt, ""},
		"two officers":                 {nil, "b", RoleOfficer, concernAt, CodeSecondPerson},
		"who proposed it":              {nil, "a", RoleCommander, concernAt, CodeSecondPerson},
		"a commander's, by an officer": {func(s *ConcernSource) { s.ProposerRole = RoleCommander }, "b", RoleOfficer, concernAt, ""},
		"approved":                     {func(s *ConcernSource) { s.ApprovedBy = "c" }, "b", RoleCommander, concernAt, CodeWrongState},
		"revoked":                      {func(s *ConcernSource) { s.RevokedAt = concernAt }, "b", RoleCommander, concernAt, CodeWrongState},
		"in its last moment":           {nil, "b", RoleCommander, concernAt.Add(time.Hour - 1), ""},
		"over":                         {nil, "b", RoleCommander, concernAt.Add(time.Hour), CodeWrongState},
	} {
		asked := source
		if one.change != nil {
			one.change(&asked)
		}
		if got := asked.CheckApproval(one.who, one.role, one.at); CodeOf(got) != one.want {
			t.Errorf("%s: %v, want %q", name, got, one.want)
		}
	}
	for life, fits := range map[time.Duration]bool{0: false, 1: true, ConcernSourceLife: true, ConcernSourceLife + 1: false} {
		source.ValidUntil = concernAt.Add(life)
		if got := source.CheckLife(concernAt); (got == nil) != fits {
			t.Errorf("%s: %v", life, got)
		}
	}
}

func TestConcernReportTimes(t *testing.T) {
	for age, want := range map[time.Duration]struct{ taken, late bool }{
		-ConcernReportAhead - 1: {false, false}, -ConcernReportAhead: {true, false}, 0: {true, false},
		ConcernReportLate: {true, false}, ConcernReportLate + 1: {true, true},
		ConcernReportOldest: {true, true}, ConcernReportOldest + 1: {false, true},
	} {
		report := ConcernReport{ReceivedAt: concernAt, OccurredAt: concernAt.Add(-age)}
		if taken := report.CheckTime() == nil; taken != want.taken || report.Late() != want.late {
			t.Errorf("%s: taken %v late %v", age, taken, report.Late())
		}
	}
	report := ConcernReport{ReceivedAt: concernAt, DecidedAt: concernAt.Add(time.Hour), Picture: "ref"}
	for state, kept := range map[ConcernReportState]time.Duration{
		ReportOpen: 72 * time.Hour, ReportDismissed: 25 * time.Hour, ReportConfirmed: 721 * time.Hour,
	} {
		report.State = state
		if report.Forgotten(concernAt.Add(kept-1)) || !report.Forgotten(concernAt.Add(kept)) {
			t.Errorf("%s is forgotten at %s", state, report.ForgetAt())
		}
	}
	if report.PictureAt(concernAt.Add(24*time.Hour-1)) != "ref" || report.PictureAt(concernAt.Add(24*time.Hour)) != "" {
		t.Error("the picture's reference is not shown for a day")
	}
	for picture, fits := range map[Secret]bool{"terminal://1/2": true, "data:image/png;base64,AA": false, "DATA:x": false} {
		if got := (ConcernReport{Picture: picture}).CheckPicture(); (got == nil) != fits {
			t.Errorf("%s: %v", picture.Reveal(), got)
		}
	}
}

// Nobody is sent before a named officer has confirmed, and an outcome stays.
func TestConcernReportIsDecidedFirst(t *testing.T) {
	for state, want := range map[ConcernReportState]string{
		ReportOpen: "confirmed: first, dismissed: first, sent: no", ReportConfirmed: "confirmed: again, dismissed: no, sent: yes",
		ReportDismissed: "confirmed: no, dismissed: again, sent: no",
	} {
		report := ConcernReport{State: state, DecidedBy: "a"}
		words := []string{}
		for _, to := range []ConcernReportState{ReportConfirmed, ReportDismissed} {
			word := "first"
			if repeated, err := report.CheckDecision(to); err != nil {
				word = "no"
			} else if repeated {
				word = "again"
			}
			words = append(words, string(to)+": "+word)
		}
		sent := "no"
		if report.CheckDispatch() == nil {
			sent = "yes"
		}
		if got := strings.Join(append(words, "sent: "+sent), ", "); got != want {
			t.Errorf("%s: %s, want %s", state, got, want)
		}
	}
	if (ConcernReport{State: ReportConfirmed}).CheckDispatch() == nil {
		t.Error("sent without anybody who confirmed it")
	}
}

func TestConcernDesk(t *testing.T) {
	for _, role := range PersonRoles {
		who := Principal{ID: "a", Grants: []Grant{{Role: role}}}
		off, on := AtConcernDesk(who, []OnDuty{{PersonID: "b"}}), AtConcernDesk(who, []OnDuty{{PersonID: "a"}})
		if off != (role == RoleCommander) || on != (role == RoleCommander || role == RoleOfficer) {
			t.Errorf("%s: off duty %v, on duty %v", role, off, on)
		}
	}
	for decided, share := range map[int]bool{4: false, 5: true} {
		if got := (ConcernFigures{Confirmed: 1, Dismissed: decided - 1}).ShareWrong(); (got != nil) != share {
			t.Errorf("%d decided: %v", decided, got)
		}
	}
}
