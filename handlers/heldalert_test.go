package handlers_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

// minutePasses brings what is held to the end of its minute, and has it written.
func (r *rig) minutePasses() {
	r.t.Helper()
	now := r.clock.Now()
	r.advance(models.HeldUntil(models.SeverityNormal, now).Sub(now))
	if err := r.server.WriteHeldAlerts(context.Background()); err != nil {
		r.t.Fatal(err)
	}
}

// The officer's open stream has told something newer than the nameless message when that is told: it is told all the
// same, once, in its place, also to who opens the stream later and goes on from there.
func TestAnOpenStreamTellsOfTheNameless(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		receipt, id := rig.anonymousTip(nil)
		token, tip := rig.receiptSession(receipt), string(id)
		rig.minutePasses()
		rig.advance(20 * time.Second)
		stream := rig.listen(rig.token(rig.Officer), "")
		rig.advance(3 * time.Second)
		rig.sayByReceipt(token, words("往北门走了")).must(201)
		rig.advance(20 * time.Second)
		newer := rig.alert(rig.Commander, alertTo("compound", rig.One.ID(), "officer")).must(201).text("id")
		until(t, "the newer alert", stream.has(1))
		resumed := rig.listen(rig.token(rig.Officer), newer)
		if told := rig.inboxHas(rig.Officer.ID, models.AlertTipMessage, tip); told != 0 {
			t.Errorf("the officer is told before the minute is over")
		}
		now := rig.clock.Now()
		rig.advance(models.HeldUntil(models.SeverityNormal, now).Sub(now))
		if err := errors.Join(atOnce(8, func(int) error { return rig.server.WriteHeldAlerts(context.Background()) })...); err != nil {
			t.Fatal(err)
		}
		until(t, "the nameless message", stream.has(2))
		until(t, "the nameless message after going on", resumed.has(1))
		ids, _ := stream.got()
		inbox := rig.call(rig.Officer, http.MethodGet, "/v1/me/inbox", nil).must(200)
		if len(ids) != 2 || ids[0] != newer || inbox.text("items.0.alert_id") != ids[1] || inbox.text("items.0.about") != tip {
			t.Errorf("streamed %v, the inbox has %s", ids, inbox.Text)
		}
		if told := rig.inboxHas(rig.Officer.ID, models.AlertTipMessage, tip); told != 1 || rig.rows()["held_alerts"] != 0 {
			t.Errorf("told %d times, %d are still held", told, rig.rows()["held_alerts"])
		}
		if at := models.ID(ids[1]).Time(); !at.Equal(rig.clock.Now()) {
			t.Errorf("its id is of %s", at)
		}
	})
}

// Of a crime in progress people hear within seconds, and still not of the millisecond.
func TestANamelessCrimeIsToldSoon(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.advance(7 * time.Millisecond)
		_, id := rig.anonymousTip(map[string]any{"category": models.CategoryCrime})
		write := func(after time.Duration) int {
			t.Helper()
			rig.advance(after)
			if err := rig.server.WriteHeldAlerts(context.Background()); err != nil {
				t.Fatal(err)
			}
			return rig.inboxHas(rig.Officer.ID, models.AlertTip, string(id)) + rig.inboxHas(rig.Commander.ID, models.AlertTip, string(id))
		}
		if told := write(models.UrgentTick - 8*time.Millisecond); told != 0 {
			t.Errorf("told %d times before", told)
		}
		if told := write(time.Millisecond); told != 1 {
			t.Errorf("told %d times after %s", told, models.UrgentTick)
		}
	})
}

// Whatever somebody nameless or hidden does, the millisecond of it stands nowhere: neither as a number nor in an id.
func TestNothingTellsTheInstantOfTheNameless(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.token(rig.Volunteer)
		receipt, id := rig.anonymousTip(nil)
		token, tip := rig.receiptSession(receipt), string(id)
		reply := rig.say(rig.Officer, tip, words("请补充")).must(201).text("id")
		untold := rig.untold(nil)
		hidden := string(rig.untimedID())
		address := map[string]any{"kind": "fcm_token", "value": "one-phone", "platform": "android"}
		key := func() []string { return []string{"Idempotency-Key", "key-" + string(rig.untimedID())} }
		instants := []time.Time{}
		act := func(name string, want int, do func() response) {
			t.Helper()
			rig.advance(3*time.Second + 1017*time.Microsecond*13)
			instants = append(instants, rig.clock.Now())
			if got := do(); got.Status != want {
				t.Errorf("%s: %d %s", name, got.Status, got.Text)
			}
			rig.advance(time.Second + time.Millisecond)
		}
		asReporter := func(method, path string, body any) func() response {
			return func() response { return rig.callAs(token, method, path, body, key()...) }
		}
		asHidden := func(method, path string, body any) func() response {
			return func() response { return rig.call(rig.Volunteer, method, path, body, key()...) }
		}
		act("a tip", 201, func() response { return rig.call(nil, http.MethodPost, "/v1/anonymous-tips", untold) })
		act("a message", 201, func() response { return rig.sayByReceipt(token, words("往北门走了")) })
		act("reading", 200, asReporter(http.MethodPost, "/v1/receipt/messages/read", map[string]any{"up_to": reply}))
		act("an address", 204, asReporter(http.MethodPut, "/v1/receipt/push-address", address))
		shut := func(tip string) {
			rig.advanceTip(rig.Officer, tip, map[string]any{"state": "closed", "reason": "not_ours"}).must(200)
		}
		shut(tip)
		act("reopening", 200, asReporter(http.MethodPost, "/v1/receipt/reopening", nil))
		act("withdrawing", 200, asReporter(http.MethodPost, "/v1/receipt/withdrawal", nil))
		act("a hidden tip", 201, func() response { return rig.tip(rig.Volunteer, map[string]any{"id": hidden, "hide_me": true}) })
		act("a hidden message", 201, func() response {
			return rig.say(rig.Volunteer, hidden, map[string]any{"id": rig.untimedID(), "text": "往北门走了"})
		})
		act("a hidden address", 204, asHidden(http.MethodPut, "/v1/me/hidden-push-address", address))
		shut(hidden)
		act("hidden reopening", 200, asHidden(http.MethodPost, "/v1/tips/"+hidden+"/reopening", map[string]any{"reason": "又来了"}))
		act("hidden withdrawing", 200, asHidden(http.MethodPost, "/v1/tips/"+hidden+"/withdrawal", nil))
		act("no hidden address", 204, asHidden(http.MethodDelete, "/v1/me/hidden-push-address", nil))
		for _, when := range []string{"held", "told"} {
			for place, text := range rig.everythingKept() {
				if strings.HasPrefix(place, "file ") || place == "table sessions" {
					continue // the tables are what is in it; a session may say when its person was last there
				}
				for at, instant := range instants {
					id := string(models.FirstIDAt(instant))[:13]
					if strings.Contains(text, fmt.Sprint(instant.UnixMilli())) || strings.Contains(text, id) {
						t.Errorf("%s tells the instant of act %d, when it is %s", place, at+1, when)
					}
				}
			}
			rig.minutePasses()
		}
		if held := rig.rows()["held_alerts"]; held != 0 {
			t.Errorf("%d alerts are still held", held)
		}
		control := rig.clock.Now() // the search finds what is there
		rig.tip(rig.Resident, nil).must(201)
		if text := rig.everythingKept()["table tips"]; !slices.Contains(strings.Split(text, "\n"), fmt.Sprint(control.UnixMilli())) {
			t.Error("the search does not find what is there")
		}
	})
}
