package store

import (
	"context"
	"time"

	"xunfang/models"
)

type trackerRow struct {
	ID         models.ID `gorm:"primaryKey"`
	PersonID   models.ID
	StationID  models.ID
	NameSealed []byte
	Kind       models.TrackerKind
	SecretMAC  []byte
	CreatedAt  int64 `gorm:"autoCreateTime:false"`
	RevokedAt  int64
}

func (trackerRow) TableName() string { return "trackers" }

// AddTracker writes a new tracker; CodeAlreadyExists when there is one of that id.
func (s *Store) AddTracker(ctx context.Context, tracker models.Tracker) error {
	return translate(s.write(ctx).Create(&trackerRow{
		ID: tracker.ID, PersonID: tracker.PersonID, StationID: tracker.StationID, Kind: tracker.Kind,
		NameSealed: s.sealText(tracker.Name, "trackers.name", tracker.ID), SecretMAC: tracker.SecretMAC,
		CreatedAt: millis(tracker.CreatedAt), RevokedAt: millis(tracker.RevokedAt),
	}).Error)
}

// Tracker reads one tracker, revoked or not; CodeNotFound when there is none.
func (s *Store) Tracker(ctx context.Context, id models.ID) (models.Tracker, error) {
	rows := []trackerRow{}
	if err := s.read(ctx).Where("id = ?", id).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return models.Tracker{}, orNotFound(translate(err))
	}
	return s.tracker(rows[0])
}

// Trackers lists the trackers of a person that may report, by id.
func (s *Store) Trackers(ctx context.Context, person models.ID, page Page) ([]models.Tracker, error) {
	rows := []trackerRow{}
	query := s.read(ctx).Where("person_id = ? AND revoked_at = 0", person)
	if err := (columns{order: "id"}).page(query, page).Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	trackers := make([]models.Tracker, 0, len(rows))
	for _, row := range rows {
		tracker, err := s.tracker(row)
		if err != nil {
			return nil, err
		}
		trackers = append(trackers, tracker)
	}
	return trackers, nil
}

// RevokeTracker ends a person's tracker; false when they have none of that id that may report.
func (s *Store) RevokeTracker(ctx context.Context, person, id models.ID, now time.Time) (bool, error) {
	done := s.write(ctx).Model(&trackerRow{}).Where("id = ? AND person_id = ? AND revoked_at = 0", id, person).
		Update("revoked_at", millis(now))
	return done.RowsAffected == 1, translate(done.Error)
}

func (s *Store) tracker(row trackerRow) (models.Tracker, error) {
	name, err := s.openText(row.NameSealed, "trackers.name", row.ID)
	return models.Tracker{
		ID: row.ID, PersonID: row.PersonID, StationID: row.StationID, Name: name, Kind: row.Kind, SecretMAC: row.SecretMAC,
		CreatedAt: instant(row.CreatedAt), RevokedAt: instant(row.RevokedAt),
	}, err
}
