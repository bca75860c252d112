package store

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"xunfang/models"
)

type voiceCallbackRow struct {
	ID      string `gorm:"primaryKey"`
	TakenAt int64
}

func (voiceCallbackRow) TableName() string { return "voice_callbacks" }

// TakeVoiceCallback takes a callback of the caller system; false when it was taken before.
func (s *Store) TakeVoiceCallback(ctx context.Context, id string, now time.Time) (bool, error) {
	err := translate(s.write(ctx).Create(&voiceCallbackRow{ID: id, TakenAt: millis(now)}).Error)
	if models.CodeOf(err) == models.CodeAlreadyExists {
		return false, nil
	}
	return err == nil, err
}

// VoiceAttempt is the attempt of a call by its id; CodeNotFound when there is none.
func (s *Store) VoiceAttempt(ctx context.Context, id models.ID) (models.Attempt, error) {
	rows := []deliveryRow{}
	err := s.write(ctx).Where("id = ? AND channel = ?", id, models.ChannelVoice).Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return models.Attempt{}, orNotFound(translate(err))
	}
	return rows[0].attempt(), nil
}

// MoveVoice writes what became of a call, at the attempt that is meant and at the others of the same time of asking: a call of which
// nobody could say whether it was handed over is handed over again as the same. It returns whether the attempt was as it is given.
func (s *Store) MoveVoice(
	ctx context.Context, attempt models.Attempt, event models.VoiceEvent, state models.DeliveryState, at, now time.Time,
) (bool, error) {
	values := map[string]any{"state": state, "updated_at": millis(now)}
	switch state {
	case models.DeliveryAcknowledged:
		values["acknowledged_at"], values["reason"] = millis(at), ""
	case models.DeliveryAccepted:
		values["reason"] = string(event)
		for _, column := range []string{"sent_at", "accepted_at"} {
			values[column] = gorm.Expr("CASE WHEN "+column+" = 0 THEN ? ELSE "+column+" END", millis(now))
		}
	default:
		values["reason"] = string(event)
	}
	done := s.write(ctx).Model(&deliveryRow{}).Where("id = ? AND state = ? AND reason = ?", attempt.ID, attempt.State, attempt.Reason).
		Updates(values)
	if done.Error != nil || done.RowsAffected != 1 {
		return false, translate(done.Error)
	}
	// What of the same call still waits would ring again; what is or was handed over besides is the same call.
	same := "alert_id = ? AND person_id = ? AND channel = ? AND round = ? AND id <> ?"
	key := []any{attempt.AlertID, attempt.PersonID, models.ChannelVoice, attempt.Round, attempt.ID}
	if err := s.stopDeliveries(ctx, now, string(event), same+" AND lease_owner = ''", key...); err != nil {
		return false, err
	}
	under := []models.DeliveryState{models.DeliveryQueued, models.DeliverySent, models.DeliveryAccepted}
	return true, translate(s.write(ctx).Model(&deliveryRow{}).Where(same, key...).Where("state IN ?", under).Updates(values).Error)
}

// CallStands says whether a call about an alert is still wanted; looked at just before it is placed.
func (s *Store) CallStands(ctx context.Context, alert models.ID, now time.Time) (bool, error) {
	found, err := s.Alert(ctx, alert)
	if models.CodeOf(err) == models.CodeNotFound {
		return false, nil
	}
	return err == nil && found.CallStands(now), err
}

// spokenTo gives the language of the address that each person used last.
func spokenTo(addresses map[string]pushAddressRow) map[models.ID]string {
	newest, language := map[models.ID]pushAddressRow{}, map[models.ID]string{}
	for _, address := range addresses {
		before, known := newest[address.PersonID]
		if !known || address.UpdatedAt > before.UpdatedAt || address.UpdatedAt == before.UpdatedAt && address.Locale < before.Locale {
			newest[address.PersonID], language[address.PersonID] = address, address.Locale
		}
	}
	return language
}

// callsAmong says whether any of some rows is a call: only then is it asked who speaks what.
func callsAmong(rows []deliveryRow) bool {
	return slices.ContainsFunc(rows, func(row deliveryRow) bool { return row.Kind == models.ChannelVoice })
}

// forgetVoiceCallbacks deletes what was taken long ago: what comes again is too old to be believed.
func (s *Store) forgetVoiceCallbacks(ctx context.Context, before time.Time) (int64, error) {
	ids := []string{}
	err := s.read(ctx).Model(&voiceCallbackRow{}).Where("taken_at < ?", millis(before)).Order("taken_at").Limit(forgetBatch).
		Pluck("id", &ids).Error
	if err != nil || len(ids) == 0 {
		return 0, translate(err)
	}
	return s.erase(ctx, "DELETE FROM voice_callbacks WHERE id IN ?", ids)
}
