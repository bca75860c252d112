package models_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

func TestSeatInGroup(t *testing.T) {
	station, one := models.Place{Station: "A"}, models.Place{Station: "A", Compound: "one"}
	building, home, two := one, one, models.Place{Station: "A", Compound: "two"}
	building.Building, home.Building, home.Unit, home.Home = "1", "1", "1", "101"
	held := func(role models.Role, place models.Place, more ...models.Grant) []models.Grant {
		return append([]models.Grant{{Role: role, Place: place}}, more...)
	}
	seat := func(role models.Role, oversees bool) models.GroupSeat {
		return models.GroupSeat{Role: role, Member: role != models.RoleCommander, Oversees: oversees}
	}
	for name, test := range map[string]struct {
		grants []models.Grant
		want   models.GroupSeat // the zero one: not found
	}{
		"an officer of the compound":     {held(models.RoleOfficer, one), seat(models.RoleOfficer, false)},
		"an officer of the station":      {held(models.RoleOfficer, station), seat(models.RoleOfficer, false)},
		"two roles, the first is told":   {held(models.RoleCommittee, one, held(models.RoleProperty, one)...), seat(models.RoleProperty, false)},
		"a commander is in none":         {held(models.RoleCommander, station), seat(models.RoleCommander, true)},
		"a commander who is an officer":  {held(models.RoleCommander, station, held(models.RoleOfficer, one)...), seat(models.RoleOfficer, true)},
		"property of one building only":  {grants: held(models.RoleProperty, building)},
		"property of another compound":   {grants: held(models.RoleProperty, two)},
		"an officer of another station":  {grants: held(models.RoleOfficer, models.Place{Station: "B"})},
		"a resident":                     {grants: held(models.RoleResident, home)},
		"nobody, for the role has ended": {},
	} {
		got, err := models.SeatInGroup(models.OpListGroupMessages, models.Principal{ID: "p", Grants: test.grants}, one)
		if (models.CodeOf(err) == models.CodeNotFound) != (test.want == models.GroupSeat{}) || got != test.want {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestGroupMessageDraft(t *testing.T) {
	now := time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
	officer, after := models.GroupSeat{Role: models.RoleOfficer, Member: true}, now.Add(models.MaxGroupDue+1)
	commander := models.GroupSeat{Role: models.RoleCommander, Oversees: true}
	property := models.GroupSeat{Role: models.RoleProperty, Member: true}
	for name, test := range map[string]struct {
		draft models.GroupMessageDraft
		seat  models.GroupSeat
		want  string
	}{
		"words":                    {models.GroupMessageDraft{Text: true}, property, ""},
		"a photo alone":            {models.GroupMessageDraft{Media: 1}, property, ""},
		"nothing":                  {models.GroupMessageDraft{}, officer, "text required"},
		"an officer's notice":      {models.GroupMessageDraft{Text: true, Notice: true}, officer, ""},
		"a commander's notice":     {models.GroupMessageDraft{Text: true, Notice: true}, commander, ""},
		"property's notice":        {models.GroupMessageDraft{Text: true, Notice: true}, property, "notice not_allowed"},
		"due without a notice":     {models.GroupMessageDraft{Text: true, DueAt: now.Add(time.Hour)}, officer, "due_at not_allowed"},
		"due now":                  {models.GroupMessageDraft{Text: true, Notice: true, DueAt: now}, officer, "due_at too_small"},
		"due in a moment":          {models.GroupMessageDraft{Text: true, Notice: true, DueAt: now.Add(time.Millisecond)}, officer, ""},
		"due at the last moment":   {models.GroupMessageDraft{Text: true, Notice: true, DueAt: now.Add(models.MaxGroupDue)}, officer, ""},
		"due after that":           {models.GroupMessageDraft{Text: true, Notice: true, DueAt: after}, officer, "due_at too_large"},
		"property's empty notice ": {models.GroupMessageDraft{Notice: true}, property, "text required, notice not_allowed"},
	} {
		got := []string{}
		if err := test.draft.Check(test.seat, now); err != nil {
			var ours *models.Error
			if !errors.As(err, &ours) {
				t.Fatalf("%s: %v", name, err)
			}
			for _, field := range ours.Fields {
				got = append(got, field.Field+" "+string(field.Code))
			}
		}
		if strings.Join(got, ", ") != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

func TestWhatMayBecomeOfAGroupMessage(t *testing.T) {
	sent := time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
	message := models.GroupMessage{AuthorID: "author", SentAt: sent, Text: "words", MediaIDs: []models.ID{"photo"}}
	notice, deleted, hidden := message, message, message
	notice.Notice = true
	deleted.Notice, deleted.DeletedAt = true, sent
	hidden.Notice, hidden.HiddenAt = true, sent
	for name, test := range map[string]struct {
		got  error
		want models.Code
	}{
		"deleted at the last moment":     {message.CheckDelete("author", sent.Add(models.GroupDeleteFor-time.Millisecond)), ""},
		"deleted too late":               {message.CheckDelete("author", sent.Add(models.GroupDeleteFor)), models.CodeWrongState},
		"deleted by another":             {message.CheckDelete("another", sent), models.CodeNotFound},
		"deleted when hidden":            {hidden.CheckDelete("author", sent), models.CodeWrongState},
		"hidden":                         {message.CheckHide(), ""},
		"hidden when deleted":            {deleted.CheckHide(), models.CodeWrongState},
		"acknowledged":                   {notice.CheckAcknowledge("another"), ""},
		"acknowledged by its author":     {notice.CheckAcknowledge("author"), models.CodeWrongState},
		"acknowledged, and no notice":    {message.CheckAcknowledge("another"), models.CodeWrongState},
		"acknowledged when deleted":      {deleted.CheckAcknowledge("another"), models.CodeWrongState},
		"acknowledged when it is hidden": {hidden.CheckAcknowledge("another"), models.CodeWrongState},
	} {
		if models.CodeOf(test.got) != test.want {
			t.Errorf("%s: %v", name, test.got)
		}
	}
	if shown := hidden.ShownTo(models.GroupSeat{Member: true}); shown.Text != "" || shown.MediaIDs != nil {
		t.Errorf("a member sees of a hidden message %v", shown)
	}
	if shown := hidden.ShownTo(models.GroupSeat{Oversees: true}); shown.Text == "" || len(shown.MediaIDs) != 1 {
		t.Errorf("a commander sees of a hidden message %v", shown)
	}
	for due, want := range map[time.Duration]time.Duration{
		0: models.GroupNoticeAlert, time.Hour: time.Hour, models.MaxGroupAlert: models.MaxGroupAlert,
		models.MaxGroupAlert + 1: models.MaxGroupAlert,
	} {
		if due != 0 {
			notice.DueAt = sent.Add(due)
		} else {
			notice.DueAt = time.Time{}
		}
		if got := notice.AlertEnds().Sub(sent); got != want {
			t.Errorf("due after %s, the alert ends after %s", due, got)
		}
	}
	if message.AlertEnds() != sent.Add(models.GroupMessageAlert) {
		t.Errorf("a message's alert ends %s", message.AlertEnds())
	}
}

// One acknowledgement is enough for an alarm; a group's notice is for each to read.
func TestAnsweredAlert(t *testing.T) {
	for name, test := range map[string]struct {
		kind string
		done int
		want bool
	}{
		"an alarm that nobody answers": {"warning", 0, false}, "an alarm that one answers": {"warning", 1, true},
		"a notice that some have read": {models.AlertGroup, 2, false}, "a notice that all have read": {models.AlertGroup, 3, true},
	} {
		alert := models.Alert{Kind: test.kind, Recipients: 3, Acknowledged: test.done}
		if alert.Answered() != test.want {
			t.Errorf("%s: %v", name, alert.Answered())
		}
	}
}

func TestGroupRoll(t *testing.T) {
	at := time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
	members := []models.GroupMember{{"author", models.RoleOfficer}, {"done", models.RoleProperty}, {"new", models.RoleCommittee}}
	done := []models.GroupAcknowledgement{
		{PersonID: "done", Role: models.RoleProperty, At: at}, {PersonID: "gone", Role: models.RoleCommittee, At: at},
	}
	roll, asked, acknowledged := models.GroupRoll(models.GroupMessage{AuthorID: "author"}, members, done)
	want := []models.GroupAcknowledgement{
		{PersonID: "done", Role: models.RoleProperty, Member: true, At: at},
		{PersonID: "new", Role: models.RoleCommittee, Member: true},
		{PersonID: "gone", Role: models.RoleCommittee, At: at},
	}
	if !slices.Equal(roll, want) || asked != 2 || acknowledged != 1 {
		t.Errorf("%v, %d asked, %d acknowledged", roll, asked, acknowledged)
	}
}
