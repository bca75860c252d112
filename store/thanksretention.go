package store

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"xunfang/models"
)

// forgetThanks forgets a bounded number of thanks that have outlived their use. Sums of points, numbers of commendations and that a
// tip was paid for stay.
func (s *Store) forgetThanks(ctx context.Context, now time.Time) (int64, error) {
	points, pointsErr := s.forgetPoints(ctx, now.Add(-models.PointKept))
	commendations, commendationsErr := s.forgetCommendations(ctx, now.Add(-models.CommendationKept))
	ended, endedErr := s.forgetEndedRewards(ctx, now.Add(-models.RewardEndedKept))
	paid, paidErr := s.forgetPaidRewards(ctx, now.Add(-models.RewardKept))
	return points + commendations + ended + paid, errors.Join(pointsErr, commendationsErr, endedErr, paidErr)
}

type pointBalanceRow struct {
	PersonID models.ID `gorm:"primaryKey"`
	Points   int
}

func (pointBalanceRow) TableName() string { return "point_balances" }

// forgetPoints adds lines of before a time to their person's balance and deletes them. Those about one deed go together, when the
// last of them is old; those about a commendation stay as long as it could be revoked.
func (s *Store) forgetPoints(ctx context.Context, before time.Time) (int64, error) {
	rows, first := []pointEntryRow{}, models.FirstIDAt(before)
	err := s.read(ctx).Where("id < ? AND event <> ?", first, models.EarnCommendation).
		Where(`NOT EXISTS (SELECT 1 FROM point_entries later WHERE later.person_id = point_entries.person_id
			AND later.event = point_entries.event AND later.about_id = point_entries.about_id AND later.id >= ?)`, first).
		Order("id").Limit(forgetBatch).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return 0, translate(err)
	}
	err = s.Atomically(ctx, func(tx *Store) error { return tx.foldPoints(ctx, rows) })
	if models.CodeOf(err) == models.CodeWrongState {
		return 0, nil
	}
	return int64(len(rows)), err
}

// foldPoints moves lines into the balances; CodeWrongState when another replica moved some of them first.
func (s *Store) foldPoints(ctx context.Context, rows []pointEntryRow) error {
	ids, sums := []models.ID{}, map[models.ID]int{}
	for _, row := range rows {
		ids = append(ids, row.ID)
		sums[row.PersonID] += row.Points
	}
	if len(ids) == 0 {
		return nil
	}
	done := s.write(ctx).Where("id IN ?", ids).Delete(&pointEntryRow{})
	if done.Error == nil && done.RowsAffected != int64(len(ids)) {
		return models.Fail(models.CodeWrongState)
	}
	if done.Error != nil {
		return translate(done.Error)
	}
	for _, person := range slices.Sorted(maps.Keys(sums)) {
		err := s.write(ctx).Clauses(clause.OnConflict{
			Columns:   []clause.Column{{Name: "person_id"}},
			DoUpdates: clause.Assignments(map[string]any{"points": gorm.Expr("point_balances.points + ?", sums[person])}),
		}).Create(&pointBalanceRow{PersonID: person, Points: sums[person]}).Error
		if err != nil {
			return translate(err)
		}
	}
	return nil
}

// forgetCommendations takes out of commendations that were decided before a time whose they were and what for. Their number and
// the index of their code stay: the paper still checks as what it is.
func (s *Store) forgetCommendations(ctx context.Context, before time.Time) (int64, error) {
	aged := []models.ID{}
	err := s.read(ctx).Model(&commendationRow{}).Where("id < ? AND number > 0 AND decided_at < ? AND person_id <> ''",
		models.FirstIDAt(before), millis(before)).Order("id").Limit(forgetBatch).Pluck("id", &aged).Error
	if err != nil || len(aged) == 0 {
		return 0, translate(err)
	}
	err = s.Atomically(ctx, func(tx *Store) error {
		lines := []pointEntryRow{}
		if err := tx.read(ctx).Where("about_id IN ? AND event = ?", aged, models.EarnCommendation).Find(&lines).Error; err != nil {
			return translate(err)
		}
		if err := tx.foldPoints(ctx, lines); err != nil {
			return err
		}
		return translate(tx.write(ctx).Exec(`UPDATE commendations SET person_id = '', about_kind = '', about_id = '', proposer_id = '',
			decider_id = '', revoker_id = '', reason_sealed = x'', decision_reason_sealed = NULL, person_name_sealed = NULL,
			check_code_sealed = NULL, revocation_reason_sealed = NULL WHERE id IN ?`, aged).Error)
	})
	if models.CodeOf(err) == models.CodeWrongState {
		return 0, nil
	}
	return int64(len(aged)), err
}

func (s *Store) forgetEndedRewards(ctx context.Context, before time.Time) (int64, error) {
	aged := []models.ID{}
	err := s.read(ctx).Model(&rewardRow{}).Where("state IN ? AND ended_at < ?",
		[]models.RewardState{models.RewardDeclined, models.RewardLapsed, models.RewardCancelled}, millis(before)).
		Or("state = ? AND proposed_at < ?", models.RewardProposed, millis(before)). // nobody decided about it
		Limit(forgetBatch).Pluck("id", &aged).Error
	if err != nil || len(aged) == 0 {
		return 0, translate(err)
	}
	return s.erase(ctx, "DELETE FROM rewards WHERE id IN ?", aged)
}

// forgetPaidRewards takes the people and the words out of rewards that were paid before a time. The tip stays: it is paid for once.
func (s *Store) forgetPaidRewards(ctx context.Context, before time.Time) (int64, error) {
	aged := []models.ID{}
	err := s.read(ctx).Model(&rewardRow{}).Where("state = ? AND paid_at < ? AND payer_id <> ''", models.RewardPaid, millis(before)).
		Limit(forgetBatch).Pluck("id", &aged).Error
	if err != nil || len(aged) == 0 {
		return 0, translate(err)
	}
	return s.erase(ctx, `UPDATE rewards SET reporter_id = '', proposer_id = '', decider_id = '', desk_id = '', payer_id = '',
		reason_sealed = x'', decision_reason_sealed = NULL, voucher_sealed = NULL, code_mac = NULL WHERE id IN ?`, aged)
}
