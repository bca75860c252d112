package push

import (
	"context"
	"time"

	"xunfang/models"
)

// Rows are the deliveries of the database: store.Store.
type Rows interface {
	ClaimShares(
		ctx context.Context, owner string, shares []models.DeliveryShare, lease time.Duration, now time.Time,
	) ([]models.Delivery, error)
	FinishDeliveries(ctx context.Context, owner string, results []models.DeliveryResult, now time.Time) error
	// GoOnTelling queues an alert for more of those it is for; false: none is left to queue.
	GoOnTelling(ctx context.Context, now time.Time) (bool, error)
}

// pagesAtOnce bounds the pages of people without a phone that one claim goes through.
const pagesAtOnce = 20

// OutboxOf is the Outbox over the rows of the database.
func OutboxOf(rows Rows) Outbox { return outbox{rows} }

type outbox struct{ rows Rows }

// ClaimShares implements Outbox.
func (o outbox) ClaimShares(
	ctx context.Context, owner string, shares []models.DeliveryShare, lease time.Duration, now time.Time,
) ([]Delivery, error) {
	claimed, err := o.claimed(ctx, owner, shares, lease, now)
	deliveries := make([]Delivery, 0, len(claimed))
	for _, row := range claimed {
		deliveries = append(deliveries, Delivery{
			ID: row.ID, PersonID: row.PersonID, InstallationID: row.InstallationID, Attempt: row.Attempt + 1, Spent: row.Spent, Kind: row.Kind,
			Message: Message{
				AlertID: row.AlertID, Kind: row.AlertKind, Severity: row.Severity, ExpiresAt: row.ExpiresAt,
				Address: row.Address, Platform: row.Platform, Locale: row.Locale,
				DeliveryID: row.ID, Round: row.Round, CreatedAt: row.CreatedAt, Secrets: row.Secrets,
			},
		})
	}
	return deliveries, err
}

// claimed queues an alert that is for many a little further, as its first phones are reached, and claims what is due. What cannot
// be queued holds nothing up that is.
func (o outbox) claimed(
	ctx context.Context, owner string, shares []models.DeliveryShare, lease time.Duration, now time.Time,
) ([]models.Delivery, error) {
	for range pagesAtOnce {
		more, unqueued := o.rows.GoOnTelling(ctx, now)
		claimed, err := o.rows.ClaimShares(ctx, owner, shares, lease, now)
		if len(claimed) > 0 || err != nil {
			return claimed, err
		}
		if !more || unqueued != nil {
			return nil, unqueued
		}
	}
	return nil, nil
}

// FinishDeliveries implements Outbox.
func (o outbox) FinishDeliveries(ctx context.Context, owner string, results []Result, now time.Time) error {
	finished := make([]models.DeliveryResult, 0, len(results))
	for _, result := range results {
		finished = append(finished, result.Row())
	}
	return o.rows.FinishDeliveries(ctx, owner, finished, now)
}
