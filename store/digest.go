package store

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"xunfang/models"
)

// digestsAtOnce bounds the phones whose digests one transaction makes.
const digestsAtOnce = 100

// GatherDigests makes, of the pushes whose wait is over, one digest for each phone, and returns for how many phones it did; 0 when
// nothing is left. Of any number of replicas one makes each.
func (s *Store) GatherDigests(ctx context.Context, now time.Time) (int, error) {
	phones := []models.CallPhone{}
	err := s.read(ctx).Model(&heldPushRow{}).Distinct("person_id", "installation_id").
		Where("digest_id = '' AND digest = ? AND until_at <= ?", true, millis(now)).Limit(digestsAtOnce).Find(&phones).Error
	if err != nil || len(phones) == 0 {
		return 0, translate(err)
	}
	people := []models.ID{}
	for _, phone := range phones {
		people = append(people, phone.PersonID)
	}
	err = s.Atomically(ctx, func(tx *Store) error {
		held := []heldPushRow{}
		err := tx.write(ctx).Where("person_id IN ? AND digest_id = '' AND digest = ? AND until_at <= ?", people, true, millis(now)).
			Find(&held).Error
		if err != nil {
			return translate(err)
		}
		return tx.gather(ctx, phones, held, now)
	})
	if models.CodeOf(err) == models.CodeWrongState { // another replica was quicker: its transaction did the same
		return len(phones), nil
	}
	return len(phones), err
}

func (s *Store) gather(ctx context.Context, phones []models.CallPhone, held []heldPushRow, now time.Time) error {
	ids, waited := []models.ID{}, map[models.CallPhone][]deliveryRow{}
	for _, one := range held { // a person's other phones may be for the next time
		if slices.Contains(phones, models.CallPhone{PersonID: one.PersonID, InstallationID: one.InstallationID}) {
			ids = append(ids, one.DeliveryID)
		}
	}
	live := []deliveryRow{}
	if len(ids) > 0 {
		err := s.write(ctx).Where("id IN ? AND state = ? AND lease_owner = '' AND expires_at > ?", ids, models.DeliveryQueued, millis(now)).
			Order("id").Find(&live).Error
		if err != nil {
			return translate(err)
		}
	}
	for _, row := range live {
		phone := models.CallPhone{PersonID: row.PersonID, InstallationID: row.InstallationID}
		waited[phone] = append(waited[phone], row)
	}
	digests := []deliveryRow{}
	for _, phone := range phones {
		switch rows := waited[phone]; len(rows) {
		case 0: // read, cancelled or expired meanwhile
		case 1: // it is told best by its own words, and can be proven
			due := s.write(ctx).Model(&deliveryRow{}).Where("id = ? AND state = ?", rows[0].ID, models.DeliveryQueued).
				Update("next_at", millis(now))
			if due.Error != nil {
				return translate(due.Error)
			}
		default:
			digest, err := s.digestOf(ctx, rows, now)
			if err != nil {
				return err
			}
			digests = append(digests, digest)
		}
	}
	over := s.write(ctx).Where("delivery_id IN ? AND digest_id = ''", ids).Delete(&heldPushRow{})
	if over.Error != nil || len(digests) == 0 {
		return translate(over.Error)
	}
	return translate(s.write(ctx).CreateInBatches(&digests, 500).Error)
}

// digestOf takes what waited for one phone into a digest, which is worth sending as long as any of it is.
func (s *Store) digestOf(ctx context.Context, rows []deliveryRow, now time.Time) (deliveryRow, error) {
	newest := rows[len(rows)-1]
	digest := deliveryRow{
		ID: models.OrderID(now, s.config.NewID()), AlertID: s.config.NewID(), PersonID: newest.PersonID,
		InstallationID: newest.InstallationID, Kind: newest.Kind, Channel: newest.Channel, Urgency: newest.Urgency,
		State: models.DeliveryQueued, NextAt: millis(now), UpdatedAt: millis(now),
	}
	ids := []models.ID{}
	for _, row := range rows {
		ids, digest.ExpiresAt = append(ids, row.ID), max(digest.ExpiresAt, row.ExpiresAt)
	}
	taken := s.write(ctx).Model(&heldPushRow{}).Where("delivery_id IN ? AND digest_id = ''", ids).Update("digest_id", digest.AlertID)
	if taken.Error == nil && taken.RowsAffected != int64(len(ids)) {
		return digest, models.Fail(models.CodeWrongState)
	}
	return digest, translate(taken.Error)
}

// endDigest writes at the alerts of a digest what became of it. That the provider took the digest proves only that something went
// out for each: they are sent, and more only by the app's own receipt.
func (s *Store) endDigest(ctx context.Context, result models.DeliveryResult, now time.Time) error {
	if result.AlertKind != models.AlertDigest || !result.NextAt.IsZero() { // it is tried again, and they wait on
		return nil
	}
	members := func() *gorm.DB { return s.write(ctx).Where("digest_id = ?", result.AlertID) }
	values := map[string]any{"state": result.State, "reason": result.Reason, "updated_at": millis(now)}
	if result.State == models.DeliveryAccepted || result.State == models.DeliverySent {
		values["state"], values["reason"], values["sent_at"] = models.DeliverySent, models.ReasonDigest, millis(now)
	}
	err := s.write(ctx).Model(&deliveryRow{}).Where("id IN (?)", members().Model(&heldPushRow{}).Select("delivery_id")).
		Where("state = ? AND lease_owner = ''", models.DeliveryQueued).Updates(values).Error
	if err != nil {
		return translate(err)
	}
	return translate(members().Delete(&heldPushRow{}).Error)
}

// digests tells which of some ids are digests.
func (s *Store) digests(ctx context.Context, ids []models.ID) (map[models.ID]bool, error) {
	found, digests := []models.ID{}, map[models.ID]bool{}
	if len(ids) == 0 {
		return digests, nil
	}
	err := s.read(ctx).Model(&heldPushRow{}).Where("digest_id IN ?", ids).Distinct("digest_id").Pluck("digest_id", &found).Error
	for _, id := range found {
		digests[id] = true
	}
	return digests, translate(err)
}

// forgetHeld deletes the notes of pushes that wait no more, and of digests that came to no end.
func (s *Store) forgetHeld(ctx context.Context, now time.Time) (int64, error) {
	over := []models.ID{}
	err := s.read(ctx).Model(&heldPushRow{}).Where("digest_id = '' AND digest = ? AND until_at <= ?", false, millis(now)).
		Or("digest_id > '' AND until_at <= ?", millis(now.Add(-models.DeliveryKept))).
		Limit(forgetBatch).Pluck("delivery_id", &over).Error
	if err != nil || len(over) == 0 {
		return 0, translate(err)
	}
	return s.erase(ctx, "DELETE FROM held_pushes WHERE delivery_id IN ?", over)
}
