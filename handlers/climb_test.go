package handlers_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/push"
)

// rung is one of a ladder's as an app sends it.
func rung(after, every, repeats int, widen string, channels ...string) map[string]any {
	return map[string]any{"after_s": after, "channels": channels, "repeat_every_s": every, "repeats": repeats, "widen": widen}
}

// ladders is a whole body over a version, with some ladders in place of short ones.
func ladders(version int, changes ...map[string]any) map[string]any {
	once := []any{rung(0, 0, 0, "none", "stream", "fcm")}
	body := map[string]any{
		"version": version, "info": once, "normal": once, "high": once,
		"emergency": []any{rung(0, 30, 1, "none", "stream", "fcm"), rung(60, 0, 0, "deputy", "fcm"), rung(120, 60, 1, "commander", "fcm")},
	}
	for _, fields := range changes {
		for field, value := range fields {
			body[field] = value
		}
	}
	return body
}

// alarm is an emergency to the guards of the first compound.
func (r *rig) alarm() string {
	r.t.Helper()
	body := alertTo("compound", r.One.ID(), "guard")
	body["severity"] = "emergency"
	return r.alert(r.Commander, body).must(201).text("id")
}

// climbs lets time pass and ladders be climbed.
func (r *rig) climbs(after time.Duration) {
	r.t.Helper()
	r.advance(after)
	if err := r.server.ClimbAlerts(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
}

// waiting names the phones to which an alert waits to be sent.
func (r *rig) waiting(alert string) string {
	r.t.Helper()
	return strings.Join(r.column("SELECT installation_id FROM deliveries WHERE state = 'queued' AND alert_id = '"+alert+"' ORDER BY 1"), " ")
}

// An alarm climbs until somebody acknowledges it: each step once, whoever is late tells once, and what the preview says is
// what happens.
func TestAlarmClimbsItsLadder(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		for who, phone := range map[*caller]string{rig.Guard: "phone-guard", rig.Officer: "phone-officer", rig.Commander: "phone-chief"} {
			rig.phone(who, phone, "address-of-"+phone)
		}
		rig.call(rig.Commander, http.MethodPut, "/v1/alert-ladders", ladders(0)).must(200)
		id := rig.alarm()
		accepted := push.Outcome{State: push.StateSent, ProviderID: "m"}
		steps := []string{}
		for _, after := range []time.Duration{0, 30*time.Second - time.Millisecond, time.Millisecond, 30 * time.Second, 60*time.Second - time.Millisecond, time.Millisecond} {
			rig.climbs(after)
			steps = append(steps, rig.waiting(id))
			rig.pushed(accepted, time.Time{})
		}
		want := []string{"phone-guard", "", "phone-guard", "phone-guard phone-officer", "", "phone-chief phone-guard phone-officer"}
		if fmt.Sprint(steps) != fmt.Sprint(want) {
			t.Errorf("rang %q, want %q", steps, want)
		}
		inbox := rig.call(rig.Officer, http.MethodGet, "/v1/me/inbox", nil).must(200)
		if !strings.Contains(inbox.Text, id) {
			t.Error("the deputy was rung, and has nothing in the inbox")
		}
		rig.call(rig.Officer, http.MethodPost, "/v1/alerts/"+id+"/acknowledge", nil).must(200)
		rig.climbs(time.Hour / 2)
		if still := rig.waiting(id); still != "" {
			t.Errorf("acknowledged, and %s rings", still)
		}
		records := rig.audit(rig.A, "climbAlert")
		if len(records) != 4 || records[0].Facts["ended"] != models.ClimbAcknowledged || records[1].Facts["widen"] != "commander" {
			t.Errorf("%d steps are recorded: %+v", len(records), records)
		}
		got := rig.call(rig.Commander, http.MethodPost, "/v1/alert-ladders/preview", map[string]any{
			"severity": "emergency", "roles": []string{"guard"}, "scope": map[string]any{"kind": "compound", "id": rig.One.ID()},
			"at": instant(rig.clock.Now()),
		}).must(200)
		said := []string{}
		for at := range got.items() {
			said = append(said, fmt.Sprintf("%v %v %v", got.at(fmt.Sprintf("items.%d.after_s", at)), got.at(fmt.Sprintf("items.%d.widen", at)), got.at(fmt.Sprintf("items.%d.people", at))))
		}
		if fmt.Sprint(said) != "[0 none 1 30 none 1 60 deputy 2 120 commander 3 180 commander 3]" {
			t.Errorf("the preview says %v", said)
		}
	})
}

// Of any number of replicas one does a step; after a pause everything that was due is told once; nothing rings after the end.
func TestClimbingOnceAndNeverAfterTheEnd(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.phone(rig.Guard, "phone-guard", "address")
		rig.call(rig.Commander, http.MethodPut, "/v1/alert-ladders", ladders(0)).must(200)
		id := rig.alarm()
		rig.advance(150 * time.Second)
		together := sync.WaitGroup{}
		for range 4 {
			together.Add(1)
			go func() {
				defer together.Done()
				if err := rig.server.ClimbAlerts(context.Background()); err != nil {
					t.Error(err)
				}
			}()
		}
		together.Wait()
		records := rig.audit(rig.A, "climbAlert")
		if len(records) != 1 || records[0].Facts["widen"] != "deputy,commander" || records[0].Facts["added"] != "2" {
			t.Errorf("told at once: %+v", records)
		}
		if ringing := rig.waiting(id); ringing != "phone-guard" {
			t.Errorf("rings %q", ringing)
		}
		rig.climbs(time.Hour)
		if records := rig.audit(rig.A, "climbAlert"); len(records) != 2 || records[0].Facts["ended"] != models.ClimbExpired {
			t.Errorf("after its end: %+v", records)
		}
	})
}

// A cancelled alert goes no further, and who has it is told.
func TestCancellingAnAlert(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.phone(rig.Guard, "phone-guard", "address")
		reader := rig.listen(rig.token(rig.Guard), "")
		id := rig.alarm()
		until(t, "the alarm", reader.has(1))
		path := "/v1/alerts/" + id + "/cancel"
		rig.call(rig.CommanderB, http.MethodPost, path, nil).must(404)
		first := rig.call(rig.Officer, http.MethodPost, path, nil).must(200).text("cancelled_at")
		rig.climbs(time.Minute)
		if again := rig.call(rig.Commander, http.MethodPost, path, nil).must(200).text("cancelled_at"); again != first {
			t.Errorf("cancelled at %s, then at %s", first, again)
		}
		claimed, err := rig.store.ClaimDeliveries(t.Context(), "test", 10, time.Minute, rig.clock.Now())
		if err != nil || len(claimed) != 1 || claimed[0].AlertKind != models.AlertCancelled {
			t.Errorf("phones are told %+v, %v", claimed, err)
		}
		if records := rig.audit(rig.A, "climbAlert"); len(records) != 0 {
			t.Errorf("it climbed: %+v", records)
		}
		if inbox := rig.call(rig.Guard, http.MethodGet, "/v1/me/inbox", nil).must(200); inbox.text("items.0.cancelled_at") != first {
			t.Errorf("the inbox: %s", inbox.Text)
		}
		other := rig.alarm()
		rig.advance(time.Hour)
		rig.call(rig.Officer, http.MethodPost, "/v1/alerts/"+other+"/cancel", nil).must(409)
	})
}

// Ladders that leave an emergency without a commander are refused by the name of the field; of two who set them one is.
func TestSettingLadders(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		put := func(body map[string]any) response {
			return rig.call(rig.Commander, http.MethodPut, "/v1/alert-ladders", body)
		}
		before := rig.call(rig.Officer, http.MethodGet, "/v1/alert-ladders", nil).must(200)
		if before.at("version") != 0.0 || before.text("emergency.3.widen") != "commander" {
			t.Errorf("the defaults: %s", before.Text)
		}
		lonely := map[string]any{"emergency": []any{rung(0, 30, 1, "none", "fcm")}}
		if got := put(ladders(0, lonely)).must(422); !strings.Contains(got.Text, "emergency[0].widen") {
			t.Errorf("refused: %s", got.Text)
		}
		put(ladders(0)).must(200)
		put(ladders(0)).must(409)
		if got := put(ladders(1)).must(200); got.at("version") != 2.0 {
			t.Errorf("set twice: %s", got.Text)
		}
	})
}
