package store

import (
	"context"
	"time"

	"gorm.io/gorm/clause"

	"xunfang/models"
)

type pushAddressRow struct {
	PersonID       models.ID `gorm:"primaryKey"`
	InstallationID string    `gorm:"primaryKey"`
	Kind           string
	ValueSealed    []byte
	ValueIndex     []byte
	Platform       string
	Locale         string
	AppVersion     string
	UpdatedAt      int64 `gorm:"autoUpdateTime:false"`
}

func (pushAddressRow) TableName() string { return "push_addresses" }

// address is what a row says of itself without its value.
func (row pushAddressRow) address() models.PushAddress {
	return models.PushAddress{
		PersonID: row.PersonID, InstallationID: row.InstallationID, Kind: row.Kind, UpdatedAt: instant(row.UpdatedAt),
	}
}

// PutPushAddress keeps an address. An address belongs to whoever registered it last:
// a phone that changed hands must not show the former owner's alerts.
func (s *Store) PutPushAddress(ctx context.Context, address models.PushAddress) error {
	row := pushAddressRow{
		PersonID: address.PersonID, InstallationID: address.InstallationID, Kind: address.Kind,
		ValueSealed: s.sealText(address.Value, "push_addresses.value", address.PersonID),
		ValueIndex:  s.pushIndex(address.PersonID, address.InstallationID, address.Value),
		Platform:    address.Platform, Locale: address.Locale, AppVersion: address.AppVersion,
		UpdatedAt: millis(address.UpdatedAt),
	}
	others := s.write(ctx).Where("(kind = ? AND value_index = ?) AND NOT (person_id = ? AND installation_id = ?)",
		row.Kind, row.ValueIndex, row.PersonID, row.InstallationID).Delete(&pushAddressRow{})
	if others.Error != nil {
		return translate(others.Error)
	}
	return translate(s.write(ctx).Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error)
}

// pushIndex is what an address is found by. That of a receipt is found for its tip only: with the index of people it could
// be seen in the database whose phone it is, and to register it would take the address from them.
func (s *Store) pushIndex(person models.ID, installation string, value models.Secret) []byte {
	if installation == models.ReceiptInstallation {
		return s.vault.BlindIndex(indexPush+" "+string(person), value.Reveal())
	}
	return s.vault.BlindIndex(indexPush, value.Reveal())
}

// ForgetPushAddress deletes one address; there may be none.
func (s *Store) ForgetPushAddress(ctx context.Context, person models.ID, installation string) error {
	return translate(s.write(ctx).Where("person_id = ? AND installation_id = ?", person, installation).
		Delete(&pushAddressRow{}).Error)
}

// CountStaleAddresses counts the addresses that are used for urgent alerts only.
func (s *Store) CountStaleAddresses(ctx context.Context, now time.Time) (int64, error) {
	count := int64(0)
	return count, translate(s.read(ctx).Model(&pushAddressRow{}).Where("updated_at <= ?", millis(now.Add(-models.PushAddressFresh))).
		Where("kind IN ? AND installation_id <> ?", models.AgingAddresses, models.ReceiptInstallation).Count(&count).Error)
}

// forgetPushAddresses deletes addresses that were registered last at or before a time, unless they are registered meanwhile.
func (s *Store) forgetPushAddresses(ctx context.Context, before time.Time) (int64, error) {
	rows, keys := []pushAddressRow{}, [][]any{}
	err := s.read(ctx).Select("person_id", "installation_id").Where("updated_at <= ? AND kind IN ?", millis(before), models.AgingAddresses).
		Order("updated_at").Limit(forgetBatch).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return 0, translate(err)
	}
	for _, row := range rows {
		keys = append(keys, []any{row.PersonID, row.InstallationID})
	}
	return s.erase(ctx, "DELETE FROM push_addresses WHERE updated_at <= ? AND kind IN ? AND (person_id, installation_id) IN ?",
		millis(before), models.AgingAddresses, keys)
}
