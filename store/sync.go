package store

import (
	"context"
	"time"

	"xunfang/models"
)

type syncManifestRow struct {
	ID       models.ID `gorm:"primaryKey"`
	PersonID models.ID
	ParentID models.ID
	Manifest []byte
}

func (syncManifestRow) TableName() string { return "sync_manifests" }

// SyncToken reads a person's own token while it holds; CodeNotFound for every other.
func (s *Store) SyncToken(ctx context.Context, person, id models.ID, now time.Time) (models.SyncToken, error) {
	rows := []syncManifestRow{}
	err := s.read(ctx).Where("id = ? AND person_id = ?", id, person).
		Where("id >= ?", models.FirstIDAt(now.Add(-models.SyncTokenKept))).Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return models.SyncToken{}, orNotFound(translate(err))
	}
	has, err := models.ParseManifest(rows[0].Manifest)
	return models.SyncToken{ID: rows[0].ID, PersonID: rows[0].PersonID, ParentID: rows[0].ParentID, Has: has}, err
}

// AddSyncToken writes a token made from another, if there was one. Who came with that has no more use for the one
// before it. Beyond models.MaxSyncTokens a person's oldest go, but not the one just used: its answer may be lost.
func (s *Store) AddSyncToken(ctx context.Context, token, from models.SyncToken) error {
	manifest, err := token.Has.Encode()
	if err != nil {
		return err
	}
	old := []models.ID{}
	err = s.read(ctx).Model(&syncManifestRow{}).Where("person_id = ? AND id <> ?", token.PersonID, from.ID).
		Order("id DESC").Offset(models.MaxSyncTokens-2).Limit(forgetBatch).Pluck("id", &old).Error
	if err != nil {
		return translate(err)
	}
	if from.ParentID != "" {
		old = append(old, from.ParentID)
	}
	if len(old) > 0 {
		done := s.write(ctx).Where("person_id = ? AND id IN ?", token.PersonID, old).Delete(&syncManifestRow{})
		if done.Error != nil {
			return translate(done.Error)
		}
	}
	row := syncManifestRow{ID: token.ID, PersonID: token.PersonID, ParentID: token.ParentID, Manifest: manifest}
	return translate(s.write(ctx).Create(&row).Error)
}

// MembersOf is RoundMembers for several rounds at once.
func (s *Store) MembersOf(ctx context.Context, rounds []models.ID) (map[models.ID][]models.RoundMember, error) {
	rows := []roundMemberRow{}
	err := s.read(ctx).Where("round_id IN ?", rounds).Order("round_id, joined_at, person_id").Find(&rows).Error
	members := map[models.ID][]models.RoundMember{}
	for _, row := range rows {
		members[row.RoundID] = append(members[row.RoundID], row.member())
	}
	return members, translate(err)
}

// GuestsOf is RoundGuests for several rounds at once.
func (s *Store) GuestsOf(ctx context.Context, rounds []models.ID) (map[models.ID][]models.RoundGuest, error) {
	rows := []roundGuestRow{}
	if err := s.read(ctx).Where("round_id IN ?", rounds).Order("round_id, added_at, id").Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	guests := map[models.ID][]models.RoundGuest{}
	for _, row := range rows {
		guest, err := s.roundGuest(row)
		if err != nil {
			return nil, err
		}
		guests[row.RoundID] = append(guests[row.RoundID], guest)
	}
	return guests, nil
}
