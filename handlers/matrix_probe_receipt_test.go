package handlers_test

import (
	"context"
	"fmt"

	"xunfang/models"
	"xunfang/store"
)

// untimedID is a random id, as the holder of a receipt makes one; it is another one each time.
func (r *rig) untimedID() models.ID {
	id := r.ids.next()
	return models.ID(fmt.Sprintf("7d3f9a52-%s-4%s-9f24-%s", id[len(id)-4:], id[len(id)-7:len(id)-4], id[len(id)-12:]))
}

// ownReward is one for the tip of the caller's receipt; in other columns that of somebody else's tip.
func (s *stage) ownReward(who *caller, at column) models.ID {
	if at != own || who == nil || who.Role != models.RoleReporter {
		return s.reward(s.owner(who, at).ID, at, models.RewardNotified, "")
	}
	return s.once("reward of the receipt", who, at, func() models.ID {
		return s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
			return addNotified(ctx, tx, id, s.rig.ids.next(), who.ID, s)
		})
	})
}

func addNotified(ctx context.Context, tx *store.Store, id, order, tip models.ID, s *stage) error {
	reward := models.Reward{
		ID: id, OrderID: order, Place: s.compound[own].Place, TipID: tip, AmountCents: 50_000, Reason: "线索属实",
		ProposerID: s.missing, ProposedAt: s.now(), State: models.RewardProposed,
	}
	if err := tx.AddReward(ctx, reward); err != nil {
		return err
	}
	reward.State, reward.ClaimsUntil = models.RewardNotified, s.now().Add(models.RewardClaimTime)
	return tx.MoveReward(ctx, models.RewardProposed, reward)
}

var receiptProbes = map[string]probe{
	"createReceiptMessage": plain(func(s *stage, _ *caller) asked {
		return post(map[string]any{"id": s.rig.untimedID(), "text": "往北门走了"}, "/v1/receipt/messages")
	}),
	"listReceiptMessages": plain(func(*stage, *caller) asked { return get("/v1/receipt/messages") }),
	"readReceiptMessages": about(func(s *stage, who *caller, at column) asked {
		tip := s.missing
		switch {
		case at == own && who != nil:
			tip = who.ID
		case at != missing:
			tip = s.tip(who, at)
		}
		return post(map[string]any{"up_to": s.message(tip)}, "/v1/receipt/messages/read").naming("up_to")
	}),
	"listReceiptRewards": lists("id", "/v1/receipt/rewards", func(s *stage, who *caller, at column) models.ID {
		if at == missing {
			return s.missing
		}
		return s.ownReward(who, at)
	}),
	"createReceiptClaimCode": about(func(s *stage, who *caller, at column) asked {
		id := s.missing
		if at != missing {
			id = s.ownReward(who, at)
		}
		return post(nil, "/v1/receipt/rewards/%s/claim-code", id)
	}),
	"createReceiptRewardClaim": about(func(s *stage, who *caller, at column) asked {
		code := s.nextClaimCode()
		if at != missing {
			id := s.ownReward(who, at)
			s.rig.write(func(ctx context.Context, tx *store.Store) error {
				return tx.SetClaimCode(ctx, id, s.rig.keys.CodeMAC("claim_code", code))
			})
		}
		return post(map[string]any{"claim_code": code}, "/v1/receipt/reward-claims").naming("claim_code")
	}),
	"putHiddenPushAddress": plain(func(*stage, *caller) asked {
		return asked{method: "PUT", path: "/v1/me/hidden-push-address", body: map[string]any{
			"kind": "fcm_token", "value": "hidden-token", "platform": "android",
		}}
	}),
	"deleteHiddenPushAddress": plain(func(*stage, *caller) asked { return remove("/v1/me/hidden-push-address") }),
}
