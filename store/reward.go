package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"xunfang/models"
)

type rewardRow struct {
	ID                   models.ID `gorm:"primaryKey"`
	OrderID              models.ID
	StationID            models.ID
	CompoundID           models.ID
	TipID                models.ID
	LiveTipID            *models.ID // NULL once it can be paid no more: one live reward a tip
	ReporterID           models.ID
	AmountCents          int64
	ReasonSealed         []byte
	ProposerID           models.ID
	ProposedAt           int64
	State                models.RewardState
	DeciderID            models.ID
	DecidedAt            int64
	DecisionReasonSealed []byte
	ClaimsUntil          int64
	CodeMac              []byte
	ClaimedAt            int64
	DeskID               models.ID
	PayerID              models.ID
	PaidAt               int64
	VoucherSealed        []byte
	EndedAt              int64
	WarnedAt             int64
}

func (rewardRow) TableName() string { return "rewards" }

const (
	rewardReason   = "rewards.reason"
	rewardDecision = "rewards.decision_reason"
	rewardVoucher  = "rewards.voucher"
)

// AddReward writes a proposed reward; CodeAlreadyExists when the tip has one that may still be paid, or was.
func (s *Store) AddReward(ctx context.Context, reward models.Reward) error {
	row := rewardRow{
		ID: reward.ID, OrderID: reward.OrderID, StationID: reward.Place.Station, CompoundID: reward.Place.Compound,
		TipID: reward.TipID, LiveTipID: &reward.TipID, ReporterID: reward.ReporterID, AmountCents: reward.AmountCents,
		ReasonSealed: s.sealText(reward.Reason, rewardReason, reward.ID),
		ProposerID:   reward.ProposerID, ProposedAt: millis(reward.ProposedAt), State: reward.State,
	}
	return translate(s.write(ctx).Create(&row).Error)
}

// MoveReward writes what became of a reward, if it still stands in the state from; CodeWrongState when somebody was
// first. The claim code is not touched.
func (s *Store) MoveReward(ctx context.Context, from models.RewardState, reward models.Reward) error {
	changes := map[string]any{
		"state": reward.State, "decider_id": reward.DeciderID, "decided_at": millis(reward.DecidedAt),
		"decision_reason_sealed": s.sealText(reward.DecisionReason, rewardDecision, reward.ID),
		"claims_until":           millis(reward.ClaimsUntil), "claimed_at": millis(reward.ClaimedAt), "desk_id": reward.DeskID,
		"payer_id": reward.PayerID, "paid_at": millis(reward.PaidAt),
		"voucher_sealed": s.sealText(reward.Voucher, rewardVoucher, reward.ID), "ended_at": millis(reward.EndedAt),
	}
	if !reward.Live() {
		changes["live_tip_id"] = nil
	}
	return s.changeReward(ctx, reward.ID, from, changes)
}

// SetClaimCode gives a reward that waits to be claimed its claim code, in place of any before; CodeWrongState when it
// waits no more, CodeAlreadyExists when another reward has the code.
func (s *Store) SetClaimCode(ctx context.Context, reward models.ID, codeMAC []byte) error {
	return s.changeReward(ctx, reward, models.RewardNotified, map[string]any{"code_mac": codeMAC})
}

func (s *Store) changeReward(ctx context.Context, id models.ID, from models.RewardState, changes map[string]any) error {
	done := s.write(ctx).Model(&rewardRow{}).Where("id = ? AND state = ?", id, from).Updates(changes)
	if done.Error == nil && done.RowsAffected == 0 {
		return models.Fail(models.CodeWrongState)
	}
	return translate(done.Error)
}

// Reward reads one reward; CodeNotFound when there is none.
func (s *Store) Reward(ctx context.Context, id models.ID) (models.Reward, error) {
	return s.oneReward(s.read(ctx).Where("id = ?", id))
}

// RewardByCode finds the reward of a claim code, whatever it is worth by now; CodeNotFound when there is none.
func (s *Store) RewardByCode(ctx context.Context, codeMAC []byte) (models.Reward, error) {
	return s.oneReward(s.read(ctx).Where("code_mac = ?", codeMAC))
}

func (s *Store) oneReward(query *gorm.DB) (models.Reward, error) {
	rows := []rewardRow{}
	if err := query.Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return models.Reward{}, orNotFound(translate(err))
	}
	return s.reward(rows[0])
}

// RewardFilter narrows a list of rewards; empty fields do not.
type RewardFilter struct {
	TipID models.ID
	State models.RewardState
}

func (f RewardFilter) apply(query *gorm.DB) *gorm.DB {
	if f.TipID != "" {
		query = query.Where("tip_id = ?", f.TipID)
	}
	if f.State != "" {
		query = query.Where("state = ?", f.State)
	}
	return query
}

// Rewards lists rewards within sight by when they were proposed, newest first. Reporters see theirs once they were
// approved.
func (s *Store) Rewards(ctx context.Context, sights []models.Sight, filter RewardFilter, page Page) ([]models.Reward, error) {
	base := func() *gorm.DB { return filter.apply(s.read(ctx).Model(&rewardRow{})) }
	cols := columns{order: "order_id", newest: true, owned: "reporter_id = ? AND claims_until > 0", compound: "compound_id"}
	rows, err := sightPages(ctx, base, sights, cols, page, func(row rewardRow) models.ID { return row.OrderID })
	if err != nil {
		return nil, err
	}
	return s.rewards(rows)
}

// RewardsOfTip lists the approved rewards of one tip, newest first: what the holder of its receipt may see.
func (s *Store) RewardsOfTip(ctx context.Context, tip models.ID, page Page) ([]models.Reward, error) {
	return s.approvedRewards(ctx, s.read(ctx).Where("tip_id = ?", tip), page)
}

// HiddenRewards lists the approved rewards of the tips that somebody hidden reported, newest first.
func (s *Store) HiddenRewards(ctx context.Context, alias models.ID, filter RewardFilter, page Page) ([]models.Reward, error) {
	return s.approvedRewards(ctx, filter.apply(s.read(ctx)).
		Where("reporter_id = '' AND tip_id IN (SELECT id FROM tips WHERE reporter_id = ? AND reporting = ?)",
			alias, models.ReportingHidden), page)
}

func (s *Store) approvedRewards(ctx context.Context, query *gorm.DB, page Page) ([]models.Reward, error) {
	rows := []rewardRow{}
	cols := columns{order: "order_id", newest: true}
	if err := cols.page(query.WithContext(ctx).Where("claims_until > 0"), page).Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	return s.rewards(rows)
}

// OverdueRewards names rewards that nobody claimed in time, the oldest first.
func (s *Store) OverdueRewards(ctx context.Context, now time.Time, limit int) ([]models.ID, error) {
	ids := []models.ID{}
	err := s.read(ctx).Model(&rewardRow{}).Where("state = ? AND claims_until <= ?", models.RewardNotified, millis(now)).
		Order("claims_until").Limit(limit).Pluck("id", &ids).Error
	return ids, translate(err)
}

// EndingRewards names rewards that lapse soon and of which that was not told yet, the first to lapse first.
func (s *Store) EndingRewards(ctx context.Context, now time.Time, limit int) ([]models.ID, error) {
	ids := []models.ID{}
	err := s.read(ctx).Model(&rewardRow{}).Where("state = ? AND claims_until > ? AND claims_until <= ? AND warned_at = 0",
		models.RewardNotified, millis(now), millis(now.Add(models.RewardWarning))).
		Order("claims_until").Limit(limit).Pluck("id", &ids).Error
	return ids, translate(err)
}

// WarnOfReward writes that it was told that a reward lapses soon; CodeWrongState when somebody was first, or it waits no more.
func (s *Store) WarnOfReward(ctx context.Context, reward models.Reward) error {
	done := s.write(ctx).Model(&rewardRow{}).Where("id = ? AND state = ? AND warned_at = 0", reward.ID, models.RewardNotified).
		Update("warned_at", millis(reward.WarnedAt))
	if done.Error == nil && done.RowsAffected == 0 {
		return models.Fail(models.CodeWrongState)
	}
	return translate(done.Error)
}

func (s *Store) rewards(rows []rewardRow) ([]models.Reward, error) {
	list := make([]models.Reward, 0, len(rows))
	for _, row := range rows {
		one, err := s.reward(row)
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, nil
}

func (s *Store) reward(row rewardRow) (models.Reward, error) {
	reward := models.Reward{
		ID: row.ID, OrderID: row.OrderID, Place: models.Place{Station: row.StationID, Compound: row.CompoundID},
		TipID: row.TipID, ReporterID: row.ReporterID, AmountCents: row.AmountCents, ProposerID: row.ProposerID,
		ProposedAt: instant(row.ProposedAt), State: row.State, DeciderID: row.DeciderID, DecidedAt: instant(row.DecidedAt),
		ClaimsUntil: instant(row.ClaimsUntil), CodeMAC: row.CodeMac, ClaimedAt: instant(row.ClaimedAt), DeskID: row.DeskID,
		PayerID: row.PayerID, PaidAt: instant(row.PaidAt), EndedAt: instant(row.EndedAt), WarnedAt: instant(row.WarnedAt),
	}
	var err error
	if reward.Reason, err = s.openText(row.ReasonSealed, rewardReason, row.ID); err != nil {
		return reward, err
	}
	if reward.DecisionReason, err = s.openText(row.DecisionReasonSealed, rewardDecision, row.ID); err != nil {
		return reward, err
	}
	reward.Voucher, err = s.openText(row.VoucherSealed, rewardVoucher, row.ID)
	return reward, err
}
