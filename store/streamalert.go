package store

import (
	"context"
	"time"

	"xunfang/models"
)

// AlertsAfter names the alerts after an id, oldest first.
func (s *Store) AlertsAfter(ctx context.Context, after models.ID, limit int) ([]models.ID, error) {
	ids := []models.ID{}
	err := s.read(ctx).Model(&alertRow{}).Where("id > ?", after).Order("id").Limit(limit).Pluck("id", &ids).Error
	return ids, translate(err)
}

// AlertsOf reads some alerts without their counts, oldest first.
func (s *Store) AlertsOf(ctx context.Context, ids []models.ID) ([]models.Alert, error) {
	rows, alerts := []alertRow{}, make([]models.Alert, 0, len(ids))
	if len(ids) == 0 {
		return alerts, nil
	}
	if err := s.read(ctx).Where("id IN ?", ids).Order("id").Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	for _, row := range rows {
		alert, err := s.alert(row)
		if err != nil {
			return nil, err
		}
		alerts = append(alerts, alert)
	}
	return alerts, nil
}

// EndedSessions names those of some sessions that are not live: ended, run out, or not there.
func (s *Store) EndedSessions(ctx context.Context, sessions []models.ID, now time.Time) ([]models.ID, error) {
	live, ended := []models.ID{}, []models.ID{}
	err := s.read(ctx).Model(&sessionRow{}).Where("id IN ? AND revoked_at = 0 AND expires_at > ?", sessions, millis(now)).
		Pluck("id", &live).Error
	if err != nil {
		return nil, translate(err)
	}
	found := make(map[models.ID]bool, len(live))
	for _, id := range live {
		found[id] = true
	}
	for _, id := range sessions {
		if !found[id] {
			ended = append(ended, id)
		}
	}
	return ended, nil
}
