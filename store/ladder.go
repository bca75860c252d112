package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"xunfang/models"
)

type ladderRow struct {
	StationID models.ID `gorm:"primaryKey"`
	Version   int
	Rungs     string
	UpdatedAt int64 `gorm:"autoUpdateTime:false"`
}

func (ladderRow) TableName() string { return "alert_ladders" }

// Ladders reads what a station has set; the defaults, of version 0, where it has set nothing.
func (s *Store) Ladders(ctx context.Context, station models.ID) (models.Ladders, error) {
	rows := []ladderRow{}
	err := s.read(ctx).Where("station_id = ?", station).Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return models.DefaultLadders(), translate(err)
	}
	ladders := models.Ladders{Version: rows[0].Version, UpdatedAt: instant(rows[0].UpdatedAt)}
	if err := json.Unmarshal([]byte(rows[0].Rungs), &ladders.Rungs); err != nil {
		return ladders, fmt.Errorf("store: the ladders of a station cannot be read: %w", err)
	}
	return ladders, nil
}

// PutLadders replaces the ladders that were read in ladders.Version, and gives them their next version; CodeConflict when
// somebody set others meanwhile.
func (s *Store) PutLadders(ctx context.Context, station models.ID, ladders models.Ladders) (models.Ladders, error) {
	seen := ladders.Version
	ladders.Version++
	rungs, err := json.Marshal(ladders.Rungs)
	if err != nil {
		return ladders, fmt.Errorf("store: ladders: %w", err)
	}
	row := ladderRow{StationID: station, Version: ladders.Version, Rungs: string(rungs), UpdatedAt: millis(ladders.UpdatedAt)}
	return ladders, s.putOver(ctx, seen, &row)
}

type climbRow struct {
	AlertID   models.ID `gorm:"primaryKey"`
	StationID models.ID
	Rungs     string
	Step      int
	DueAt     int64
	ChangedAt int64
	Ended     string
}

func (climbRow) TableName() string { return "climbs" }

func (row climbRow) climb() (models.Climb, error) {
	climb := models.Climb{
		AlertID: row.AlertID, StationID: row.StationID, Step: row.Step, DueAt: instant(row.DueAt), ChangedAt: instant(row.ChangedAt),
		Ended: row.Ended,
	}
	if err := json.Unmarshal([]byte(row.Rungs), &climb.Rungs); err != nil {
		return climb, fmt.Errorf("store: a climb cannot be read: %w", err)
	}
	return climb, nil
}

// begin puts an alert on its station's ladder, if it climbs, and gives the channels by which it is told at once; nil: by all.
func (s *Store) begin(ctx context.Context, alert models.Alert) ([]string, error) {
	if !alert.Climbs() {
		return nil, nil
	}
	ladders, err := s.Ladders(ctx, alert.Audience.Place.Station)
	if err != nil {
		return nil, err
	}
	rungs := ladders.Rungs[alert.Severity]
	climb, climbs := models.NewClimb(alert, rungs)
	if climbs {
		kept, err := json.Marshal(rungs)
		if err != nil {
			return nil, fmt.Errorf("store: a climb: %w", err)
		}
		row := climbRow{
			AlertID: alert.ID, StationID: climb.StationID, Rungs: string(kept), Step: climb.Step, DueAt: millis(climb.DueAt),
			ChangedAt: millis(climb.ChangedAt),
		}
		if err := s.write(ctx).Create(&row).Error; err != nil {
			return nil, translate(err)
		}
	}
	if len(rungs) == 0 {
		return nil, nil
	}
	return rungs[0].Channels, nil
}

// DueClimbs lists climbs whose next step is due, the longest due first.
func (s *Store) DueClimbs(ctx context.Context, now time.Time, limit int) ([]models.Climb, error) {
	return s.climbs(ctx, limit, "due_at, alert_id", "ended = '' AND due_at <= ?", millis(now))
}

// Climb is how far an alert has come up its ladder.
func (s *Store) Climb(ctx context.Context, alert models.ID) (models.Climb, error) {
	found, err := s.climbs(ctx, 1, "alert_id", "alert_id = ?", alert)
	if err == nil && len(found) == 0 {
		err = models.Fail(models.CodeNotFound)
	}
	if err != nil {
		return models.Climb{}, err
	}
	return found[0], nil
}

// ChangedClimbs lists climbs that changed since a time.
func (s *Store) ChangedClimbs(ctx context.Context, since time.Time, limit int) ([]models.Climb, error) {
	return s.climbs(ctx, limit, "changed_at, alert_id", "changed_at >= ?", millis(since))
}

func (s *Store) climbs(ctx context.Context, limit int, order, which string, values ...any) ([]models.Climb, error) {
	rows, climbs := []climbRow{}, []models.Climb{}
	if err := s.read(ctx).Where(which, values...).Order(order).Limit(limit).Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	for _, row := range rows {
		climb, err := row.climb()
		if err != nil {
			return nil, err
		}
		climbs = append(climbs, climb)
	}
	return climbs, nil
}

// MoveClimb moves a climb on from the step on which it was found; false when somebody else has. Of any number who try one does.
func (s *Store) MoveClimb(ctx context.Context, before, after models.Climb) (bool, error) {
	done := s.write(ctx).Model(&climbRow{}).
		Where("alert_id = ? AND step = ? AND due_at = ? AND ended = ''", before.AlertID, before.Step, millis(before.DueAt)).
		Updates(map[string]any{
			"step": after.Step, "due_at": millis(after.DueAt), "changed_at": millis(after.ChangedAt), "ended": after.Ended,
		})
	return done.RowsAffected == 1, translate(done.Error)
}

// forgetClimbs deletes where old alerts stood; what was done is in the audit.
func (s *Store) forgetClimbs(ctx context.Context, before time.Time) (int64, error) {
	aged := []models.ID{}
	err := s.read(ctx).Model(&climbRow{}).Where("alert_id < ?", models.FirstIDAt(before)).Order("alert_id").Limit(forgetBatch).
		Pluck("alert_id", &aged).Error
	if err != nil || len(aged) == 0 {
		return 0, translate(err)
	}
	return s.erase(ctx, "DELETE FROM climbs WHERE alert_id IN ?", aged)
}
