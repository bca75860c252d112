package handlers_test

import (
	"context"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

// sayByReceipt writes a message by a receipt's token.
func (r *rig) sayByReceipt(token string, body map[string]any) response {
	r.t.Helper()
	if body["id"] == nil {
		body["id"] = r.untimedID()
	}
	return r.callAs(token, http.MethodPost, "/v1/receipt/messages", body)
}

func TestReceiptConversation(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		receipt, id := rig.anonymousTip(nil)
		tip, token := string(id), rig.receiptSession(receipt)
		rig.advance(61*time.Second + 7*time.Millisecond)
		message := map[string]any{"id": rig.untimedID(), "text": "往北门走了"}
		first := rig.sayByReceipt(token, message).must(201)
		if first.text("from") != "me" || first.text("sent_at") != "2026-11-24T02:01:00.000Z" || first.at("text") != nil ||
			first.at("sealed") != nil {
			t.Errorf("the reporter wrote %s", first.Text)
		}
		if again := rig.sayByReceipt(token, message).must(200); again.Text != first.Text {
			t.Errorf("the repeat got %s", again.Text)
		}
		if got := rig.call(rig.Officer, http.MethodGet, "/v1/tips/"+tip, nil).must(200); got.at("unread_messages") != 1.0 {
			t.Errorf("the officer has %v unread", got.at("unread_messages"))
		}
		theirs := rig.conversation(rig.Officer, tip)
		if theirs.text("items.0.from") != "reporter" || theirs.text("items.0.text") != "往北门走了" || theirs.at("items.0.sealed") != nil ||
			theirs.at("items.0.author_id") != nil {
			t.Errorf("the officer hears %s", theirs.Text)
		}
		rig.say(rig.OfficerTwo, tip, words("外人")).must(404)
		reply := rig.say(rig.Officer, tip, words("已派人前往")).must(201).text("id")
		rig.call(rig.Officer, http.MethodPost, "/v1/tips/"+tip+"/messages/read", map[string]any{"up_to": first.text("id")}).must(200)
		mine := rig.callAs(token, http.MethodGet, "/v1/receipt/messages", nil).must(200)
		if len(mine.items()) != 2 || mine.at("items.0.text") != nil || mine.at("items.0.read_at") == nil ||
			mine.text("items.1.text") != "已派人前往" || mine.text("items.1.from") != "station" {
			t.Errorf("the reporter hears %s", mine.Text)
		}
		for _, hidden := range []string{"北门", rig.Officer.Name, string(rig.Officer.ID), tip} {
			if strings.Contains(mine.Text, hidden) {
				t.Errorf("the reporter is told %q: %s", hidden, mine.Text)
			}
		}
		rig.advance(time.Minute + 11*time.Millisecond)
		left := rig.callAs(token, http.MethodPost, "/v1/receipt/messages/read", map[string]any{"up_to": reply}).must(200)
		if left.at("unread_messages") != 0.0 {
			t.Errorf("after reading: %s", left.Text)
		}
		if got := rig.conversation(rig.Officer, tip); got.text("items.1.read_at") != "2026-11-24T02:02:00.000Z" {
			t.Errorf("when it was read: %s", got.Text)
		}
		page := rig.callAs(token, http.MethodGet, "/v1/receipt/messages?limit=1", nil).must(200)
		next := rig.callAs(token, http.MethodGet, "/v1/receipt/messages?limit=1&cursor="+page.text("next_cursor"), nil).must(200)
		if next.text("items.0.id") != reply {
			t.Errorf("the second page: %s", next.Text)
		}
		for place, text := range rig.everythingKept() {
			if strings.Contains(text, "往北门走了") {
				t.Errorf("%s holds the message", place)
			}
		}
	})
}

func TestReceiptMessageRefusals(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		receipt, id := rig.anonymousTip(nil)
		token, other := rig.receiptSession(receipt), rig.token(rig.as(models.RoleReporter))
		timed := map[string]any{"id": rig.ids.next(), "text": "好"}
		if got := rig.sayByReceipt(token, timed).must(422); strings.Join(got.fields(), "") != "id not_allowed" {
			t.Errorf("an id that tells the time: %s", got.Text)
		}
		message := map[string]any{"id": rig.untimedID(), "text": "往北门走了"}
		rig.sayByReceipt(token, message).must(201)
		got := rig.sayByReceipt(other, message).must(409)
		if strings.Join(got.fields(), "") != "id not_unique" || strings.Contains(got.Text, "北门") {
			t.Errorf("somebody else's id: %s", got.Text)
		}
		if got := rig.callAs(other, http.MethodGet, "/v1/receipt/messages", nil).must(200); len(got.items()) != 0 {
			t.Errorf("another receipt shows %s", got.Text)
		}
		answer := rig.say(rig.Officer, string(id), words("已派人前往")).must(201).text("id")
		for _, upTo := range []string{answer, string(rig.ids.next())} {
			got := rig.callAs(other, http.MethodPost, "/v1/receipt/messages/read", map[string]any{"up_to": upTo}).must(422)
			if strings.Join(got.fields(), "") != "up_to no_such" {
				t.Errorf("%s", got.Text)
			}
		}
		if _, err := rig.sql.Exec("DELETE FROM station_keys WHERE station_id = ?", string(rig.A)); err != nil {
			t.Fatal(err)
		}
		before := rig.rows()
		got = rig.sayByReceipt(token, words("没有公钥")).must(503)
		if got.code() != models.CodeNoStationKey || rig.rows()["tip_messages"] != before["tip_messages"] {
			t.Errorf("without the station's key: %s", got.Text)
		}
		rig.advanceTip(rig.Officer, string(id), map[string]any{"state": "closed", "reason": "not_ours"}).must(200)
		rig.advance(models.TipTalkAfter)
		if got := rig.sayByReceipt(rig.receiptSession(receipt), words("太晚")).must(409); got.code() != models.CodeConversationOver {
			t.Errorf("after the end: %s", got.Text)
		}
	})
}

// Without the private key on this machine the officer's client gets the message sealed, and opens it.
func TestSealedMessageIsOpenedElsewhere(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		receipt, id := rig.anonymousTip(nil)
		rig.sayByReceipt(rig.receiptSession(receipt), words("往北门走了")).must(201)
		read := rig.conversation(rig.Officer, string(id))
		sealed, err := base64.StdEncoding.DecodeString(read.text("items.0.sealed"))
		if err != nil || read.at("items.0.text") != nil {
			t.Fatalf("this machine shows %s, %v", read.Text, err)
		}
		plain, err := rig.opener.Open(sealed)
		if err != nil {
			t.Fatal(err)
		}
		if opened, err := (models.TipMessage{}).Opened(plain); err != nil || opened.Text.Reveal() != "往北门走了" {
			t.Errorf("opened: %s, %v", plain, err)
		}
	}, func(settings *rigSettings) { settings.noKey = true })
}

// The phone sends one message many times at once while an officer answers and the reporter reads: each is there once.
func TestReceiptMessagesAtOnce(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		receipt, id := rig.anonymousTip(nil)
		token, officer, made := rig.receiptSession(receipt), rig.token(rig.Officer), 0
		message := map[string]any{"id": rig.untimedID(), "text": "还在"}
		for at, got := range atOnce(16, func(at int) response {
			if at%4 == 3 {
				return rig.callAs(officer, http.MethodPost, "/v1/tips/"+string(id)+"/messages", map[string]any{"id": rig.ids.next(), "text": "收到"})
			}
			return rig.sayByReceipt(token, message)
		}) {
			switch {
			case got.Status == 201 && at%4 != 3:
				made++
			case got.Status != 200 && got.Status != 201:
				t.Errorf("of many at once: %d %s", got.Status, got.Text)
			}
		}
		if rows := rig.rows(); made != 1 || rows["tip_messages"] != 5 {
			t.Errorf("%d were made, %d are there", made, rows["tip_messages"])
		}
		rig.advance(time.Minute)
		if err := rig.server.WriteHeldAlerts(context.Background()); err != nil {
			t.Fatal(err)
		}
		if told := rig.inboxHas(rig.Officer.ID, models.AlertTipMessage, string(id)); told != 1 {
			t.Errorf("the officer was told %d times", told)
		}
	})
}

// Every operation that a receipt or the reporter of a tip may call, and what police write for each other is in none of the
// answers. The operations come from the table of permissions, the requests from the matrix, so that none can be forgotten.
func TestNotesNeverReachAReporter(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		stage, reporter := newStage(rig), rig.as(models.RoleReporter)
		note := func(tip models.ID) {
			t.Helper()
			rig.call(rig.Officer, http.MethodPost, "/v1/tips/"+string(tip)+"/notes",
				map[string]any{"id": rig.ids.next(), "text": "canary-note-7f3a"}).must(201)
			rig.say(rig.Officer, string(tip), words("给提交者的话")).must(201)
		}
		note(reporter.ID)
		answered, told := 0, false
		for _, row := range slices.Sorted(func(yield func(string) bool) {
			for row := range probes {
				if models.Permissions[models.Operation(operationOf(row))][models.RoleReporter] != 0 && !yield(row) {
					return
				}
			}
		}) {
			_, answer := stage.ask(row, reporter, probes[row].ask(stage, reporter, own))
			told = told || strings.Contains(answer.Text, "给提交者的话")
			if answered++; strings.Contains(answer.Text, "canary-note") {
				t.Errorf("%s tells the note: %s", row, answer.Text)
			}
		}
		if answered < 11 || !told {
			t.Errorf("%d operations were asked; the search finds what is there: %v", answered, told)
		}
		for _, hide := range []bool{false, true} {
			tip := rig.tip(rig.Volunteer, map[string]any{"hide_me": hide}).must(201).id("id")
			note(tip)
			path := "/v1/tips/" + string(tip)
			for _, path := range []string{"/v1/tips", path, path + "/messages", "/v1/me/inbox", "/v1/alerts"} {
				if got := rig.call(rig.Volunteer, http.MethodGet, path, nil).must(200); strings.Contains(got.Text, "canary-note") {
					t.Errorf("%s tells the note: %s", path, got.Text)
				}
			}
			rig.call(rig.Volunteer, http.MethodGet, path+"/notes", nil).must(403)
		}
	})
}
