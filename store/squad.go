package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"xunfang/models"
)

type squadRow struct {
	ID        models.ID `gorm:"primaryKey"`
	StationID models.ID
	Name      string
	Kind      models.SquadKind
	LeaderID  models.ID
	CreatedAt int64 `gorm:"autoCreateTime:false"`
	EndedAt   int64 // part of the unique key, so that the name of one that ended is free again
}

func (squadRow) TableName() string { return "squads" }

type squadMemberRow struct {
	SquadID  models.ID `gorm:"primaryKey"`
	PersonID models.ID `gorm:"primaryKey"`
	Ordinal  int
}

func (squadMemberRow) TableName() string { return "squad_members" }

// squadsOf are the squads that somebody belongs to, as a condition.
const squadsOf = "(SELECT squad_id FROM squad_members WHERE person_id = ?)"

// AddSquad writes a new squad; CodeAlreadyExists when the station has one of that name.
func (s *Store) AddSquad(ctx context.Context, squad models.Squad) error {
	row := newSquadRow(squad)
	if err := s.write(ctx).Create(&row).Error; err != nil {
		return translate(err)
	}
	return s.addSquadMembers(ctx, squad)
}

// UpdateSquad writes a squad's columns and members; CodeAlreadyExists when the station has one of that name.
func (s *Store) UpdateSquad(ctx context.Context, squad models.Squad) error {
	row := newSquadRow(squad)
	if err := s.write(ctx).Model(&squadRow{}).Where("id = ?", squad.ID).Select("*").Updates(&row).Error; err != nil {
		return translate(err)
	}
	if err := s.write(ctx).Where("squad_id = ?", squad.ID).Delete(&squadMemberRow{}).Error; err != nil {
		return translate(err)
	}
	return s.addSquadMembers(ctx, squad)
}

func newSquadRow(squad models.Squad) squadRow {
	return squadRow{
		ID: squad.ID, StationID: squad.StationID, Name: squad.Name, Kind: squad.Kind, LeaderID: squad.LeaderID,
		CreatedAt: millis(squad.CreatedAt), EndedAt: millis(squad.EndedAt),
	}
}

func (s *Store) addSquadMembers(ctx context.Context, squad models.Squad) error {
	rows := newSquadMemberRows(squad)
	if len(rows) == 0 {
		return nil
	}
	return translate(s.write(ctx).Create(&rows).Error)
}

func newSquadMemberRows(squad models.Squad) []squadMemberRow {
	rows := make([]squadMemberRow, 0, len(squad.Members))
	for at, person := range squad.Members {
		rows = append(rows, squadMemberRow{SquadID: squad.ID, PersonID: person, Ordinal: at + 1})
	}
	return rows
}

// EndSquad ends a squad with its shifts and their plans; what has ended before keeps its time. The squad's row must be
// locked: squads come before shifts, and shifts before plans, for whoever holds several.
func (s *Store) EndSquad(ctx context.Context, id models.ID, at time.Time) error {
	shifts := []models.ID{}
	if err := s.read(ctx).Model(&shiftRow{}).Where("squad_id = ? AND ended_at = 0", id).Order("id").Pluck("id", &shifts).Error; err != nil {
		return translate(err)
	}
	for _, shift := range shifts {
		ended := s.write(ctx).Model(&shiftRow{}).Where("id = ? AND squad_id = ? AND ended_at = 0", shift, id).Update("ended_at", millis(at))
		if ended.Error != nil {
			return translate(ended.Error)
		}
		if ended.RowsAffected == 0 { // moved to another squad meanwhile
			continue
		}
		if err := s.end(ctx, &roundPlanRow{}, "shift_id = ?", shift, at); err != nil {
			return err
		}
	}
	return s.end(ctx, &squadRow{}, "id = ?", id, at)
}

// end sets when rows ended that have not.
func (s *Store) end(ctx context.Context, table any, which string, id models.ID, at time.Time) error {
	return translate(s.write(ctx).Model(table).Where(which+" AND ended_at = 0", id).Update("ended_at", millis(at)).Error)
}

// Squad reads one squad; CodeNotFound when there is none.
func (s *Store) Squad(ctx context.Context, id models.ID) (models.Squad, error) {
	rows := []squadRow{}
	if err := s.read(ctx).Where("id = ?", id).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return models.Squad{}, orNotFound(translate(err))
	}
	squads, err := s.squads(ctx, rows)
	if err != nil {
		return models.Squad{}, err
	}
	return squads[0], nil
}

// SquadsOf lists the squads that a person belongs to and that have not ended, by id; at most 100.
func (s *Store) SquadsOf(ctx context.Context, person models.ID) ([]models.Squad, error) {
	rows := []squadRow{}
	err := s.read(ctx).Where("id IN "+squadsOf, person).Where("ended_at = 0").Order("id").Limit(100).Find(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	return s.squads(ctx, rows)
}

// PlanFilter narrows a list of squads, shifts, street posts or round plans; empty fields do not.
type PlanFilter struct {
	SquadID models.ID // shifts
	ShiftID models.ID // round plans
	Ended   bool      // those that have ended as well
}

func (f PlanFilter) where(query *gorm.DB) *gorm.DB {
	if f.SquadID != "" {
		query = query.Where("squad_id = ?", f.SquadID)
	}
	if f.ShiftID != "" {
		query = query.Where("shift_id = ?", f.ShiftID)
	}
	if !f.Ended {
		query = query.Where("ended_at = 0")
	}
	return query
}

// Squads lists squads within sight, by id, each with its members in order. The caller's own are those they belong to.
func (s *Store) Squads(ctx context.Context, sights []models.Sight, filter PlanFilter, page Page) ([]models.Squad, error) {
	base := func() *gorm.DB { return filter.where(s.read(ctx).Model(&squadRow{})) }
	rows, err := sightPages(ctx, base, sights, columns{order: "id", owned: "id IN " + squadsOf}, page,
		func(row squadRow) models.ID { return row.ID })
	if err != nil {
		return nil, err
	}
	return s.squads(ctx, rows)
}

// Patrollers reads those of the people who exist, with what their membership of a squad depends on and nothing else of
// them, and their grants.
func (s *Store) Patrollers(ctx context.Context, ids []models.ID) (map[models.ID]models.Person, map[models.ID][]models.Grant, error) {
	people, held := make(map[models.ID]models.Person, len(ids)), make(map[models.ID][]models.Grant, len(ids))
	if len(ids) == 0 {
		return people, held, nil
	}
	rows, grants := []personRow{}, []grantRow{}
	if err := s.read(ctx).Select("id, station_id, disabled_at").Where("id IN ?", ids).Find(&rows).Error; err != nil {
		return nil, nil, translate(err)
	}
	for _, row := range rows {
		people[row.ID] = models.Person{ID: row.ID, StationID: row.StationID, DisabledAt: instant(row.DisabledAt)}
	}
	if err := s.read(ctx).Where("person_id IN ?", ids).Find(&grants).Error; err != nil {
		return nil, nil, translate(err)
	}
	for _, grant := range grants {
		held[grant.PersonID] = append(held[grant.PersonID], grant.grant())
	}
	return people, held, nil
}

func (s *Store) squads(ctx context.Context, rows []squadRow) ([]models.Squad, error) {
	squads := make([]models.Squad, 0, len(rows))
	if len(rows) == 0 {
		return squads, nil
	}
	ids := make([]models.ID, 0, len(rows))
	for _, row := range rows {
		ids = append(ids, row.ID)
	}
	found := []squadMemberRow{}
	if err := s.read(ctx).Where("squad_id IN ?", ids).Order("squad_id, ordinal").Find(&found).Error; err != nil {
		return nil, translate(err)
	}
	members := map[models.ID][]models.ID{}
	for _, member := range found {
		members[member.SquadID] = append(members[member.SquadID], member.PersonID)
	}
	for _, row := range rows {
		squads = append(squads, models.Squad{
			ID: row.ID, StationID: row.StationID, Name: row.Name, Kind: row.Kind, LeaderID: row.LeaderID,
			Members: members[row.ID], CreatedAt: instant(row.CreatedAt), EndedAt: instant(row.EndedAt),
		})
	}
	return squads, nil
}
