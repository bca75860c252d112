package store

import (
	"context"

	"xunfang/models"
)

type anonymousTipRow struct {
	TipID         models.ID `gorm:"primaryKey"`
	ReceiptHash   []byte
	ContentSealed []byte
}

func (anonymousTipRow) TableName() string { return "anonymous_tips" }

type stationKeyRow struct {
	StationID models.ID `gorm:"primaryKey"`
	PublicKey string
}

func (stationKeyRow) TableName() string { return "station_keys" }

// AddAnonymousTip writes a tip with what is sealed of it, to be found again by the hash of its receipt;
// CodeAlreadyExists when that receipt has a tip.
func (s *Store) AddAnonymousTip(ctx context.Context, tip models.Tip, receiptHash []byte) error {
	row := anonymousTipRow{TipID: tip.ID, ReceiptHash: receiptHash, ContentSealed: tip.Sealed}
	if err := s.write(ctx).Create(&row).Error; err != nil {
		return translate(err)
	}
	return s.AddTip(ctx, tip)
}

// TipByReceipt finds the tip of a receipt; CodeNotFound when there is none.
func (s *Store) TipByReceipt(ctx context.Context, receiptHash []byte) (models.Tip, error) {
	rows := []anonymousTipRow{}
	err := s.read(ctx).Select("tip_id").Where("receipt_hash = ?", receiptHash).Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return models.Tip{}, orNotFound(translate(err))
	}
	return s.Tip(ctx, rows[0].TipID)
}

// addSealed adds to anonymous tips what is sealed of them.
func (s *Store) addSealed(ctx context.Context, tips []models.Tip) error {
	ids := []models.ID{}
	for _, tip := range tips {
		if tip.Reporting == models.ReportingAnonymous {
			ids = append(ids, tip.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	rows := []anonymousTipRow{}
	if err := s.read(ctx).Select("tip_id", "content_sealed").Where("tip_id IN ?", ids).Find(&rows).Error; err != nil {
		return translate(err)
	}
	sealed := map[models.ID][]byte{}
	for _, row := range rows {
		sealed[row.TipID] = row.ContentSealed
	}
	for at := range tips {
		tips[at].Sealed = sealed[tips[at].ID]
	}
	return nil
}

// StationKey reads the public key that a station's anonymous tips are sealed to; CodeNotFound when the station
// has none, or is none.
func (s *Store) StationKey(ctx context.Context, station models.ID) (string, error) {
	rows := []stationKeyRow{}
	err := s.read(ctx).Where("station_id = ?", station).Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return "", orNotFound(translate(err))
	}
	return rows[0].PublicKey, nil
}

// PutStationKey replaces a station's key. What was sealed to the old one opens with the old one only.
func (s *Store) PutStationKey(ctx context.Context, station models.ID, key string) error {
	return translate(s.write(ctx).Save(&stationKeyRow{StationID: station, PublicKey: key}).Error)
}
