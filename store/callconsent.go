package store

import (
	"context"
	"encoding/json"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"xunfang/models"
)

type callConsentRow struct {
	ID             models.ID `gorm:"primaryKey"`
	PersonID       models.ID
	StationID      models.ID
	CompoundID     models.ID
	BuildingID     models.ID
	UnitID         models.ID
	HomeID         models.ID
	InstallationID string
	Version        string
	GivenAt        int64
	WithdrawnAt    int64
	Ended          models.ID
}

func (callConsentRow) TableName() string { return "call_consents" }

func (row callConsentRow) consent() models.CallConsent {
	return models.CallConsent{
		ID: row.ID, PersonID: row.PersonID, InstallationID: row.InstallationID, Version: row.Version,
		Place: models.Place{
			Station: row.StationID, Compound: row.CompoundID, Building: row.BuildingID, Unit: row.UnitID, Home: row.HomeID,
		},
		GivenAt: instant(row.GivenAt), WithdrawnAt: instant(row.WithdrawnAt),
	}
}

// GiveCallConsent writes a consent, unless the same one holds already; one to other words is withdrawn by it. It gives the one
// that holds.
func (s *Store) GiveCallConsent(ctx context.Context, consent models.CallConsent) (models.CallConsent, error) {
	held := []callConsentRow{}
	err := s.write(ctx).Where("home_id = ? AND person_id = ? AND installation_id = ? AND ended = ''",
		consent.Place.Home, consent.PersonID, consent.InstallationID).Limit(1).Find(&held).Error
	if err != nil {
		return consent, translate(err)
	}
	if len(held) == 1 && held[0].Version == consent.Version {
		return held[0].consent(), nil
	}
	if _, err := s.WithdrawCallConsent(ctx, consent.PersonID, consent.Place.Home, consent.InstallationID, consent.GivenAt); err != nil {
		return consent, err
	}
	return consent, translate(s.write(ctx).Create(&callConsentRow{
		ID: consent.ID, PersonID: consent.PersonID, StationID: consent.Place.Station, CompoundID: consent.Place.Compound,
		BuildingID: consent.Place.Building, UnitID: consent.Place.Unit, HomeID: consent.Place.Home,
		InstallationID: consent.InstallationID, Version: consent.Version, GivenAt: millis(consent.GivenAt),
	}).Error)
}

// WithdrawCallConsent ends a consent; false when none held. What waits to be sent to the phone about calls to the home is not.
func (s *Store) WithdrawCallConsent(
	ctx context.Context, person, home models.ID, installation string, now time.Time,
) (bool, error) {
	done := s.write(ctx).Model(&callConsentRow{}).
		Where("home_id = ? AND person_id = ? AND installation_id = ? AND ended = ''", home, person, installation).
		Updates(map[string]any{"withdrawn_at": millis(now), "ended": gorm.Expr("id")})
	if done.Error != nil || done.RowsAffected == 0 {
		return false, translate(done.Error)
	}
	live := s.write(ctx).Model(&callRow{}).Select("id").Where("home_id = ? AND next_at > 0", home)
	return true, s.stopDeliveries(ctx, now, models.ReasonCallOver,
		"person_id = ? AND installation_id = ? AND alert_id IN (?)", person, installation, live)
}

// stopDeliveries gives up what is still to be sent.
func (s *Store) stopDeliveries(ctx context.Context, now time.Time, reason, which string, values ...any) error {
	return translate(s.write(ctx).Model(&deliveryRow{}).Where("state = ?", models.DeliveryQueued).Where(which, values...).
		Updates(map[string]any{
			"state": models.DeliveryFailed, "reason": reason, "lease_owner": "", "lease_until": 0, "updated_at": millis(now),
		}).Error)
}

// CallConsents lists a person's consents with those that were withdrawn, newest first.
func (s *Store) CallConsents(ctx context.Context, person models.ID, page Page) ([]models.CallConsent, error) {
	rows, cols := []callConsentRow{}, columns{order: "id", newest: true}
	if err := cols.page(s.read(ctx).Where("person_id = ?", person), page).Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	return callConsents(rows), nil
}

// CountCallConsents counts the other phones that calls to a home may ring for a person.
func (s *Store) CountCallConsents(ctx context.Context, person, home models.ID, but string) (int, error) {
	count := int64(0)
	err := s.write(ctx).Model(&callConsentRow{}).
		Where("home_id = ? AND person_id = ? AND installation_id <> ? AND ended = ''", home, person, but).Count(&count).Error
	return int(count), translate(err)
}

// maxCallPhones bounds the phones that one home rings. Its people take turns, each with their newest first, so that none of them
// crowds the others out.
const maxCallPhones = 100

// CallPhones lists the phones that calls to a home may ring now: whoever moved out rings no more.
func (s *Store) CallPhones(ctx context.Context, home models.ID, now time.Time) ([]models.CallPhone, error) {
	phones := []models.CallPhone{}
	turns := s.read(ctx).Model(&callConsentRow{}).
		Select("person_id, installation_id, ROW_NUMBER() OVER (PARTITION BY person_id ORDER BY id DESC) AS turn").
		Where("home_id = ? AND ended = '' AND person_id IN (?)", home, s.residents(ctx, home, now))
	err := s.read(ctx).Table("(?) AS turns", turns).Select("person_id, installation_id").
		Order("turn, person_id").Limit(maxCallPhones).Find(&phones).Error
	return phones, translate(err)
}

// UnfoundedCallConsents lists consents that hold although their person does not live in the home any more; of everybody where
// person is "". At most limit.
func (s *Store) UnfoundedCallConsents(ctx context.Context, person models.ID, now time.Time, limit int) ([]models.CallConsent, error) {
	lives := s.read(ctx).Model(&grantRow{}).Select("1").
		Where("role = ? AND role_grants.person_id = call_consents.person_id", models.RoleResident).
		Where("role_grants.home_id = call_consents.home_id").
		Scopes(heldAt(now))
	query := s.read(ctx).Where("ended = ''").Where("NOT EXISTS (?)", lives)
	if person != "" {
		query = query.Where("person_id = ?", person)
	}
	rows := []callConsentRow{}
	if err := query.Order("id").Limit(limit).Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	return callConsents(rows), nil
}

func callConsents(rows []callConsentRow) []models.CallConsent {
	consents := make([]models.CallConsent, 0, len(rows))
	for _, row := range rows {
		consents = append(consents, row.consent())
	}
	return consents
}

// HomeMembers lists the people who live in a home, by id.
func (s *Store) HomeMembers(ctx context.Context, home models.ID, now time.Time) ([]models.ID, error) {
	people := []models.ID{}
	return people, translate(s.residents(ctx, home, now).Order("person_id").Limit(maxCallPhones).Pluck("person_id", &people).Error)
}

func (s *Store) residents(ctx context.Context, home models.ID, now time.Time) *gorm.DB {
	return s.read(ctx).Model(&grantRow{}).Select("DISTINCT person_id").
		Where("home_id = ? AND role = ?", home, models.RoleResident).Scopes(heldAt(now))
}

// RingPhones queues a call for the phones that have an address. One that was rung before is rung again.
func (s *Store) RingPhones(ctx context.Context, call models.Call, phones []models.CallPhone, now time.Time) error {
	wanted, people := map[models.CallPhone]bool{}, []models.ID{}
	for _, phone := range phones {
		wanted[phone] = true
		people = append(people, phone.PersonID)
	}
	return s.ring(ctx, call, people, now, func(address pushAddressRow) bool {
		return wanted[models.CallPhone{PersonID: address.PersonID, InstallationID: address.InstallationID}]
	})
}

// RingPeople queues a call for every phone of some people: guards, whose work it is.
func (s *Store) RingPeople(ctx context.Context, call models.Call, people []models.ID, now time.Time) error {
	return s.ring(ctx, call, people, now, func(pushAddressRow) bool { return true })
}

func (s *Store) ring(ctx context.Context, call models.Call, people []models.ID, now time.Time, wanted func(pushAddressRow) bool) error {
	addresses, rows := []pushAddressRow{}, []deliveryRow{}
	if len(people) == 0 {
		return nil
	}
	err := s.write(ctx).Select("person_id", "installation_id", "kind").Where("person_id IN ?", people).Find(&addresses).Error
	if err != nil {
		return translate(err)
	}
	for _, address := range addresses {
		if wanted(address) {
			rows = append(rows, deliveryRow{
				ID: models.OrderID(now, s.config.NewID()), AlertID: call.ID, PersonID: address.PersonID,
				InstallationID: address.InstallationID, Kind: address.Kind, Channel: models.ChannelOf(address.Kind), Round: millis(now),
				Urgency: models.Urgency(models.SeverityHigh),
				State:   models.DeliveryQueued, NextAt: millis(now), ExpiresAt: millis(call.ExpiresAt), UpdatedAt: millis(now),
			})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	for _, row := range rows { // what was queued before, if it still is, rings by the new row
		err := s.stopDeliveries(ctx, now, models.ReasonRungAgain, "alert_id = ? AND person_id = ? AND installation_id = ? AND round < ?",
			row.AlertID, row.PersonID, row.InstallationID, row.Round)
		if err != nil {
			return err
		}
	}
	return translate(s.write(ctx).Clauses(clause.OnConflict{DoNothing: true}).CreateInBatches(&rows, 500).Error)
}

type callSettingsRow struct {
	HomeID     models.ID `gorm:"primaryKey"`
	QuietUntil int64
	List       string
	UpdatedAt  int64 `gorm:"autoUpdateTime:false"`
}

func (callSettingsRow) TableName() string { return "call_settings" }

// CallSettings reads how a home wants to be rung; without a row, plainly. What a household wished ends with it: somebody who lives
// there now has to have lived there when it was written.
func (s *Store) CallSettings(ctx context.Context, home models.ID, now time.Time) (models.CallSettings, error) {
	settings, rows := models.CallSettings{HomeID: home}, []callSettingsRow{}
	if err := s.read(ctx).Where("home_id = ?", home).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return settings, translate(err)
	}
	count := int64(0)
	err := s.residents(ctx, home, now).Where("starts_at <= ? AND created_at <= ?", rows[0].UpdatedAt, rows[0].UpdatedAt).Count(&count).Error
	if err != nil || count == 0 {
		return settings, translate(err)
	}
	settings.QuietUntil, settings.UpdatedAt = instant(rows[0].QuietUntil), instant(rows[0].UpdatedAt)
	return settings, json.Unmarshal([]byte(rows[0].List), &settings.List)
}

// PutCallSettings keeps how a home wants to be rung.
func (s *Store) PutCallSettings(ctx context.Context, settings models.CallSettings) error {
	list, err := json.Marshal(settings.List)
	if err != nil {
		return err
	}
	row := callSettingsRow{
		HomeID: settings.HomeID, QuietUntil: millis(settings.QuietUntil), List: string(list), UpdatedAt: millis(settings.UpdatedAt),
	}
	return translate(s.write(ctx).Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error)
}

// forgetCallConsents deletes consents that were withdrawn before a time, or whose person moved out before it: a bounded number.
func (s *Store) forgetCallConsents(ctx context.Context, before time.Time) (int64, error) {
	aged, moved := []models.ID{}, []models.ID{}
	err := s.read(ctx).Model(&callConsentRow{}).Where("withdrawn_at > 0 AND withdrawn_at < ?", millis(before)).
		Order("withdrawn_at").Limit(forgetBatch).Pluck("id", &aged).Error
	if err != nil {
		return 0, translate(err)
	}
	err = s.read(ctx).Model(&callConsentRow{}).Where("id < ? AND ended = ''", models.FirstIDAt(before)).
		Where(`NOT EXISTS (SELECT 1 FROM role_grants WHERE role_grants.person_id = call_consents.person_id
			AND role_grants.home_id = call_consents.home_id AND role = ? AND (ends_at = 0 OR ends_at > ?))`,
			models.RoleResident, millis(before)).
		Order("id").Limit(forgetBatch).Pluck("id", &moved).Error
	if aged = append(aged, moved...); err != nil || len(aged) == 0 {
		return 0, translate(err)
	}
	return s.erase(ctx, "DELETE FROM call_consents WHERE id IN ?", aged)
}
