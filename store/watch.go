package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"xunfang/models"
)

type concernRow struct {
	ID               models.ID `gorm:"primaryKey"`
	StationID        models.ID
	Subject          string
	Kind             models.ConcernKind
	Severity         string
	SquadID          models.ID
	RoundID          models.ID
	PlaceID          models.ID
	LeaderID         models.ID
	Name             string
	RoundName        string
	FromAt           int64
	SinceAt          int64
	LapsesAt         int64
	LeaderAlertID    models.ID
	ToldLeaderAt     int64
	CommanderAlertID models.ID
	ToldCommanderAt  int64
	ClimbsAt         int64
	EndedAt          int64
	Outcome          models.ConcernOutcome
}

func (concernRow) TableName() string { return "watch_concerns" }

func (row concernRow) concern() models.Concern {
	return models.Concern{
		ID: row.ID, StationID: row.StationID, Subject: row.Subject, Kind: row.Kind, Severity: row.Severity, SquadID: row.SquadID,
		RoundID: row.RoundID, PlaceID: row.PlaceID, LeaderID: row.LeaderID, Name: row.Name, RoundName: row.RoundName,
		From: instant(row.FromAt), Since: instant(row.SinceAt), LapsesAt: instant(row.LapsesAt),
		LeaderAlertID: row.LeaderAlertID, ToldLeaderAt: instant(row.ToldLeaderAt), CommanderAlertID: row.CommanderAlertID,
		ToldCommanderAt: instant(row.ToldCommanderAt), ClimbsAt: instant(row.ClimbsAt), EndedAt: instant(row.EndedAt), Outcome: row.Outcome,
	}
}

func concerns(rows []concernRow) []models.Concern {
	found := make([]models.Concern, 0, len(rows))
	for _, row := range rows {
		found = append(found, row.concern())
	}
	return found
}

// AddConcern writes a concern that begins; false when its subject has an open one, or had one that ended since quiet:
// a replica whose facts are a moment older must not open anew what another has just ended.
func (s *Store) AddConcern(ctx context.Context, concern models.Concern, quiet time.Time) (bool, error) {
	ended := []models.ID{}
	err := s.write(ctx).Model(&concernRow{}).
		Where("station_id = ? AND subject = ? AND ended_at > ?", concern.StationID, concern.Subject, millis(quiet)).
		Limit(1).Pluck("id", &ended).Error
	if err != nil || len(ended) > 0 {
		return false, translate(err)
	}
	row := concernRow{
		ID: concern.ID, StationID: concern.StationID, Subject: concern.Subject, Kind: concern.Kind, Severity: concern.Severity,
		SquadID: concern.SquadID, RoundID: concern.RoundID, PlaceID: concern.PlaceID, LeaderID: concern.LeaderID, Name: concern.Name,
		RoundName: concern.RoundName, FromAt: millis(concern.From), SinceAt: millis(concern.Since), LapsesAt: millis(concern.LapsesAt),
	}
	err = translate(s.write(ctx).Create(&row).Error) // MySQL counts a row that it leaves alone, too: only the error tells
	if models.CodeOf(err) == models.CodeAlreadyExists {
		return false, nil
	}
	return err == nil, err
}

// TellConcerns writes whom new concerns were told to, by which alerts, and when they climb.
func (s *Store) TellConcerns(ctx context.Context, ids []models.ID, told models.Concern) error {
	return translate(s.write(ctx).Model(&concernRow{}).Where("id IN ?", ids).Updates(map[string]any{
		"leader_alert_id": told.LeaderAlertID, "told_leader_at": millis(told.ToldLeaderAt), "climbs_at": millis(told.ClimbsAt),
		"commander_alert_id": told.CommanderAlertID, "told_commander_at": millis(told.ToldCommanderAt),
	}).Error)
}

// ClimbConcern ends the climb of an open concern, with the alert to the duty commander or, when the leader has
// acknowledged, without one; false when it has ended or was climbed already.
func (s *Store) ClimbConcern(ctx context.Context, id, alert models.ID, at time.Time) (bool, error) {
	done := s.write(ctx).Model(&concernRow{}).Where("id = ? AND climbs_at > 0 AND ended_at = 0", id).
		Updates(map[string]any{"climbs_at": 0, "commander_alert_id": alert, "told_commander_at": millis(at)})
	return done.RowsAffected == 1, translate(done.Error)
}

// MoveConcern writes from when an open concern counts.
func (s *Store) MoveConcern(ctx context.Context, concern models.Concern) error {
	return translate(s.write(ctx).Model(&concernRow{}).Where("id = ? AND ended_at = 0", concern.ID).
		Updates(map[string]any{"from_at": millis(concern.From), "since_at": millis(concern.Since)}).Error)
}

// EndConcern ends an open concern; false when another replica has.
func (s *Store) EndConcern(ctx context.Context, concern models.Concern) (bool, error) {
	done := s.write(ctx).Model(&concernRow{}).Where("id = ? AND ended_at = 0", concern.ID).
		Updates(map[string]any{"ended_at": millis(concern.EndedAt), "outcome": concern.Outcome, "climbs_at": 0})
	return done.RowsAffected == 1, translate(done.Error)
}

// Concern reads one concern; CodeNotFound when there is none.
func (s *Store) Concern(ctx context.Context, id models.ID) (models.Concern, error) {
	rows := []concernRow{}
	if err := s.write(ctx).Where("id = ?", id).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return models.Concern{}, orNotFound(translate(err))
	}
	return rows[0].concern(), nil
}

// Acknowledged says whether anybody has acknowledged an alert.
func (s *Store) Acknowledged(ctx context.Context, alert models.ID) (bool, error) {
	found := []models.ID{}
	err := s.write(ctx).Model(&inboxRow{}).Where("alert_id = ? AND acknowledged_at > 0", alert).Limit(1).Pluck("person_id", &found).Error
	return len(found) > 0, translate(err)
}

// OpenConcerns lists a station's open concerns, by id.
func (s *Store) OpenConcerns(ctx context.Context, station models.ID) ([]models.Concern, error) {
	rows := []concernRow{}
	err := s.read(ctx).Where("ended_at = 0 AND station_id = ?", station).Order("id").Find(&rows).Error
	return concerns(rows), translate(err)
}

// ConcernFilter narrows a list of concerns; empty fields do not. The times are those of noticing.
type ConcernFilter struct {
	Kind        models.ConcernKind
	Open, Ended bool
	From, To    time.Time
}

// ledSquads are the squads that somebody leads.
const ledSquads = "squad_id IN (SELECT squads.id FROM squads WHERE squads.leader_id = ?)"

// ListConcerns lists concerns within sight, the latest noticed first. The caller's own are those they are told of as a
// leader and those of squads that they lead.
func (s *Store) ListConcerns(ctx context.Context, sights []models.Sight, filter ConcernFilter, page Page) ([]models.Concern, error) {
	base := func() *gorm.DB { return filter.apply(s.read(ctx).Model(&concernRow{})) }
	cols, found := columns{order: "id", newest: true}, []concernRow{}
	for _, sight := range sights {
		queries := []*gorm.DB{base().Where("leader_id = ?", sight.Owner), base().Where(ledSquads, sight.Owner)}
		if sight.Owner == "" {
			within, visible := cols.within(base(), sight.Within)
			if queries = nil; visible {
				queries = append(queries, within)
			}
		}
		for _, query := range queries {
			rows := []concernRow{}
			if err := cols.page(query, page).Find(&rows).Error; err != nil {
				return nil, translate(err)
			}
			found = append(found, rows...)
		}
	}
	return concerns(newestFirst(found, page.Limit, func(row concernRow) models.ID { return row.ID })), nil
}

func (f ConcernFilter) apply(query *gorm.DB) *gorm.DB {
	if f.Kind != "" {
		query = query.Where("kind = ?", f.Kind)
	}
	if f.Open {
		query = query.Where("ended_at = 0")
	}
	if f.Ended {
		query = query.Where("ended_at > 0")
	}
	return between(query, "id", f.From, f.To)
}

// forgetConcerns deletes a bounded number of concerns that ended before a time.
func (s *Store) forgetConcerns(ctx context.Context, before time.Time) (int64, error) {
	aged := []models.ID{}
	err := s.read(ctx).Model(&concernRow{}).Where("ended_at > 0 AND ended_at < ?", millis(before)).
		Order("ended_at").Limit(forgetBatch).Pluck("id", &aged).Error
	if err != nil || len(aged) == 0 {
		return 0, translate(err)
	}
	return s.erase(ctx, "DELETE FROM watch_concerns WHERE id IN ?", aged)
}
