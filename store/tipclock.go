package store

import (
	"context"
	"time"

	"gorm.io/gorm/clause"

	"xunfang/models"
)

type tipClockRow struct {
	TipID       models.ID `gorm:"primaryKey"`
	StationID   models.ID
	AssignedTo  models.ID
	BegunAt     int64
	ActionAt    int64
	DueAt       int64
	ClimbsAt    int64
	Climb       models.TipClimb
	ReopensTill int64
}

func (tipClockRow) TableName() string { return "tip_clocks" }

type deputyRow struct {
	PersonID  models.ID `gorm:"primaryKey"`
	StationID models.ID
	DeputyID  models.ID
}

func (deputyRow) TableName() string { return "deputies" }

// PutTipClock writes a tip's clock in the place of the one before, in the transaction that moves the tip.
func (s *Store) PutTipClock(ctx context.Context, clock models.TipClock) error {
	return translate(s.write(ctx).Clauses(clause.OnConflict{UpdateAll: true}).Create(&tipClockRow{
		TipID: clock.TipID, StationID: clock.StationID, AssignedTo: clock.AssignedTo, BegunAt: millis(clock.BegunAt),
		ActionAt: millis(clock.ActionAt), DueAt: millis(clock.DueAt), ClimbsAt: millis(clock.ClimbsAt), Climb: clock.Climb,
		ReopensTill: millis(clock.ReopensTill),
	}).Error)
}

// AssignTipClock says whose a tip is from now on, and leaves the rest of its clock to whoever moves it meanwhile.
func (s *Store) AssignTipClock(ctx context.Context, tip, person models.ID) error {
	return translate(s.write(ctx).Model(&tipClockRow{}).Where("tip_id = ?", tip).Update("assigned_to", person).Error)
}

// ClimbTipClock writes a clock after its next step; false when another replica took the step, or the tip has moved on.
func (s *Store) ClimbTipClock(ctx context.Context, before, after models.TipClock) (bool, error) {
	done := s.write(ctx).Model(&tipClockRow{}).
		Where("tip_id = ? AND climbs_at = ? AND climb = ?", before.TipID, millis(before.ClimbsAt), before.Climb).
		Updates(map[string]any{"climbs_at": millis(after.ClimbsAt), "climb": after.Climb})
	return done.RowsAffected == 1, translate(done.Error)
}

// DueTips names the tips whose time has passed, the longest ago first.
func (s *Store) DueTips(ctx context.Context, now time.Time, limit int) ([]models.ID, error) {
	ids := []models.ID{}
	err := s.read(ctx).Model(&tipClockRow{}).Where("climbs_at > 0 AND climbs_at <= ?", millis(now)).
		Order("climbs_at").Limit(limit).Pluck("tip_id", &ids).Error
	return ids, translate(err)
}

// addClocks adds their clocks to tips.
func (s *Store) addClocks(ctx context.Context, tips []models.Tip) error {
	ids := make([]models.ID, 0, len(tips))
	for _, tip := range tips {
		ids = append(ids, tip.ID)
	}
	if len(ids) == 0 {
		return nil
	}
	rows, clocks := []tipClockRow{}, map[models.ID]models.TipClock{}
	if err := s.read(ctx).Where("tip_id IN ?", ids).Find(&rows).Error; err != nil {
		return translate(err)
	}
	for _, row := range rows {
		clocks[row.TipID] = models.TipClock{
			TipID: row.TipID, StationID: row.StationID, AssignedTo: row.AssignedTo, BegunAt: instant(row.BegunAt),
			ActionAt: instant(row.ActionAt), DueAt: instant(row.DueAt), ClimbsAt: instant(row.ClimbsAt), Climb: row.Climb,
			ReopensTill: instant(row.ReopensTill),
		}
	}
	for at := range tips {
		tips[at].Clock = clocks[tips[at].ID]
	}
	return nil
}

// CommunityOfficer is who leads a compound: the officer whose role is held just there, the first by id where there are
// several; "" when there is none.
func (s *Store) CommunityOfficer(ctx context.Context, place models.Place, now time.Time) (models.ID, error) {
	if place.Compound == "" {
		return "", nil
	}
	people := []models.ID{}
	err := s.read(ctx).Model(&grantRow{}).
		Where("role = ? AND station_id = ? AND compound_id = ?", models.RoleOfficer, place.Station, place.Compound).
		Where("building_id = '' AND unit_id = '' AND home_id = ''").
		Scopes(heldAt(now)).
		Order("person_id").Limit(1).Pluck("person_id", &people).Error
	if err != nil || len(people) == 0 {
		return "", translate(err)
	}
	return people[0], nil
}

// PutDeputy says who stands in for a person; "" for nobody.
func (s *Store) PutDeputy(ctx context.Context, station, person, deputy models.ID) error {
	if deputy == "" {
		return translate(s.write(ctx).Where("person_id = ?", person).Delete(&deputyRow{}).Error)
	}
	return translate(s.write(ctx).Clauses(clause.OnConflict{UpdateAll: true}).
		Create(&deputyRow{PersonID: person, StationID: station, DeputyID: deputy}).Error)
}

// Deputy is who stands in for a person; "" for nobody.
func (s *Store) Deputy(ctx context.Context, person models.ID) (models.ID, error) {
	found := []models.ID{}
	err := s.read(ctx).Model(&deputyRow{}).Where("person_id = ?", person).Limit(1).Pluck("deputy_id", &found).Error
	if err != nil || len(found) == 0 {
		return "", translate(err)
	}
	return found[0], nil
}
