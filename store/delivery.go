package store

import (
	"context"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"xunfang/models"
)

type deliveryRow struct {
	ID             models.ID `gorm:"primaryKey"`
	AlertID        models.ID
	PersonID       models.ID
	InstallationID string
	Kind           string
	Channel        string
	Round          int64
	Urgency        int
	State          models.DeliveryState
	Attempt        int
	Spent          int
	NextAt         int64
	ExpiresAt      int64
	LeaseOwner     string
	LeaseUntil     int64
	Reason         string
	ProviderID     string
	SentAt         int64
	AcceptedAt     int64
	ReceivedAt     int64
	SeenAt         int64
	AcknowledgedAt int64
	UpdatedAt      int64 `gorm:"autoUpdateTime:false"`
}

func (deliveryRow) TableName() string { return "deliveries" }

// addDeliveries queues a new alert: by the channels of the ladder's first rung, where it has one, and for the station's own
// systems at once, whatever that rung names.
func (s *Store) addDeliveries(ctx context.Context, alert models.Alert) error {
	channels, err := s.begin(ctx, alert)
	if err != nil {
		return err
	}
	if channels != nil {
		channels = append(slices.Clone(channels), models.ChannelWebhook)
	}
	return s.queueTelling(ctx, alert, 0, channels, nil, alert.CreatedAt)
}

// FinishDeliveries writes what became of leased attempts, forgets addresses that are gone, and queues the next attempts as
// rows of their own. A result counts only while its owner still holds the lease; what a phone has said meanwhile stays.
func (s *Store) FinishDeliveries(ctx context.Context, owner string, results []models.DeliveryResult, now time.Time) error {
	return s.Atomically(ctx, func(tx *Store) error {
		again := map[models.ID]models.DeliveryResult{}
		for _, result := range results {
			done, err := tx.finishDelivery(ctx, owner, result, now)
			if err != nil {
				return err
			}
			if done {
				err = tx.endDigest(ctx, result, now)
			}
			if err != nil {
				return err
			}
			if done && result.Kind == models.ChannelWebhook {
				if result.NextAt, err = tx.noteWebhook(ctx, result, now); err != nil {
					return err
				}
			}
			if done && !result.NextAt.IsZero() {
				again[result.ID] = result
			}
			if !done || !result.Forget {
				continue
			}
			forgotten := tx.write(ctx).Where("person_id = ? AND installation_id = ? AND value_index = ?",
				result.PersonID, result.InstallationID, tx.pushIndex(result.PersonID, result.InstallationID, result.Address)).
				Delete(&pushAddressRow{})
			if forgotten.Error != nil {
				return translate(forgotten.Error)
			}
		}
		return tx.tryAgain(ctx, again, now)
	})
}

// finishDelivery ends one attempt; false when its owner holds it no more.
func (s *Store) finishDelivery(ctx context.Context, owner string, result models.DeliveryResult, now time.Time) (bool, error) {
	values := map[string]any{
		"reason":      gorm.Expr("CASE WHEN state = ? THEN ? ELSE reason END", models.DeliveryQueued, result.Reason),
		"lease_owner": "", "lease_until": 0, "updated_at": millis(now), "provider_id": result.ProviderID, "state": forward(result.State),
	}
	switch result.State {
	case models.DeliveryAccepted:
		values["sent_at"], values["accepted_at"] = millis(now), millis(now)
	case models.DeliverySent:
		values["sent_at"] = millis(now)
	default:
	}
	done := s.write(ctx).Model(&deliveryRow{}).Where("id = ? AND lease_owner = ?", result.ID, owner).Updates(values)
	return done.RowsAffected == 1, translate(done.Error)
}

// forward moves a state on where it may be moved, and leaves it where it is otherwise.
func forward(next models.DeliveryState) clause.Expr {
	return gorm.Expr("CASE WHEN state IN ? THEN ? ELSE state END", models.DeliveriesBefore(next), next)
}

// tryAgain queues the next attempts after those that came to nothing; what a phone has answered for needs none.
func (s *Store) tryAgain(ctx context.Context, after map[models.ID]models.DeliveryResult, now time.Time) error {
	if len(after) == 0 {
		return nil
	}
	ended, rows := []deliveryRow{}, []deliveryRow{}
	err := s.write(ctx).Where("id IN ? AND state IN ?", slices.Collect(maps.Keys(after)),
		[]models.DeliveryState{models.DeliverySent, models.DeliveryFailed}).Find(&ended).Error
	if err != nil || len(ended) == 0 {
		return translate(err)
	}
	for _, row := range ended {
		spent := row.Spent
		if after[row.ID].Counted {
			spent++
		}
		rows = append(rows, deliveryRow{
			ID: models.OrderID(row.ID.Time(), s.config.NewID()), AlertID: row.AlertID, PersonID: row.PersonID,
			InstallationID: row.InstallationID, Kind: row.Kind, Channel: row.Channel, Round: row.Round, Urgency: row.Urgency,
			State: models.DeliveryQueued, Attempt: row.Attempt + 1, Spent: spent,
			NextAt: millis(after[row.ID].NextAt), ExpiresAt: row.ExpiresAt,
			UpdatedAt: millis(now),
		})
	}
	return translate(s.write(ctx).CreateInBatches(&rows, 500).Error)
}

// deliveries adds to leased rows what is needed to send them. One whose address or alert has gone
// meanwhile has an empty Address, and fails.
func (s *Store) deliveries(ctx context.Context, rows []deliveryRow, now time.Time) ([]models.Delivery, error) {
	alertIDs, people := []models.ID{}, []models.ID{}
	for _, row := range rows {
		alertIDs, people = append(alertIDs, row.AlertID), append(people, row.PersonID)
	}
	alertOf, addressOf, err := s.leasedFacts(ctx, alertIDs, people)
	if err != nil {
		return nil, err
	}
	digests, err := s.digests(ctx, alertIDs)
	if err != nil {
		return nil, err
	}
	numbers, err := s.numbersOf(ctx, rows)
	if err != nil {
		return nil, err
	}
	hooks, err := s.webhooksOf(ctx, rows, now)
	if err != nil {
		return nil, err
	}
	spoken := map[models.ID]string{}
	if callsAmong(rows) {
		spoken = spokenTo(addressOf)
	}
	deliveries := make([]models.Delivery, 0, len(rows))
	for _, row := range rows {
		address := addressOf[string(row.PersonID)+row.InstallationID]
		value, err := s.openText(address.ValueSealed, "push_addresses.value", row.PersonID)
		if err != nil {
			return nil, err
		}
		kind, severity := alertOf[row.AlertID].Kind, alertOf[row.AlertID].Severity
		if digests[row.AlertID] {
			kind, severity = models.AlertDigest, models.SeverityInfo
		}
		if alertOf[row.AlertID].CancelledAt > 0 {
			kind = models.AlertCancelled
		}
		if kind != "" && row.InstallationID == models.ReceiptInstallation {
			kind = models.AlertMessage // that phone is not to say that it is about a tip
		}
		hook := hooks[row.InstallationID]
		switch row.Kind {
		case models.ChannelWebhook:
			value = hook.URL
		case models.ChannelSMS, models.ChannelVoice:
			value, address.Locale = numbers[row.PersonID], spoken[row.PersonID]
		}
		deliveries = append(deliveries, models.Delivery{
			Round: row.Round, Secrets: hook.signs, CreatedAt: instant(alertOf[row.AlertID].CreatedAt),
			ID: row.ID, AlertID: row.AlertID, PersonID: row.PersonID, InstallationID: row.InstallationID,
			Kind: row.Kind, AlertKind: kind, Severity: severity,
			Address: value, Platform: address.Platform, Locale: address.Locale, Attempt: row.Attempt, Spent: row.Spent,
			ExpiresAt: instant(row.ExpiresAt),
		})
	}
	return deliveries, nil
}

// leasedFacts reads the alerts by their ids, and addresses by person and installation.
func (s *Store) leasedFacts(ctx context.Context, alertIDs, people []models.ID) (map[models.ID]alertRow, map[string]pushAddressRow, error) {
	alertOf, addressOf := map[models.ID]alertRow{}, map[string]pushAddressRow{}
	if len(alertIDs) == 0 {
		return alertOf, addressOf, nil
	}
	alerts, addresses := []alertRow{}, []pushAddressRow{}
	err := s.read(ctx).Select("id", "kind", "severity", "created_at", "cancelled_at").Where("id IN ?", alertIDs).Find(&alerts).Error
	if err == nil {
		err = s.read(ctx).Where("person_id IN ?", people).Find(&addresses).Error
	}
	for _, alert := range alerts {
		alertOf[alert.ID] = alert
	}
	for _, address := range addresses {
		addressOf[string(address.PersonID)+address.InstallationID] = address
	}
	return alertOf, addressOf, translate(err)
}
