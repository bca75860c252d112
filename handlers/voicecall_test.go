package handlers_test

import (
	"maps"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/push"
	"xunfang/push/stationfake"
	"xunfang/store"
)

func byVoice(settings *rigSettings) {
	settings.store = func(config *store.Config) { config.Voice = true }
}

// callers is a caller system, and what asks it for calls.
func (r *rig) callers() (*push.Voice, *stationfake.Fake) {
	r.t.Helper()
	fake := stationfake.New(callerSecret, r.clock.Now)
	r.t.Cleanup(fake.Close)
	voice, err := push.NewVoice(push.VoiceConfig{
		Station: push.StationConfig{Networks: r.server.Networks, TLS: fake.TLS(), Now: r.clock.Now}, URL: fake.URL(),
		Secrets: callerSecrets, Stands: r.store.CallStands,
	})
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(voice.Close)
	return voice, fake
}

// reports sends a callback as the caller system does.
func (r *rig) reports(headers map[string]string, body []byte) response {
	r.t.Helper()
	listed := []string{"Idempotency-Key", without}
	for name, value := range headers {
		listed = append(listed, name, value)
	}
	return r.callAs("", http.MethodPost, "/v1/voice-callbacks", rawBody{"application/json", body}, listed...)
}

// voiceLadder rings the guards at once and again after a minute, then the commander as well.
func (r *rig) voiceLadder() {
	r.t.Helper()
	r.call(r.Commander, http.MethodPut, "/v1/alert-ladders", ladders(0, map[string]any{
		"emergency": []any{rung(0, 0, 0, "none", "stream"), rung(60, 60, 3, "none", "voice"), rung(300, 60, 20, "commander", "voice")},
		"normal":    []any{rung(0, 0, 0, "none", "voice")},
	})).must(200)
}

// An alarm at night climbs to calls; that a mailbox picks up stops nothing, a key that is pressed stops the ladder, and is an
// acknowledgement by that person. The number is said to the caller system and stands nowhere.
func TestNightAlarmClimbsToCalls(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		voice, fake := rig.callers()
		rig.phone(rig.Guard, "phone-guard", "address")
		rig.voiceLadder()
		id := rig.alarm()
		if rig.rings(voice); len(fake.Calls()) != 0 {
			t.Fatal("rung before the ladder came to it")
		}
		guard, err := rig.store.Person(t.Context(), rig.Guard.ID)
		if err != nil {
			t.Fatal(err)
		}
		known := func(want string) {
			t.Helper()
			if got := rig.known(rig.Commander, id, "")[string(rig.Guard.ID)]; got != want {
				t.Errorf("of the guard is known %s, want %s", got, want)
			}
		}
		step := func(event, want string) {
			t.Helper()
			before := len(fake.Calls())
			rig.climbs(time.Minute)
			rig.rings(voice)
			calls := fake.Calls()
			if len(calls) != before+1 || calls[before].Number != "+86"+guard.Phone.Reveal() || !strings.Contains(calls[before].Say, "按 1") {
				t.Fatalf("asked for %+v", calls[before:])
			}
			known("provider_accepted:voice")
			rig.reports(fake.Callback(calls[before].CallID, event)).must(204)
			known(want)
		}
		step("answered", "provider_accepted:voice")
		step("no_answer", "provider_accepted:voice") // the call before is more than this one
		if reasons := strings.Join(rig.column("SELECT CONCAT(state, ' ', reason) FROM deliveries WHERE channel = 'voice' ORDER BY round"), ","); reasons != "provider_accepted answered,failed no_answer" {
			t.Errorf("the ledger says %s", reasons)
		}
		step("pressed", "acknowledged:voice")
		calls := len(fake.Calls())
		if rig.climbs(10 * time.Minute); rig.rings(voice) != 0 || len(fake.Calls()) != calls {
			t.Error("acknowledged, and somebody is rung")
		}
		if records := rig.audit(rig.A, "climbAlert"); records[0].Facts["ended"] != models.ClimbAcknowledged {
			t.Errorf("the ladder ended: %+v", records[0])
		}
		records := rig.audit(rig.A, "acknowledgeAlert")
		if len(records) != 1 || records[0].ActorID != rig.Guard.ID || string(records[0].ObjectID) != id || records[0].Facts["channel"] != "voice" {
			t.Errorf("recorded: %+v", records)
		}
		if got := len(rig.audit(rig.A, models.OpVoiceCallback)); got != 2 {
			t.Errorf("%d of the other callbacks are recorded", got)
		}
		inbox := rig.call(rig.Guard, http.MethodGet, "/v1/me/inbox", nil).must(200)
		if inbox.text("items.0.acknowledged_at") == "" {
			t.Errorf("the inbox: %s", inbox.Text)
		}
		if all := strings.Join(rig.column("SELECT CONCAT(reason, provider_id, installation_id) FROM deliveries"), " "); strings.Contains(all, guard.Phone.Reveal()) {
			t.Error("the number stands in the ledger")
		}
	}, byVoice)
}

// What is forged, late, repeated or about no call of ours changes nothing; and who does not sign learns nothing of calls.
func TestVoiceCallbacksThatChangeNothing(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		voice, fake := rig.callers()
		rig.voiceLadder()
		id := rig.alarm()
		rig.climbs(time.Minute)
		rig.rings(voice)
		call := fake.Calls()[0].CallID
		headers, body := fake.Callback(call, "pressed")
		changed := func(name, value string) map[string]string {
			other := maps.Clone(headers)
			if other[name] = value; value == "" {
				delete(other, name)
			}
			return other
		}
		late := fake.At(rig.clock.Now().Add(-models.WebhookSigned-time.Second), call, "pressed")
		early := fake.At(rig.clock.Now().Add(models.WebhookSigned+time.Second), call, "pressed")
		fake.Know("whsec_" + models.Secret(strings.Repeat("QUJE", 10)))
		stranger, _ := fake.Callback(call, "pressed")
		before := rig.rows()
		for name, headers := range map[string]map[string]string{
			"no signature": changed(models.WebhookHeaderSignature, ""), "no id": changed(models.WebhookHeaderID, ""),
			"another id": changed(models.WebhookHeaderID, "callback-x"), "another time": changed(models.WebhookHeaderTimestamp, "1764000000"),
			"another secret": stranger, "late": late, "early": early,
		} {
			if got := rig.reports(headers, body); got.Status != 401 || got.code() != models.CodeBadSignature {
				t.Errorf("%s: %d %s", name, got.Status, got.Text)
			}
		}
		if got := rig.reports(headers, append([]byte(" "), body...)); got.Status != 401 {
			t.Errorf("a space more: %d", got.Status)
		}
		rig.server.VoiceSecrets = nil
		if got := rig.reports(headers, body); got.Status != 401 || got.code() != models.CodeBadSignature {
			t.Errorf("without a caller system: %d %s", got.Status, got.Text)
		}
		rig.server.VoiceSecrets = callerSecrets
		if after := rig.rows(); !reflect.DeepEqual(before, after) {
			t.Errorf("what was refused left rows: %v, before %v", after, before)
		}
		fake.Know(callerBefore) // the secret before still holds
		for _, foreign := range []string{string(rig.ids.next()), id} {
			rig.reports(fake.Callback(foreign, "pressed")).must(204)
		}
		if got := rig.known(rig.Commander, id, "")[string(rig.Guard.ID)]; got != "provider_accepted:voice" {
			t.Errorf("of the guard is known %s", got)
		}
		headers, body = fake.Callback(call, "busy")
		rig.reports(headers, body).must(204)
		rig.reports(headers, body).must(204)
		if got := len(rig.audit(rig.A, models.OpVoiceCallback)); got != 1 {
			t.Errorf("a callback that came twice is recorded %d times", got)
		}
		rig.reports(fake.Callback(call, "answered")).must(204) // came late
		if got := rig.known(rig.Commander, id, "")[string(rig.Guard.ID)]; got != "failed:voice" {
			t.Errorf("of the guard is known %s", got)
		}
		rig.reports(fake.Callback(call, "pressed")).must(204)
		rig.reports(fake.Callback(call, "pressed")).must(204)
		if got := len(rig.audit(rig.A, "acknowledgeAlert")); got != 1 {
			t.Errorf("acknowledged %d times", got)
		}
	}, byVoice)
}

// A call that waits while somebody acknowledges is not placed; a person is rung ten times a day; what is not urgent does not ring
// at night; a try that nobody answered for is the same call.
func TestCallsThatAreNotPlaced(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		voice, fake := rig.callers()
		rig.voiceLadder()
		rig.alarm()
		rig.climbs(5 * time.Minute) // to the guard and the commander
		claimed := rig.claimed(100)
		if len(claimed) != 2 {
			t.Fatalf("%d calls wait", len(claimed))
		}
		id := string(claimed[0].Message.AlertID)
		for _, delivery := range claimed {
			outcome := push.Outcome{State: push.StateRetry, Reason: push.ReasonTimeout}
			rig.finished(push.Result{Delivery: delivery, Outcome: outcome, NextAt: rig.clock.Now().Add(time.Second)})
		}
		rig.advance(time.Second)
		again := rig.claimed(100)
		if len(again) != 2 || again[0].ID == claimed[0].ID {
			t.Fatalf("tried again: %+v", again)
		}
		rig.reports(fake.Callback(string(claimed[0].ID), "no_answer")).must(204)
		if got := rig.known(rig.Commander, id, "")[string(claimed[0].PersonID)]; got != "failed:voice" {
			t.Errorf("the first try rang in vain, and %s", got)
		}
		rig.call(rig.Commander, http.MethodPost, "/v1/alerts/"+id+"/acknowledge", nil).must(200)
		for _, delivery := range again {
			if got := voice.Send(t.Context(), delivery.Message); got.Reason != models.ReasonSeenTo {
				t.Errorf("somebody sees to it, and %+v", got)
			}
		}
		rig.alarm()
		for range 15 {
			rig.climbs(time.Minute)
			rig.rings(voice)
		}
		rung := map[string]int{}
		for _, call := range fake.Calls() {
			rung[call.Number]++
		}
		for number, times := range rung {
			if times > models.MaxAlertCalls {
				t.Errorf("%s was rung %d times", number, times)
			}
		}
		rig.advance(39 * time.Hour) // after midnight, and another day of UTC
		body := alertTo("compound", rig.One.ID(), "guard")
		body["severity"], body["ttl_s"] = "normal", 12*3600
		before := len(fake.Calls())
		rig.alert(rig.Commander, body).must(201)
		if rig.rings(voice); len(fake.Calls()) != before {
			t.Error("rung in the night for what is not urgent")
		}
		rig.advance(8 * time.Hour)
		if rig.rings(voice); len(fake.Calls()) != before+1 {
			t.Errorf("rung %d times in the morning", len(fake.Calls())-before)
		}
		if full := rig.column("SELECT id FROM deliveries WHERE channel = 'voice' AND reason = 'daily_limit'"); len(full) == 0 {
			t.Error("nobody's day was full")
		}
	}, byVoice)
}
