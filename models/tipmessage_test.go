package models

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestHowLongBothMayWrite(t *testing.T) {
	ended := time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
	steps := []TipStep{{State: TipReceived, At: ended.Add(-time.Hour)}, {At: ended}}
	for _, try := range []struct {
		state TipState
		after time.Duration
		want  Code
	}{
		{TipReceived, 10 * TipTalkAfter, ""},
		{TipAcknowledged, 10 * TipTalkAfter, ""},
		{TipInvestigating, 10 * TipTalkAfter, ""},
		{TipResolved, 0, ""},
		{TipResolved, TipTalkAfter - time.Millisecond, ""},
		{TipResolved, TipTalkAfter, CodeConversationOver},
		{TipClosed, TipTalkAfter - time.Millisecond, ""},
		{TipClosed, TipTalkAfter, CodeConversationOver},
	} {
		got := CodeOf(Tip{State: try.state, Steps: steps}.CheckTalk(ended.Add(try.after)))
		if got != try.want {
			t.Errorf("%s, %s after: %q, want %q", try.state, try.after, got, try.want)
		}
	}
	if got := CodeOf(Tip{State: TipReceived, Reporting: ReportingCivicApp}.CheckTalk(ended)); got != CodeNoReporter {
		t.Errorf("of a civic app: %q", got)
	}
}

func TestWhoMayNote(t *testing.T) {
	place := Place{Station: "a", Compound: "one"}
	officer := Principal{ID: "o", Alias: "alias", StationID: "a", Grants: []Grant{{Role: RoleOfficer, Place: place}}}
	for _, try := range []struct {
		name string
		tip  Tip
		who  Principal
		want Code
	}{
		{"an officer", Tip{Place: place, ReporterID: "v"}, officer, ""},
		{"of a reporter whom nobody knows", Tip{Place: place}, officer, ""},
		{"the reporter, though an officer", Tip{Place: place, ReporterID: "o"}, officer, CodeNotFound},
		{"the hidden reporter, though an officer", Tip{Place: place, ReporterID: "alias"}, officer, CodeNotFound},
		{"an officer of elsewhere", Tip{Place: Place{Station: "a", Compound: "two"}}, officer, CodeNotFound},
		{"nobody", Tip{Place: place}, Principal{}, CodeNotFound},
	} {
		if got := CodeOf(try.tip.MayNote(OpListTipNotes, try.who)); got != try.want {
			t.Errorf("%s: %q, want %q", try.name, got, try.want)
		}
	}
	if (Tip{}).SpokenFor(Principal{}) {
		t.Error("nobody is the reporter of an anonymous tip")
	}
}

func TestWhatAMessageNeeds(t *testing.T) {
	for _, try := range []struct {
		draft TipMessageDraft
		want  string
	}{
		{TipMessageDraft{Text: true}, ""},
		{TipMessageDraft{Photos: 1}, ""},
		{TipMessageDraft{QuickAnswer: true, Language: true, Photos: 1}, ""},
		{TipMessageDraft{}, "text required"},
		{TipMessageDraft{QuickAnswer: true, Text: true}, "text not_allowed"},
		{TipMessageDraft{Text: true, Language: true}, "quick_answer_language not_allowed"},
		{TipMessageDraft{FromReporter: true, QuickAnswer: true}, "quick_answer_id not_allowed"},
	} {
		fields, ours := []string{}, (*Error)(nil)
		if errors.As(try.draft.Check(), &ours) {
			for _, field := range ours.Fields {
				fields = append(fields, field.Field+" "+string(field.Code))
			}
		}
		if got := strings.Join(fields, ","); got != try.want {
			t.Errorf("%+v: %q, want %q", try.draft, got, try.want)
		}
	}
}

func TestPreparedTexts(t *testing.T) {
	for _, answer := range DefaultQuickAnswers {
		if _, err := ParseID(string(answer.ID)); err != nil || answer.TextZH == "" || answer.TextEN == "" {
			t.Errorf("%+v: %v", answer, err)
		}
	}
	first, second := DefaultQuickAnswers[0], DefaultQuickAnswers[1]
	changed := QuickAnswer{ID: first.ID, TextZH: "收到", TextEN: "Thanks", Order: 99, UpdatedAt: time.Unix(1, 0)}
	added := QuickAnswer{ID: "z", TextZH: "新", TextEN: "New", Order: 5}
	gone := QuickAnswer{ID: second.ID, DeletedAt: time.Unix(1, 0)}
	got := QuickAnswersOf([]QuickAnswer{changed, added, gone})
	if len(got) != len(DefaultQuickAnswers) || got[0].ID != "z" || got[len(got)-1].TextZH != "收到" {
		t.Errorf("%+v", got)
	}
	if got[0].In("en") != "New" || got[0].In("zh") != "新" || got[0].In("") != "新" {
		t.Error("the languages")
	}
	full := make([]QuickAnswer, MaxQuickAnswers)
	full[3].ID = "known"
	if CodeOf(CheckAddQuickAnswer("new", full)) != CodeConflict || CheckAddQuickAnswer("known", full) != nil ||
		CheckAddQuickAnswer("new", full[1:]) != nil {
		t.Error("the bound")
	}
}
