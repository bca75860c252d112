package store

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"xunfang/models"
)

func (row deliveryRow) attempt() models.Attempt {
	return models.Attempt{
		ID: row.ID, AlertID: row.AlertID, PersonID: row.PersonID, InstallationID: row.InstallationID, Channel: row.Channel, Round: row.Round,
		Number: row.Attempt, State: row.State, Claimed: row.LeaseOwner != "", Reason: row.Reason, SentAt: instant(row.SentAt),
		AcceptedAt: instant(row.AcceptedAt), ReceivedAt: instant(row.ReceivedAt), SeenAt: instant(row.SeenAt),
		AcknowledgedAt: instant(row.AcknowledgedAt), ChangedAt: instant(row.UpdatedAt),
	}
}

// AddStreamed writes that alerts were flushed to open streams. A stream that was opened anew and told the same again is the
// same attempt: the first time stays.
func (s *Store) AddStreamed(ctx context.Context, flushed []models.Attempt) error {
	if len(flushed) == 0 {
		return nil
	}
	rows := make([]deliveryRow, 0, len(flushed))
	for _, one := range flushed {
		rows = append(rows, s.streamRow(one, models.DeliverySent))
	}
	return s.Atomically(ctx, func(tx *Store) error {
		return translate(tx.write(ctx).Clauses(clause.OnConflict{DoNothing: true}).CreateInBatches(&rows, 500).Error)
	})
}

func (s *Store) streamRow(one models.Attempt, state models.DeliveryState) deliveryRow {
	return deliveryRow{
		ID: models.OrderID(one.AlertID.Time(), s.config.NewID()), AlertID: one.AlertID, PersonID: one.PersonID,
		InstallationID: one.InstallationID, Kind: models.ChannelStream, Channel: models.ChannelStream, Round: one.Round, State: state,
		SentAt: millis(one.SentAt), UpdatedAt: millis(one.ChangedAt),
	}
}

// NoteReceipts writes what a person's app says came to it, in whatever order and however often. Of alerts that are not in the
// person's own inbox, and of what was never sent by that way, nothing is written; nobody is told of either. It returns the
// alerts of which something was.
func (s *Store) NoteReceipts(ctx context.Context, person models.ID, receipts []models.DeliveryReceipt, now time.Time) ([]models.ID, error) {
	asked := make([]models.ID, 0, len(receipts))
	for _, receipt := range receipts {
		asked = append(asked, receipt.AlertID)
	}
	items, rows := []inboxRow{}, []deliveryRow{}
	if err := s.write(ctx).Where("person_id = ? AND alert_id IN ?", person, asked).Find(&items).Error; err != nil {
		return nil, translate(err)
	}
	if err := s.write(ctx).Where("alert_id IN ? AND person_id = ?", asked, person).Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	inInbox, attempts := map[models.ID]inboxRow{}, make([]models.Attempt, 0, len(rows))
	for _, item := range items {
		inInbox[item.AlertID] = item
	}
	for _, row := range rows {
		attempts = append(attempts, row.attempt())
	}
	noted := []models.ID{}
	for _, receipt := range receipts {
		item, mine := inInbox[receipt.AlertID]
		if !mine {
			continue
		}
		witnessed, found := receipt.Witnessed(attempts)
		if !found && receipt.Channel == models.ChannelStream { // the stream's own row is written a moment after the flush
			row := s.streamRow(models.Attempt{
				AlertID: receipt.AlertID, PersonID: person, InstallationID: receipt.InstallationID, ChangedAt: now,
			}, models.DeliverySent)
			if err := s.write(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
				return nil, translate(err)
			}
			witnessed, found = row.attempt(), true
			attempts = append(attempts, witnessed)
		}
		if !found {
			continue
		}
		if err := s.noteReceipt(ctx, witnessed, receipt, item, now); err != nil {
			return nil, err
		}
		noted = append(noted, receipt.AlertID)
	}
	return noted, nil
}

// noteReceipt moves one attempt on, and gives up what would only tell the same phone again. Of several words about one state
// the earliest counts, so that their order does not matter.
func (s *Store) noteReceipt(
	ctx context.Context, witnessed models.Attempt, receipt models.DeliveryReceipt, item inboxRow, now time.Time,
) error {
	column := map[models.DeliveryState]string{models.DeliveryReceived: "received_at", models.DeliverySeen: "seen_at"}[receipt.State]
	at := millis(receipt.Within(receipt.AlertID.Time(), now))
	// MySQL assigns from left to right, sorted by name: no assignment here reads what another one writes.
	values := map[string]any{
		column:  gorm.Expr("CASE WHEN "+column+" = 0 OR "+column+" > ? THEN ? ELSE "+column+" END", at, at),
		"state": forward(receipt.State), "updated_at": millis(now),
	}
	asked := "alert_id = ? AND person_id = ? AND installation_id = ? AND channel = ? AND round = ?"
	key := []any{witnessed.AlertID, witnessed.PersonID, witnessed.InstallationID, witnessed.Channel, witnessed.Round, witnessed.Number}
	// By its key and not by its id: of a stream's row that two wrote at once, the other's is the one that stands.
	done := s.write(ctx).Model(&deliveryRow{}).Where(asked+" AND attempt = ?", key...).Updates(values)
	if done.Error != nil {
		return translate(done.Error)
	}
	err := s.stopDeliveries(ctx, now, models.ReasonReceived, asked+" AND attempt > ?", key...)
	if err != nil || item.AcknowledgedAt == 0 {
		return err
	}
	return s.acknowledgeDeliveries(ctx, item.PersonID, item.AlertID, instant(item.AcknowledgedAt))
}

// acknowledgeDeliveries writes at what a person's phones had of an alert that the person acknowledged it, and gives up what
// would still be sent.
func (s *Store) acknowledgeDeliveries(ctx context.Context, person, alert models.ID, at time.Time) error {
	done := s.write(ctx).Model(&deliveryRow{}).
		Where("alert_id = ? AND person_id = ? AND state IN ?", alert, person, models.DeliveriesBefore(models.DeliveryAcknowledged)).
		Updates(map[string]any{"state": models.DeliveryAcknowledged, "acknowledged_at": millis(at)})
	if done.Error != nil {
		return translate(done.Error)
	}
	return s.stopDeliveries(ctx, at, models.ReasonAcknowledged, "alert_id = ? AND person_id = ? AND lease_owner = ''", alert, person)
}
