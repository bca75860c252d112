package handlers_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
)

// winners counts the answers of a status among requests at the same moment; any other must be a refusal that tells.
func winners(t *testing.T, answers []response, status, refusal int) int {
	t.Helper()
	won := 0
	for _, got := range answers {
		switch got.Status {
		case status:
			won++
		case refusal:
		default:
			t.Errorf("%d, want %d or %d: %s", got.Status, status, refusal, got.Text)
		}
	}
	return won
}

// The reporter and three desks enter the same code at the same moment, each several times; then many pay at once.
func TestARewardIsClaimedAndPaidOnce(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		for range 3 {
			id := rig.notified(rig.Volunteer)
			code := rig.rewardStep(rig.Volunteer, id, "claim-code", nil).must(201).text("claim_code")
			tokens := []string{rig.token(rig.Volunteer), rig.token(rig.Officer), rig.token(rig.OfficerTwo), rig.token(rig.Commander)}
			claims := atOnce(24, func(at int) response {
				return rig.callAs(tokens[at%4], http.MethodPost, "/v1/reward-claims", map[string]any{"claim_code": code})
			})
			if won := winners(t, claims, 201, 409); won != 1 {
				t.Errorf("%d of 24 claimed it", won)
			}
			payments := atOnce(16, func(at int) response {
				return rig.callAs(tokens[1+2*(at%2)], http.MethodPost, "/v1/rewards/"+id+"/payment", map[string]any{"voucher": fmt.Sprint(at)})
			})
			if won := winners(t, payments, 200, 409); won != 1 {
				t.Errorf("%d of 16 paid it", won)
			}
		}
		paid := 0
		for _, record := range rig.audit(rig.A, models.OpPayReward) {
			if record.Outcome == models.AuditAllowed {
				paid++
			}
		}
		if paid != 3 {
			t.Errorf("%d payments of 3 rewards are in the audit", paid)
		}
	})
}

// The control: whoever reads, decides and then writes without asking again whether it still stands so, claims it as
// often as it is tried; and the count notices.
func TestTheCountNoticesWhatIsClaimedTwice(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		id, read := rig.notified(rig.Volunteer), sync.WaitGroup{}
		read.Add(8)
		answers := atOnce(8, func(int) response {
			reward, err := rig.store.Reward(context.Background(), models.ID(id))
			if err == nil {
				_, err = reward.Claimed(models.Claimant{PersonID: rig.Volunteer.ID}, rig.clock.Now())
			}
			read.Done()
			read.Wait()
			if err == nil {
				_, err = rig.sql.Exec("UPDATE rewards SET state = 'claimed' WHERE id = ?", id)
			}
			if err != nil {
				return response{Status: 409}
			}
			return response{Status: 201}
		})
		if won := winners(t, answers, 201, 409); won < 2 {
			t.Errorf("the count sees %d", won)
		}
	})
}

// One reward a tip, one approval a reward.
func TestARewardIsProposedAndApprovedOnce(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		tip, officer, commander := rig.helped(rig.Volunteer, nil), rig.token(rig.Officer), rig.token(rig.Commander)
		proposals := atOnce(12, func(at int) response {
			return rig.callAs([]string{officer, commander}[at%2], http.MethodPost, "/v1/rewards", map[string]any{
				"reason": "线索属实", "shares": []any{share(tip, 1000+at)},
			})
		})
		if won, rows := winners(t, proposals, 201, 422), rig.rows()["rewards"]; won != 1 || rows != 1 {
			t.Errorf("%d of 12 proposed it, %d rows", won, rows)
		}
		id := rig.proposeRewards(rig.Officer, share(rig.helped(rig.Resident, nil), 1)).must(201).text("items.0.id")
		told := rig.rows()["inbox_items"]
		decisions := atOnce(12, func(at int) response {
			return rig.callAs(commander, http.MethodPost, "/v1/rewards/"+id+"/decision", map[string]any{
				"decision": []string{"approve", "decline"}[at%2], "reason": "审批",
			})
		})
		if won := winners(t, decisions, 200, 409); won != 1 || rig.rows()["inbox_items"]-told > 1 {
			t.Errorf("%d of 12 decided it, %d told", won, rig.rows()["inbox_items"]-told)
		}
	})
}

// A claim, a cancellation and the worker at the moment when the time is over: one of them, and the others hear of it.
func TestAClaimAgainstTheClock(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		ends := map[models.RewardState]int{}
		for round := range 15 {
			id, code := rig.nameless()
			rig.advance(models.RewardClaimTime - time.Millisecond)
			desk, commander := rig.token(rig.Officer), rig.token(rig.Commander)
			answers := atOnce(10, func(at int) response {
				switch {
				case at <= 2:
					if at == 0 { // some claims have begun by then, others have not
						time.Sleep(time.Duration(round) * 200 * time.Microsecond)
						rig.advance(time.Millisecond)
					}
					for range 3 {
						if err := rig.server.LapseRewards(context.Background()); err != nil {
							t.Error(err)
						}
					}
					return response{Status: 409}
				case at == 4 && round%3 == 0:
					got := rig.callAs(commander, http.MethodPost, "/v1/rewards/"+id+"/cancellation", map[string]any{"reason": "经查不实"})
					if got.Status == 200 {
						got.Status = 409 // no claim
					}
					return got
				default:
					return rig.callAs(desk, http.MethodPost, "/v1/reward-claims", map[string]any{"claim_code": code})
				}
			})
			if err := rig.server.LapseRewards(context.Background()); err != nil {
				t.Error(err)
			}
			won, reward := winners(t, answers, 201, 409), rig.rewardNow(id)
			ends[reward.State]++
			claimed := reward.State == models.RewardClaimed
			if won > 1 || claimed != (won == 1) || claimed != reward.EndedAt.IsZero() || !claimed && !reward.ClaimedAt.IsZero() {
				t.Errorf("%d claims won, and it is %+v", won, reward.State)
			}
			if reward.State == models.RewardNotified {
				t.Error("it still waits")
			}
		}
		t.Logf("ends: %v", ends)
	})
}

// Both decided by what they read before the other wrote: the database lets one of them.
func TestOfAClaimAndALapseOneIsWritten(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		for range 5 {
			id, _ := rig.nameless()
			reward := rig.rewardNow(id)
			claimed, err := reward.Claimed(models.Claimant{DeskID: rig.Officer.ID}, reward.ClaimsUntil.Add(-time.Millisecond))
			if err != nil {
				t.Fatal(err)
			}
			lapsed, err := reward.Lapsed(reward.ClaimsUntil)
			if err != nil {
				t.Fatal(err)
			}
			wrote := atOnce(8, func(at int) models.RewardState {
				next := []models.Reward{claimed, lapsed}[at%2]
				err := rig.store.Atomically(context.Background(), func(tx *store.Store) error {
					return tx.MoveReward(context.Background(), reward.State, next)
				})
				switch {
				case err == nil:
					return next.State
				case models.CodeOf(err) != models.CodeWrongState:
					t.Error(err)
				}
				return ""
			})
			won := []models.RewardState{}
			for _, state := range wrote {
				if state != "" {
					won = append(won, state)
				}
			}
			if len(won) != 1 || rig.rewardNow(id).State != won[0] {
				t.Errorf("written: %v, it is %s", won, rig.rewardNow(id).State)
			}
		}
	})
}
