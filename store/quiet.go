package store

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"xunfang/models"
)

type alertSettingsRow struct {
	PersonID   models.ID `gorm:"primaryKey"`
	QuietFrom  int
	QuietUntil int
	QuietOff   bool
	Digest     bool
	UpdatedAt  int64 `gorm:"autoUpdateTime:false"`
}

func (alertSettingsRow) TableName() string { return "alert_settings" }

func (row alertSettingsRow) settings() models.AlertSettings {
	return models.AlertSettings{
		PersonID: row.PersonID, QuietFrom: row.QuietFrom, QuietUntil: row.QuietUntil, QuietOff: row.QuietOff, Digest: row.Digest,
		UpdatedAt: instant(row.UpdatedAt),
	}
}

type heldPushRow struct {
	DeliveryID     models.ID `gorm:"primaryKey"`
	PersonID       models.ID
	InstallationID string
	UntilAt        int64
	Digest         bool
	DigestID       models.ID
}

func (heldPushRow) TableName() string { return "held_pushes" }

// AlertSettings reads what a person has set; false when nothing.
func (s *Store) AlertSettings(ctx context.Context, person models.ID) (settings models.AlertSettings, set bool, err error) {
	rows := []alertSettingsRow{}
	if err := s.read(ctx).Where("person_id = ?", person).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return settings, false, translate(err)
	}
	return rows[0].settings(), true, nil
}

// PutAlertSettings keeps what a person has set. What waits already then waits until the end that this makes, or no more.
func (s *Store) PutAlertSettings(ctx context.Context, settings models.AlertSettings, until time.Time) error {
	row := alertSettingsRow{
		PersonID: settings.PersonID, QuietFrom: settings.QuietFrom, QuietUntil: settings.QuietUntil, QuietOff: settings.QuietOff,
		Digest: settings.Digest, UpdatedAt: millis(settings.UpdatedAt),
	}
	if err := s.write(ctx).Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error; err != nil {
		return translate(err)
	}
	return s.holdUntil(ctx, []models.ID{settings.PersonID}, until, settings.Digest, settings.UpdatedAt)
}

// ReleaseHeld sends what waits for people who are on duty now: each by itself, for they are to act on it. It returns how many.
func (s *Store) ReleaseHeld(ctx context.Context, onDuty []models.ID, now time.Time) (int, error) {
	waiting := []models.ID{}
	for from := 0; from < len(onDuty); from += forgetBatch {
		some := []models.ID{}
		err := s.read(ctx).Model(&heldPushRow{}).Where("person_id IN ?", onDuty[from:min(from+forgetBatch, len(onDuty))]).
			Where("until_at > ? AND digest_id = ''", millis(now)).Distinct("person_id").Pluck("person_id", &some).Error
		if err != nil {
			return 0, translate(err)
		}
		waiting = append(waiting, some...)
	}
	if len(waiting) == 0 {
		return 0, nil
	}
	return len(waiting), s.Atomically(ctx, func(tx *Store) error { return tx.holdUntil(ctx, waiting, now, false, now) })
}

// holdUntil changes until when what waits for some people does. Without digest all of it goes by itself.
func (s *Store) holdUntil(ctx context.Context, people []models.ID, until time.Time, digest bool, now time.Time) error {
	waits := func() *gorm.DB {
		return s.write(ctx).Model(&heldPushRow{}).Where("person_id IN ? AND until_at > ? AND digest_id = ''", people, millis(now))
	}
	alone := waits().Select("delivery_id")
	changes := map[string]any{"until_at": millis(until)}
	if digest {
		alone = alone.Where("digest = ?", false) // the others' time is their digest's
	} else {
		changes["digest"] = false
	}
	err := s.write(ctx).Model(&deliveryRow{}).Where("id IN (?) AND state = ?", alone, models.DeliveryQueued).
		Updates(map[string]any{"next_at": gorm.Expr("CASE WHEN expires_at < ? THEN expires_at ELSE ? END", millis(until), millis(until))}).Error
	if err != nil {
		return translate(err)
	}
	return translate(waits().Updates(changes).Error)
}

// QuietNight is what there is to know, at one instant in one station, of whose phones are left alone.
type QuietNight struct {
	now    time.Time
	zone   *time.Location
	own    map[models.ID]models.AlertSettings
	awake  map[models.ID]bool // on duty
	chiefs map[models.ID]models.Role
}

// quietNight reads it, with what the people of a query have set. Where nothing can wait little is read.
func (s *Store) quietNight(ctx context.Context, station models.ID, people *gorm.DB, now time.Time) (QuietNight, error) {
	night := QuietNight{now: now, own: map[models.ID]models.AlertSettings{}, awake: map[models.ID]bool{}}
	rows := []alertSettingsRow{}
	if err := s.read(ctx).Where("person_id IN (?)", people).Find(&rows).Error; err != nil {
		return night, translate(err)
	}
	zone, err := s.StationZone(ctx, station)
	if models.CodeOf(err) == models.CodeNotFound { // nobody's clock: nothing waits
		return night, nil
	}
	if err != nil {
		return night, err
	}
	_, quiet := models.DefaultAlertSettings(false).Within(now, zone)
	for _, row := range rows {
		night.own[row.PersonID] = row.settings()
		_, his := row.settings().Within(now, zone)
		quiet = quiet || his
	}
	if !quiet {
		return night, nil
	}
	onDuty, err := s.OnDuty(ctx, station, now)
	if err != nil && len(onDuty) == 0 { // who is on duty is not known: a push too many is better than one that does not come
		return night, nil
	}
	for _, one := range onDuty {
		night.awake[one.PersonID] = true
	}
	night.chiefs, err = s.RoleHolders(ctx, station, []models.Role{models.RoleCommander}, now)
	night.zone = zone
	return night, err
}

// QuietNight is that of a whole station, for a preview.
func (s *Store) QuietNight(ctx context.Context, station models.ID, now time.Time) (QuietNight, error) {
	return s.quietNight(ctx, station, s.read(ctx).Model(&personRow{}).Select("id").Where("station_id = ?", station), now)
}

// Holds says whether a push of an alert to a person waits, until when, and as the person has set what.
func (n QuietNight) Holds(alert models.Alert, person models.ID) (until time.Time, settings models.AlertSettings, held bool) {
	if n.zone == nil {
		return time.Time{}, settings, false
	}
	settings, set := n.own[person]
	if !set {
		settings = models.DefaultAlertSettings(n.chiefs[person] != "")
	}
	until, held = alert.HoldBack(settings, n.awake[person], n.now, n.zone)
	return until, settings, held
}

// holdBack has what is queued of an alert wait for the end of its people's quiet hours. What goes into a digest is due only when
// the alert is over: nobody sends it by itself, and one that came to nothing ends as expired.
func (s *Store) holdBack(ctx context.Context, alert models.Alert, rows []deliveryRow, now time.Time) error {
	if len(rows) == 0 || !alert.Waits() {
		return nil
	}
	people := s.write(ctx).Model(&inboxRow{}).Select("person_id").Where("alert_id = ?", alert.ID)
	night, err := s.quietNight(ctx, alert.Audience.Place.Station, people, now)
	if err != nil {
		return err
	}
	held := []heldPushRow{}
	for at, row := range rows {
		until, settings, waits := night.Holds(alert, row.PersonID)
		if !waits || row.Channel == models.ChannelWebhook { // a station's own system does not sleep
			continue
		}
		digest := settings.InDigest(alert.Severity, row.Channel)
		if rows[at].NextAt = min(millis(until), row.ExpiresAt); digest {
			rows[at].NextAt = row.ExpiresAt
		}
		held = append(held, heldPushRow{
			DeliveryID: row.ID, PersonID: row.PersonID, InstallationID: row.InstallationID, UntilAt: millis(until), Digest: digest,
		})
	}
	if len(held) == 0 {
		return nil
	}
	return translate(s.write(ctx).CreateInBatches(&held, 500).Error)
}

// unheard names the phones for which an alert still waits and that have had nothing of it: they need not hear that it is off.
func (s *Store) unheard(ctx context.Context, alert models.ID) (map[models.CallPhone]bool, error) {
	phones, unheard := []models.CallPhone{}, map[models.CallPhone]bool{}
	err := s.write(ctx).Table("deliveries").Select("deliveries.person_id, deliveries.installation_id").
		Joins("JOIN held_pushes ON held_pushes.delivery_id = deliveries.id AND held_pushes.digest_id = ''").
		Where("deliveries.alert_id = ? AND deliveries.state = ? AND deliveries.lease_owner = ''", alert, models.DeliveryQueued).
		Where(`NOT EXISTS (SELECT 1 FROM deliveries AS earlier WHERE earlier.alert_id = deliveries.alert_id
			AND earlier.person_id = deliveries.person_id AND earlier.installation_id = deliveries.installation_id
			AND (earlier.sent_at > 0 OR earlier.lease_owner <> ''))`).Find(&phones).Error
	for _, phone := range phones {
		unheard[phone] = true
	}
	return unheard, translate(err)
}

// CountHeld counts the pushes that wait.
func (s *Store) CountHeld(ctx context.Context, now time.Time) (int64, error) {
	count := int64(0)
	return count, translate(s.read(ctx).Model(&heldPushRow{}).Where("digest_id = '' AND until_at > ?", millis(now)).Count(&count).Error)
}
