package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"xunfang/models"
)

type roundPlanRow struct {
	ID        models.ID `gorm:"primaryKey"`
	StationID models.ID
	ShiftID   models.ID
	RouteID   models.ID
	Name      string
	Ordered   bool
	Team      bool
	CreatedAt int64 `gorm:"autoCreateTime:false"`
	EndedAt   int64
}

func (roundPlanRow) TableName() string { return "round_plans" }

type roundPlanStopRow struct {
	PlanID       models.ID `gorm:"primaryKey"`
	Ordinal      int       `gorm:"primaryKey;autoIncrement:false"`
	CheckpointID models.ID
	FromMinute   int
	UntilMinute  int
	Priority     models.Priority
}

func (roundPlanStopRow) TableName() string { return "round_plan_stops" }

// AddRoundPlan writes a new plan with its stops.
func (s *Store) AddRoundPlan(ctx context.Context, plan models.RoundPlan) error {
	row := newRoundPlanRow(plan)
	if err := s.write(ctx).Create(&row).Error; err != nil {
		return translate(err)
	}
	stops := newRoundPlanStopRows(plan)
	if len(stops) == 0 {
		return nil
	}
	return translate(s.write(ctx).Create(&stops).Error)
}

func newRoundPlanRow(plan models.RoundPlan) roundPlanRow {
	return roundPlanRow{
		ID: plan.ID, StationID: plan.StationID, ShiftID: plan.ShiftID, RouteID: plan.RouteID, Name: plan.Name,
		Ordered: plan.Ordered, Team: plan.Team, CreatedAt: millis(plan.CreatedAt), EndedAt: millis(plan.EndedAt),
	}
}

func newRoundPlanStopRows(plan models.RoundPlan) []roundPlanStopRow {
	rows := make([]roundPlanStopRow, 0, len(plan.Stops))
	for at, stop := range plan.Stops {
		rows = append(rows, roundPlanStopRow{
			PlanID: plan.ID, Ordinal: at + 1, CheckpointID: stop.CheckpointID,
			FromMinute: stop.FromMinute, UntilMinute: stop.UntilMinute, Priority: stop.Priority,
		})
	}
	return rows
}

// EndRoundPlan ends a plan; one that has ended before keeps its time.
func (s *Store) EndRoundPlan(ctx context.Context, id models.ID, at time.Time) error {
	return s.end(ctx, &roundPlanRow{}, "id = ?", id, at)
}

// RoundPlan reads one plan with its stops in order; CodeNotFound when there is none.
func (s *Store) RoundPlan(ctx context.Context, id models.ID) (models.RoundPlan, error) {
	rows := []roundPlanRow{}
	if err := s.read(ctx).Where("id = ?", id).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return models.RoundPlan{}, orNotFound(translate(err))
	}
	plans, err := s.roundPlans(ctx, rows)
	if err != nil {
		return models.RoundPlan{}, err
	}
	return plans[0], nil
}

// RoundPlans lists plans within sight, by id. The caller's own are those of squads they belong to.
func (s *Store) RoundPlans(ctx context.Context, sights []models.Sight, filter PlanFilter, page Page) ([]models.RoundPlan, error) {
	base := func() *gorm.DB { return filter.where(s.read(ctx).Model(&roundPlanRow{})) }
	owned := "shift_id IN (SELECT shifts.id FROM shifts WHERE shifts.squad_id IN " + squadsOf + ")"
	rows, err := sightPages(ctx, base, sights, columns{order: "id", owned: owned}, page,
		func(row roundPlanRow) models.ID { return row.ID })
	if err != nil {
		return nil, err
	}
	return s.roundPlans(ctx, rows)
}

func (s *Store) roundPlans(ctx context.Context, rows []roundPlanRow) ([]models.RoundPlan, error) {
	plans := make([]models.RoundPlan, 0, len(rows))
	if len(rows) == 0 {
		return plans, nil
	}
	ids := make([]models.ID, 0, len(rows))
	for _, row := range rows {
		ids = append(ids, row.ID)
	}
	found := []roundPlanStopRow{}
	if err := s.read(ctx).Where("plan_id IN ?", ids).Order("plan_id, ordinal").Find(&found).Error; err != nil {
		return nil, translate(err)
	}
	stops := map[models.ID][]models.PlannedStop{}
	for _, stop := range found {
		stops[stop.PlanID] = append(stops[stop.PlanID], models.PlannedStop{
			CheckpointID: stop.CheckpointID, FromMinute: stop.FromMinute, UntilMinute: stop.UntilMinute, Priority: stop.Priority,
		})
	}
	for _, row := range rows {
		plans = append(plans, models.RoundPlan{
			ID: row.ID, StationID: row.StationID, ShiftID: row.ShiftID, RouteID: row.RouteID, Name: row.Name,
			Ordered: row.Ordered, Team: row.Team, Stops: stops[row.ID],
			CreatedAt: instant(row.CreatedAt), EndedAt: instant(row.EndedAt),
		})
	}
	return plans, nil
}

// StandingPlan is a plan that rounds are made from, with the shift it is for and how its squad moves.
type StandingPlan struct {
	models.RoundPlan
	Shift     models.Shift
	SquadKind models.SquadKind
}

// MaxStandingPlans bounds the plans of one station that have not ended.
const MaxStandingPlans = 1000

// CountStandingPlans counts a station's plans that have not ended.
func (s *Store) CountStandingPlans(ctx context.Context, station models.ID) (int, error) {
	count := int64(0)
	err := s.read(ctx).Model(&roundPlanRow{}).Where("station_id = ? AND ended_at = 0", station).Count(&count).Error
	return int(count), translate(err)
}

// StandingPlans lists a station's plans that have not ended, of shifts that have not either, by id.
func (s *Store) StandingPlans(ctx context.Context, station models.ID) ([]StandingPlan, error) {
	found := []roundPlanRow{}
	err := s.read(ctx).Where("station_id = ? AND ended_at = 0", station).Order("id").Limit(MaxStandingPlans).Find(&found).Error
	if err != nil {
		return nil, translate(err)
	}
	plans, err := s.roundPlans(ctx, found)
	if err != nil {
		return nil, err
	}
	rows := []struct {
		Shift     shiftRow `gorm:"embedded"`
		SquadKind models.SquadKind
	}{}
	err = s.read(ctx).Table("shifts").Select("shifts.*, squads.kind AS squad_kind").
		Joins("JOIN squads ON squads.id = shifts.squad_id").
		Where("shifts.station_id = ? AND shifts.ended_at = 0", station).Find(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	standing := make([]StandingPlan, 0, len(plans))
	for _, row := range rows {
		shift, err := row.Shift.shift()
		if err != nil {
			return nil, err
		}
		for _, plan := range plans {
			if plan.ShiftID == shift.ID {
				standing = append(standing, StandingPlan{RoundPlan: plan, Shift: shift, SquadKind: row.SquadKind})
			}
		}
	}
	slices.SortFunc(standing, func(left, right StandingPlan) int { return strings.Compare(string(left.ID), string(right.ID)) })
	return standing, nil
}
