package handlers

import (
	"context"
	"strconv"
	"strings"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// moveReward is the frame of what police do to one reward: decide makes the next state of it.
func (h *Server) moveReward(
	ctx context.Context, what *deed, decide func(tx *store.Store, reward models.Reward) (models.Reward, error),
) (api.Reward, error) {
	who := api.From(ctx).Principal
	what.kind = "reward"
	return act(ctx, h, what, 200, func(tx *store.Store) (api.Reward, error) {
		reward, err := tx.Reward(ctx, what.id)
		if err != nil {
			return api.Reward{}, err
		}
		if err := models.May(what.operation, who, models.Object{Place: reward.Place}); err != nil {
			return api.Reward{}, err
		}
		next, err := decide(tx, reward)
		if err != nil {
			return api.Reward{}, err
		}
		what.facts = rewardFacts(next)
		return wireReward(who)(next), tx.MoveReward(ctx, reward.State, next)
	})
}

// rewardFacts says for the audit what became of how much, and for whom, where that is known.
func rewardFacts(reward models.Reward) map[string]string {
	facts := map[string]string{
		"state": string(reward.State), "amount_cents": strconv.FormatInt(reward.AmountCents, 10), "tip": string(reward.TipID),
	}
	if reward.ReporterID != "" {
		facts["reporter"] = string(reward.ReporterID)
	}
	return facts
}

// DecideReward answers POST /v1/rewards/{reward_id}/decision. The reporter is told in the same transaction.
func (h *Server) DecideReward(ctx context.Context, request api.DecideRewardRequestObject) (api.DecideRewardResponseObject, error) {
	asked, body := api.From(ctx), request.Body
	what := &deed{operation: models.OpDecideReward, id: request.RewardId, reason: models.Secret(body.Reason)}
	var told models.Alert
	answer, err := h.moveReward(ctx, what, func(tx *store.Store, reward models.Reward) (models.Reward, error) {
		told = models.Alert{}
		if err := notForOwnHidden(ctx, tx, reward); err != nil {
			return reward, err
		}
		next, err := reward.Decided(asked.Principal.ID, body.Decision == api.Approve, what.reason, asked.Now)
		if err != nil || next.State != models.RewardNotified {
			return next, err
		}
		told, err = h.tellOfReward(ctx, tx, next)
		return next, err
	})
	if err != nil {
		return nil, err
	}
	if told.ID != "" {
		h.alerted(ctx, told)
	}
	return api.DecideReward200JSONResponse(answer), nil
}

// tellOfReward tells the reporter of a reward, in whatever way they can be reached; nobody where they cannot.
func (h *Server) tellOfReward(ctx context.Context, tx *store.Store, reward models.Reward) (models.Alert, error) {
	alert := h.rewardWaits(reward)
	if reward.ReporterID == "" {
		tip, err := tx.Tip(ctx, reward.TipID)
		if err != nil || tip.ReachedBy() == "" {
			return models.Alert{}, err
		}
		alert.Audience.People = []models.ID{tip.ReachedBy()}
		if tip.Reporting == models.ReportingAnonymous { // the phone is not to say what it is about
			alert.Kind, alert = models.AlertMessage, worded(alert, quietTitle, quietBody)
		}
	}
	var err error
	alert.Recipients, err = tx.AddAlert(ctx, alert)
	return alert, err
}

// rewardWaits tells a reporter that a reward waits for them. How much it is stands in the app only.
func (h *Server) rewardWaits(reward models.Reward) models.Alert {
	return worded(models.Alert{
		ID: h.NewID(), Kind: models.AlertReward, Severity: models.SeverityNormal, SenderID: reward.DeciderID, AboutID: reward.ID,
		Audience:  models.Audience{Place: models.Place{Station: reward.Place.Station}, People: []models.ID{reward.ReporterID}},
		CreatedAt: reward.DecidedAt, ExpiresAt: reward.DecidedAt.Add(thanksLife), // in the inbox it stays
	}, rewardIsGiven, rewardFetch)
}

var (
	rewardIsGiven = spoken{"您的线索获得了奖励", "Your tip earned a reward"}
	rewardFetch   = spoken{"请在 30 天内打开应用取得领取码并领取。", "Open the app within 30 days for the code by which you collect it."}
)

// CancelReward answers POST /v1/rewards/{reward_id}/cancellation.
func (h *Server) CancelReward(ctx context.Context, request api.CancelRewardRequestObject) (api.CancelRewardResponseObject, error) {
	what := &deed{operation: models.OpCancelReward, id: request.RewardId, reason: models.Secret(request.Body.Reason)}
	answer, err := h.moveReward(ctx, what, func(_ *store.Store, reward models.Reward) (models.Reward, error) {
		return reward.Cancelled(api.From(ctx).Now)
	})
	if err != nil {
		return nil, err
	}
	return api.CancelReward200JSONResponse(answer), nil
}

// PayReward answers POST /v1/rewards/{reward_id}/payment. Who paid stands in the reward and in the audit.
func (h *Server) PayReward(ctx context.Context, request api.PayRewardRequestObject) (api.PayRewardResponseObject, error) {
	asked := api.From(ctx)
	what := &deed{operation: models.OpPayReward, id: request.RewardId}
	answer, err := h.moveReward(ctx, what, func(tx *store.Store, reward models.Reward) (models.Reward, error) {
		if err := notForOwnHidden(ctx, tx, reward); err != nil {
			return reward, err
		}
		return reward.Paid(asked.Principal.ID, models.Secret(strings.TrimSpace(request.Body.Voucher)), asked.Now)
	})
	if err != nil {
		return nil, err
	}
	return api.PayReward200JSONResponse(answer), nil
}

// ListRewards answers GET /v1/rewards. Looking at other people's is recorded.
func (h *Server) ListRewards(ctx context.Context, request api.ListRewardsRequestObject) (api.ListRewardsResponseObject, error) {
	who, params := api.From(ctx).Principal, request.Params
	page, err := pageOf(ctx, params.Limit, params.Cursor)
	if err != nil {
		return nil, err
	}
	filter := store.RewardFilter{TipID: value(params.TipId), State: models.RewardState(value(params.State))}
	rewards, err := h.Store.Rewards(ctx, models.Sights(models.OpListRewards, who), filter, page)
	if err == nil {
		rewards, err = h.hiddenRewards(ctx, rewards, filter, page)
	}
	if err != nil {
		return nil, err
	}
	foreign := foreignIn(rewards, func(reward models.Reward) (models.ID, bool) { return reward.ID, !who.Owns(reward.ReporterID) })
	if err := h.lookedAtList(ctx, models.OpListRewards, "reward", foreign); err != nil {
		return nil, err
	}
	items, next := listed(ctx, rewards, page, wireReward(who), func(reward models.Reward) models.ID { return reward.OrderID })
	return api.ListRewards200JSONResponse{Items: items, NextCursor: next}, nil
}

// wireReward writes a reward as the caller may see it: the people in it are for police in whose scope the tip lies.
func wireReward(who models.Principal) func(models.Reward) api.Reward {
	return func(reward models.Reward) api.Reward {
		wire := api.Reward{
			Id: reward.ID, TipId: reward.TipID, AmountCents: reward.AmountCents, Reason: reward.Reason.Reveal(),
			State: api.RewardState(reward.State), Mine: who.Owns(reward.ReporterID),
			ProposedAt: api.At(reward.ProposedAt), DecidedAt: timeOrNil(reward.DecidedAt), ClaimsUntil: timeOrNil(reward.ClaimsUntil),
			ClaimedAt: timeOrNil(reward.ClaimedAt), PaidAt: timeOrNil(reward.PaidAt), EndedAt: timeOrNil(reward.EndedAt),
		}
		if models.May(models.OpDecideReward, who, models.Object{Place: reward.Place}) == nil {
			wire.ProposerId = idOrNil(reward.ProposerID)
			if reward.ReporterID != who.Alias {
				wire.ReporterId = idOrNil(reward.ReporterID)
			}
			wire.DeciderId, wire.DecisionReason = idOrNil(reward.DeciderID), textOrNil(reward.DecisionReason.Reveal())
			wire.DeskId, wire.PayerId = idOrNil(reward.DeskID), idOrNil(reward.PayerID)
			wire.Voucher = textOrNil(reward.Voucher.Reveal())
		}
		return wire
	}
}
