package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"xunfang/models"
)

// CallSight is one condition under which calls are seen: those of a home from a time on, or those that are forwarded to the
// guards of a place, one of whom looks. Exactly one of HomeID and Guarded is set.
type CallSight struct {
	HomeID  models.ID
	Since   time.Time
	Guarded models.Place
	GuardID models.ID
}

// CallSights are those of somebody with these grants.
func CallSights(who models.Principal) []CallSight {
	sights := []CallSight{}
	for _, grant := range who.Grants {
		switch grant.Role {
		case models.RoleResident:
			sights = append(sights, CallSight{HomeID: grant.Place.Home, Since: grant.StartsAt})
		case models.RoleGuard:
			sights = append(sights, CallSight{Guarded: grant.Place, GuardID: who.ID})
		default:
		}
	}
	return sights
}

// Calls lists calls within sight, newest first; only those that still go on when live.
func (s *Store) Calls(ctx context.Context, sights []CallSight, live bool, now time.Time, page Page) ([]models.Call, error) {
	found, key := []callRow{}, func(row callRow) models.ID { return row.OrderID }
	cols := columns{order: "order_id", newest: true, compound: "compound_id", building: "building_id", unit: "unit_id", home: "home_id"}
	for _, sight := range sights {
		query := s.read(ctx).Model(&callRow{})
		if live || sight.HomeID == "" {
			query = query.Where("order_id >= ? AND next_at > 0 AND expires_at > ?", models.FirstIDAt(now.Add(-2*models.CallLife)), millis(now))
		}
		visible := true
		if sight.HomeID != "" {
			query = query.Where("home_id = ? AND rung_at >= ?", sight.HomeID, millis(sight.Since))
		} else {
			query, visible = cols.within(query.Where("guard_at > 0 AND guard_at <= ?", millis(now)), sight.Guarded)
			query = query.Where("(state = ? OR (state = ? AND answered_by = ?))", models.CallRinging, models.CallAnswered, sight.GuardID)
		}
		if !visible {
			continue
		}
		rows := []callRow{}
		if err := cols.page(query, page).Find(&rows).Error; err != nil {
			return nil, translate(err)
		}
		found = append(found, rows...)
	}
	return s.calls(newestFirst(found, page.Limit, key))
}

// CallTimes is when a panel rang a home since a time, the newest first: as many as the limits on it need.
func (s *Store) CallTimes(ctx context.Context, device, home models.ID, since time.Time) ([]time.Time, error) {
	rung, times := []int64{}, []time.Time{}
	err := s.read(ctx).Model(&callRow{}).Where("device_id = ? AND home_id = ? AND rung_at > ?", device, home, millis(since)).
		Order("rung_at DESC").Limit(models.CallsHourly).Pluck("rung_at", &rung).Error
	for _, at := range rung {
		times = append(times, instant(at))
	}
	return times, translate(err)
}

// DueCalls names the calls of which something is due, the longest ago first.
func (s *Store) DueCalls(ctx context.Context, now time.Time, limit int) ([]models.ID, error) {
	ids := []models.ID{}
	err := s.read(ctx).Model(&callRow{}).Where("next_at > 0 AND next_at <= ?", millis(now)).
		Order("next_at").Limit(limit).Pluck("id", &ids).Error
	return ids, translate(err)
}

// ChangedCalls lists the calls that changed since a time, the last first.
func (s *Store) ChangedCalls(ctx context.Context, since time.Time, limit int) ([]models.Call, error) {
	rows := []callRow{}
	err := s.read(ctx).Where("changed_at >= ?", millis(since)).Order("changed_at DESC").Limit(limit).Find(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	return s.calls(rows)
}

// forgetCalls is how many calls one call deletes.
const forgetCalls = 500

// ForgetCalls deletes a bounded number of calls of before a time, with what carried their pushes; it tells how many.
func (s *Store) ForgetCalls(ctx context.Context, before time.Time) (int, error) {
	aged := []models.ID{}
	err := s.read(ctx).Model(&callRow{}).Where("order_id < ? AND photo_id = ''", models.FirstIDAt(before)).
		Order("order_id").Limit(forgetCalls).Pluck("id", &aged).Error
	if err != nil || len(aged) == 0 {
		return 0, translate(err)
	}
	return len(aged), s.Atomically(ctx, func(tx *Store) error {
		for _, statement := range []string{
			"DELETE FROM deliveries WHERE alert_id IN ?", "DELETE FROM alerts WHERE id IN ?", "DELETE FROM calls WHERE id IN ?",
		} {
			if err := tx.write(ctx).Exec(statement, aged).Error; err != nil {
				return translate(err)
			}
		}
		return nil
	})
}

// ForgetCallPhotos deletes the photos of a bounded number of calls of before a time. It returns the names of their blobs; none
// when none is left.
func (s *Store) ForgetCallPhotos(ctx context.Context, before time.Time) ([]string, error) {
	aged := []callRow{}
	err := s.read(ctx).Where("photo_id > '' AND order_id < ?", models.FirstIDAt(before)).
		Order("order_id").Limit(forgetCalls).Find(&aged).Error
	if err != nil || len(aged) == 0 {
		return nil, translate(err)
	}
	calls, photos, blobs := []models.ID{}, []models.ID{}, []string{}
	for _, row := range aged {
		calls, photos = append(calls, row.ID), append(photos, row.PhotoID)
	}
	err = s.Atomically(ctx, func(tx *Store) error {
		media := []mediaRow{}
		if err := tx.read(ctx).Where("id IN ?", photos).Find(&media).Error; err != nil {
			return translate(err)
		}
		blobs = blobs[:0]
		for _, row := range media {
			blobs = append(blobs, row.BlobName)
		}
		for _, forget := range []*gorm.DB{
			tx.write(ctx).Exec("DELETE FROM media_signals WHERE media_id IN ?", photos),
			tx.write(ctx).Exec("DELETE FROM media WHERE id IN ?", photos),
			tx.write(ctx).Exec("UPDATE calls SET photo_id = '' WHERE id IN ?", calls),
		} {
			if forget.Error != nil {
				return translate(forget.Error)
			}
		}
		return nil
	})
	return blobs, err
}
