package store

import (
	"context"
	"errors"
	"time"

	"xunfang/models"
)

// forgetBatch is how many rows of one kind one call deletes: others wait for the writer meanwhile.
const forgetBatch = 1000

// aging says what of a table is deleted: rows whose id was made before a time, and for which more holds.
type aging struct {
	table string
	kept  time.Duration
	more  string
}

// agings lists them, those that refer to others first.
var agings = []aging{
	{"deliveries", models.DeliveryKept, "1 = 1"},
	{"alerts", models.AlertKept, "NOT EXISTS (SELECT 1 FROM inbox_items WHERE inbox_items.alert_id = alerts.id)"},
	{"access_events", models.AccessEventKept, "1 = 1"},
	{"door_commands", models.AccessEventKept, "1 = 1"},
	{"device_events", models.DoorAlarmKept, "1 = 1"},
	{"door_alarms", models.DoorAlarmKept, "standing IS NULL"},
	{"device_claims", models.DeviceClaimKept, "1 = 1"},
	{"wrong_codes", models.WrongCodeKept, "1 = 1"},
	{"trackers", models.TrackKept, "revoked_at > 0"},
	{"commendations", models.CommendationIdleKept, "number IS NULL"},
	{"concern_sources", models.ConcernSourceKept, "1 = 1"},
	{"sync_manifests", models.SyncTokenKept, "1 = 1"},
}

// ForgetOld deletes a bounded number of rows that have outlived their use and erases the names of
// visitors whose pass ended long ago. It returns how many rows it touched; 0 when nothing is left to do.
// What is to go is looked for outside of any transaction, so that nobody waits for the looking.
func (s *Store) ForgetOld(ctx context.Context, now time.Time) (int64, error) {
	touched, errs := int64(0), []error{}
	count := func(rows int64, err error) {
		touched += rows
		errs = append(errs, err)
	}
	count(s.forgetInbox(ctx, now.Add(-models.AlertKept)))
	count(s.forgetHeld(ctx, now))
	count(s.forgetPushAddresses(ctx, now.Add(-models.PushAddressKept)))
	count(s.forgetClimbs(ctx, now.Add(-models.DeliveryKept)))
	count(s.forgetNumbers(ctx, byText, now))
	count(s.forgetNumbers(ctx, byVoice, now))
	count(s.forgetVoiceCallbacks(ctx, now.Add(-models.VoiceCallbackKept)))
	count(s.forgetTellings(ctx, now.Add(-models.DeliveryKept)))
	count(s.forgetTracks(ctx, now.Add(-models.TrackKept)))
	count(s.forgetWaiting(ctx, now.Add(-models.TrackWaits)))
	for _, old := range agings {
		count(s.forgetRows(ctx, old, now))
	}
	count(s.forgetSOS(ctx, now))
	count(s.forgetThanks(ctx, now))
	count(s.forgetCallConsents(ctx, now.Add(-models.CallConsentKept)))
	count(s.forgetFaces(ctx, now))
	count(s.forgetCoverage(ctx, now))
	count(s.forgetTaken(ctx, now.Add(-models.OriginalAlone)))
	count(s.forgetEpochs(ctx, now.Add(-models.DoorAlarmKept)))
	count(s.forgetConcerns(ctx, now.Add(-models.ConcernKept)))
	count(s.forgetArrivals(ctx, now.Add(-models.ArrivalKept)))
	count(s.forgetVehicles(ctx, now.Add(-models.VehicleKept)))
	count(s.eraseVisitors(ctx, now.Add(-models.VisitorKept)))
	count(s.eraseRoundGuests(ctx, now))
	return touched, errors.Join(errs...)
}

func (s *Store) forgetRows(ctx context.Context, old aging, now time.Time) (int64, error) {
	aged := []models.ID{}
	err := s.read(ctx).Table(old.table).Where("id < ?", models.FirstIDAt(now.Add(-old.kept))).Where(old.more).
		Order("id").Limit(forgetBatch).Pluck("id", &aged).Error
	if err != nil || len(aged) == 0 {
		return 0, translate(err)
	}
	return s.erase(ctx, "DELETE FROM "+old.table+" WHERE id IN ?", aged)
}

// forgetInbox deletes inbox items of old alerts, of one alert at a time.
func (s *Store) forgetInbox(ctx context.Context, before time.Time) (int64, error) {
	items := []inboxRow{}
	err := s.read(ctx).Where("alert_id < ?", models.FirstIDAt(before)).Order("alert_id").Limit(forgetBatch).Find(&items).Error
	if err != nil || len(items) == 0 {
		return 0, translate(err)
	}
	people := []models.ID{}
	for _, item := range items {
		if item.AlertID == items[0].AlertID {
			people = append(people, item.PersonID)
		}
	}
	return s.erase(ctx, "DELETE FROM inbox_items WHERE person_id IN ? AND alert_id = ?", people, items[0].AlertID)
}

// visitorSlack is how much longer than needed ended passes are looked at again, should nobody have
// tidied for a while.
const visitorSlack = 90 * 24 * time.Hour

// eraseVisitors takes name, plate, guest page and the latest visits out of passes that ended, or were revoked, before a time;
// the pass itself stays, for access events name it. A pass is made at most so long before it ends: its id bounds what is looked at.
func (s *Store) eraseVisitors(ctx context.Context, before time.Time) (int64, error) {
	oldest := before.Add(-models.MaxPassAhead - models.MaxRecurringLength - visitorSlack)
	ended := []models.ID{}
	err := s.read(ctx).Model(&visitorPassRow{}).
		Where("id >= ? AND id < ?", models.FirstIDAt(oldest), models.FirstIDAt(before)).
		Where("(ends_at < ? OR (revoked_at > 0 AND revoked_at < ?)) AND LENGTH(visitor_name_sealed) > 0", millis(before), millis(before)).
		Limit(forgetBatch).Pluck("id", &ended).Error
	if err != nil || len(ended) == 0 {
		return 0, translate(err)
	}
	if _, err := s.erase(ctx, "DELETE FROM visitor_visits WHERE pass_id IN ?", ended); err != nil {
		return 0, err
	}
	return s.erase(ctx, `UPDATE visitor_passes SET visitor_name_sealed = x'', plate_sealed = NULL, plate_mac = NULL,
		guest_hash = NULL, code_sealed = NULL, list_mac_sealed = NULL WHERE id IN ?`, ended)
}

// erase runs one statement in a transaction and tells how many rows it changed.
func (s *Store) erase(ctx context.Context, statement string, values ...any) (int64, error) {
	touched := int64(0)
	err := s.Atomically(ctx, func(tx *Store) error {
		done := tx.write(ctx).Exec(statement, values...)
		touched = done.RowsAffected
		return translate(done.Error)
	})
	return touched, err
}
