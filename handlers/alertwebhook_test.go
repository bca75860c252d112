package handlers_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/push"
	"xunfang/push/stationfake"
)

// siren is a system of the station's own that is told of what a body asks for; it gives what speaks to it, and its id.
func (r *rig) siren(body map[string]any) (hook *push.Webhook, fake *stationfake.Fake, id string) {
	r.t.Helper()
	fake = stationfake.New("", r.clock.Now)
	r.t.Cleanup(fake.Close)
	hook, err := push.NewWebhook(push.StationConfig{Networks: r.server.Networks, TLS: fake.TLS(), Now: r.clock.Now})
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(hook.Close)
	r.server.Hook, r.server.HookNetworks = hook, r.server.Networks
	made := webhookBody("警铃", fake.URL().Reveal())
	for field, value := range body {
		made[field] = value
	}
	answer := r.call(r.Admin, http.MethodPost, "/v1/alert-webhooks", made).must(201)
	fake.Know(models.Secret(answer.text("secret")))
	return hook, fake, answer.text("id")
}

// rings sends what is due to the station's systems as the worker does; it gives how many there were.
func (r *rig) rings(hook push.Channel) int {
	r.t.Helper()
	claimed, results := r.claimed(100), []push.Result{}
	for _, one := range claimed {
		outcome, next := hook.Send(r.t.Context(), one.Message), time.Time{}
		if outcome.State == push.StateRetry {
			next = r.clock.Now().Add(time.Second)
		}
		results = append(results, push.Result{Delivery: one, Outcome: outcome, NextAt: next})
	}
	r.finished(results...)
	return len(claimed)
}

// A station's system is told of what it asked for, that it is told again, and that it is off; by two secrets while the one
// changes to the other. Neither address nor secret is shown again.
func TestStationsSystemsAreTold(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		hook, fake, siren := rig.siren(nil)
		rig.call(rig.Commander, http.MethodPut, "/v1/alert-ladders", ladders(0, map[string]any{
			"emergency": []any{rung(0, 0, 0, "none", "stream"), rung(60, 0, 0, "commander", "webhook")},
		})).must(200)
		rig.alert(rig.Commander, alertTo("compound", rig.One.ID(), "guard")).must(201) // of no such severity
		id := rig.alarm()
		rig.rings(hook)
		rotate := "/v1/alert-webhooks/" + siren + "/rotate-secret"
		fresh := rig.call(rig.Commander, http.MethodPost, rotate, nil).must(200).text("secret")
		rig.call(rig.Commander, http.MethodPost, rotate, nil).must(409)
		rig.climbs(time.Minute)
		rig.rings(hook)
		fake.Know(models.Secret(fresh))
		rig.call(rig.Commander, http.MethodPost, "/v1/alerts/"+id+"/cancel", nil).must(200)
		rig.rings(hook)
		told := []string{}
		for _, message := range fake.Heard() {
			told = append(told, strings.TrimPrefix(message.ID, id))
			if !strings.Contains(message.Body, `"alert_id":"`+id+`"`) || strings.Contains(message.Body, string(rig.One.ID())) {
				t.Errorf("told %s", message.Body)
			}
		}
		if refused, _ := fake.Counts(); refused != 0 || fmt.Sprint(told) != "[ .1 .cancelled]" {
			t.Errorf("told %q, %d not believed", told, refused)
		}
		rig.advance(models.AlertWebhookOverlap)
		test := rig.call(rig.Commander, http.MethodPost, "/v1/alert-webhooks/"+siren+"/test", nil).must(200)
		if test.at("accepted") != true || len(fake.Heard()) != 4 {
			t.Errorf("the trial: %s", test.Text)
		}
		list := rig.call(rig.Commander, http.MethodGet, "/v1/alert-webhooks", nil).must(200)
		if list.text("items.0.state") != "working" || strings.Contains(list.Text, "of-the-maker") || strings.Contains(list.Text, "whsec") {
			t.Errorf("the list says %s", list.Text)
		}
		rig.call(rig.Admin, http.MethodDelete, "/v1/alert-webhooks/"+siren, nil).must(204)
		if rig.alarm(); rig.rings(hook) != 0 {
			t.Error("it is deleted, and told")
		}
		for _, operation := range []models.Operation{"createAlertWebhook", "rotateAlertWebhookSecret", "testAlertWebhook", "deleteAlertWebhook"} {
			for _, entry := range rig.audit(rig.A, operation) {
				if strings.Contains(fmt.Sprint(entry.Facts), "of-the-maker") {
					t.Errorf("%s records the address", operation)
				}
			}
			if len(rig.audit(rig.A, operation)) == 0 {
				t.Errorf("%s is not recorded", operation)
			}
		}
	})
}

// One that fails is left alone for longer each time, but for an emergency; after five days it is switched off, once, and the
// commander hears of it. A new secret switches it on.
func TestStationsSystemThatIsBroken(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		hook, fake, siren := rig.siren(map[string]any{"severities": []string{"high", "emergency"}})
		fake.Answer(slices.Repeat([]int{500}, 100)...)
		high := func() {
			body := alertTo("compound", rig.One.ID(), "guard")
			body["severity"] = "high"
			rig.alert(rig.Commander, body).must(201)
		}
		high()
		tried := []int{rig.rings(hook)}
		high() // waits, for the receiver has just failed
		tried = append(tried, rig.rings(hook))
		rig.alarm() // does not
		tried = append(tried, rig.rings(hook))
		rig.advance(2 * models.AlertWebhookLeast)
		if tried = append(tried, rig.rings(hook)); fmt.Sprint(tried) != "[1 0 1 3]" {
			t.Errorf("tried %v", tried)
		}
		state := func(want string) {
			t.Helper()
			got := rig.call(rig.Commander, http.MethodGet, "/v1/alert-webhooks", nil).must(200)
			if got.text("items.0.state") != want {
				t.Errorf("it is %s, want %s", got.Text, want)
			}
		}
		for _, after := range []time.Duration{models.AlertWebhookWorn - 2*models.AlertWebhookLeast - time.Second, time.Second} {
			state("failing")
			rig.advance(after)
			for range 2 {
				if err := rig.server.DisableWornWebhooks(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
		state("disabled")
		inbox := rig.call(rig.Commander, http.MethodGet, "/v1/me/inbox", nil, "Accept-Language", "en").must(200)
		if strings.Count(inbox.Text, models.AlertWebhookBroken) != 1 || len(rig.audit(rig.A, "disableAlertWebhook")) != 1 {
			t.Errorf("the commander was told %s", inbox.Text)
		}
		if rig.alarm(); rig.rings(hook) != 0 {
			t.Error("it is switched off, and told")
		}
		fresh := rig.call(rig.Commander, http.MethodPost, "/v1/alert-webhooks/"+siren+"/rotate-secret", nil).must(200)
		fake.Know(models.Secret(fresh.text("secret")))
		fake.Answer(410)
		if rig.alarm(); rig.rings(hook) != 1 {
			t.Error("it is on again, and not told")
		}
		state("disabled") // at once
		fake.Answer(204)
		if rig.alarm(); rig.rings(hook) != 0 {
			t.Error("it has said that it is no more, and is told before the keeper came by")
		}
		if err := rig.server.DisableWornWebhooks(t.Context()); err != nil {
			t.Fatal(err)
		}
		state("disabled") // it said itself that it is no more
	})
}

func TestStationsSystemsAreFewAndElsewhere(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		for _, url := range []string{"https://127.0.0.1/", "https://169.254.169.254/latest", "https://user:word@siren.example/"} {
			rig.call(rig.Admin, http.MethodPost, "/v1/alert-webhooks", webhookBody("警铃", url)).must(422)
		}
		rig.call(rig.Admin, http.MethodPost, "/v1/alert-webhooks", webhookBody("警铃", "http://siren.example/")).must(400)
		for range models.MaxAlertWebhooks {
			rig.call(rig.Admin, http.MethodPost, "/v1/alert-webhooks", webhookBody("警铃", "https://siren.example/")).must(201)
		}
		rig.call(rig.Admin, http.MethodPost, "/v1/alert-webhooks", webhookBody("警铃", "https://siren.example/")).must(409)
	})
}
