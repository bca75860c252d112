package handlers_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
)

// granted gives somebody one more role in a place.
func (r *rig) alsoIs(who *caller, role models.Role, place models.Place) {
	r.t.Helper()
	r.write(func(ctx context.Context, tx *store.Store) error {
		return tx.AddGrant(ctx, models.Grant{
			ID: r.ids.next(), PersonID: who.ID, Role: role, Place: place, StartsAt: r.clock.Now(),
		}, r.clock.Now())
	})
	r.forget(who)
}

// A second role makes nobody a second person: who proposed it as an officer does not approve it as a commander, and who gets it
// decides about it under no role.
func TestASecondRoleIsNoSecondPerson(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		station := models.Place{Station: rig.A}
		commendation := rig.proposed(rig.Volunteer, nil)
		reward := rig.proposeRewards(rig.Officer, share(rig.helped(rig.Volunteer, nil), 100)).must(201).text("items.0.id")
		for _, who := range []*caller{rig.Officer, rig.Volunteer} {
			rig.alsoIs(who, models.RoleCommander, station)
			for _, got := range []response{rig.decidedCommendation(who, commendation, "approve"), rig.rewardStep(who, reward, "decision", approval)} {
				if got.Status != 403 || got.code() != models.CodeSecondPerson {
					t.Errorf("%s decides: %d %s", who.Name, got.Status, got.Text)
				}
			}
		}
		rig.rewardStep(rig.Commander, reward, "decision", approval).must(200)
		code := rig.rewardStep(rig.Volunteer, reward, "claim-code", nil).must(201).text("claim_code")
		rig.claim(rig.Volunteer, code).must(201) // their own, though their desk is open now
		if got := rig.rewardNow(reward); got.DeskID != "" {
			t.Errorf("the receiver stands as the desk: %+v", got)
		}
		if got := rig.rewardStep(rig.Volunteer, reward, "payment", map[string]any{"voucher": "1"}).must(403); got.code() != models.CodeSecondPerson {
			t.Errorf("the receiver pays themself: %s", got.Text)
		}
	})
}

// The commander of another station, the administrator and a neighbour find nothing of a station's thanks, and change nothing.
func TestThanksAreNobodyElses(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		tip := rig.helped(rig.Volunteer, nil)
		commendation := rig.proposed(rig.Volunteer, map[string]any{"about": map[string]any{"kind": "tip", "id": tip}})
		granted := rig.commended(rig.Volunteer).text("id")
		reward := rig.proposeRewards(rig.Officer, share(tip, 50_000)).must(201).text("items.0.id")
		before := rig.rows()
		for _, who := range []*caller{rig.CommanderB, rig.Admin, rig.Resident} {
			for _, list := range []string{"/v1/commendations", "/v1/commendations?person_id=" + string(rig.Volunteer.ID), "/v1/rewards", "/v1/rewards?tip_id=" + tip} {
				if got := rig.call(who, http.MethodGet, list, nil).must(200); len(got.items()) != 0 {
					t.Errorf("%s reads %s: %s", who.Name, list, got.Text)
				}
			}
			for _, got := range []response{
				rig.certificate(who, granted, ""), rig.revoke(who, granted), rig.decidedCommendation(who, commendation, "approve"),
				rig.rewardStep(who, reward, "decision", approval), rig.rewardStep(who, reward, "claim-code", nil),
				rig.rewardStep(who, reward, "cancellation", map[string]any{"reason": "x"}),
				rig.rewardStep(who, reward, "payment", map[string]any{"voucher": "1"}),
				rig.call(who, http.MethodGet, "/v1/people/"+string(rig.Volunteer.ID)+"/points", nil),
			} {
				if got.Status != 404 && got.Status != 403 || strings.Contains(got.Text, "50000") || strings.Contains(got.Text, goodReason) {
					t.Errorf("%s: %d %s", who.Name, got.Status, got.Text)
				}
			}
			for _, body := range []map[string]any{
				{"reason": "x", "shares": []any{share(tip, 1)}}, {"reason": "x", "merge": map[string]any{"tip_id": tip, "amount_cents": 1, "divide": "even"}},
			} {
				if got := rig.call(who, http.MethodPost, "/v1/rewards", body); got.Status != 403 && got.Status != 422 {
					t.Errorf("%s proposes: %d %s", who.Name, got.Status, got.Text)
				}
			}
		}
		sameRows(t, before, rig.rows())
	})
}

// Whoever is asked to divide what they see only a part of is refused: no share is left out because it lies elsewhere.
func TestNoShareIsLeftOutUnseen(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		main, elsewhere := rig.tip(rig.Volunteer, nil).must(201).text("id"), rig.tip(rig.Resident, nil).must(201).text("id")
		rig.call(rig.Commander, http.MethodPost, "/v1/tips/"+elsewhere+"/merges", map[string]any{"into_id": main}).must(200)
		rig.advanceTip(rig.Officer, main, map[string]any{"state": "investigating"}).must(200)
		rig.advanceTip(rig.Officer, main, map[string]any{"state": "resolved"}).must(200)
		if _, err := rig.sql.Exec("UPDATE tips SET compound_id = ? WHERE id = ?", string(rig.Two.Place.Compound), elsewhere); err != nil {
			t.Fatal(err)
		}
		body := map[string]any{"reason": "线索属实", "merge": map[string]any{"tip_id": main, "amount_cents": 101, "divide": "even"}}
		if got := rig.call(rig.Officer, http.MethodPost, "/v1/rewards", body).must(422); got.fields()[0] != "merge.tip_id not_allowed" || strings.Contains(got.Text, elsewhere) {
			t.Errorf("the officer of one compound: %s", got.Text)
		}
		if got := rig.call(rig.Commander, http.MethodPost, "/v1/rewards", body).must(201); len(got.items()) != 2 || got.at("items.1.amount_cents") != 50.0 {
			t.Errorf("the commander: %s", got.Text)
		}
	})
}

// A claim, its warning and its lapse on many replicas, while the reporter draws codes: one end, told once.
func TestAWarningAgainstAClaim(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		for range 4 {
			id := rig.notified(rig.Volunteer)
			code := rig.rewardStep(rig.Volunteer, id, "claim-code", nil).must(201).text("claim_code")
			rig.advance(models.RewardClaimTime - models.RewardWarning)
			token := rig.token(rig.Volunteer)
			answers := atOnce(9, func(at int) response {
				if at%3 == 0 {
					return rig.callAs(token, http.MethodPost, "/v1/reward-claims", map[string]any{"claim_code": code})
				}
				if err := rig.server.LapseRewards(context.Background()); err != nil {
					t.Error(err)
				}
				return response{Status: 409}
			})
			rig.lapseRewards()
			ending, reward := rig.toldOf(rig.Volunteer, "reward_ending", id), rig.rewardNow(id)
			if won := winners(t, answers, 201, 409); won != 1 || reward.State != models.RewardClaimed || ending > 1 || (ending == 1) == reward.WarnedAt.IsZero() {
				t.Errorf("%d claims, %s, warned %d times at %s", won, reward.State, ending, reward.WarnedAt)
			}
		}
	})
}

// A round that is corrected years later is not credited anew after its line was forgotten, and what it earned stays.
func TestAnOldRoundIsNotCreditedTwice(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		started := rig.startRound(rig.Auxiliary, nil).must(201)
		id := started.id("id")
		rig.advance(time.Minute)
		seen := rig.seenAt(id, rig.One.Checkpoint, rig.clock.Now())
		rig.checkIn(rig.Auxiliary, seen).must(200)
		rig.advance(10 * time.Minute)
		rig.onRound(rig.Auxiliary, id, "finish", map[string]any{"state": "completed", "ended_at": at(rig.clock.Now())}).must(200)
		rig.wantPoints(rig.Auxiliary, "5: round_completed 5")
		rig.advance(models.PointKept + time.Hour)
		for touched := int64(1); touched > 0; {
			var err error
			if touched, err = rig.store.ForgetOld(context.Background(), rig.clock.Now()); err != nil {
				t.Fatal(err)
			}
		}
		rig.wantPoints(rig.Auxiliary, "5: ")
		got := rig.call(rig.Auxiliary, http.MethodGet, "/v1/me/points", nil).must(200)
		if got.at("earlier_points") != 5.0 || got.text("level.name_zh") != "热心居民" {
			t.Errorf("the account: %s", got.Text)
		}
		second := rig.addPerson(models.RoleCommander, models.Place{Station: rig.A})
		for _, status := range []string{"rejected", "accepted"} {
			rig.advance(time.Second)
			correction := rig.call(rig.Commander, http.MethodPost, "/v1/check-ins/"+string(seen["id"].(models.ID))+"/corrections", map[string]any{
				"id": rig.ids.next(), "status": status, "reason": "复核",
			}).must(201).text("id")
			rig.call(second, http.MethodPost, "/v1/check-in-corrections/"+correction+"/decision", approval).must(200)
			rig.wantPoints(rig.Auxiliary, "5: ")
		}
	})
}
