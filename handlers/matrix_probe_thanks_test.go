package handlers_test

import (
	"context"
	"crypto/sha256"
	"fmt"

	"xunfang/models"
	"xunfang/store"
)

func (s *stage) stationAt(at column) models.ID { return s.compound[at].Place.Station }

// commendation is one of somebody in the column's station, proposed by nobody who asks.
func (s *stage) commendation(person models.ID, at column, granted bool) models.ID {
	if at == missing {
		return s.missing
	}
	s.count++
	return s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
		commendation := models.Commendation{
			ID: id, OrderID: s.rig.ids.next(), StationID: s.stationAt(at), PersonID: person, Reason: "协助民警抓获嫌疑人",
			ProposerID: s.missing, ProposedAt: s.now(), State: models.CommendationProposed,
		}
		if err := tx.AddCommendation(ctx, commendation); err != nil || !granted {
			return err
		}
		commendation.State, commendation.DeciderID, commendation.DecidedAt = models.CommendationGranted, s.missing, s.now()
		commendation.PersonName, commendation.StationName, commendation.Number = "王芳", "慈音派出所", 100_000+s.count
		commendation.GrantedOn, commendation.CheckCode = models.Date{Year: 2026, Month: 11, Day: 24}, models.Secret(id)
		return tx.DecideCommendation(ctx, commendation)
	})
}

// helpfulTip is a resolved tip in the column's place.
func (s *stage) helpfulTip(reporter models.ID, at column) models.ID {
	if at == missing {
		return s.missing
	}
	return s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
		hash := sha256.Sum256([]byte(id))
		return tx.AddTip(ctx, models.Tip{
			ID: id, OrderID: s.rig.ids.next(), Place: s.compound[at].Place, ReporterID: reporter, Category: "theft",
			Description: "有人撬锁", OccurredAt: s.now(), ReceivedAt: s.now(), State: models.TipResolved, BodyHash: hash[:],
		})
	})
}

// reward is one for a reporter, in a state, for a tip in the column's place; its claim code is code.
func (s *stage) reward(reporter models.ID, at column, state models.RewardState, code string) models.ID {
	if at == missing {
		return s.missing
	}
	return s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
		reward := models.Reward{
			ID: id, OrderID: s.rig.ids.next(), Place: s.compound[at].Place, TipID: s.rig.ids.next(), ReporterID: reporter,
			AmountCents: 50_000, Reason: "线索属实", ProposerID: s.missing, ProposedAt: s.now(), State: models.RewardProposed,
		}
		if err := tx.AddReward(ctx, reward); err != nil || state == models.RewardProposed {
			return err
		}
		reward.State, reward.ClaimsUntil = models.RewardNotified, s.now().Add(models.RewardClaimTime)
		err := tx.MoveReward(ctx, models.RewardProposed, reward)
		if err == nil && code != "" {
			err = tx.SetClaimCode(ctx, id, s.rig.keys.CodeMAC("claim_code", code))
		}
		if err == nil && state == models.RewardClaimed {
			reward.State, reward.ClaimedAt = state, s.now()
			err = tx.MoveReward(ctx, models.RewardNotified, reward)
		}
		return err
	})
}

// nextClaimCode is a code that no reward has yet.
func (s *stage) nextClaimCode() string {
	s.count++
	return withCheckDigit(fmt.Sprintf("%09d", 700_000_000+s.count))
}

// withCheckDigit adds the digit of ISO 7064 MOD 11,10.
func withCheckDigit(digits string) string {
	product := 10
	for _, digit := range digits {
		sum := (product + int(digit-'0')) % 10
		if sum == 0 {
			sum = 10
		}
		product = sum * 2 % 11
	}
	return digits + fmt.Sprint((11-product)%10)
}

var pointRulesBody = map[string]any{
	"rules":  []any{map[string]any{"event": "tip_resolved", "points": 10, "daily_cap": 30, "monthly_cap": 200}},
	"levels": []any{map[string]any{"min_points": 0, "name_zh": "热心居民", "name_en": "Neighbour"}},
}

var approval = map[string]any{"decision": "approve", "reason": "同意"}

var thanksProbes = map[string]probe{
	"getPointRules": plain(func(*stage, *caller) asked { return get("/v1/point-rules") }),
	"putPointRules": plain(func(*stage, *caller) asked {
		return asked{method: "PUT", path: "/v1/point-rules", body: pointRulesBody}
	}),
	"getMyPoints": plain(func(*stage, *caller) asked { return get("/v1/me/points") }),
	"getPersonPoints": about(func(s *stage, _ *caller, at column) asked {
		return get("/v1/people/%s/points", s.personID(at))
	}),
	"createCommendation": about(func(s *stage, _ *caller, at column) asked {
		return post(map[string]any{"person_id": s.personID(at), "reason": "协助民警抓获嫌疑人"}, "/v1/commendations").naming("person_id")
	}),
	"createCommendation (tip)": about(func(s *stage, _ *caller, at column) asked {
		return post(map[string]any{
			"person_id": s.personID(own), "reason": "协助民警抓获嫌疑人",
			"about": map[string]any{"kind": "tip", "id": s.helpfulTip(s.personID(at), at)},
		}, "/v1/commendations").naming("about.id")
	}),
	"listCommendations": lists("id", "/v1/commendations", func(s *stage, who *caller, at column) models.ID {
		return s.once("commendation", s.owner(who, at), at, func() models.ID { return s.commendation(s.owner(who, at).ID, at, true) })
	}),
	"decideCommendation": about(func(s *stage, _ *caller, at column) asked {
		return post(approval, "/v1/commendations/%s/decision", s.commendation(s.personID(at), at, false))
	}),
	"getCertificate": about(func(s *stage, who *caller, at column) asked {
		return get("/v1/commendations/%s/certificate", s.once("commendation", s.owner(who, at), at, func() models.ID {
			return s.commendation(s.owner(who, at).ID, at, true)
		}))
	}),
	"getYearlyCommendations": plain(func(*stage, *caller) asked { return get("/v1/commendations/yearly?year=2026") }),
	"checkCertificate":       plain(func(*stage, *caller) asked { return get("/v1/certificate-checks/7K2M-9QXA-4T8W") }),
	"createRewards": about(func(s *stage, _ *caller, at column) asked {
		tip := s.missing
		if at != missing {
			tip = s.helpfulTip(s.person[at].ID, at)
		}
		share := map[string]any{"tip_id": tip, "amount_cents": 50_000}
		return post(map[string]any{"reason": "线索属实", "shares": []any{share}}, "/v1/rewards").naming("shares[0].tip_id")
	}),
	"listRewards": lists("id", "/v1/rewards", func(s *stage, who *caller, at column) models.ID {
		return s.once("reward", s.owner(who, at), at, func() models.ID {
			return s.reward(s.owner(who, at).ID, at, models.RewardNotified, "")
		})
	}),
	"decideReward": about(func(s *stage, _ *caller, at column) asked {
		return post(approval, "/v1/rewards/%s/decision", s.reward(s.personID(at), at, models.RewardProposed, ""))
	}),
	"createClaimCode": about(func(s *stage, who *caller, at column) asked {
		id := s.missing
		if at != missing {
			id = s.reward(s.owner(who, at).ID, at, models.RewardNotified, "")
		}
		return post(nil, "/v1/rewards/%s/claim-code", id)
	}),
	"createRewardClaim": about(func(s *stage, who *caller, at column) asked {
		code := s.nextClaimCode()
		if at != missing {
			s.reward(s.owner(who, at).ID, at, models.RewardNotified, code)
		}
		return post(map[string]any{"claim_code": code}, "/v1/reward-claims").naming("claim_code")
	}),
	"payReward": about(func(s *stage, _ *caller, at column) asked {
		return post(map[string]any{"voucher": "2026-0017"}, "/v1/rewards/%s/payment", s.reward(s.personID(at), at, models.RewardClaimed, ""))
	}),
	"cancelReward": about(func(s *stage, _ *caller, at column) asked {
		return post(map[string]any{"reason": "经查不实"}, "/v1/rewards/%s/cancellation", s.reward(s.personID(at), at, models.RewardNotified, ""))
	}),
}
