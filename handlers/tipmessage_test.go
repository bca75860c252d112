package handlers_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

// say writes a message about a tip.
func (r *rig) say(who *caller, tip string, body map[string]any) response {
	r.t.Helper()
	if body["id"] == nil {
		body["id"] = r.ids.next()
	}
	return r.call(who, http.MethodPost, "/v1/tips/"+tip+"/messages", body)
}

func (r *rig) conversation(who *caller, tip string) response {
	r.t.Helper()
	return r.call(who, http.MethodGet, "/v1/tips/"+tip+"/messages", nil).must(200)
}

func words(text string) map[string]any { return map[string]any{"text": text} }

func TestTipConversation(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		tip := rig.tip(rig.Volunteer, nil).must(201).text("id")
		path := "/v1/tips/" + tip
		first := rig.say(rig.Volunteer, tip, words("往北门走了")).must(201)
		if first.text("from") != "me" || first.at("author_id") != nil || first.at("read_at") != nil {
			t.Errorf("the reporter wrote %s", first.Text)
		}
		for who, want := range map[*caller]int{rig.Officer: 1, rig.Commander: 0, rig.OfficerTwo: 0, rig.Volunteer: 0} {
			if told := rig.inboxHas(who.ID, models.AlertTipMessage, tip); told != want {
				t.Errorf("%s was told %d times of the reporter's message", who.Name, told)
			}
		}
		if got := rig.call(rig.Officer, http.MethodGet, path, nil).must(200); got.at("unread_messages") != 1.0 {
			t.Errorf("the officer has %v unread", got.at("unread_messages"))
		}
		reply := rig.say(rig.Officer, tip, words("已派人前往")).must(201)
		if reply.text("from") != "station" || reply.id("author_id") != rig.Officer.ID || reply.text("author_name") != rig.Officer.Name {
			t.Errorf("the officer wrote %s", reply.Text)
		}
		if rig.inboxHas(rig.Volunteer.ID, models.AlertTipMessage, tip) != 1 {
			t.Error("the reporter was not told")
		}
		rig.advance(time.Minute)
		left := rig.call(rig.Officer, http.MethodPost, path+"/messages/read", map[string]any{"up_to": first.text("id")}).must(200)
		if left.at("unread_messages") != 0.0 {
			t.Errorf("after reading: %s", left.Text)
		}
		rig.advance(time.Minute)
		rig.call(rig.Commander, http.MethodPost, path+"/messages/read", map[string]any{"up_to": first.text("id")}).must(200)
		mine := rig.conversation(rig.Volunteer, tip)
		if len(mine.items()) != 2 || mine.text("items.0.read_at") != "2026-11-24T02:01:00.000Z" || mine.text("items.1.from") != "station" ||
			mine.at("items.1.read_at") != nil {
			t.Errorf("the reporter hears %s", mine.Text)
		}
		for _, hidden := range []string{rig.Officer.Name, string(rig.Officer.ID)} {
			if strings.Contains(mine.Text, hidden) {
				t.Errorf("the reporter learns who wrote: %s", mine.Text)
			}
		}
		theirs := rig.conversation(rig.Commander, tip)
		if theirs.text("items.0.from") != "reporter" || theirs.at("items.0.author_id") != nil ||
			theirs.text("items.1.author_name") != rig.Officer.Name {
			t.Errorf("the commander hears %s", theirs.Text)
		}
		if got := rig.call(rig.Volunteer, http.MethodGet, "/v1/tips", nil).must(200); got.at("items.0.unread_messages") != 1.0 {
			t.Errorf("the reporter has %v unread", got.at("items.0.unread_messages"))
		}
		if looks := rig.audit(rig.A, models.OpListTipMessages); len(looks) != 1 || looks[0].ActorID != rig.Commander.ID {
			t.Errorf("%d looks are recorded", len(looks))
		}
		if done := rig.audit(rig.A, models.OpCreateTipMessage); len(done) != 2 {
			t.Errorf("%d messages are recorded", len(done))
		}
	})
}

// What a phone shows, and what the inbox holds, says neither the words nor the writer.
func TestMessagesAreToldWithoutTheirContent(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		tip := rig.tip(rig.Volunteer, nil).must(201).text("id")
		rig.say(rig.Volunteer, tip, words("往北门走了")).must(201)
		rig.say(rig.Officer, tip, words("已派人前往")).must(201)
		for _, who := range []*caller{rig.Volunteer, rig.Officer} {
			inbox := rig.call(who, http.MethodGet, "/v1/me/inbox", nil).must(200)
			told := rig.call(who, http.MethodGet, "/v1/alerts/"+inbox.text("items.0.alert_id"), nil).must(200)
			for _, text := range []string{"北门", "派人", rig.Officer.Name, string(rig.Officer.ID), string(rig.Volunteer.ID), rig.Volunteer.Name} {
				if strings.Contains(inbox.Text+told.Text, text) {
					t.Errorf("%s is told %q: %s", who.Name, text, inbox.Text+told.Text)
				}
			}
		}
	})
}

// Who hid themselves talks about their tip as anybody else, and nothing that is kept or logged says who it is.
func TestHiddenReporterTalks(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		photo := rig.photo(rig.Volunteer)
		tip := rig.tip(rig.Volunteer, map[string]any{"hide_me": true}).must(201).text("id")
		before := rig.everythingKept()
		rig.advance(61*time.Second + 7*time.Millisecond)
		message := map[string]any{"id": rig.untimedID(), "text": "往北门走了"}
		first := rig.say(rig.Volunteer, tip, message).must(201)
		if first.text("from") != "me" || first.text("sent_at") != "2026-11-24T02:01:00.000Z" {
			t.Errorf("the reporter wrote %s", first.Text)
		}
		if again := rig.say(rig.Volunteer, tip, message).must(200); again.Text != first.Text {
			t.Errorf("the repeat got %s", again.Text)
		}
		rig.say(rig.Resident, tip, message).must(404)
		got := rig.say(rig.Volunteer, tip, map[string]any{"id": rig.untimedID(), "media_ids": []models.ID{photo}}).must(422)
		if strings.Join(got.fields(), "") != "media_ids[0] no_such" {
			t.Errorf("a photo that was uploaded under a name: %s", got.Text)
		}
		reply := rig.say(rig.Officer, tip, words("已派人前往")).must(201).text("id")
		rig.call(rig.Volunteer, http.MethodPost, "/v1/tips/"+tip+"/messages/read", map[string]any{"up_to": reply}).must(200)
		if mine := rig.conversation(rig.Volunteer, tip); len(mine.items()) != 2 || mine.text("items.0.from") != "me" {
			t.Errorf("the reporter hears %s", mine.Text)
		}
		for place, text := range rig.everythingKept() {
			if strings.HasPrefix(place, "file ") {
				continue // the tables are what is in it
			}
			if strings.Count(text, string(rig.Volunteer.ID)) != strings.Count(before[place], string(rig.Volunteer.ID)) {
				t.Errorf("%s says who it was", place)
			}
		}
		if theirs := rig.conversation(rig.Officer, tip); theirs.text("items.0.from") != "reporter" || theirs.text("items.1.read_at") != "2026-11-24T02:01:00.000Z" {
			t.Errorf("the officer hears %s", theirs.Text)
		}
		inbox := rig.call(rig.Volunteer, http.MethodGet, "/v1/me/inbox", nil).must(200)
		if len(inbox.items()) != 1 || inbox.text("items.0.about") != tip {
			t.Errorf("the reporter is told %s", inbox.Text)
		}
		rig.minutePasses()
		told := rig.call(rig.Officer, http.MethodGet, "/v1/me/inbox", nil).must(200)
		if at := told.id("items.0.alert_id").Time(); told.text("items.0.about") != tip || !at.Equal(at.Truncate(time.Minute)) {
			t.Errorf("the officer's alert tells when it was written: %s", told.Text)
		}
	})
}

func TestMessagesRepeat(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		tip, other := rig.tip(rig.Volunteer, nil).must(201).text("id"), rig.tip(rig.Resident, nil).must(201).text("id")
		message := map[string]any{"id": rig.ids.next(), "text": "往北门走了"}
		first := rig.say(rig.Volunteer, tip, message).must(201)
		if again := rig.say(rig.Volunteer, tip, message).must(200); again.Text != first.Text {
			t.Errorf("the repeat got %s", again.Text)
		}
		for name, got := range map[string]response{
			"the officer with the reporter's id":    rig.say(rig.Officer, tip, message),
			"another reporter, of another tip":      rig.say(rig.Resident, other, message),
			"an officer, though of another message": rig.say(rig.Commander, other, message),
		} {
			if got.Status != 409 || strings.Join(got.fields(), "") != "id not_unique" || strings.Contains(got.Text, "北门") {
				t.Errorf("%s: %d %s", name, got.Status, got.Text)
			}
		}
		token, racing, made := rig.token(rig.Volunteer), map[string]any{"id": rig.ids.next(), "text": "还在"}, 0
		for _, got := range atOnce(16, func(int) response {
			return rig.callAs(token, http.MethodPost, "/v1/tips/"+tip+"/messages", racing)
		}) {
			if got.Status == 201 {
				made++
			} else if got.Status != 200 {
				t.Errorf("of many at once: %d %s", got.Status, got.Text)
			}
		}
		if rows := rig.rows(); made != 1 || rows["tip_messages"] != 2 {
			t.Errorf("%d were made, %d are there", made, rows["tip_messages"])
		}
		if told := rig.inboxHas(rig.Officer.ID, models.AlertTipMessage, tip); told != 2 {
			t.Errorf("the officer was told %d times", told)
		}
	})
}

// Many write at once: each message has its own place, and a phone that walks the pages has them all, in order.
func TestMessagesComeInOrder(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		tip := rig.tip(rig.Volunteer, nil).must(201).text("id")
		tokens := []string{rig.token(rig.Volunteer), rig.token(rig.Officer)}
		for at, got := range atOnce(12, func(at int) response {
			return rig.callAs(tokens[at%2], http.MethodPost, "/v1/tips/"+tip+"/messages",
				map[string]any{"id": rig.ids.next(), "text": fmt.Sprint(at)})
		}) {
			if got.Status != 201 {
				t.Errorf("message %d: %d %s", at, got.Status, got.Text)
			}
		}
		whole, paged := rig.conversation(rig.Officer, tip).items(), []any{}
		for cursor := ""; ; {
			page := rig.call(rig.Officer, http.MethodGet, "/v1/tips/"+tip+"/messages?limit=5"+cursor, nil).must(200)
			paged = append(paged, page.items()...)
			if page.at("next_cursor") == nil {
				break
			}
			cursor = "&cursor=" + page.text("next_cursor")
		}
		text := func(items []any) []string {
			said := []string{}
			for _, item := range items {
				entry, _ := item.(map[string]any)
				said = append(said, fmt.Sprint(entry["text"]))
			}
			return said
		}
		if len(whole) != 12 || !slices.Equal(text(whole), text(paged)) {
			t.Errorf("whole %v, by pages %v", text(whole), text(paged))
		}
	})
}

func TestMessagesEndAfterTheTip(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		tip := rig.tip(rig.Volunteer, nil).must(201).text("id")
		early := map[string]any{"id": rig.ids.next(), "text": "还有一事"}
		rig.say(rig.Volunteer, tip, early).must(201)
		rig.advanceTip(rig.Officer, tip, map[string]any{"state": "closed", "reason": "not_ours"}).must(200)
		rig.advance(models.TipTalkAfter - time.Millisecond)
		rig.say(rig.Volunteer, tip, words("谢谢")).must(201)
		rig.advance(time.Millisecond)
		for _, who := range []*caller{rig.Volunteer, rig.Officer} {
			if got := rig.say(who, tip, words("太晚")).must(409); got.code() != models.CodeConversationOver {
				t.Errorf("%s: %s", who.Name, got.Text)
			}
		}
		rig.say(rig.Volunteer, tip, early).must(200) // a repeat that was long under way
		if got := rig.conversation(rig.Volunteer, tip); len(got.items()) != 2 {
			t.Errorf("it can still be read: %s", got.Text)
		}
	})
}

func TestPhotosOfMessages(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		tip := rig.tip(rig.Volunteer, nil).must(201).text("id")
		with := func(ids ...models.ID) map[string]any { return map[string]any{"media_ids": ids} }
		mine, theirs := rig.photo(rig.Volunteer), rig.photo(rig.Officer)
		if got := rig.say(rig.Volunteer, tip, with(theirs)).must(422); strings.Join(got.fields(), "") != "media_ids[0] no_such" {
			t.Errorf("somebody else's photo: %s", got.Text)
		}
		for who, photo := range map[*caller]models.ID{rig.Volunteer: mine, rig.Officer: theirs} {
			if got := rig.say(who, tip, with(photo)).must(201); !sameIDs(got.at("media_ids"), photo) || got.at("text") != nil {
				t.Errorf("a photo alone: %s", got.Text)
			}
			if got := rig.say(who, tip, with(photo)).must(422); strings.Join(got.fields(), "") != "media_ids not_unique" {
				t.Errorf("the same photo again: %s", got.Text)
			}
			for reader, want := range map[*caller]int{
				rig.Volunteer: 200, rig.Officer: 200, rig.Commander: 200, rig.Resident: 404, rig.OfficerTwo: 404, rig.Admin: 404,
			} {
				if got := rig.call(reader, http.MethodGet, "/v1/media/"+string(photo), nil); got.Status != want {
					t.Errorf("%s reads %s's photo: %d, want %d", reader.Name, who.Name, got.Status, want)
				}
			}
		}
		if got := rig.say(rig.Volunteer, tip, map[string]any{}).must(422); strings.Join(got.fields(), "") != "text required" {
			t.Errorf("an empty message: %s", got.Text)
		}
		if rows := rig.rows(); rows["tip_messages"] != 2 || rows["tip_message_media"] != 2 {
			t.Errorf("refused messages left something: %v", rows)
		}
	})
}

func TestReadingNamesAMessageOfTheTip(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		tip, other := rig.tip(rig.Volunteer, nil).must(201).text("id"), rig.tip(rig.Volunteer, nil).must(201).text("id")
		foreign := rig.say(rig.Officer, other, words("别处")).must(201).text("id")
		for _, id := range []string{foreign, string(rig.ids.next())} {
			got := rig.call(rig.Volunteer, http.MethodPost, "/v1/tips/"+tip+"/messages/read", map[string]any{"up_to": id}).must(422)
			if strings.Join(got.fields(), "") != "up_to no_such" {
				t.Errorf("%s", got.Text)
			}
		}
		if got := rig.conversation(rig.Officer, other); got.at("items.0.read_at") != nil {
			t.Errorf("it was read through another tip: %s", got.Text)
		}
	})
}

func TestQuickAnswers(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		tip := rig.tip(rig.Volunteer, nil).must(201).text("id")
		listed := rig.call(rig.Officer, http.MethodGet, "/v1/quick-answers", nil).must(200)
		if len(listed.items()) != len(models.DefaultQuickAnswers) || listed.at("items.0.updated_at") != nil {
			t.Errorf("at first: %s", listed.Text)
		}
		first := models.DefaultQuickAnswers[0]
		by := func(language string) map[string]any {
			body := map[string]any{"quick_answer_id": first.ID}
			if language != "" {
				body["quick_answer_language"] = language
			}
			return body
		}
		if got := rig.say(rig.Officer, tip, by("")).must(201); got.text("text") != first.TextZH {
			t.Errorf("by a prepared text: %s", got.Text)
		}
		if got := rig.say(rig.Officer, tip, by("en")).must(201); got.text("text") != first.TextEN {
			t.Errorf("in English: %s", got.Text)
		}
		if got := rig.say(rig.Volunteer, tip, by("")).must(422); strings.Join(got.fields(), "") != "quick_answer_id not_allowed" {
			t.Errorf("the reporter by a prepared text: %s", got.Text)
		}
		path := "/v1/quick-answers/" + string(first.ID)
		change := map[string]any{"text_zh": "马上到", "text_en": "On our way", "order": 1}
		rig.call(rig.Commander, http.MethodPut, path, change).must(200)
		if got := rig.say(rig.Officer, tip, by("")).must(201); got.text("text") != "马上到" {
			t.Errorf("after the change: %s", got.Text)
		}
		if got := rig.conversation(rig.Volunteer, tip); got.text("items.0.text") != first.TextZH {
			t.Errorf("what was sent before: %s", got.Text)
		}
		if got := rig.call(rig.OfficerB, http.MethodGet, "/v1/quick-answers", nil).must(200); strings.Contains(got.Text, "马上到") {
			t.Errorf("another station has %s", got.Text)
		}
		rig.call(rig.Commander, http.MethodDelete, path, nil).must(204)
		rig.call(rig.Commander, http.MethodDelete, path, nil).must(404)
		if got := rig.say(rig.Officer, tip, by("")).must(422); strings.Join(got.fields(), "") != "quick_answer_id no_such" {
			t.Errorf("after the deletion: %s", got.Text)
		}
		for at := len(models.DefaultQuickAnswers) - 1; at < models.MaxQuickAnswers; at++ {
			rig.call(rig.Commander, http.MethodPut, "/v1/quick-answers/"+string(rig.ids.next()), change).must(200)
		}
		rig.call(rig.Commander, http.MethodPut, "/v1/quick-answers/"+string(rig.ids.next()), change).must(409)
	})
}
