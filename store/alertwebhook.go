package store

import (
	"context"
	"strings"
	"time"

	"gorm.io/gorm/clause"

	"xunfang/models"
)

type alertWebhookRow struct {
	ID           models.ID `gorm:"primaryKey"`
	StationID    models.ID
	Name         string
	URLSealed    []byte `gorm:"column:url_sealed"`
	SecretSealed []byte
	BeforeSealed []byte
	BeforeEnds   int64
	Severities   string
	Kinds        string
	Failures     int
	FailingSince int64
	RetryAt      int64
	SucceededAt  int64
	DisabledAt   int64
	CreatedAt    int64 `gorm:"autoCreateTime:false"`
}

func (alertWebhookRow) TableName() string { return "alert_webhooks" }

// What the sealed columns are bound to.
const (
	webhookURL    = "alert_webhooks.url"
	webhookSecret = "alert_webhooks.secret" //nolint:gosec // the column's name
	webhookBefore = "alert_webhooks.before"
)

// AddAlertWebhook writes a new webhook.
func (s *Store) AddAlertWebhook(ctx context.Context, hook models.AlertWebhook) error {
	return translate(s.write(ctx).Create(&alertWebhookRow{
		ID: hook.ID, StationID: hook.StationID, Name: hook.Name, URLSealed: s.sealText(hook.URL, webhookURL, hook.ID),
		SecretSealed: s.sealText(hook.Secret, webhookSecret, hook.ID), Severities: strings.Join(hook.Severities, ","),
		Kinds: strings.Join(hook.Kinds, ","), CreatedAt: millis(hook.CreatedAt),
	}).Error)
}

// AlertWebhooks lists a station's webhooks, by id.
func (s *Store) AlertWebhooks(ctx context.Context, station models.ID) ([]models.AlertWebhook, error) {
	return s.alertWebhooks(ctx, models.MaxAlertWebhooks, "station_id = ?", station)
}

// AlertWebhook reads one of a station's webhooks; CodeNotFound when it has none of that id.
func (s *Store) AlertWebhook(ctx context.Context, station, id models.ID) (models.AlertWebhook, error) {
	hooks, err := s.alertWebhooks(ctx, 1, "station_id = ? AND id = ?", station, id)
	if err == nil && len(hooks) == 0 {
		err = models.Fail(models.CodeNotFound)
	}
	if err != nil {
		return models.AlertWebhook{}, err
	}
	return hooks[0], nil
}

// FailingAlertWebhooks lists webhooks that have failed since before a time and are not switched off.
func (s *Store) FailingAlertWebhooks(ctx context.Context, before time.Time, limit int) ([]models.AlertWebhook, error) {
	return s.alertWebhooks(ctx, limit, "disabled_at = 0 AND failing_since > 0 AND failing_since <= ?", millis(before))
}

func (s *Store) alertWebhooks(ctx context.Context, limit int, which string, values ...any) ([]models.AlertWebhook, error) {
	rows := []alertWebhookRow{}
	if err := s.read(ctx).Where(which, values...).Order("id").Limit(limit).Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	hooks := make([]models.AlertWebhook, 0, len(rows))
	for _, row := range rows {
		hook, err := s.alertWebhook(row)
		if err != nil {
			return nil, err
		}
		hooks = append(hooks, hook)
	}
	return hooks, nil
}

func (s *Store) alertWebhook(row alertWebhookRow) (models.AlertWebhook, error) {
	hook := row.known()
	var err error
	if hook.URL, err = s.openText(row.URLSealed, webhookURL, row.ID); err != nil {
		return hook, err
	}
	if hook.Secret, err = s.openText(row.SecretSealed, webhookSecret, row.ID); err != nil {
		return hook, err
	}
	hook.Before, err = s.openText(row.BeforeSealed, webhookBefore, row.ID)
	return hook, err
}

// known is a webhook without what is sealed of it.
func (row alertWebhookRow) known() models.AlertWebhook {
	return models.AlertWebhook{
		ID: row.ID, StationID: row.StationID, Name: row.Name, BeforeEnds: instant(row.BeforeEnds), Severities: listed(row.Severities),
		Kinds: listed(row.Kinds), CreatedAt: instant(row.CreatedAt), Failures: row.Failures, FailingSince: instant(row.FailingSince),
		RetryAt: instant(row.RetryAt), SucceededAt: instant(row.SucceededAt), DisabledAt: instant(row.DisabledAt),
	}
}

func listed(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, ",")
}

// RotateAlertWebhook gives a webhook a new secret; the one before signs as well until a time. A webhook that was switched off is
// on again. False when the station has none of that id, or another secret was given meanwhile.
func (s *Store) RotateAlertWebhook(ctx context.Context, hook models.AlertWebhook, secret models.Secret, ends time.Time) (bool, error) {
	done := s.write(ctx).Model(&alertWebhookRow{}).
		Where("id = ? AND station_id = ? AND before_ends = ?", hook.ID, hook.StationID, millis(hook.BeforeEnds)).
		Updates(map[string]any{
			"secret_sealed": s.sealText(secret, webhookSecret, hook.ID), "before_sealed": s.sealText(hook.Secret, webhookBefore, hook.ID),
			"before_ends": millis(ends), "disabled_at": 0, "failures": 0, "failing_since": 0, "retry_at": 0,
		})
	return done.RowsAffected == 1, translate(done.Error)
}

// DisableAlertWebhook switches a webhook off, once; what waits for it is not sent. False when it is off or gone.
func (s *Store) DisableAlertWebhook(ctx context.Context, id models.ID, now time.Time) (bool, error) {
	done := s.write(ctx).Model(&alertWebhookRow{}).Where("id = ? AND disabled_at = 0", id).Update("disabled_at", millis(now))
	if done.Error != nil || done.RowsAffected == 0 {
		return false, translate(done.Error)
	}
	return true, s.stopDeliveries(ctx, now, models.ReasonSwitchedOff, "installation_id = ? AND kind = ?", id, models.ChannelWebhook)
}

// DeleteAlertWebhook forgets a webhook of a station; false when it has none of that id.
func (s *Store) DeleteAlertWebhook(ctx context.Context, station, id models.ID, now time.Time) (bool, error) {
	done := s.write(ctx).Where("id = ? AND station_id = ?", id, station).Delete(&alertWebhookRow{})
	if done.Error != nil || done.RowsAffected == 0 {
		return false, translate(done.Error)
	}
	return true, s.stopDeliveries(ctx, now, models.ReasonSwitchedOff, "installation_id = ? AND kind = ?", id, models.ChannelWebhook)
}

// tellWebhooks queues an alert for the station's webhooks that want it. One that fails is left alone for a while, but for an
// emergency.
func (s *Store) tellWebhooks(ctx context.Context, alert models.Alert, round int64, now time.Time) error {
	if !alert.MayLeave() {
		return nil
	}
	found, rows := []alertWebhookRow{}, []deliveryRow{}
	err := s.write(ctx).Where("station_id = ? AND disabled_at = 0", alert.Audience.Place.Station).Order("id").
		Limit(models.MaxAlertWebhooks).Find(&found).Error
	if err != nil {
		return translate(err)
	}
	for _, row := range found {
		hook := row.known()
		if !hook.Wants(alert) {
			continue
		}
		due := now
		if hook.RetryAt.After(now) && alert.Severity != models.SeverityEmergency {
			due = hook.RetryAt
		}
		rows = append(rows, s.queuedRow(alert, pushAddressRow{InstallationID: string(row.ID), Kind: models.ChannelWebhook}, round, due))
	}
	if len(rows) == 0 {
		return nil
	}
	return translate(s.write(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&rows).Error)
}

// noteWebhook writes how a try at a webhook ended, and gives when to try again: what waits for one that fails waits on.
func (s *Store) noteWebhook(ctx context.Context, result models.DeliveryResult, now time.Time) (time.Time, error) {
	rows := []alertWebhookRow{}
	err := s.write(ctx).Omit("url_sealed", "secret_sealed", "before_sealed").Where("id = ?", result.InstallationID).Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 || rows[0].DisabledAt > 0 {
		return time.Time{}, translate(err)
	}
	hook := rows[0].known()
	if hook.Worn(now) { // that one which was under way went through does not take it back
		return time.Time{}, nil
	}
	var values map[string]any
	switch {
	case result.State == models.DeliveryAccepted:
		values = map[string]any{"failures": 0, "failing_since": 0, "retry_at": 0, "succeeded_at": millis(now)}
	case result.Forget: // the receiver says that it is gone: the keeper switches it off
		values = map[string]any{"failures": models.AlertWebhookTries, "failing_since": millis(now.Add(-models.AlertWebhookWorn))}
	case result.NextAt.IsZero(): // it was not the receiver's fault, or the alert's time is over
		return time.Time{}, nil
	default:
		hook = hook.Failed(now)
		values = map[string]any{
			"failures": hook.Failures, "failing_since": millis(hook.FailingSince), "retry_at": millis(hook.RetryAt),
		}
	}
	if err := s.write(ctx).Model(&alertWebhookRow{}).Where("id = ?", hook.ID).Updates(values).Error; err != nil {
		return time.Time{}, translate(err)
	}
	if result.State == models.DeliveryAccepted || result.Forget {
		return result.NextAt, nil
	}
	err = s.write(ctx).Model(&deliveryRow{}).
		Where("installation_id = ? AND state = ? AND kind = ? AND urgency > 0 AND lease_owner = '' AND next_at < ?", result.InstallationID,
			models.DeliveryQueued, models.ChannelWebhook, millis(hook.RetryAt)).
		Update("next_at", millis(hook.RetryAt)).Error
	return latest(result.NextAt, hook.RetryAt), translate(err)
}

func latest(one, other time.Time) time.Time {
	if one.After(other) {
		return one
	}
	return other
}

// signing is a webhook as a message to it needs it.
type signing struct {
	models.AlertWebhook
	signs []models.Secret
}

// webhooksOf reads the webhooks of leased rows that are to be told now, by their ids. A secret that ended meanwhile still
// signs a message that was claimed before.
func (s *Store) webhooksOf(ctx context.Context, rows []deliveryRow, now time.Time) (map[string]signing, error) {
	ids, hooks := []string{}, map[string]signing{}
	for _, row := range rows {
		if row.Kind == models.ChannelWebhook {
			ids = append(ids, row.InstallationID)
		}
	}
	if len(ids) == 0 {
		return hooks, nil
	}
	found, err := s.alertWebhooks(ctx, len(ids), "id IN ? AND disabled_at = 0", ids)
	for _, hook := range found {
		if !hook.Worn(now) { // from the moment on, and not only when the keeper comes by
			hooks[string(hook.ID)] = signing{hook, hook.Secrets(now)}
		}
	}
	return hooks, err
}
