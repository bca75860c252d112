package handlers_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
)

func share(tip string, cents int) map[string]any {
	return map[string]any{"tip_id": tip, "amount_cents": cents}
}

func (r *rig) proposeRewards(who *caller, shares ...any) response {
	r.t.Helper()
	return r.call(who, http.MethodPost, "/v1/rewards", map[string]any{"reason": "线索属实，协助破案", "shares": shares})
}

// rewardStep does something to a reward.
func (r *rig) rewardStep(who *caller, reward, step string, body any) response {
	r.t.Helper()
	return r.call(who, http.MethodPost, "/v1/rewards/"+reward+"/"+step, body)
}

func (r *rig) claim(who *caller, code string) response {
	r.t.Helper()
	return r.call(who, http.MethodPost, "/v1/reward-claims", map[string]any{"claim_code": code})
}

// notified is an approved reward for a tip of somebody.
func (r *rig) notified(reporter *caller) string {
	r.t.Helper()
	id := r.proposeRewards(r.Officer, share(r.helped(reporter, nil), 50_000)).must(201).text("items.0.id")
	r.rewardStep(r.Commander, id, "decision", approval).must(200)
	return id
}

// nameless is an approved reward for a tip whose reporter nobody knows, with a claim code, as the receipt shows it.
func (r *rig) nameless() (id, code string) {
	r.t.Helper()
	tip := r.helped(r.Volunteer, nil)
	if _, err := r.sql.Exec("UPDATE tips SET reporter_id = '' WHERE id = ?", tip); err != nil {
		r.t.Fatal(err)
	}
	id = r.proposeRewards(r.Officer, share(tip, 80_000)).must(201).text("items.0.id")
	r.rewardStep(r.Commander, id, "decision", approval).must(200)
	r.mutex.Lock()
	r.added++
	code = withCheckDigit(fmt.Sprintf("%09d", 600_000_000+r.added))
	r.mutex.Unlock()
	r.write(func(ctx context.Context, tx *store.Store) error {
		return tx.SetClaimCode(ctx, models.ID(id), r.keys.CodeMAC("claim_code", code))
	})
	return id, code
}

func (r *rig) rewardNow(id string) models.Reward {
	r.t.Helper()
	reward, err := r.store.Reward(context.Background(), models.ID(id))
	if err != nil {
		r.t.Fatal(err)
	}
	return reward
}

func TestARewardGoesItsWay(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		tip := rig.helped(rig.Volunteer, nil)
		proposed := rig.proposeRewards(rig.Officer, share(tip, 50_000)).must(201)
		id := proposed.text("items.0.id")
		if proposed.text("items.0.state") != "proposed" || proposed.id("items.0.reporter_id") != rig.Volunteer.ID || proposed.at("items.0.amount_cents") != 50_000.0 {
			t.Errorf("proposed: %s", proposed.Text)
		}
		mine := func() response { return rig.call(rig.Volunteer, http.MethodGet, "/v1/rewards", nil).must(200) }
		if len(mine().items()) != 0 {
			t.Error("the reporter sees what is only proposed")
		}
		rig.rewardStep(rig.Volunteer, id, "claim-code", nil).must(404)
		if got := rig.rewardStep(rig.Officer, id, "decision", approval).must(403); got.code() != models.CodeSecondPerson {
			t.Errorf("the proposer decides: %s", got.Text)
		}
		rig.rewardStep(rig.Officer, id, "payment", map[string]any{"voucher": "1"}).must(409)
		approved := rig.rewardStep(rig.Commander, id, "decision", approval).must(200)
		if approved.text("state") != "notified" || approved.text("claims_until") != instant(rig.clock.Now().Add(30*24*time.Hour)) {
			t.Errorf("approved: %s", approved.Text)
		}
		rig.rewardStep(rig.Commander, id, "decision", approval).must(409)
		inbox := rig.call(rig.Volunteer, http.MethodGet, "/v1/me/inbox", nil).must(200)
		if inbox.text("items.0.kind") != "reward" || inbox.text("items.0.about") != id || strings.Contains(inbox.text("items.0.body"), "500") {
			t.Errorf("the reporter was told: %s", inbox.Text)
		}
		rig.rewardStep(rig.Officer, id, "payment", map[string]any{"voucher": "1"}).must(409)
		code := rig.rewardStep(rig.Volunteer, id, "claim-code", nil).must(201).text("claim_code")
		claimed := rig.claim(rig.Volunteer, code[:5]+" "+code[5:]).must(201)
		if claimed.text("reward_id") != id || claimed.at("amount_cents") != 50_000.0 {
			t.Errorf("claimed: %s", claimed.Text)
		}
		if got := rig.claim(rig.Volunteer, code).must(409); got.code() != models.CodeWrongState {
			t.Errorf("entered twice: %s", got.Text)
		}
		paid := rig.rewardStep(rig.Officer, id, "payment", map[string]any{"voucher": "2026-0017"}).must(200)
		if paid.text("state") != "paid" || paid.id("payer_id") != rig.Officer.ID || paid.id("decider_id") != rig.Commander.ID || paid.text("voucher") != "2026-0017" || paid.at("desk_id") != nil {
			t.Errorf("paid: %s", paid.Text)
		}
		rig.rewardStep(rig.Officer, id, "payment", map[string]any{"voucher": "2026-0018"}).must(409)
		if got := mine(); got.text("items.0.state") != "paid" || got.at("items.0.mine") != true || strings.Contains(got.Text, string(rig.Officer.ID)) ||
			strings.Contains(got.Text, string(rig.Commander.ID)) || strings.Contains(got.Text, "0017") {
			t.Errorf("the reporter sees: %s", got.Text)
		}
		if records := rig.audit(rig.A, models.OpPayReward); len(records) != 4 || records[1].ActorID != rig.Officer.ID ||
			records[1].Facts["reporter"] != string(rig.Volunteer.ID) || records[1].Facts["amount_cents"] != "50000" || records[1].ObjectID != models.ID(id) {
			t.Errorf("who paid whom in the audit: %+v", records)
		}
	})
}

func TestWhatIsProposedAsAReward(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		first, second := rig.helped(rig.Volunteer, nil), rig.helped(rig.Resident, map[string]any{"state": "closed", "reason": "duplicate"})
		open := rig.tip(rig.Volunteer, nil).must(201).text("id")
		own := rig.helped(rig.Officer, nil)
		before := rig.rows()
		for field, got := range map[string]response{
			"shares[1].tip_id not_allowed": rig.proposeRewards(rig.Officer, share(first, 1), share(open, 1)),
			"shares[1].tip_id not_unique":  rig.proposeRewards(rig.Officer, share(first, 1), share(first, 1)),
			"shares[2].tip_id no_such":     rig.proposeRewards(rig.Officer, share(first, 1), share(second, 1), share(string(rig.ids.next()), 1)),
		} {
			if got.Status != 422 || strings.Join(got.fields(), "") != field {
				t.Errorf("want %s: %d %s", field, got.Status, got.Text)
			}
		}
		if got := rig.proposeRewards(rig.Officer, share(own, 1)).must(403); got.code() != models.CodeSecondPerson {
			t.Errorf("for oneself: %s", got.Text)
		}
		rig.proposeRewards(rig.Officer, share(first, models.MaxRewardCents+1)).must(400)
		sameRows(t, before, rig.rows())

		both := rig.proposeRewards(rig.Officer, share(first, 30_000), share(second, 20_000)).must(201)
		if both.id("items.1.reporter_id") != rig.Resident.ID || both.at("items.1.amount_cents") != 20_000.0 {
			t.Errorf("two shares: %s", both.Text)
		}
		if got := rig.proposeRewards(rig.Commander, share(first, 1)).must(422); got.fields()[0] != "shares[0].tip_id not_unique" {
			t.Errorf("a second reward for the same tip: %s", got.Text)
		}
		for at, step := range []string{"decision", "cancellation"} { // what has ended makes room for another
			id := both.text(fmt.Sprintf("items.%d.id", at))
			body := map[string]any{"reason": "经查不实"}
			if step == "decision" {
				body["decision"] = "decline"
			}
			if got := rig.rewardStep(rig.Commander, id, step, body).must(200); got.at("ended_at") == nil {
				t.Errorf("%s: %s", step, got.Text)
			}
		}
		rig.proposeRewards(rig.Officer, share(first, 1), share(second, 1)).must(201)
	})
}

func TestWhatCanBeCancelled(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		id := rig.notified(rig.Volunteer)
		code := rig.rewardStep(rig.Volunteer, id, "claim-code", nil).must(201).text("claim_code")
		rig.rewardStep(rig.Officer, id, "cancellation", map[string]any{"reason": "经查不实"}).must(200)
		rig.claim(rig.Volunteer, code).must(409)
		rig.rewardStep(rig.Volunteer, id, "claim-code", nil).must(409)

		id = rig.notified(rig.Volunteer)
		code = rig.rewardStep(rig.Volunteer, id, "claim-code", nil).must(201).text("claim_code")
		rig.claim(rig.Volunteer, code).must(201)
		rig.rewardStep(rig.Commander, id, "cancellation", map[string]any{"reason": "经查不实"}).must(409) // it is owed
	})
}

func TestClaimCodes(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		id := rig.notified(rig.Volunteer)
		path := "/v1/rewards/" + id + "/claim-code"
		first := rig.call(rig.Volunteer, http.MethodPost, path, nil, "Idempotency-Key", "a-phone-lost-the-answer").must(201)
		again := rig.call(rig.Volunteer, http.MethodPost, path, nil, "Idempotency-Key", "a-phone-lost-the-answer").must(201)
		if first.text("claim_code") != again.text("claim_code") || len(first.text("claim_code")) != 10 {
			t.Errorf("a repeat gets another code: %s %s", first.Text, again.Text)
		}
		for table, column := range map[string]string{"rewards": "code_mac", "idempotency_keys": "answer_sealed"} {
			rows, err := rig.sql.Query("SELECT " + column + " FROM " + table + " WHERE " + column + " IS NOT NULL")
			if err != nil {
				t.Fatal(err)
			}
			for rows.Next() {
				kept := []byte{}
				if err := rows.Scan(&kept); err != nil || strings.Contains(string(kept), first.text("claim_code")) {
					t.Errorf("the code lies open in %s, %v", table, err)
				}
			}
			if err := errors.Join(rows.Err(), rows.Close()); err != nil {
				t.Fatal(err)
			}
		}
		for _, who := range []*caller{rig.Resident, rig.VolunteerB, rig.OfficerB} { // neither theirs nor their desk's
			if got := rig.claim(who, first.text("claim_code")).must(422); got.fields()[0] != "claim_code no_such" {
				t.Errorf("%s: %s", who.Name, got.Text)
			}
		}
		newer := rig.rewardStep(rig.Volunteer, id, "claim-code", nil).must(201).text("claim_code")
		rig.claim(rig.Volunteer, first.text("claim_code")).must(422)
		if got := rig.claim(rig.Officer, newer).must(201); got.text("reward_id") != id { // at the desk
			t.Errorf("at the desk: %s", got.Text)
		}
		if reward := rig.rewardNow(id); reward.DeskID != rig.Officer.ID {
			t.Errorf("who took the code at the desk: %+v", reward)
		}
		if text := rig.logs.all(); strings.Contains(text, newer) || strings.Contains(text, first.text("claim_code")) {
			t.Error("a claim code stands in the log")
		}
	})
}

// Wrong codes slow down whoever enters them, and nobody else; the right one is taken after the pause.
func TestWrongClaimCodesSlowDown(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		code := rig.rewardStep(rig.Volunteer, rig.notified(rig.Volunteer), "claim-code", nil).must(201).text("claim_code")
		for range 3 * models.GuessesFree {
			rig.claim(rig.Volunteer, "0000000000").must(422) // a slip of the finger, as the check digit shows: no guess
		}
		for guess := range models.GuessesFree {
			rig.claim(rig.Volunteer, withCheckDigit(fmt.Sprintf("%09d", 500_000_000+guess))).must(422)
		}
		slow := rig.claim(rig.Volunteer, code).must(429)
		if slow.Header.Get("Retry-After") != fmt.Sprint(int(models.GuessPause.Seconds())) {
			t.Errorf("slowed down for %s", slow.Header.Get("Retry-After"))
		}
		rig.claim(rig.Resident, "0000000000").must(422)
		rig.advance(models.GuessPause)
		rig.claim(rig.Volunteer, code).must(201)
	})
}

// A reward for a nameless tip is claimed by the code alone: nothing that officers or the audit see says by whom, and
// nobody can claim it under a name.
func TestANamelessRewardStaysNameless(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		before := rig.rows()["inbox_items"]
		id, code := rig.nameless()
		if told := rig.rows()["inbox_items"] - before; told != 3 { // the officer, and of the two steps the reporter while they had a name
			t.Errorf("%d were told", told)
		}
		for _, who := range []*caller{rig.Volunteer, rig.Resident, rig.Officer} {
			rig.rewardStep(who, id, "claim-code", nil).must(404)
		}
		rig.claim(rig.Volunteer, code).must(422)
		rig.claim(rig.OfficerB, code).must(422)
		rig.claim(rig.OfficerTwo, code).must(201) // any desk of the station
		got := rig.call(rig.Commander, http.MethodGet, "/v1/rewards", nil).must(200)
		if got.text("items.0.state") != "claimed" || got.at("items.0.reporter_id") != nil || got.at("items.0.mine") != false ||
			strings.Contains(got.Text, string(rig.Volunteer.ID)) {
			t.Errorf("the commander sees: %s", got.Text)
		}
		if got := rig.call(rig.Volunteer, http.MethodGet, "/v1/rewards", nil).must(200); len(got.items()) != 0 {
			t.Errorf("somebody by name sees: %s", got.Text)
		}
		rig.rewardStep(rig.Officer, id, "payment", map[string]any{"voucher": "1"}).must(200)
		for _, record := range rig.audit(rig.A, "") {
			if record.ObjectID == models.ID(id) && record.Outcome == models.AuditAllowed && (record.ActorID == rig.Volunteer.ID || record.Facts["reporter"] != "") {
				t.Errorf("the audit names the reporter: %+v", record)
			}
		}
	})
}

func TestRewardsLapse(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		id := rig.notified(rig.Volunteer)
		code := rig.rewardStep(rig.Volunteer, id, "claim-code", nil).must(201).text("claim_code")
		lapse := func(want models.RewardState) {
			t.Helper()
			if err := rig.server.LapseRewards(context.Background()); err != nil {
				t.Fatal(err)
			}
			if got := rig.rewardNow(id).State; got != want {
				t.Errorf("it is %s, want %s", got, want)
			}
		}
		rig.advance(models.RewardClaimTime - time.Millisecond)
		lapse(models.RewardNotified)
		rig.advance(time.Millisecond)
		if got := rig.claim(rig.Volunteer, code).must(409); got.code() != models.CodeWrongState { // before the worker comes by
			t.Errorf("at the end: %s", got.Text)
		}
		rig.rewardStep(rig.Volunteer, id, "claim-code", nil).must(409)
		for range 2 {
			lapse(models.RewardLapsed)
		}
		rig.claim(rig.Volunteer, code).must(409)
		rig.rewardStep(rig.Officer, id, "payment", map[string]any{"voucher": "1"}).must(409)
		if records := rig.audit(rig.A, "lapseReward"); len(records) != 1 || records[0].ObjectID != models.ID(id) || records[0].ActorID != "" {
			t.Errorf("lapsed in the audit: %+v", records)
		}
		rig.proposeRewards(rig.Officer, share(string(rig.rewardNow(id).TipID), 10_000)).must(201)
	})
}
