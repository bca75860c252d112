package handlers_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"xunfang/models"
	"xunfang/push"
)

func (r *rig) note(who *caller, tip, text string) response {
	r.t.Helper()
	return r.call(who, http.MethodPost, "/v1/tips/"+tip+"/notes", map[string]any{"id": r.ids.next(), "text": text})
}

func TestTipNotes(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		tip := rig.tip(rig.Volunteer, nil).must(201).text("id")
		note := map[string]any{"id": rig.ids.next(), "text": "手法相同"}
		path := "/v1/tips/" + tip + "/notes"
		first := rig.call(rig.Officer, http.MethodPost, path, note).must(201)
		if again := rig.call(rig.Officer, http.MethodPost, path, note).must(200); again.Text != first.Text {
			t.Errorf("the repeat: %s", again.Text)
		}
		if got := rig.call(rig.Commander, http.MethodPost, path, note).must(409); strings.Join(got.fields(), "") != "id not_unique" ||
			strings.Contains(got.Text, "手法") {
			t.Errorf("somebody else's id: %s", got.Text)
		}
		rig.advance(time.Second)
		rig.note(rig.Commander, tip, "请比对").must(201)
		listed := rig.call(rig.Officer, http.MethodGet, path+"?limit=1", nil).must(200)
		rest := rig.call(rig.Officer, http.MethodGet, path+"?limit=1&cursor="+listed.text("next_cursor"), nil).must(200)
		if listed.text("items.0.author_name") != rig.Officer.Name || rest.text("items.0.text") != "请比对" {
			t.Errorf("listed %s, %s", listed.Text, rest.Text)
		}
		if records := rig.audit(rig.A, models.OpListTipNotes); len(records) != 2 {
			t.Errorf("%d looks are recorded", len(records))
		}
	})
}

// An officer who reported something is its reporter, and sees no notes about it.
func TestOfficersSeeNoNotesAboutTheirOwnTip(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		tip := rig.tip(rig.Officer, nil).must(201).text("id")
		rig.note(rig.Commander, tip, "存疑").must(201)
		rig.note(rig.Officer, tip, "我写的").must(404)
		if got := rig.call(rig.Officer, http.MethodGet, "/v1/tips/"+tip+"/notes", nil).must(404); strings.Contains(got.Text, "存疑") {
			t.Error(got.Text)
		}
		if got := rig.say(rig.Officer, tip, words("补充")).must(201); got.text("from") != "me" {
			t.Errorf("they speak as %s", got.Text)
		}
	})
}

const (
	plantedNote   = "苍鹭备注QZ7"
	plantedPublic = "苍鹭消息QZ8"
)

// TestReporterNeverLearnsOfNotes asks, as the reporter, everything that the contract lets them ask, and looks for what
// was planted in notes: the words, the ids, the count. What was planted in a message must be found the same way.
func TestReporterNeverLearnsOfNotes(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.phone(rig.Volunteer, "phone-1", "token-of-the-reporter")
		stream := rig.listen(rig.token(rig.Volunteer), "")
		tip := rig.tip(rig.Volunteer, nil).must(201).text("id")
		quiet := rig.answersTo(rig.Volunteer, tip)
		before := rig.rows()
		secrets := []string{plantedNote}
		for at := range 7 {
			secrets = append(secrets, rig.note(rig.Officer, tip, fmt.Sprint(plantedNote, at)).must(201).text("id"))
		}
		after := rig.rows()
		for table, count := range before {
			if table != "tip_notes" && table != "sessions" && table != "refresh_tokens" && after[table] != count {
				t.Errorf("a note changes %s", table)
			}
		}
		noted := rig.answersTo(rig.Volunteer, tip)
		for operation, text := range noted {
			if strings.Contains(text, "note_count") || strings.Contains(text, `"notes"`) {
				t.Errorf("%s speaks of notes: %s", operation, text)
			}
			for _, secret := range secrets {
				if strings.Contains(text, secret) {
					t.Errorf("%s gives away a note: %s", operation, text)
				}
			}
			if quiet[operation] != text {
				t.Errorf("%s tells that there are notes:\n%s\n%s", operation, quiet[operation], text)
			}
		}
		rig.say(rig.Officer, tip, words(plantedPublic)).must(201) // the control
		until(t, "the message's alert", stream.has(1))
		found, pushed := []string{}, 0
		for operation, text := range rig.answersTo(rig.Volunteer, tip) {
			if strings.Contains(text, plantedPublic) {
				found = append(found, operation)
			}
		}
		if strings.Join(found, "") != "listTipMessages" {
			t.Errorf("the message is found in %v", found)
		}
		deliveries, err := rig.store.ClaimDeliveries(t.Context(), "test", 100, time.Minute, rig.clock.Now().Add(time.Second))
		if err != nil {
			t.Fatal(err)
		}
		for _, delivery := range deliveries {
			message, err := push.FirebaseMessage(push.Message{
				AlertID: delivery.AlertID, Kind: delivery.AlertKind, Severity: delivery.Severity, ExpiresAt: delivery.ExpiresAt,
				Address: delivery.Address, Platform: delivery.Platform, Locale: delivery.Locale,
			}, rig.clock.Now())
			if err != nil {
				t.Fatal(err)
			}
			payload, err := json.Marshal(message)
			if err != nil || strings.Contains(string(payload), "苍鹭") {
				t.Errorf("pushed %s, %v", payload, err)
			}
			pushed++
		}
		if pushed != 1 {
			t.Errorf("%d messages were pushed, want the control's one", pushed)
		}
		if ids, _ := stream.got(); len(ids) != 1 {
			t.Errorf("the stream had %d alerts, want the control's one", len(ids))
		}
	})
}

// answersTo asks every GET of the contract that a caller of that role may ask, about one tip, and keeps what is answered.
func (r *rig) answersTo(who *caller, tip string) map[string]string {
	r.t.Helper()
	document, err := openapi3.NewLoader().LoadFromData(contractText(r.t))
	if err != nil {
		r.t.Fatal(err)
	}
	answers := map[string]string{}
	for path, item := range document.Paths.Map() {
		described := item.Get
		if described == nil || strings.HasPrefix(described.OperationID, "getStream") || described.Security != nil { // the stream is listened to
			continue
		}
		full := strings.ReplaceAll(path, "{tip_id}", tip)
		if strings.Contains(full, "{") {
			continue // about something else
		}
		got := r.call(who, http.MethodGet, full, nil)
		if got.Status == 200 || strings.Contains(path, "{tip_id}") {
			answers[described.OperationID] = stable(got)
		}
	}
	if len(answers) < 8 || answers["getTip"] == "" || answers["getSync"] == "" || answers["listMyInbox"] == "" {
		r.t.Errorf("too few answers were looked at: %d", len(answers))
	}
	return answers
}

// stable is an answer without what is new in each: its own id, and a phone's token.
func stable(got response) string {
	text := got.Text
	for _, field := range []string{"request_id", "token"} {
		if id := got.at(field); id != nil {
			text = strings.ReplaceAll(text, fmt.Sprint(id), "")
		}
	}
	return text
}
