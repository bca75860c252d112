package handlers_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

// toldOf counts the messages of a kind in somebody's inbox about a thing.
func (r *rig) toldOf(who *caller, kind, about string) int {
	r.t.Helper()
	count, inbox := 0, r.call(who, http.MethodGet, "/v1/me/inbox?limit=100", nil).must(200)
	for _, item := range inbox.items() {
		fields := item.(map[string]any)
		if fields["kind"] == kind && fields["about"] == about {
			count++
		}
	}
	return count
}

func (r *rig) lapseRewards() {
	r.t.Helper()
	for _, err := range atOnce(3, func(int) error { return r.server.LapseRewards(context.Background()) }) { // replicas
		if err != nil {
			r.t.Error(err)
		}
	}
}

func TestWhoIsToldThatARewardLapses(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		id := rig.notified(rig.Volunteer)
		want := func(when string, ending, lapsed int) {
			t.Helper()
			for range 2 {
				rig.lapseRewards()
			}
			for _, who := range []*caller{rig.Volunteer, rig.Officer} {
				if got := [2]int{rig.toldOf(who, "reward_ending", id), rig.toldOf(who, "reward_lapsed", id)}; got != [2]int{ending, lapsed} {
					t.Errorf("%s: %s was told %v, want %d and %d", when, who.Name, got, ending, lapsed)
				}
			}
			if rig.toldOf(rig.Commander, "reward_ending", id)+rig.toldOf(rig.Resident, "reward_lapsed", id) != 0 {
				t.Errorf("%s: somebody else was told", when)
			}
		}
		rig.advance(models.RewardClaimTime - models.RewardWarning - time.Millisecond)
		want("a millisecond before the warning", 0, 0)
		rig.advance(time.Millisecond)
		want("seven days before", 1, 0)
		rig.advance(models.RewardWarning - time.Millisecond)
		want("a millisecond before the end", 1, 0)
		rig.advance(time.Millisecond)
		want("at the end", 1, 1)
		rig.advance(24 * time.Hour)
		want("a day later", 1, 1)
		inbox := rig.call(rig.Volunteer, http.MethodGet, "/v1/me/inbox", nil).must(200)
		if strings.Contains(inbox.Text, "500") || strings.Contains(inbox.Text, "线索属实") {
			t.Errorf("a message says how much or what for: %s", inbox.Text)
		}
		if records := rig.audit(rig.A, "warnOfReward"); len(records) != 1 || records[0].ObjectID != models.ID(id) || records[0].ActorID != "" {
			t.Errorf("warned in the audit: %+v", records)
		}
	})
}

// What was claimed, cancelled or not yet approved is not warned of, and neither is what a stopped server finds over already.
func TestWhatIsNotWarnedOf(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		claimed, cancelled, missed := rig.notified(rig.Volunteer), rig.notified(rig.Volunteer), rig.notified(rig.Volunteer)
		proposed := rig.proposeRewards(rig.Officer, share(rig.helped(rig.Volunteer, nil), 1)).must(201).text("items.0.id")
		code := rig.rewardStep(rig.Volunteer, claimed, "claim-code", nil).must(201).text("claim_code")
		rig.claim(rig.Volunteer, code).must(201)
		rig.rewardStep(rig.Officer, cancelled, "cancellation", map[string]any{"reason": "不实"}).must(200)
		rig.advance(models.RewardClaimTime)
		rig.lapseRewards()
		for id, lapsed := range map[string]int{claimed: 0, cancelled: 0, proposed: 0, missed: 1} {
			if rig.toldOf(rig.Volunteer, "reward_ending", id) != 0 || rig.toldOf(rig.Volunteer, "reward_lapsed", id) != lapsed {
				t.Errorf("%s: wrongly told", rig.rewardNow(id).State)
			}
		}
	})
}

// Nobody is told whose a nameless reward is: who proposed it hears of it, and behind the receipt there is something to read.
func TestANamelessRewardLapses(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		_, tip := rig.anonymousTip(nil)
		rig.advanceTip(rig.Officer, string(tip), map[string]any{"state": "investigating"}).must(200)
		rig.advanceTip(rig.Officer, string(tip), map[string]any{"state": "resolved"}).must(200)
		id := rig.proposeRewards(rig.Officer, share(string(tip), 80_000)).must(201).text("items.0.id")
		rig.rewardStep(rig.Commander, id, "decision", approval).must(200)
		behind := func() int {
			count := 0
			row := rig.sql.QueryRow("SELECT COUNT(*) FROM inbox_items WHERE person_id = '" + string(tip) + "'")
			if err := row.Scan(&count); err != nil {
				t.Fatal(err)
			}
			return count
		}
		before := behind()
		rig.advance(models.RewardClaimTime - models.RewardWarning)
		rig.lapseRewards()
		rig.advance(models.RewardWarning)
		rig.lapseRewards()
		if rig.toldOf(rig.Officer, "reward_ending", id) != 1 || rig.toldOf(rig.Officer, "reward_lapsed", id) != 1 || behind() != before+2 {
			t.Errorf("behind the receipt: %d", behind()-before)
		}
	})
}

// What was merged is rewarded at once: evenly to the cent in the order of arrival, or all to the first.
func TestARewardIsDividedAmongMergedTips(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		tips := []string{}
		for _, who := range []*caller{rig.Volunteer, rig.Resident, rig.Activist} {
			rig.advance(time.Millisecond)
			tips = append(tips, rig.tip(who, nil).must(201).text("id"))
		}
		for _, at := range []int{0, 2} { // the main one is not the first
			rig.call(rig.Officer, http.MethodPost, "/v1/tips/"+tips[at]+"/merges", map[string]any{"into_id": tips[1]}).must(200)
		}
		divide := func(tip, how string, cents int) response {
			return rig.call(rig.Officer, http.MethodPost, "/v1/rewards", map[string]any{
				"reason": "线索属实", "merge": map[string]any{"tip_id": tip, "amount_cents": cents, "divide": how},
			})
		}
		rig.advanceTip(rig.Officer, tips[1], map[string]any{"state": "investigating"}).must(200)
		rig.advanceTip(rig.Officer, tips[1], map[string]any{"state": "resolved"}).must(200)
		before := rig.rows()
		for name, got := range map[string]response{
			"merge.tip_id not_allowed":     divide(tips[0], "even", 100), // it was merged into another
			"merge.tip_id no_such":         divide(string(rig.ids.next()), "even", 100),
			"merge.amount_cents too_small": divide(tips[1], "even", 2),
			"shares required": rig.call(rig.Officer, http.MethodPost, "/v1/rewards", map[string]any{
				"reason": "线索属实", "shares": []any{share(tips[1], 1)}, "merge": map[string]any{"tip_id": tips[1], "amount_cents": 1, "divide": "first"},
			}),
		} {
			if got.Status != 422 || strings.Join(got.fields(), "") != name {
				t.Errorf("want %s: %d %s", name, got.Status, got.Text)
			}
		}
		sameRows(t, before, rig.rows())
		even := divide(tips[1], "even", 10_001).must(201)
		for at, cents := range []float64{3334, 3334, 3333} {
			item := "items." + string(rune('0'+at)) + "."
			if even.text(item+"tip_id") != tips[at] || even.at(item+"amount_cents") != cents {
				t.Errorf("evenly, %d: %s", at, even.Text)
			}
		}
		if got := divide(tips[1], "first", 100).must(422); got.fields()[0] != "merge.tip_id not_unique" {
			t.Errorf("again: %s", got.Text)
		}
		for at := range 3 {
			rig.rewardStep(rig.Officer, even.text("items."+string(rune('0'+at))+".id"), "cancellation", map[string]any{"reason": "重算"}).must(200)
		}
		first := divide(tips[1], "first", 10_001).must(201)
		if len(first.items()) != 1 || first.text("items.0.tip_id") != tips[0] || first.at("items.0.amount_cents") != 10_001.0 {
			t.Errorf("to the first: %s", first.Text)
		}
	})
}
