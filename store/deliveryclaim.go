package store

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"xunfang/models"
)

// urgencies are the values of deliveries.urgency, the most urgent first.
const urgencies = 4

// ClaimDeliveries leases due deliveries of every channel to an owner, the most urgent first.
func (s *Store) ClaimDeliveries(
	ctx context.Context, owner string, limit int, lease time.Duration, now time.Time,
) ([]models.Delivery, error) {
	return s.ClaimShares(ctx, owner, []models.DeliveryShare{{Channels: models.Channels, Limit: limit, Ordinary: limit}}, lease, now)
}

// ClaimShares leases due deliveries to an owner: of each share's channels no more than it says, the most urgent first. Of any
// number of workers one gets each: the lease is a compare-and-set. Where the database can, they do not even look at the same
// rows; where it cannot, one who comes second gets fewer, or none. A lease that runs out is free again.
func (s *Store) ClaimShares(
	ctx context.Context, owner string, shares []models.DeliveryShare, lease time.Duration, now time.Time,
) ([]models.Delivery, error) {
	due, err := s.due(s.read(ctx), shares, now)
	if err != nil || len(due) == 0 { // a look that finds nothing writes nothing
		return nil, err
	}
	rows := []deliveryRow{}
	err = s.Atomically(ctx, func(tx *Store) error {
		rows = rows[:0]
		if from := tx.unclaimed(ctx); from != nil {
			var err error
			if due, err = tx.due(from, shares, now); err != nil || len(due) == 0 {
				return err
			}
		}
		claimed := tx.write(ctx).Model(&deliveryRow{}).
			Where("id IN ? AND state = ? AND lease_until < ?", due, models.DeliveryQueued, millis(now)).
			Updates(map[string]any{"lease_owner": owner, "lease_until": millis(now.Add(lease))})
		if claimed.Error != nil {
			return translate(claimed.Error)
		}
		return translate(tx.write(ctx).
			Where("id IN ? AND lease_owner = ? AND lease_until = ?", due, owner, millis(now.Add(lease))).
			Order("urgency, next_at").Find(&rows).Error)
	})
	if err != nil {
		return nil, err
	}
	return s.deliveries(ctx, rows, now)
}

// unclaimed reads what no other worker is claiming just now; nil where the database cannot tell.
func (s *Store) unclaimed(ctx context.Context) *gorm.DB {
	switch {
	case s.engine.kind == kindSQLite: // whoever writes is alone
		return s.write(ctx)
	case s.engine.skipsLocked:
		return s.write(ctx).Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate, Options: clause.LockingOptionsSkipLocked})
	default:
		return nil
	}
}

// due finds what may be claimed. Each urgency is asked for by itself: its rows lie together in the index, in the order in
// which they are due, so that neither many that are less urgent nor many that wait for later are walked over.
func (s *Store) due(from *gorm.DB, shares []models.DeliveryShare, now time.Time) ([]models.ID, error) {
	due := []models.ID{}
	from = from.Session(&gorm.Session{})
	for _, share := range shares {
		limit, ordinary := share.Limit, share.Ordinary
		for urgency := range urgencies {
			room := limit
			if urgency > 0 {
				room = min(limit, ordinary)
			}
			if room <= 0 {
				break
			}
			found := []models.ID{}
			err := from.Model(&deliveryRow{}).Where("state = ? AND channel IN ? AND urgency = ? AND next_at <= ? AND lease_until < ?",
				models.DeliveryQueued, share.Channels, urgency, millis(now), millis(now)).
				Order("next_at").Limit(room).Pluck("id", &found).Error
			if err != nil {
				return nil, translate(err)
			}
			due, limit = append(due, found...), limit-len(found)
			if urgency > 0 {
				ordinary -= len(found)
			}
		}
	}
	return due, nil
}
