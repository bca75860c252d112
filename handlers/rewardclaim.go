package handlers

import (
	"context"

	"xunfang/api"
	"xunfang/auth"
	"xunfang/models"
	"xunfang/store"
)

// CreateClaimCode answers POST /v1/rewards/{reward_id}/claim-code, for the reporter who gave their name, or hid it. The
// code is in this answer and nowhere else.
func (h *Server) CreateClaimCode(
	ctx context.Context, request api.CreateClaimCodeRequestObject,
) (api.CreateClaimCodeResponseObject, error) {
	who := api.From(ctx).Principal
	what := &deed{operation: models.OpCreateClaimCode, kind: "reward", id: request.RewardId}
	answer, err := act(ctx, h, what, 201, func(tx *store.Store) (api.ClaimCode, error) {
		reward, err := tx.Reward(ctx, request.RewardId)
		if err != nil {
			return api.ClaimCode{}, err
		}
		owner, err := rewardOwner(ctx, tx, reward)
		if err != nil {
			return api.ClaimCode{}, err
		}
		if err := models.May(what.operation, who, models.Object{Owner: owner}); err != nil || reward.ClaimsUntil.IsZero() {
			return api.ClaimCode{}, models.Fail(models.CodeNotFound)
		}
		return h.drawClaimCode(ctx, tx, reward)
	})
	if err != nil {
		return nil, err
	}
	return api.CreateClaimCode201JSONResponse(answer), nil
}

// drawClaimCode gives a reward a new claim code; any before is worth nothing from now on. That the caller is the
// tip's reporter, by name or by receipt, was decided before.
func (h *Server) drawClaimCode(ctx context.Context, tx *store.Store, reward models.Reward) (api.ClaimCode, error) {
	if err := reward.MayDrawCode(api.From(ctx).Now); err != nil {
		return api.ClaimCode{}, err
	}
	for range 10 { // a code that another reward has is drawn again
		code, err := auth.NewVisitorCode(h.Random)
		if err != nil {
			return api.ClaimCode{}, err
		}
		mac := h.claimCodeMAC(code.Reveal())
		switch _, err := tx.RewardByCode(ctx, mac); {
		case err == nil:
			continue
		case models.CodeOf(err) != models.CodeNotFound:
			return api.ClaimCode{}, err
		}
		return api.ClaimCode{
			RewardId: reward.ID, ClaimCode: code.Reveal(), ClaimsUntil: api.At(reward.ClaimsUntil),
		}, tx.SetClaimCode(ctx, reward.ID, mac)
	}
	return api.ClaimCode{}, models.Fail(models.CodeBusy)
}

func (h *Server) claimCodeMAC(code string) []byte { return h.Keys.CodeMAC("claim_code", code) }

// CreateRewardClaim answers POST /v1/reward-claims: by the reporter, or at the desk.
func (h *Server) CreateRewardClaim(
	ctx context.Context, request api.CreateRewardClaimRequestObject,
) (api.CreateRewardClaimResponseObject, error) {
	who := api.From(ctx).Principal
	what := &deed{operation: models.OpCreateRewardClaim, kind: "reward"}
	claimant := func(tx *store.Store, reward models.Reward) (models.Claimant, error) {
		owner, err := rewardOwner(ctx, tx, reward)
		desk := models.Object{Place: models.Place{Station: reward.Place.Station}}
		switch {
		case err != nil:
			return models.Claimant{}, err
		case owner != "" && owner == who.Alias: // as with a receipt: the tip is known, and not whose it is
			return models.Claimant{TipID: reward.TipID}, nil
		case owner == "" && models.May(what.operation, who, desk) == nil:
			return models.Claimant{DeskID: who.ID}, nil
		default:
			return models.Claimant{PersonID: who.ID}, nil
		}
	}
	answer, err := h.claimReward(ctx, what, who.ID, request.Body.ClaimCode, claimant)
	if err != nil {
		return nil, err
	}
	return api.CreateRewardClaim201JSONResponse(answer), nil
}

// claimReward takes a claim code from a claimant, once. Wrong codes slow down whoever enters them, by guesser: a
// person, or the tip of a receipt. A code that is somebody else's looks like one that never was.
func (h *Server) claimReward(
	ctx context.Context, what *deed, guesser models.ID, typed string,
	claimant func(tx *store.Store, reward models.Reward) (models.Claimant, error),
) (api.RewardClaim, error) {
	exact, code, guess := h.Now(), auth.NormalizeCode(typed), false // a receipt's own time is cut to the minute
	if wait := h.claims.take(guesser, exact); wait > 0 {
		return api.RewardClaim{}, models.Fail(models.CodeRateLimited).After(wait)
	}
	defer func() { h.claims.settle(guesser, exact, guess && auth.CodeWellFormed(code)) }()
	return act(ctx, h, what, 201, func(tx *store.Store) (api.RewardClaim, error) {
		reward, who, err := codesReward(ctx, tx, h.claimCodeMAC(code), claimant)
		if guess = models.CodeOf(err) == models.CodeNotFound; err != nil {
			return api.RewardClaim{}, noSuch(err, "claim_code")
		}
		what.id = reward.ID
		now := api.From(ctx).Now // after claimant, who may have hidden themselves
		next, err := reward.Claimed(who, now)
		if err != nil {
			return api.RewardClaim{}, err
		}
		what.facts = rewardFacts(next)
		return api.RewardClaim{
			RewardId: next.ID, AmountCents: next.AmountCents, ClaimedAt: api.At(now),
		}, tx.MoveReward(ctx, reward.State, next)
	})
}

// codesReward finds the reward of a claim code, and in whose hands the code is; CodeNotFound where it is worth nothing in
// them.
func codesReward(
	ctx context.Context, tx *store.Store, mac []byte, claimant func(tx *store.Store, reward models.Reward) (models.Claimant, error),
) (models.Reward, models.Claimant, error) {
	reward, err := tx.RewardByCode(ctx, mac)
	if err != nil {
		return reward, models.Claimant{}, err
	}
	who, err := claimant(tx, reward)
	if err == nil && !reward.MayBeClaimedBy(who) {
		err = models.Fail(models.CodeNotFound)
	}
	return reward, who, err
}
