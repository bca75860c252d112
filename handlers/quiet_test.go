package handlers_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/push"
)

func quietBody(from, until string, off, digest bool) map[string]any {
	return map[string]any{"quiet_from": from, "quiet_until": until, "quiet_off": off, "digest": digest}
}

// tellAll sends an alert of a severity to the volunteers and guards of the first compound, and gives its id.
func (r *rig) tellAll(severity string, lifeS int) string {
	r.t.Helper()
	body := alertTo("compound", r.One.ID(), "volunteer", "guard")
	body["severity"], body["ttl_s"], body["requires_ack"] = severity, lifeS, false
	return r.alert(r.Officer, body).must(201).text("id")
}

// goingOut has a provider answer what is due, and names it: phone and kind.
func (r *rig) goingOut(outcome push.Outcome, nextAt time.Time) string {
	r.t.Helper()
	going, results := []string{}, []push.Result{}
	for _, one := range r.claimed(100) {
		result := push.Result{Delivery: one, Outcome: outcome, NextAt: nextAt}
		if !r.clock.Now().Before(one.Message.ExpiresAt) { // as the worker does
			result = push.Result{Delivery: one, Outcome: push.Outcome{State: push.StateFailed, Reason: push.ReasonExpired}}
		} else {
			going = append(going, one.InstallationID+" "+one.Message.Kind)
		}
		results = append(results, result)
	}
	r.finished(results...)
	slices.Sort(going)
	return strings.Join(going, ", ")
}

func (r *rig) settleQuiet() {
	r.t.Helper()
	if err := r.server.SettleQuiet(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
}

var accepted = push.Outcome{State: push.StateSent, ProviderID: "m"}

// eleven goes to eleven in the evening by the station's clock, with a phone of a volunteer and one of a guard who is on duty.
func (r *rig) eleven() {
	r.t.Helper()
	r.phone(r.Volunteer, "phone-v", "address-v")
	r.phone(r.Guard, "phone-g", "address-g")
	r.onDuty(r.A, models.SquadFoot, r.Guard)
	r.advance(13 * time.Hour)
}

// What is not urgent waits for who is off duty, and only on the way to the phone; nothing else does.
func TestQuietHoursHoldPushes(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.eleven()
		normal := rig.tellAll("normal", 24*3600)
		if got := rig.goingOut(accepted, time.Time{}); got != "phone-g notice" {
			t.Errorf("at night went out %q", got)
		}
		if inbox := rig.call(rig.Volunteer, http.MethodGet, "/v1/me/inbox", nil).must(200); !strings.Contains(inbox.Text, normal) {
			t.Error("the inbox waits too")
		}
		for _, severity := range []string{"high", "emergency"} {
			rig.tellAll(severity, 3600)
			if got := rig.goingOut(accepted, time.Time{}); got != "phone-g notice, phone-v notice" {
				t.Errorf("of %s at night went out %q", severity, got)
			}
		}
		short := rig.tellAll("normal", 3600) // over before the morning
		rig.goingOut(accepted, time.Time{})
		if rig.settleQuiet(); rig.server.HeldPushes() != 2 {
			t.Errorf("%d are counted", rig.server.HeldPushes())
		}
		preview := map[string]any{
			"severity": "normal", "roles": []string{"volunteer", "guard"}, "scope": map[string]any{"kind": "compound", "id": rig.One.ID()},
			"at": instant(rig.clock.Now().Add(4 * time.Hour)),
		}
		got := rig.call(rig.Commander, http.MethodPost, "/v1/alert-ladders/preview", preview).must(200)
		if got.at("items.0.people") != 2.0 || got.at("items.0.held_back") != 1.0 {
			t.Errorf("at three: %s", got.Text)
		}
		preview["severity"] = "high"
		if got := rig.call(rig.Commander, http.MethodPost, "/v1/alert-ladders/preview", preview).must(200); got.at("items.0.held_back") != 0.0 {
			t.Errorf("of a high one at three: %s", got.Text)
		}
		rig.advance(8*time.Hour - time.Millisecond)
		if got := rig.goingOut(accepted, time.Time{}); got != "" {
			t.Errorf("before seven went out %q", got)
		}
		if got := rig.known(rig.Officer, short, "")[string(rig.Volunteer.ID)]; got != "expired:fcm" {
			t.Errorf("what ended at night is %s", got)
		}
		rig.advance(time.Millisecond)
		if got := rig.goingOut(accepted, time.Time{}); got != "phone-v notice" {
			t.Errorf("at seven went out %q", got)
		}
		if touched, err := rig.store.ForgetOld(t.Context(), rig.clock.Now()); err != nil || touched == 0 || rig.rows()["held_pushes"] != 0 {
			t.Errorf("%d notes of what waited are left: %v", rig.rows()["held_pushes"], err)
		}
	})
}

// Info alerts become one push; nothing is said of them but that something went out, until the app says more.
func TestDigestInTheMorning(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.eleven()
		first, second := rig.tellAll("info", 24*3600), rig.tellAll("info", 24*3600)
		over, off := rig.tellAll("info", 3600), rig.tellAll("info", 24*3600)
		rig.call(rig.Officer, http.MethodPost, "/v1/alerts/"+off+"/cancel", nil).must(200)
		rig.goingOut(accepted, time.Time{}) // the guard's, who is on duty
		rig.advance(8*time.Hour - time.Millisecond)
		rig.settleQuiet()
		if got := rig.goingOut(accepted, time.Time{}); got != "" {
			t.Errorf("before seven went out %q", got)
		}
		rig.advance(time.Millisecond)
		rig.settleQuiet()
		rig.settleQuiet()
		want := func(state string) {
			t.Helper()
			for _, alert := range []string{first, second} {
				if got := rig.known(rig.Officer, alert, "")[string(rig.Volunteer.ID)]; got != state+":fcm" {
					t.Errorf("known %s, want %s", got, state)
				}
			}
		}
		want("queued")
		silent := push.Outcome{State: push.StateRetry, Reason: push.ReasonTimeout}
		if got := rig.goingOut(silent, rig.clock.Now().Add(time.Minute)); got != "phone-v digest" {
			t.Errorf("at seven went out %q", got)
		}
		want("queued")
		rig.advance(time.Minute)
		if got := rig.goingOut(accepted, time.Time{}); got != "phone-v digest" {
			t.Errorf("again went out %q", got)
		}
		want("sent")
		for alert, state := range map[string]string{over: "expired:fcm", off: "failed:fcm"} {
			if got := rig.known(rig.Officer, alert, "")[string(rig.Volunteer.ID)]; got != state {
				t.Errorf("known %s, want %s", got, state)
			}
		}
		rig.receipts(rig.Volunteer, receipt(first, "phone-v", "fcm", "seen", rig.clock.Now())).must(204)
		if got := rig.known(rig.Officer, first, "")[string(rig.Volunteer.ID)]; got != "seen:fcm" {
			t.Errorf("the app's word is not taken: %s", got)
		}
		if rig.rows()["held_pushes"] != 0 {
			t.Errorf("%d are still noted", rig.rows()["held_pushes"])
		}
		rig.advance(24 * time.Hour)
		rig.settleQuiet()
		if got := rig.goingOut(accepted, time.Time{}); got != "" {
			t.Errorf("a day later went out %q", got)
		}
	})
}

// A digest that fails takes its alerts along; one alert alone comes by itself; and who wants no digest has none.
func TestDigestsThatAreNone(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.eleven()
		rig.call(rig.Volunteer, http.MethodPut, "/v1/me/alert-settings", quietBody("22:00", "07:00", false, true)).must(200)
		first := rig.tellAll("info", 48*3600)
		rig.tellAll("info", 48*3600)
		rig.goingOut(accepted, time.Time{})
		rig.advance(8 * time.Hour)
		rig.settleQuiet()
		refused := push.Outcome{State: push.StateFailed, Reason: push.ReasonRefused}
		if got := rig.goingOut(refused, time.Time{}); got != "phone-v digest" {
			t.Errorf("went out %q", got)
		}
		if got := rig.known(rig.Officer, first, "")[string(rig.Volunteer.ID)]; got != "failed:fcm" {
			t.Errorf("known %s", got)
		}
		rig.advance(16 * time.Hour)
		rig.tellAll("info", 48*3600)
		rig.goingOut(accepted, time.Time{})
		rig.advance(8 * time.Hour)
		rig.settleQuiet()
		if got := rig.goingOut(accepted, time.Time{}); got != "phone-v notice" {
			t.Errorf("alone went out %q", got)
		}
		rig.call(rig.Volunteer, http.MethodPut, "/v1/me/alert-settings", quietBody("22:00", "07:00", false, false)).must(200)
		rig.advance(16 * time.Hour)
		rig.tellAll("info", 48*3600)
		rig.tellAll("info", 48*3600)
		rig.goingOut(accepted, time.Time{})
		rig.advance(8 * time.Hour)
		rig.settleQuiet()
		if got := rig.goingOut(accepted, time.Time{}); got != "phone-v notice, phone-v notice" {
			t.Errorf("without digests went out %q", got)
		}
	})
}

// One's own hours hold for what waits already; who comes on duty waits no more; the commander's phone is left on.
func TestAlertSettings(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.eleven()
		get := func(who *caller) string {
			return rig.call(who, http.MethodGet, "/v1/me/alert-settings", nil).must(200).Text
		}
		if got := get(rig.Volunteer); !strings.Contains(got, `"quiet_off":false`) || !strings.Contains(got, `"quiet_from":"22:00"`) {
			t.Errorf("defaults: %s", got)
		}
		if got := get(rig.Commander); !strings.Contains(got, `"quiet_off":true`) {
			t.Errorf("the commander's: %s", got)
		}
		put := func(from, until string, off bool) response {
			return rig.call(rig.Volunteer, http.MethodPut, "/v1/me/alert-settings", quietBody(from, until, off, true))
		}
		put("22:00", "22:00", false).must(422)
		put("20:00", "08:01", false).must(422)
		rig.tellAll("normal", 24*3600)
		rig.tellAll("info", 24*3600)
		rig.goingOut(accepted, time.Time{})
		put("21:00", "06:00", false).must(200)
		rig.advance(7*time.Hour - time.Millisecond)
		rig.settleQuiet()
		if got := rig.goingOut(accepted, time.Time{}); got != "" {
			t.Errorf("before six went out %q", got)
		}
		rig.advance(time.Millisecond)
		rig.settleQuiet()
		if got := rig.goingOut(accepted, time.Time{}); got != "phone-v notice, phone-v notice" {
			t.Errorf("at six went out %q", got)
		}
		rig.advance(17 * time.Hour) // the next evening
		rig.tellAll("normal", 24*3600)
		rig.goingOut(accepted, time.Time{})
		put("21:00", "06:00", true).must(200)
		if got := rig.goingOut(accepted, time.Time{}); got != "phone-v notice" {
			t.Errorf("switched off, went out %q", got)
		}
		put("21:00", "06:00", false).must(200)
		rig.tellAll("info", 24*3600)
		rig.tellAll("info", 24*3600)
		rig.goingOut(accepted, time.Time{})
		rig.onDuty(rig.A, models.SquadFoot, rig.Volunteer)
		rig.settleQuiet()
		if got := rig.goingOut(accepted, time.Time{}); got != "phone-v notice, phone-v notice" {
			t.Errorf("on duty, went out %q", got)
		}
		if records := rig.audit(rig.A, models.OpPutAlertSettings); len(records) != 3 {
			t.Errorf("%d changes are recorded", len(records))
		}
	})
}

// A phone that has not been heard of for a month gets urgent alerts only, and is forgotten after nine.
func TestStaleAddressesAreSpared(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.phone(rig.Volunteer, "phone-v", "address-v")
		aged := func(age time.Duration) {
			rig.ran(rig.sql.Exec("UPDATE push_addresses SET updated_at = ?", rig.clock.Now().Add(-age).UnixMilli()))
			rig.settleQuiet()
		}
		for _, row := range []struct {
			age   time.Duration
			stale int64
			want  string // of a normal and a high alert
		}{
			{models.PushAddressFresh - time.Millisecond, 0, "phone-v notice, phone-v notice"},
			{models.PushAddressFresh, 1, "phone-v notice"},
		} {
			aged(row.age)
			rig.tellAll("normal", 3600)
			rig.tellAll("high", 3600)
			if got := rig.goingOut(accepted, time.Time{}); got != row.want || rig.server.StaleAddresses() != row.stale {
				t.Errorf("after %s went out %q, %d are stale", row.age, got, rig.server.StaleAddresses())
			}
		}
		for age, left := range map[time.Duration]int{models.PushAddressKept - time.Millisecond: 1} {
			aged(age)
			if _, err := rig.store.ForgetOld(t.Context(), rig.clock.Now()); err != nil || rig.rows()["push_addresses"] != left {
				t.Errorf("after %s %d are left: %v", age, rig.rows()["push_addresses"], err)
			}
		}
		aged(models.PushAddressKept)
		if _, err := rig.store.ForgetOld(t.Context(), rig.clock.Now()); err != nil || rig.rows()["push_addresses"] != 0 {
			t.Errorf("nine months on it is still there: %v", err)
		}
	})
}
