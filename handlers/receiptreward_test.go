package handlers_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

// rewarded brings a tip as far as an approved reward, and gives the reward's id.
func (r *rig) rewarded(tip string) string {
	r.t.Helper()
	r.advanceTip(r.Officer, tip, map[string]any{"state": "investigating"}).must(200)
	r.advanceTip(r.Officer, tip, map[string]any{"state": "resolved"}).must(200)
	id := r.proposeRewards(r.Officer, share(tip, 80_000)).must(201).text("items.0.id")
	r.rewardStep(r.Commander, id, "decision", approval).must(200)
	return id
}

func (r *rig) claimByReceipt(token, code string) response {
	r.t.Helper()
	return r.callAs(token, http.MethodPost, "/v1/receipt/reward-claims", map[string]any{"claim_code": code})
}

func TestARewardByReceipt(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		receipt, tip := rig.anonymousTip(nil)
		token, other := rig.receiptSession(receipt), rig.token(rig.as(models.RoleReporter))
		rig.callAs(token, http.MethodPut, "/v1/receipt/push-address",
			map[string]any{"kind": "fcm_token", "value": "one-phone", "platform": "android"}).must(204)
		if got := rig.callAs(token, http.MethodGet, "/v1/receipt/rewards", nil).must(200); len(got.items()) != 0 {
			t.Errorf("before there is one: %s", got.Text)
		}
		id := rig.rewarded(string(tip))
		listed := rig.callAs(token, http.MethodGet, "/v1/receipt/rewards", nil).must(200)
		if listed.text("items.0.id") != id || listed.text("items.0.state") != "notified" || listed.at("items.0.amount_cents") != 80_000.0 ||
			strings.Contains(listed.Text, string(tip)) || strings.Contains(listed.Text, string(rig.Officer.ID)) {
			t.Errorf("the reporter sees: %s", listed.Text)
		}
		if sent := rig.sentTo("one-phone"); len(sent) != 3 { // two steps and the reward
			t.Errorf("sent: %+v", sent)
		}
		path := "/v1/receipt/rewards/" + id + "/claim-code"
		first := rig.callAs(token, http.MethodPost, path, nil, "Idempotency-Key", "a-phone-lost-the-answer").must(201)
		again := rig.callAs(token, http.MethodPost, path, nil, "Idempotency-Key", "a-phone-lost-the-answer").must(201)
		if again.Text != first.Text {
			t.Errorf("the repeat got %s", again.Text)
		}
		code := first.text("claim_code")
		rig.callAs(other, http.MethodPost, path, nil).must(404)
		rig.claimByReceipt(other, code).must(422)
		rig.claim(rig.Volunteer, code).must(422)
		rig.advance(61*time.Second + 7*time.Millisecond)
		got := rig.claimByReceipt(token, code).must(201)
		if got.text("reward_id") != id || !strings.HasSuffix(got.text("claimed_at"), ":00.000Z") {
			t.Errorf("claimed: %s", got.Text)
		}
		if got := rig.claimByReceipt(token, code).must(409); got.code() != models.CodeWrongState {
			t.Errorf("claimed again: %s", got.Text)
		}
		if got := rig.callAs(token, http.MethodPost, path, nil).must(409); got.code() != models.CodeWrongState {
			t.Errorf("another code afterwards: %s", got.Text)
		}
		officers := rig.call(rig.Officer, http.MethodGet, "/v1/rewards", nil).must(200)
		if officers.text("items.0.state") != "claimed" || officers.at("items.0.reporter_id") != nil || officers.at("items.0.desk_id") != nil {
			t.Errorf("the officer sees: %s", officers.Text)
		}
		rig.rewardStep(rig.Officer, id, "payment", map[string]any{"voucher": "1"}).must(200)
		if got := rig.callAs(token, http.MethodGet, "/v1/receipt/rewards", nil).must(200); got.text("items.0.state") != "paid" {
			t.Errorf("the reporter sees: %s", got.Text)
		}
		for _, record := range rig.audit(rig.A, models.OpCreateReceiptRewardClaim) {
			if record.ActorID != "" && record.ActorID != tip && record.Outcome == models.AuditAllowed || record.Facts["reporter"] != "" {
				t.Errorf("recorded: %+v", record)
			}
		}
	})
}

// The receipt and three desks enter the same code at the same moment, each several times: one has it, all the others are
// told that it is claimed, and both sides see the same.
func TestAReceiptsRewardIsClaimedOnce(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		for range 3 {
			receipt, tip := rig.anonymousTip(nil)
			token, id := rig.receiptSession(receipt), rig.rewarded(string(tip))
			code := rig.callAs(token, http.MethodPost, "/v1/receipt/rewards/"+id+"/claim-code", nil).must(201).text("claim_code")
			desks := []string{rig.token(rig.Officer), rig.token(rig.OfficerTwo), rig.token(rig.Commander)}
			answers := atOnce(16, func(at int) response {
				if at%4 == 3 {
					return rig.claimByReceipt(token, code)
				}
				return rig.callAs(desks[at%4], http.MethodPost, "/v1/reward-claims", map[string]any{"claim_code": code})
			})
			if won := winners(t, answers, 201, 409); won != 1 {
				t.Errorf("%d of 16 claimed it", won)
			}
			theirs := rig.call(rig.Commander, http.MethodGet, "/v1/rewards?tip_id="+string(tip), nil).must(200)
			mine := rig.callAs(token, http.MethodGet, "/v1/receipt/rewards", nil).must(200)
			if mine.text("items.0.state") != "claimed" || theirs.text("items.0.state") != "claimed" ||
				mine.at("items.0.claimed_at") != theirs.at("items.0.claimed_at") {
				t.Errorf("the sides see %s and %s", mine.Text, theirs.Text)
			}
		}
	})
}

// A receipt's wrong codes slow it down by the second, though its times are cut to the minute.
func TestAReceiptsWrongCodesSlowDown(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		receipt, tip := rig.anonymousTip(nil)
		token, id := rig.receiptSession(receipt), rig.rewarded(string(tip))
		code := rig.callAs(token, http.MethodPost, "/v1/receipt/rewards/"+id+"/claim-code", nil).must(201).text("claim_code")
		rig.advance(10 * time.Second)
		for guess := range models.GuessesFree {
			rig.claimByReceipt(token, withCheckDigit(fmt.Sprintf("%09d", 500_000_000+guess))).must(422)
		}
		rig.claimByReceipt(token, code).must(429)
		rig.advance(models.GuessPause)
		rig.claimByReceipt(token, code).must(201)
	})
}

// Who hid themselves finds their reward in their own list, draws the code and claims in the app or at the desk, and is
// told of it: nothing that is written, and nobody who looks, learns who it is.
func TestAHiddenReportersReward(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.token(rig.Volunteer)
		rig.call(rig.Volunteer, http.MethodPut, "/v1/me/push-addresses/installation1",
			map[string]any{"kind": "fcm_token", "value": "named-phone", "platform": "android"}).must(200)
		rig.call(rig.Resident, http.MethodGet, "/v1/rewards", nil).must(200)
		before := rig.everythingKept()
		address := map[string]any{"kind": "fcm_token", "value": "one-phone", "platform": "android", "locale": "en"}
		rig.call(rig.Volunteer, http.MethodPut, "/v1/me/hidden-push-address", address).must(204)
		for _, desk := range []bool{false, true} {
			tip := rig.tip(rig.Volunteer, map[string]any{"hide_me": true, "id": rig.untimedID()}).must(201).text("id")
			id := rig.rewarded(tip)
			sent := rig.sentTo("one-phone")
			if len(sent) != 3 { // two steps and the reward
				t.Errorf("sent: %+v", sent)
			}
			for _, one := range sent {
				if one.AlertKind != models.AlertMessage {
					t.Errorf("the phone is told of %s", one.AlertKind)
				}
			}
			path := "/v1/rewards/" + id + "/claim-code"
			rig.call(rig.Resident, http.MethodPost, path, nil).must(404)
			rig.call(rig.Officer, http.MethodPost, path, nil).must(404)
			key := []string{"Idempotency-Key", "a-phone-lost-the-answer-" + id}
			first := rig.call(rig.Volunteer, http.MethodPost, path, nil, key...).must(201)
			if again := rig.call(rig.Volunteer, http.MethodPost, path, nil, key...).must(201); again.Text != first.Text {
				t.Errorf("the repeat got %s", again.Text)
			}
			code := first.text("claim_code")
			rig.claim(rig.Resident, code).must(422)
			if desk {
				rig.claim(rig.OfficerTwo, code).must(201)
			} else {
				rig.claim(rig.Volunteer, code).must(201)
			}
			rig.claim(rig.Volunteer, code).must(409)
			for _, who := range []*caller{rig.Officer, rig.Commander} {
				got := rig.call(who, http.MethodGet, "/v1/rewards?tip_id="+tip, nil).must(200)
				if got.text("items.0.state") != "claimed" || got.at("items.0.reporter_id") != nil || got.at("items.0.mine") != false {
					t.Errorf("%s sees: %s", who.Name, got.Text)
				}
			}
		}
		for place, text := range rig.everythingKept() {
			if strings.HasPrefix(place, "file ") {
				continue // the tables are what is in it
			}
			if strings.Count(text, string(rig.Volunteer.ID)) != strings.Count(before[place], string(rig.Volunteer.ID)) {
				t.Errorf("%s says who it was", place)
			}
		}
		mine := rig.call(rig.Volunteer, http.MethodGet, "/v1/rewards", nil).must(200)
		if len(mine.items()) != 2 || mine.at("items.0.mine") != true || mine.at("items.0.reporter_id") != nil {
			t.Errorf("their own: %s", mine.Text)
		}
		if got := rig.call(rig.Volunteer, http.MethodGet, "/v1/rewards?limit=1&state=claimed", nil).must(200); len(got.items()) != 1 {
			t.Errorf("a page of them: %s", got.Text)
		}
		if got := rig.call(rig.Resident, http.MethodGet, "/v1/rewards", nil).must(200); len(got.items()) != 0 {
			t.Errorf("somebody else sees: %s", got.Text)
		}
		if looks := rig.audit(rig.A, models.OpListRewards); len(looks) != 0 {
			for _, look := range looks {
				if look.ActorID == rig.Volunteer.ID {
					t.Errorf("the look at their own is recorded: %+v", look)
				}
			}
		}
		inbox := rig.call(rig.Volunteer, http.MethodGet, "/v1/me/inbox", nil).must(200)
		if told := strings.Count(inbox.Text, `"kind":"reward"`); told != 2 {
			t.Errorf("told %d times: %s", told, inbox.Text)
		}
	})
}

// sentTo takes the deliveries that wait, and gives those to one address.
func (r *rig) sentTo(address models.Secret) []models.Delivery {
	r.t.Helper()
	sent, err := r.store.ClaimDeliveries(context.Background(), "test", 100, time.Hour, r.clock.Now())
	if err != nil {
		r.t.Fatal(err)
	}
	to, results := []models.Delivery{}, []models.DeliveryResult{}
	for _, one := range sent {
		results = append(results, models.DeliveryResult{Delivery: one, State: models.DeliverySent})
		if one.Address == address {
			to = append(to, one)
		}
	}
	if err := r.store.FinishDeliveries(context.Background(), "test", results, r.clock.Now()); err != nil {
		r.t.Fatal(err)
	}
	return to
}

// News by push: of messages too, to the receipt's phone and to that of who hid themselves; the phone of the account is told
// nothing, and after the address is deleted nobody is.
func TestNewsReachThePhoneOfTheNameless(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		address := map[string]any{"kind": "fcm_token", "value": "one-phone", "platform": "android"}
		receipt, id := rig.anonymousTip(nil)
		token := rig.receiptSession(receipt)
		rig.callAs(token, http.MethodPut, "/v1/receipt/push-address", address).must(204)
		rig.call(rig.Volunteer, http.MethodPut, "/v1/me/push-addresses/installation1", address).must(200)
		rig.call(rig.Volunteer, http.MethodPut, "/v1/me/hidden-push-address", address).must(204)
		rig.call(rig.Resident, http.MethodPut, "/v1/me/hidden-push-address", map[string]any{
			"kind": "fcm_token", "value": "neighbours-phone", "platform": "android",
		}).must(204)
		hidden := rig.tip(rig.Volunteer, map[string]any{"hide_me": true}).must(201).text("id")
		for _, tip := range []string{string(id), hidden} {
			rig.say(rig.Officer, tip, words("请补充")).must(201)
			rig.advanceTip(rig.Officer, tip, map[string]any{"state": "acknowledged", "note": "正在赶往现场"}).must(200)
			sent := rig.sentTo("one-phone")
			if len(sent) != 2 {
				t.Fatalf("sent: %+v", sent)
			}
			for _, one := range sent {
				if one.AlertKind != models.AlertMessage || one.Severity != models.SeverityNormal || one.InstallationID != models.ReceiptInstallation {
					t.Errorf("sent: %+v", one)
				}
			}
		}
		same := 0
		if err := rig.sql.QueryRow("SELECT COUNT(DISTINCT value_index) FROM push_addresses").Scan(&same); err != nil || same != 4 {
			t.Errorf("the database shows whose phone it is: %d of 4, %v", same, err)
		}
		rig.call(rig.Volunteer, http.MethodDelete, "/v1/me/hidden-push-address", nil).must(204)
		rig.say(rig.Officer, hidden, words("还在吗")).must(201)
		if sent := rig.sentTo("one-phone"); len(sent) != 0 {
			t.Errorf("after it was deleted: %+v", sent)
		}
	})
}
