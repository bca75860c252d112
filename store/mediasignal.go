package store

import (
	"context"
	"encoding/json"
	"time"

	"xunfang/models"
)

// mediaSignalRow holds what a picture said of its taking, sealed, until its tip comes; then only what follows from it.
type mediaSignalRow struct {
	MediaID            models.ID `gorm:"primaryKey"`
	TakenSealed        []byte
	HasGPS             bool `gorm:"column:has_gps"`
	TakenMinutesBefore *int
	GPSDistanceM       *int `gorm:"column:gps_distance_m"`
}

func (mediaSignalRow) TableName() string { return "media_signals" }

func takenContext(media models.ID) string { return "media_signals.taken:" + string(media) }

// addTaken keeps when and where a picture was taken for the tip that is to come.
func (s *Store) addTaken(ctx context.Context, media models.ID, taken models.Taken) error {
	if taken.At.IsZero() && taken.Position == nil {
		return nil
	}
	plain, err := json.Marshal(taken)
	if err != nil {
		return err
	}
	return translate(s.write(ctx).Create(&mediaSignalRow{
		MediaID: media, TakenSealed: s.vault.Seal(plain, takenContext(media)), HasGPS: taken.Position != nil,
	}).Error)
}

// SettleSignals compares what a tip's pictures said with the tip, keeps what follows, and erases what they said.
func (s *Store) SettleSignals(ctx context.Context, tip models.Tip) error {
	rows := []mediaSignalRow{}
	err := s.read(ctx).Where("media_id IN ? AND taken_sealed IS NOT NULL", tip.MediaIDs).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return translate(err)
	}
	zone, err := s.StationZone(ctx, tip.Place.Station)
	if err != nil {
		return err
	}
	for _, row := range rows {
		plain, err := s.vault.Open(row.TakenSealed, takenContext(row.MediaID))
		if err != nil {
			return err
		}
		taken := models.Taken{}
		if err := json.Unmarshal(plain, &taken); err != nil {
			return err
		}
		signals := models.SignalsOf(row.MediaID, taken, tip, zone)
		err = s.write(ctx).Model(&mediaSignalRow{}).Where("media_id = ?", row.MediaID).Updates(map[string]any{
			"taken_sealed": nil, "taken_minutes_before": signals.TakenMinutesBefore, "gps_distance_m": signals.GPSDistanceM,
		}).Error
		if err != nil {
			return translate(err)
		}
	}
	return nil
}

// signalsOf are the signals of media that belong to tips.
func (s *Store) signalsOf(ctx context.Context, media []models.ID) (map[models.ID]models.MediaSignals, error) {
	rows, found := []mediaSignalRow{}, map[models.ID]models.MediaSignals{}
	if len(media) == 0 {
		return found, nil
	}
	err := s.read(ctx).Select("media_id", "has_gps", "taken_minutes_before", "gps_distance_m").
		Where("media_id IN ?", media).Find(&rows).Error
	for _, row := range rows {
		found[row.MediaID] = models.MediaSignals{
			MediaID: row.MediaID, HasGPS: row.HasGPS, TakenMinutesBefore: row.TakenMinutesBefore, GPSDistanceM: row.GPSDistanceM,
		}
	}
	return found, translate(err)
}

// forgetTaken erases what pictures said that no tip came for before a time.
func (s *Store) forgetTaken(ctx context.Context, before time.Time) (int64, error) {
	aged := []models.ID{}
	err := s.read(ctx).Model(&mediaSignalRow{}).Where("media_id < ? AND taken_sealed IS NOT NULL", models.FirstIDAt(before)).
		Limit(forgetBatch).Pluck("media_id", &aged).Error
	if err != nil || len(aged) == 0 {
		return 0, translate(err)
	}
	return s.erase(ctx, "DELETE FROM media_signals WHERE media_id IN ? AND taken_sealed IS NOT NULL", aged)
}
