package handlers

import (
	"context"
	"errors"
	"time"

	"xunfang/models"
	"xunfang/store"
)

// What the system itself does, in the audit.
const (
	opLapseReward models.Operation = "lapseReward"
	opWarnReward  models.Operation = "warnOfReward"
)

// rewardBatch is how many rewards of each kind one look takes.
const rewardBatch = 100

// LapseRewards ends the rewards that nobody claimed in time, and tells beforehand of those that soon will be. Of a claim and a
// lapse at the same moment one counts, and of any number of replicas one does it and tells of it: who comes second finds it done.
func (h *Server) LapseRewards(ctx context.Context) error {
	now := h.Now()
	overdue, err := h.Store.OverdueRewards(ctx, now, rewardBatch)
	lapsed := eachOf(overdue, func(id models.ID) error {
		return h.endingReward(ctx, id, opLapseReward, func(reward models.Reward) (models.Reward, error) { return reward.Lapsed(now) }, now)
	})
	ending, failed := h.Store.EndingRewards(ctx, now, rewardBatch)
	return errors.Join(err, lapsed, failed, eachOf(ending, func(id models.ID) error {
		return h.endingReward(ctx, id, opWarnReward, func(reward models.Reward) (models.Reward, error) { return reward.Warned(now) }, now)
	}))
}

// endingReward takes a step towards the end of a reward and tells of it, in one transaction.
func (h *Server) endingReward(
	ctx context.Context, id models.ID, operation models.Operation, step func(models.Reward) (models.Reward, error), now time.Time,
) error {
	err := h.tellAfter(ctx, func(tx *store.Store) ([]models.Alert, error) {
		reward, err := tx.Reward(ctx, id)
		if err != nil {
			return nil, err
		}
		next, err := step(reward)
		if err != nil {
			return nil, err
		}
		if operation == opWarnReward {
			err = tx.WarnOfReward(ctx, next)
		} else {
			err = tx.MoveReward(ctx, reward.State, next)
		}
		if err != nil {
			return nil, err
		}
		told, err := h.tellOfEnding(ctx, tx, next, now)
		if err != nil {
			return nil, err
		}
		return told, tx.Record(ctx, models.AuditEntry{
			ID: h.NewID(), StationID: reward.Place.Station, At: now, Operation: operation, ObjectKind: "reward",
			ObjectID: id, Outcome: models.AuditAllowed, Facts: rewardFacts(next),
		}, "")
	})
	if models.CodeOf(err) == models.CodeWrongState {
		return nil
	}
	return err
}

// tellOfEnding writes who is told of a step towards the end: the holder of a receipt only that there is something to read.
func (h *Server) tellOfEnding(ctx context.Context, tx *store.Store, reward models.Reward, now time.Time) ([]models.Alert, error) {
	told := []models.Alert{h.rewardEnds(reward, now)}
	tip, err := tx.Tip(ctx, reward.TipID)
	switch {
	case models.CodeOf(err) == models.CodeNotFound: // the tip is gone: there is nobody behind it
	case err != nil:
		return nil, err
	case tip.Reporting == models.ReportingAnonymous:
		told = append(told, h.receiptNews(tip, models.TipStep{At: now}))
	case tip.Reporting == models.ReportingHidden: // under the alias, whose inbox shows nobody's name
		told[0].Audience.People = append(told[0].Audience.People, tip.ReachedBy())
	}
	return told, addAlerts(ctx, tx, told)
}

// rewardEnds tells the reporter who gave their name, and who proposed it, that a reward lapses soon or has lapsed. It says neither
// how much it is nor what for: that stands in the app, for whom it is for.
func (h *Server) rewardEnds(reward models.Reward, now time.Time) models.Alert {
	alert := worded(models.Alert{
		ID: h.NewID(), Kind: models.AlertRewardEnding, Severity: models.SeverityNormal, AboutID: reward.ID,
		Audience:  models.Audience{Place: models.Place{Station: reward.Place.Station}, People: []models.ID{reward.ProposerID}},
		CreatedAt: now, ExpiresAt: reward.ClaimsUntil,
	}, rewardIsEnding, rewardFetchSoon)
	if reward.State == models.RewardLapsed {
		alert = worded(alert, rewardHasLapsed, rewardNotFetched)
		alert.Kind, alert.ExpiresAt = models.AlertRewardLapsed, now.Add(thanksLife)
	}
	if reward.ReporterID != "" {
		alert.Audience.People = append(alert.Audience.People, reward.ReporterID)
	}
	return alert
}

var (
	rewardIsEnding   = spoken{"奖励即将逾期", "A reward lapses soon"}
	rewardFetchSoon  = spoken{"有一笔奖励还没有领取，7 天之内不领取即逾期。", "It has not been collected, and lapses in 7 days."}
	rewardHasLapsed  = spoken{"奖励已逾期", "A reward has lapsed"}
	rewardNotFetched = spoken{"有一笔奖励在期限内没有领取，已经逾期。", "It was not collected in time."}
)
