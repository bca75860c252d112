package store

import (
	"context"

	"gorm.io/gorm/clause"

	"xunfang/models"
)

// RoundScans gives what settling a round needs of its members' check-ins that name it; a stranger who becomes a member
// has the round settled anew. The status is the one that counts, a correction's where one was approved.
func (s *Store) RoundScans(ctx context.Context, round models.ID) ([]models.CheckIn, error) {
	rows := []checkInRow{}
	err := s.read(ctx).Select("id, person_id, checkpoint_id, round_id, captured_at, occurred_at, "+effectiveStatus+" AS status").
		Where("round_id = ? AND round_id <> ''", round). // the second condition is that of SQLite's partial index
		Where("person_id IN (SELECT person_id FROM round_members WHERE round_id = ?)", round).
		Find(&rows).Error
	scans := make([]models.CheckIn, 0, len(rows))
	for _, row := range rows {
		scans = append(scans, models.CheckIn{
			ID: row.ID, PersonID: row.PersonID, CheckpointID: row.CheckpointID, RoundID: row.RoundID,
			CapturedAt: instant(row.CapturedAt), OccurredAt: instant(row.OccurredAt), Verdict: models.Verdict{Status: row.Status},
		})
	}
	return scans, translate(err)
}

type stopSkipRow struct {
	RoundID      models.ID `gorm:"primaryKey"`
	CheckpointID models.ID `gorm:"primaryKey"`
	PersonID     models.ID `gorm:"primaryKey"`
	ReasonSealed []byte
	At           int64
}

func (stopSkipRow) TableName() string { return "round_skips" }

// skipColumn binds a reason to its row.
func skipColumn(row stopSkipRow) string {
	return "round_skips.reason." + string(row.CheckpointID) + "." + string(row.PersonID)
}

// KeepStopSkip writes that somebody skips a checkpoint. Of what one person says of one checkpoint the earliest is kept,
// in whatever order it comes.
func (s *Store) KeepStopSkip(ctx context.Context, skip models.StopSkip) error {
	row := stopSkipRow{RoundID: skip.RoundID, CheckpointID: skip.CheckpointID, PersonID: skip.PersonID, At: millis(skip.At)}
	row.ReasonSealed = s.sealText(skip.Reason, skipColumn(row), skip.RoundID)
	done := s.write(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&row)
	if done.Error != nil {
		return translate(done.Error)
	}
	done = s.write(ctx).Model(&stopSkipRow{}).
		Where("round_id = ? AND checkpoint_id = ? AND person_id = ? AND at > ?", skip.RoundID, skip.CheckpointID, skip.PersonID, row.At).
		Updates(map[string]any{"reason_sealed": row.ReasonSealed, "at": row.At})
	return translate(done.Error)
}

// StopSkips gives every skip of a round.
func (s *Store) StopSkips(ctx context.Context, round models.ID) ([]models.StopSkip, error) {
	rows := []stopSkipRow{}
	if err := s.read(ctx).Where("round_id = ?", round).Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	skips := make([]models.StopSkip, 0, len(rows))
	for _, row := range rows {
		reason, err := s.openText(row.ReasonSealed, skipColumn(row), row.RoundID)
		if err != nil {
			return nil, err
		}
		skips = append(skips, models.StopSkip{
			RoundID: row.RoundID, CheckpointID: row.CheckpointID, PersonID: row.PersonID, Reason: reason, At: instant(row.At),
		})
	}
	return skips, nil
}
