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
)

// known reads who knows of an alert, as state:channel by name.
func (r *rig) known(who *caller, alert, query string) map[string]string {
	r.t.Helper()
	found := map[string]string{}
	for _, one := range r.call(who, http.MethodGet, "/v1/alerts/"+alert+"/deliveries"+query, nil).must(200).items() {
		item, _ := one.(map[string]any)
		channel, _ := item["channel"].(string)
		found[fmt.Sprint(item["person_id"])] = fmt.Sprintf("%v:%s", item["state"], channel)
	}
	return found
}

// receipt is what an app says of an alert.
func receipt(alert, installation, channel, state string, at time.Time) map[string]any {
	return map[string]any{"alert_id": alert, "installation_id": installation, "channel": channel, "state": state, "at": instant(at)}
}

func (r *rig) receipts(who *caller, items ...any) response {
	r.t.Helper()
	return r.call(who, http.MethodPost, "/v1/me/delivery-receipts", map[string]any{"items": items})
}

// pushed lets a provider answer what is due, and counts it.
func (r *rig) pushed(outcome push.Outcome, nextAt time.Time) int {
	r.t.Helper()
	claimed, results := r.claimed(100), []push.Result{}
	for _, one := range claimed {
		results = append(results, push.Result{Delivery: one, Outcome: outcome, NextAt: nextAt})
	}
	r.finished(results...)
	return len(claimed)
}

// What is known of each person is what there is proof of, and no more.
func TestLedgerOfAnAlert(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.phone(rig.Volunteer, "phone-v", "address-v")
		id := rig.alert(rig.Officer, alertTo("compound", rig.One.ID(), "volunteer", "guard")).must(201).text("id")
		volunteer, guard := string(rig.Volunteer.ID), string(rig.Guard.ID)
		want := func(state, channel string) {
			t.Helper()
			got := rig.known(rig.Officer, id, "")
			if got[volunteer] != state+":"+channel || got[guard] != "none:" {
				t.Errorf("%v, want the volunteer %s by %s and of the guard nothing", got, state, channel)
			}
		}
		want("queued", "fcm")
		rig.receipts(rig.Volunteer, receipt(id, "phone-v", "fcm", "seen", rig.clock.Now())).must(204)
		want("queued", "fcm") // what was never sent cannot have been seen
		silent := push.Outcome{State: push.StateRetry, Reason: push.ReasonTimeout}
		if sent := rig.pushed(silent, rig.clock.Now().Add(time.Minute)); sent != 1 || rig.rows()["deliveries"] != 2 {
			t.Fatalf("%d sent, %d attempts", sent, rig.rows()["deliveries"])
		}
		want("sent", "fcm")
		rig.advance(time.Minute)
		if sent := rig.pushed(push.Outcome{State: push.StateSent, ProviderID: "projects/p/messages/1"}, time.Time{}); sent != 1 {
			t.Fatal("it was not tried again")
		}
		want("provider_accepted", "fcm")
		rig.receipts(rig.Volunteer, receipt(id, "phone-v", "fcm", "seen", rig.clock.Now())).must(204)
		rig.receipts(rig.Volunteer, receipt(id, "phone-v", "fcm", "received", rig.clock.Now())).must(204) // overtaken, and repeated
		rig.receipts(rig.Volunteer, receipt(id, "phone-v", "fcm", "received", rig.clock.Now())).must(204)
		want("seen", "fcm")
		rig.call(rig.Volunteer, http.MethodPost, "/v1/alerts/"+id+"/acknowledge", nil).must(200)
		want("acknowledged", "fcm")
		if open := rig.known(rig.Officer, id, "?not_acknowledged=true"); len(open) != 1 || open[guard] == "" {
			t.Errorf("not acknowledged by %v", open)
		}
		if by := rig.known(rig.Officer, id, "?channel=fcm&state=acknowledged"); len(by) != 1 || by[volunteer] == "" {
			t.Errorf("acknowledged by fcm: %v", by)
		}
		got := rig.call(rig.Commander, http.MethodGet, "/v1/alerts/"+id+"/deliveries?limit=1", nil).must(200)
		if len(got.items()) != 1 || got.at("counts.people") != 2.0 || got.at("counts.acknowledged") != 1.0 || got.at("counts.none") != 1.0 {
			t.Errorf("one page: %s", got.Text)
		}
		if records := rig.audit(rig.A, models.OpListDeliveries); len(records) < 8 || records[0].ObjectID != models.ID(id) || len(records[0].Subjects) != 1 {
			t.Errorf("%d looks are recorded: %+v", len(records), records[0])
		}
	})
}

// A retry that the phone has made needless is not sent, and a receipt that overtakes the provider's answer stands.
func TestReceiptsEndRetries(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.phone(rig.Volunteer, "phone-v", "address-v")
		id := rig.alert(rig.Officer, alertTo("compound", rig.One.ID(), "volunteer")).must(201).text("id")
		rig.pushed(push.Outcome{State: push.StateRetry, Reason: push.ReasonTimeout}, rig.clock.Now().Add(time.Minute))
		rig.receipts(rig.Volunteer, receipt(id, "phone-v", "fcm", "received", rig.clock.Now())).must(204)
		rig.advance(time.Minute)
		if sent := rig.pushed(push.Outcome{State: push.StateSent}, time.Time{}); sent != 0 {
			t.Error("the phone has it, and it was sent again")
		}
		other := rig.alert(rig.Officer, alertTo("compound", rig.One.ID(), "volunteer")).must(201).text("id")
		claimed := rig.claimed(10)
		if len(claimed) != 1 {
			t.Fatal(len(claimed))
		}
		rig.receipts(rig.Volunteer, receipt(other, "phone-v", "fcm", "received", rig.clock.Now())).must(204)
		rig.finished(push.Result{
			Delivery: claimed[0], Outcome: push.Outcome{State: push.StateRetry, Reason: push.ReasonNetwork}, NextAt: rig.clock.Now(),
		})
		if got := rig.known(rig.Officer, other, "")[string(rig.Volunteer.ID)]; got != "device_received:fcm" {
			t.Errorf("the sender's word took back the phone's: %s", got)
		}
		if sent := rig.pushed(push.Outcome{State: push.StateSent}, time.Time{}); sent != 0 {
			t.Error("the phone has the other, and it was sent again")
		}
	})
}

// A receipt for what is not in one's inbox changes nothing, and looks the same.
func TestForeignReceipts(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.phone(rig.Volunteer, "phone-v", "address-v")
		id := rig.alert(rig.Officer, alertTo("compound", rig.One.ID(), "volunteer")).must(201).text("id")
		rig.pushed(push.Outcome{State: push.StateSent, ProviderID: "m"}, time.Time{})
		before := rig.known(rig.Officer, id, "")
		mine := rig.receipts(rig.Volunteer, receipt(id, "phone-x", "fcm", "seen", rig.clock.Now())).must(204)
		foreign := rig.receipts(rig.Guard, receipt(id, "phone-v", "fcm", "seen", rig.clock.Now()), receipt(id, "phone-v", "stream", "seen", rig.clock.Now()))
		missing := rig.receipts(rig.Guard, receipt(string(rig.ids.next()), "phone-v", "fcm", "seen", rig.clock.Now()))
		if foreign.must(204).Text != mine.Text || missing.must(204).Text != mine.Text {
			t.Error("they can be told apart")
		}
		if after := rig.known(rig.Officer, id, ""); fmt.Sprint(after) != fmt.Sprint(before) {
			t.Errorf("%v, after foreign receipts %v", before, after)
		}
		private := rig.rows()["deliveries"]
		if private != 1 {
			t.Errorf("%d attempts", private)
		}
		rig.call(rig.OfficerTwo, http.MethodGet, "/v1/alerts/"+id+"/deliveries", nil).must(404)
		rig.call(rig.Volunteer, http.MethodGet, "/v1/alerts/"+id+"/deliveries", nil).must(403)
	})
}

// The stream is a channel of which there is a row once it was flushed; its sender is told of what changed.
func TestStreamIsInTheLedger(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		sender, reader := rig.listen(rig.token(rig.Officer), ""), rig.listenAt(rig.token(rig.Volunteer), "/v1/stream?installation_id=phone-v", "")
		id := rig.alert(rig.Officer, alertTo("compound", rig.One.ID(), "volunteer")).must(201).text("id")
		until(t, "the alert comes", func() bool { return reader.has(1)() })
		volunteer := string(rig.Volunteer.ID)
		if got := rig.known(rig.Officer, id, "")[volunteer]; got != "none:" {
			t.Errorf("before it was written: %s", got)
		}
		rig.receipts(rig.Volunteer, receipt(id, "phone-v", "stream", "received", rig.clock.Now())).must(204) // quicker than the row
		until(t, "it is in the ledger", func() bool {
			if err := rig.server.WriteFlushed(t.Context()); err != nil {
				t.Fatal(err)
			}
			return rig.known(rig.Officer, id, "")[volunteer] == "device_received:stream"
		})
		if rig.rows()["deliveries"] != 1 {
			t.Errorf("%d rows of one stream", rig.rows()["deliveries"])
		}
		rig.advance(time.Second)
		until(t, "its sender is told", func() bool {
			return slices.ContainsFunc(sender.hinted(), func(hint string) bool {
				return strings.Contains(hint, `"alert_id":"`+id) && strings.Contains(hint, `"device_received":1`)
			})
		})
	})
}
