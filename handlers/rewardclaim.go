package handlers

import (
	"context"

	"xunfang/api"
	"xunfang/auth"
	"xunfang/models"
	"xunfang/store"
)

// CreateClaimCode answers POST /v1/rewards/{reward_id}/claim-code, for the reporter who gave their name. The code is in
// this answer and nowhere else.
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
		if err := models.May(what.operation, who, models.Object{Owner: reward.ReporterID}); err != nil || reward.ClaimsUntil.IsZero() {
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

// CreateRewardClaim answers POST /v1/reward-claims: by the reporter who gave their name, or at the desk.
func (h *Server) CreateRewardClaim(
	ctx context.Context, request api.CreateRewardClaimRequestObject,
) (api.CreateRewardClaimResponseObject, error) {
	who := api.From(ctx).Principal
	what := &deed{operation: models.OpCreateRewardClaim, kind: "reward"}
	answer, err := h.claimReward(ctx, what, who.ID, request.Body.ClaimCode, func(reward models.Reward) models.Claimant {
		desk := models.Object{Place: models.Place{Station: reward.Place.Station}}
		if reward.ReporterID != who.ID && models.May(what.operation, who, desk) == nil {
			return models.Claimant{DeskID: who.ID}
		}
		return models.Claimant{PersonID: who.ID}
	})
	if err != nil {
		return nil, err
	}
	return api.CreateRewardClaim201JSONResponse(answer), nil
}

// claimReward takes a claim code from a claimant, once. Wrong codes slow down whoever enters them, by guesser: a
// person, or the tip of a receipt. A code that is somebody else's looks like one that never was.
func (h *Server) claimReward(
	ctx context.Context, what *deed, guesser models.ID, typed string, claimant func(models.Reward) models.Claimant,
) (api.RewardClaim, error) {
	now, code, guess := api.From(ctx).Now, auth.NormalizeCode(typed), false
	if wait := h.claims.take(guesser, now); wait > 0 {
		return api.RewardClaim{}, models.Fail(models.CodeRateLimited).After(wait)
	}
	defer func() { h.claims.settle(guesser, now, guess && auth.CodeWellFormed(code)) }()
	return act(ctx, h, what, 201, func(tx *store.Store) (api.RewardClaim, error) {
		reward, err := tx.RewardByCode(ctx, h.claimCodeMAC(code))
		if err == nil && !reward.MayBeClaimedBy(claimant(reward)) {
			err = models.Fail(models.CodeNotFound)
		}
		if guess = models.CodeOf(err) == models.CodeNotFound; err != nil {
			return api.RewardClaim{}, noSuch(err, "claim_code")
		}
		what.id = reward.ID
		next, err := reward.Claimed(claimant(reward), now)
		if err != nil {
			return api.RewardClaim{}, err
		}
		what.facts = rewardFacts(next)
		return api.RewardClaim{
			RewardId: next.ID, AmountCents: next.AmountCents, ClaimedAt: api.At(now),
		}, tx.MoveReward(ctx, reward.State, next)
	})
}
