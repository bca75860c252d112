package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"xunfang/models"
)

type faceConsentRow struct {
	ID         models.ID `gorm:"primaryKey"`
	PersonID   models.ID
	GivenBy    models.ID
	StationID  models.ID
	CompoundID models.ID
	BuildingID models.ID
	UnitID     models.ID
	HomeID     models.ID
	Version    string
	GivenAt    int64
	EndedAt    int64
	EndReason  models.FaceConsentEnd
	Ended      models.ID
}

func (faceConsentRow) TableName() string { return "face_consents" }

func (row faceConsentRow) consent() models.FaceConsent {
	return models.FaceConsent{
		ID: row.ID, PersonID: row.PersonID, GivenBy: row.GivenBy, Version: row.Version, GivenAt: instant(row.GivenAt),
		Place: models.Place{
			Station: row.StationID, Compound: row.CompoundID, Building: row.BuildingID, Unit: row.UnitID, Home: row.HomeID,
		},
		EndedAt: instant(row.EndedAt), EndReason: row.EndReason,
	}
}

// AddFaceConsent writes a new consent; CodeAlreadyExists when the id is taken or another holds for the person and home.
func (s *Store) AddFaceConsent(ctx context.Context, consent models.FaceConsent) error {
	place := consent.Place
	return translate(s.write(ctx).Create(&faceConsentRow{
		ID: consent.ID, PersonID: consent.PersonID, GivenBy: consent.GivenBy, StationID: place.Station, CompoundID: place.Compound,
		BuildingID: place.Building, UnitID: place.Unit, HomeID: place.Home, Version: consent.Version, GivenAt: millis(consent.GivenAt),
	}).Error)
}

// EndFaceConsent ends a consent and asks for the deletion of what was enrolled on it; false when it had ended.
func (s *Store) EndFaceConsent(ctx context.Context, id models.ID, reason models.FaceConsentEnd, now time.Time) (bool, error) {
	done := s.write(ctx).Model(&faceConsentRow{}).Where("id = ? AND ended = ''", id).
		Updates(map[string]any{"ended_at": millis(now), "end_reason": reason, "ended": gorm.Expr("id")})
	if done.Error != nil || done.RowsAffected == 0 {
		return false, translate(done.Error)
	}
	return true, s.deleteFaces(ctx, string(reason), now, "consent_id = ?", id)
}

// RenewFaceConsent writes a consent in place of one to earlier words: what was enrolled on that one stays, on the new one.
func (s *Store) RenewFaceConsent(ctx context.Context, before, consent models.FaceConsent) error {
	moved := s.write(ctx).Model(&faceEnrolmentRow{}).Where("consent_id = ? AND live IS NOT NULL", before.ID).Update("consent_id", consent.ID)
	if moved.Error != nil {
		return translate(moved.Error)
	}
	if _, err := s.EndFaceConsent(ctx, before.ID, models.FaceSuperseded, consent.GivenAt); err != nil {
		return err
	}
	return s.AddFaceConsent(ctx, consent)
}

// FaceConsent reads one consent; CodeNotFound when there is none.
func (s *Store) FaceConsent(ctx context.Context, id models.ID) (models.FaceConsent, error) {
	found, err := s.faceConsents(s.read(ctx).Where("id = ?", id).Limit(1))
	if err != nil || len(found) == 0 {
		return models.FaceConsent{}, orNotFound(err)
	}
	return found[0], nil
}

// StandingFaceConsent reads the consent that holds for a person in a home; CodeNotFound when none does.
func (s *Store) StandingFaceConsent(ctx context.Context, person, home models.ID) (models.FaceConsent, error) {
	found, err := s.faceConsents(s.read(ctx).Where("person_id = ? AND home_id = ? AND ended = ''", person, home).Limit(1))
	if err != nil || len(found) == 0 {
		return models.FaceConsent{}, orNotFound(err)
	}
	return found[0], nil
}

// FaceConsents lists the consents that are about a person or were given by them, newest first.
func (s *Store) FaceConsents(ctx context.Context, person models.ID, page Page) ([]models.FaceConsent, error) {
	base := func() *gorm.DB { return s.read(ctx).Model(&faceConsentRow{}) }
	about, given := []faceConsentRow{}, []faceConsentRow{}
	cols := columns{order: "id", newest: true}
	if err := cols.page(base().Where("person_id = ?", person), page).Find(&about).Error; err != nil {
		return nil, translate(err)
	}
	if err := cols.page(base().Where("given_by = ? AND person_id <> given_by", person), page).Find(&given).Error; err != nil {
		return nil, translate(err)
	}
	rows := newestFirst(append(about, given...), page.Limit, func(row faceConsentRow) models.ID { return row.ID })
	consents := make([]models.FaceConsent, 0, len(rows))
	for _, row := range rows {
		consents = append(consents, row.consent())
	}
	return consents, nil
}

// UnfoundedFaceConsents lists consents that hold although who they are about, or who gave them, does not live in the home any
// more; of everybody where person is "", else those that the person has to do with. At most limit.
func (s *Store) UnfoundedFaceConsents(ctx context.Context, person models.ID, now time.Time, limit int) ([]models.FaceConsent, error) {
	lives := func(who string) *gorm.DB {
		return s.read(ctx).Model(&grantRow{}).Select("1").
			Where("role = ? AND role_grants.person_id = face_consents."+who+" AND role_grants.home_id = face_consents.home_id", models.RoleResident).
			Scopes(heldAt(now))
	}
	query := s.read(ctx).Where("ended = ''").Where("NOT EXISTS (?) OR NOT EXISTS (?)", lives("person_id"), lives("given_by"))
	if person != "" {
		query = query.Where("person_id = ? OR given_by = ?", person, person)
	}
	return s.faceConsents(query.Order("id").Limit(limit))
}

// SupersededFaceConsents lists consents that hold to other words than these, at most limit.
func (s *Store) SupersededFaceConsents(ctx context.Context, standing []string, limit int) ([]models.FaceConsent, error) {
	return s.faceConsents(s.read(ctx).Where("ended = '' AND version NOT IN ?", standing).Order("id").Limit(limit))
}

// GuardiansFaceConsents lists consents that hold and were given for a child, by id after one.
func (s *Store) GuardiansFaceConsents(ctx context.Context, after models.ID, limit int) ([]models.FaceConsent, error) {
	return s.faceConsents(s.read(ctx).Where("ended = '' AND id > ? AND person_id <> given_by", after).Order("id").Limit(limit))
}

func (s *Store) faceConsents(query *gorm.DB) ([]models.FaceConsent, error) {
	rows := []faceConsentRow{}
	if err := query.Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	consents := make([]models.FaceConsent, 0, len(rows))
	for _, row := range rows {
		consents = append(consents, row.consent())
	}
	return consents, nil
}

// forgetFaces deletes consents that ended long ago, and enrolments of which nothing is left; a bounded number of each.
func (s *Store) forgetFaces(ctx context.Context, now time.Time) (int64, error) {
	touched := int64(0)
	for _, old := range []struct {
		table, column string
		kept          time.Duration
	}{
		{"face_consents", "ended_at", models.FaceConsentKept},
		{"face_enrolments", "over_at", models.FaceEnrolmentKept},
	} {
		aged := []models.ID{}
		err := s.read(ctx).Table(old.table).Where(old.column+" > 0 AND "+old.column+" < ?", millis(now.Add(-old.kept))).
			Order(old.column).Limit(forgetBatch).Pluck("id", &aged).Error
		if err != nil {
			return touched, translate(err)
		}
		if len(aged) == 0 {
			continue
		}
		gone, err := s.erase(ctx, "DELETE FROM "+old.table+" WHERE id IN ?", aged)
		if touched += gone; err != nil {
			return touched, err
		}
	}
	return touched, nil
}
