package handlers

import (
	"cmp"
	"context"
	"slices"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// ListReceiptRewards answers GET /v1/receipt/rewards.
func (h *Server) ListReceiptRewards(
	ctx context.Context, request api.ListReceiptRewardsRequestObject,
) (api.ListReceiptRewardsResponseObject, error) {
	page, err := pageOf(ctx, request.Params.Limit, request.Params.Cursor)
	if err != nil {
		return nil, err
	}
	tip, err := h.receiptTip(ctx, h.Store, models.OpListReceiptRewards)
	if err != nil {
		return nil, err
	}
	rewards, err := h.Store.RewardsOfTip(ctx, tip.ID, page)
	if err != nil {
		return nil, err
	}
	items, next := listed(ctx, rewards, page, wireReceiptReward, func(reward models.Reward) models.ID { return reward.OrderID })
	return api.ListReceiptRewards200JSONResponse{Items: items, NextCursor: next}, nil
}

// wireReceiptReward writes a reward without the people in it, and without the tip's id.
func wireReceiptReward(reward models.Reward) api.ReceiptReward {
	return api.ReceiptReward{
		Id: reward.ID, AmountCents: reward.AmountCents, Reason: reward.Reason.Reveal(), State: api.RewardState(reward.State),
		DecidedAt: timeOrNil(reward.DecidedAt), ClaimsUntil: timeOrNil(reward.ClaimsUntil), ClaimedAt: timeOrNil(reward.ClaimedAt),
		PaidAt: timeOrNil(reward.PaidAt), EndedAt: timeOrNil(reward.EndedAt),
	}
}

// CreateReceiptClaimCode answers POST /v1/receipt/rewards/{reward_id}/claim-code.
func (h *Server) CreateReceiptClaimCode(
	ctx context.Context, request api.CreateReceiptClaimCodeRequestObject,
) (api.CreateReceiptClaimCodeResponseObject, error) {
	what := &deed{operation: models.OpCreateReceiptClaimCode, kind: "reward", id: request.RewardId}
	answer, err := act(ctx, h, what, 201, func(tx *store.Store) (api.ClaimCode, error) {
		tip, err := h.receiptTip(ctx, tx, what.operation)
		if err != nil {
			return api.ClaimCode{}, err
		}
		reward, err := tx.Reward(ctx, request.RewardId)
		if err != nil {
			return api.ClaimCode{}, err
		}
		if reward.TipID != tip.ID || reward.ClaimsUntil.IsZero() {
			return api.ClaimCode{}, models.Fail(models.CodeNotFound)
		}
		return h.drawClaimCode(ctx, tx, reward)
	})
	if err != nil {
		return nil, err
	}
	return api.CreateReceiptClaimCode201JSONResponse(answer), nil
}

// CreateReceiptRewardClaim answers POST /v1/receipt/reward-claims.
func (h *Server) CreateReceiptRewardClaim(
	ctx context.Context, request api.CreateReceiptRewardClaimRequestObject,
) (api.CreateReceiptRewardClaimResponseObject, error) {
	tip := api.From(ctx).Principal.ID
	what := &deed{operation: models.OpCreateReceiptRewardClaim, kind: "reward"}
	answer, err := h.claimReward(ctx, what, tip, request.Body.ClaimCode,
		func(*store.Store, models.Reward) (models.Claimant, error) { return models.Claimant{TipID: tip}, nil })
	if err != nil {
		return nil, err
	}
	return api.CreateReceiptRewardClaim201JSONResponse(answer), nil
}

// rewardOwner is the id under which the caller has a reward: their own, or their alias where they hid themselves. Then
// nothing that is written from here on says who it is. "" where it is somebody else's.
func rewardOwner(ctx context.Context, tx *store.Store, reward models.Reward) (models.ID, error) {
	who := api.From(ctx).Principal
	if reward.ReporterID != "" {
		if who.Owns(reward.ReporterID) {
			return reward.ReporterID, nil
		}
		return "", nil
	}
	tip, err := tx.Tip(ctx, reward.TipID)
	if models.CodeOf(err) == models.CodeNotFound {
		return "", nil
	}
	if err != nil || tip.Reporting != models.ReportingHidden || !tip.SpokenFor(who) {
		return "", err
	}
	api.Hide(ctx)
	return tip.ReporterID, nil
}

// notOwnHidden refuses to let somebody propose, decide or pay money for what they reported hidden, as it is refused to who gave
// their name. They alone learn of it: refused records nothing of it, and no line is logged.
func notOwnHidden(ctx context.Context, tip models.Tip) error {
	if who := api.From(ctx).Principal; who.Alias == "" || tip.ReporterID != who.Alias {
		return nil
	}
	api.Hide(ctx)
	return models.Fail(models.CodeSecondPerson)
}

// notForOwnHidden is notOwnHidden of a reward's tip.
func notForOwnHidden(ctx context.Context, tx *store.Store, reward models.Reward) error {
	tip, err := tx.Tip(ctx, reward.TipID)
	if models.CodeOf(err) == models.CodeNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	return notOwnHidden(ctx, tip)
}

// hiddenRewards adds to a page of rewards those for what the caller reported hidden.
func (h *Server) hiddenRewards(
	ctx context.Context, rewards []models.Reward, filter store.RewardFilter, page store.Page,
) ([]models.Reward, error) {
	alias := api.From(ctx).Principal.Alias
	if alias == "" {
		return rewards, nil
	}
	hidden, err := h.Store.HiddenRewards(ctx, alias, filter, page)
	if err != nil || len(hidden) == 0 {
		return rewards, err
	}
	for at := range hidden {
		hidden[at].ReporterID = alias // to the caller they are their own
		rewards = slices.DeleteFunc(rewards, func(reward models.Reward) bool { return reward.ID == hidden[at].ID })
	}
	rewards = append(rewards, hidden...)
	slices.SortFunc(rewards, func(one, other models.Reward) int { return cmp.Compare(other.OrderID, one.OrderID) })
	return rewards[:min(len(rewards), page.Limit)], nil
}
