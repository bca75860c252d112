package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"xunfang/models"
)

// FindingFilter narrows a list of findings; empty fields do not. From is included, To is not;
// both are about when it was found.
type FindingFilter struct {
	Kind         models.FindingKind
	State        models.FindingState
	RoundID      models.ID
	CheckpointID models.ID
	From, To     time.Time
}

func (f FindingFilter) apply(query *gorm.DB) *gorm.DB {
	if f.Kind != "" {
		query = query.Where("findings.kind = ?", f.Kind)
	}
	if f.State != "" {
		query = query.Where("findings.state = ?", f.State)
	}
	if f.RoundID != "" {
		query = query.Where("findings.round_id = ?", f.RoundID)
	}
	if f.CheckpointID != "" {
		query = query.Where("findings.checkpoint_id = ?", f.CheckpointID)
	}
	return between(query, "findings.order_id", f.From, f.To)
}

// Findings lists findings within sight, and those of rounds that the reader walked with when they were made,
// newest first.
func (s *Store) Findings(
	ctx context.Context, sights []models.Sight, reader models.ID, filter FindingFilter, page Page,
) ([]models.Finding, error) {
	base := func() *gorm.DB { return filter.apply(s.read(ctx).Model(&findingRow{})) }
	key := func(row findingRow) models.ID { return row.OrderID }
	cols := columns{order: "findings.order_id", newest: true, owner: "finder_id", compound: "compound_id"}
	rows, err := sightPages(ctx, base, sights, cols, page, key)
	if err != nil {
		return nil, err
	}
	shared := []findingRow{}
	if err := cols.page(s.walkedWith(base(), reader), page).Find(&shared).Error; err != nil {
		return nil, translate(err)
	}
	return s.findings(ctx, newestFirst(append(rows, shared...), page.Limit, key))
}

// walkedWith keeps findings of rounds that both the finder and the reader walked with when it was found: what
// FindingShared says of one finding.
func (s *Store) walkedWith(query *gorm.DB, reader models.ID) *gorm.DB {
	hint := "findings INDEXED BY ix_findings_round_id_order_id" // else all findings may be walked for who has none
	if s.engine.kind == kindMySQL {
		hint = "findings FORCE INDEX (ix_findings_round_id_order_id)"
	}
	const was = ` JOIN round_members AS %[1]s ON %[1]s.round_id = findings.round_id AND %[1]s.confirmed_at > 0 AND %[1]s.left_out = 0
		AND %[1]s.joined_at <= findings.found_at AND (%[1]s.left_at = 0 OR %[1]s.left_at >= findings.found_at)`
	return query.Table(hint).Select("findings.*").Joins(fmt.Sprintf(was, "mine")).Joins(fmt.Sprintf(was, "theirs")).
		Joins("JOIN rounds ON rounds.id = findings.round_id").
		Where("mine.person_id = ? AND theirs.person_id = findings.finder_id", reader).
		Where("rounds.ended_at = 0 OR rounds.ended_at >= findings.found_at")
}

// FindingShared says whether the reader walked with the finding's round when it was found, and the finder too.
func (s *Store) FindingShared(ctx context.Context, finding models.Finding, reader models.ID) (bool, error) {
	if finding.RoundID == "" {
		return false, nil
	}
	parts := map[models.ID]models.RoundMember{}
	for _, person := range []models.ID{finding.FinderID, reader} {
		walked, err := s.Memberships(ctx, person, finding.FoundAt, finding.FoundAt.Add(time.Millisecond))
		if err != nil {
			return false, err
		}
		for _, part := range walked {
			if part.RoundID == finding.RoundID {
				parts[person] = part.RoundMember
			}
		}
	}
	return finding.SharedWith(parts[finding.FinderID], parts[reader]), nil
}
