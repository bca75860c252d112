package store

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"xunfang/models"
)

// CancelRound is the time of asking in which phones are told that an alert is cancelled: after all others.
const CancelRound = 1 << 40

// WidenAlert puts an alert into the inboxes of more people, and returns how many had not had it.
func (s *Store) WidenAlert(ctx context.Context, alert models.Alert, people []models.ID) (int, error) {
	rows, had := []inboxRow{}, []models.ID{}
	err := s.write(ctx).Model(&inboxRow{}).Where("alert_id = ? AND person_id IN ?", alert.ID, people).Pluck("person_id", &had).Error
	if err != nil {
		return 0, translate(err)
	}
	for _, person := range people {
		if !slices.Contains(had, person) {
			rows = append(rows, inboxRow{PersonID: person, AlertID: alert.ID})
		}
	}
	if len(rows) == 0 {
		return 0, nil
	}
	if err := s.write(ctx).CreateInBatches(&rows, 500).Error; err != nil {
		return 0, translate(err)
	}
	added := len(rows)
	return added, translate(s.write(ctx).Model(&alertRow{}).Where("id = ?", alert.ID).
		Update("recipients", gorm.Expr("recipients + ?", added)).Error)
}

// TellAlert queues one more time of asking for the phones of those who have not acknowledged an alert, by some channels (nil:
// by all). What of an earlier one still waits is not sent as well.
func (s *Store) TellAlert(ctx context.Context, alert models.Alert, round int64, channels []string, now time.Time) error {
	unheard := map[models.CallPhone]bool{}
	if round == CancelRound && alert.Waits() {
		var err error
		if unheard, err = s.unheard(ctx, alert.ID); err != nil {
			return err
		}
	}
	err := s.stopDeliveries(ctx, now, models.ReasonRungAgain, "alert_id = ? AND round < ? AND lease_owner = ''", alert.ID, round)
	if err != nil {
		return err
	}
	if err := s.write(ctx).Where("alert_id = ? AND round < ?", alert.ID, round).Delete(&tellingRow{}).Error; err != nil {
		return translate(err)
	}
	return s.queueTelling(ctx, alert, round, channels, unheard, now)
}

func (s *Store) queuedRow(alert models.Alert, address pushAddressRow, round int64, now time.Time) deliveryRow {
	return deliveryRow{
		ID: models.OrderID(alert.CreatedAt, s.config.NewID()), AlertID: alert.ID,
		PersonID: address.PersonID, InstallationID: address.InstallationID, Kind: address.Kind,
		Channel: models.ChannelOf(address.Kind), Round: round, Urgency: models.Urgency(alert.Severity), State: models.DeliveryQueued,
		NextAt: millis(now), ExpiresAt: millis(alert.ExpiresAt), UpdatedAt: millis(now),
	}
}

// CancelAlert cancels an alert, once; the first time stays. CodeWrongState when it is over.
func (s *Store) CancelAlert(ctx context.Context, id models.ID, now time.Time) (models.Alert, error) {
	done := s.write(ctx).Model(&alertRow{}).Where("id = ? AND cancelled_at = 0 AND expires_at > ?", id, millis(now)).
		Update("cancelled_at", millis(now))
	if done.Error != nil {
		return models.Alert{}, translate(done.Error)
	}
	alert, err := s.Alert(ctx, id)
	switch {
	case err != nil:
		return alert, err
	case alert.CancelledAt.IsZero():
		return alert, models.Fail(models.CodeWrongState)
	case done.RowsAffected == 0:
		return alert, nil
	}
	row := climbRow{ // also of one that never climbed: by this row every replica's streams are told
		AlertID: id, StationID: alert.Audience.Place.Station, Rungs: "[]", ChangedAt: millis(now), Ended: models.ClimbCancelled,
	}
	over := clause.OnConflict{
		Columns: []clause.Column{{Name: "alert_id"}}, DoUpdates: clause.AssignmentColumns([]string{"changed_at", "ended"}),
	}
	if err := s.write(ctx).Clauses(over).Create(&row).Error; err != nil {
		return alert, translate(err)
	}
	return alert, s.TellAlert(ctx, alert, CancelRound, nil, now)
}
