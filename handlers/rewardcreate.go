package handlers

import (
	"context"
	"strconv"
	"strings"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// CreateRewards answers POST /v1/rewards: one reward for each tip named, or for tips that were merged. All are proposed, or none.
func (h *Server) CreateRewards(ctx context.Context, request api.CreateRewardsRequestObject) (api.CreateRewardsResponseObject, error) {
	who, body := api.From(ctx).Principal, request.Body
	what := &deed{operation: models.OpCreateRewards, kind: "reward", reason: models.Secret(body.Reason)}
	if (body.Shares == nil) == (body.Merge == nil) {
		return nil, models.Unfit("shares", models.FieldRequired, "shares or merge, one of them")
	}
	answer, err := act(ctx, h, what, 201, func(tx *store.Store) (api.RewardsCreated, error) {
		answer := api.RewardsCreated{Items: []api.Reward{}}
		what.facts = map[string]string{}
		shares, err := sharesOf(ctx, tx, *body)
		if err != nil {
			return answer, err
		}
		for at, share := range shares {
			field := models.Indexed("shares", at) + ".tip_id"
			if body.Merge != nil {
				field = "merge.tip_id"
			}
			reward, err := h.proposeReward(ctx, tx, share, models.Secret(strings.TrimSpace(body.Reason)), field)
			if err != nil {
				return answer, err
			}
			what.facts[string(reward.ID)] = strconv.FormatInt(reward.AmountCents, 10)
			answer.Items = append(answer.Items, wireReward(who)(reward))
		}
		return answer, nil
	})
	if err != nil {
		return nil, err
	}
	return api.CreateRewards201JSONResponse(answer), nil
}

// sharesOf is how much is for which tip: as the request says, or as it is divided among a tip and those merged into it.
func sharesOf(ctx context.Context, tx *store.Store, body api.RewardsCreate) ([]models.RewardShare, error) {
	if body.Merge == nil {
		shares := make([]models.RewardShare, 0, len(*body.Shares))
		for _, share := range *body.Shares {
			shares = append(shares, models.RewardShare{TipID: share.TipId, AmountCents: share.AmountCents})
		}
		return shares, nil
	}
	who := api.From(ctx).Principal
	tip, err := tx.Tip(ctx, body.Merge.TipId)
	if err == nil {
		err = models.May(models.OpCreateRewards, who, models.Object{Place: tip.Place})
	}
	if err != nil {
		return nil, noSuch(err, "merge.tip_id")
	}
	merged, into, err := tx.TipMerges(ctx, tip.ID)
	if err != nil {
		return nil, err
	}
	if into != "" { // one of the others would look as if it were alone
		return nil, models.Unfit("merge.tip_id", models.FieldNotAllowed, "the tip that the others were merged into")
	}
	tips, err := tx.TipsByID(ctx, append(merged, tip.ID))
	if err != nil {
		return nil, err
	}
	for _, one := range tips { // nobody's share is left out because the caller does not see them
		if models.May(models.OpCreateRewards, who, models.Object{Place: one.Place}) != nil {
			return nil, models.Unfit("merge.tip_id", models.FieldNotAllowed, "tips that all lie in scope")
		}
	}
	return models.DivideAmongTips(body.Merge.AmountCents, tips, body.Merge.Divide == api.Even)
}

// proposeReward writes one proposed reward. field is what the request calls its tip.
func (h *Server) proposeReward(
	ctx context.Context, tx *store.Store, share models.RewardShare, reason models.Secret, field string,
) (models.Reward, error) {
	asked := api.From(ctx)
	tip, err := tx.Tip(ctx, share.TipID)
	if err == nil {
		err = models.May(models.OpCreateRewards, asked.Principal, models.Object{Place: tip.Place})
	}
	if err != nil {
		return models.Reward{}, noSuch(err, field)
	}
	if err := notOwnHidden(ctx, tip); err != nil {
		return models.Reward{}, err
	}
	reward := models.Reward{
		ID: h.NewID(), OrderID: h.NewID(), Place: tip.Place, TipID: tip.ID, ReporterID: models.NamedReporter(tip),
		AmountCents: share.AmountCents, Reason: reason, ProposerID: asked.Principal.ID, ProposedAt: asked.Now,
		State: models.RewardProposed,
	}
	if !models.RewardFits(tip) {
		return reward, models.Unfit(field, models.FieldNotAllowed, "resolved, referred, or a duplicate")
	}
	if err := reward.CheckProposer(); err != nil {
		return reward, err
	}
	err = tx.AddReward(ctx, reward)
	if models.CodeOf(err) == models.CodeAlreadyExists {
		err = models.Unfit(field, models.FieldNotUnique, "a tip without a reward")
	}
	return reward, err
}
