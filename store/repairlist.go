package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"xunfang/models"
)

// RepairFilter narrows a list of repairs; empty fields do not. From is included, To is not; both are about the request.
type RepairFilter struct {
	Category   models.RepairCategory
	State      models.RepairState
	CompoundID models.ID
	AssignedTo models.ID
	Open       bool
	OverdueAt  time.Time // whose clock has passed by then
	From, To   time.Time
}

func (f RepairFilter) apply(query *gorm.DB) *gorm.DB {
	if f.Category != "" {
		query = query.Where("category = ?", f.Category)
	}
	if f.State != "" {
		query = query.Where("state = ?", f.State)
	}
	if f.CompoundID != "" {
		query = query.Where("compound_id = ?", f.CompoundID)
	}
	if f.AssignedTo != "" {
		query = query.Where("assigned_to = ?", f.AssignedTo)
	}
	if f.Open {
		query = query.Where("state NOT IN ?", models.EndedRepairs)
	}
	if !f.OverdueAt.IsZero() {
		query = query.Where("due_at > 0 AND due_at < ?", millis(f.OverdueAt))
	}
	return between(query, "order_id", f.From, f.To)
}

// Repairs lists repairs within sight, newest first.
func (s *Store) Repairs(ctx context.Context, sights []models.Sight, filter RepairFilter, page Page) ([]models.Repair, error) {
	base := func() *gorm.DB { return filter.apply(s.read(ctx).Model(&repairRow{})) }
	cols := columns{
		order: "order_id", newest: true, owner: "requester_id",
		compound: "compound_id", building: "building_id", unit: "unit_id", home: "home_id",
	}
	rows, err := sightPages(ctx, base, sights, cols, page, func(row repairRow) models.ID { return row.OrderID })
	if err != nil {
		return nil, err
	}
	return s.repairs(ctx, rows)
}

// OpenRepairsOf lists a person's open repairs in a compound, the oldest first.
func (s *Store) OpenRepairsOf(ctx context.Context, person, compound models.ID, limit int) ([]models.Repair, error) {
	rows := []repairRow{}
	err := s.read(ctx).Where("assigned_to = ? AND compound_id = ? AND state NOT IN ?", person, compound, models.EndedRepairs).
		Order("order_id").Limit(limit).Find(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	return s.repairs(ctx, rows)
}

// DueRepairs names the repairs whose time has passed, the longest ago first.
func (s *Store) DueRepairs(ctx context.Context, now time.Time, limit int) ([]models.ID, error) {
	ids := []models.ID{}
	err := s.read(ctx).Model(&repairRow{}).Where("climbs_at > 0 AND climbs_at <= ?", millis(now)).
		Order("climbs_at").Limit(limit).Pluck("id", &ids).Error
	return ids, translate(err)
}

// RepairFacts reads what figures need of a compound's repairs that were asked for in a time, at most limit.
func (s *Store) RepairFacts(ctx context.Context, compound models.ID, from, to time.Time, limit int) ([]models.RepairFact, error) {
	rows := []repairRow{}
	query := s.read(ctx).Select("category, state, requested_at, accepted_at, done_at, late, reopened, rating").
		Where("compound_id = ?", compound)
	if err := between(query, "order_id", from, to).Order("order_id").Limit(limit).Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	facts := make([]models.RepairFact, 0, len(rows))
	for _, row := range rows {
		facts = append(facts, models.RepairFact{
			Category: row.Category, State: row.State, RequestedAt: instant(row.RequestedAt), AcceptedAt: instant(row.AcceptedAt),
			DoneAt: instant(row.DoneAt), Late: row.Late, Reopened: row.Reopened, Rating: row.Rating,
		})
	}
	return facts, nil
}

// forgetRepairs is how many repairs one call deletes, with everything of theirs.
const forgetRepairs = 100

// ForgetRepairs deletes a bounded number of repairs of before a time with their steps and photos. It returns the names of the
// blobs that nothing points to any more, and how many repairs it deleted; 0 when none is left.
func (s *Store) ForgetRepairs(ctx context.Context, before time.Time) (blobs []string, deleted int, err error) {
	aged := []models.ID{}
	err = s.read(ctx).Model(&repairRow{}).Where("order_id < ?", models.FirstIDAt(before)).
		Order("order_id").Limit(forgetRepairs).Pluck("id", &aged).Error
	if err != nil || len(aged) == 0 {
		return nil, 0, translate(err)
	}
	blobs, err = s.forgetShowing(ctx, aged, "SELECT media_id FROM repair_media WHERE repair_id IN ?",
		"DELETE FROM repair_steps WHERE repair_id IN ?", "DELETE FROM repair_media WHERE repair_id IN ?",
		"DELETE FROM repairs WHERE id IN ?")
	return blobs, len(aged), err
}
