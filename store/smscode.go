package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"xunfang/models"
)

type smsCodeRow struct {
	PhoneIndex  []byte `gorm:"primaryKey"`
	CodeMac     []byte
	SentAt      int64
	ExpiresAt   int64
	UsedAt      int64
	Attempts    int
	CountedFrom int64
	Codes       int
	Wrong       int
}

func (smsCodeRow) TableName() string { return "sms_codes" }

// TakeSMSCode reads the code of a phone and holds the row until the transaction ends, so that of any
// number of tries at once each sees the one before; CodeNotFound when none was ever sent.
func (s *Store) TakeSMSCode(ctx context.Context, phoneIndex []byte) (models.SMSCode, error) {
	lock := s.write(ctx).Model(&smsCodeRow{}).Where("phone_index = ?", phoneIndex).Update("attempts", gorm.Expr("attempts"))
	if lock.Error != nil || lock.RowsAffected == 0 {
		return models.SMSCode{PhoneIndex: phoneIndex}, orNotFound(translate(lock.Error))
	}
	row := smsCodeRow{}
	err := s.write(ctx).Where("phone_index = ?", phoneIndex).Take(&row).Error
	return models.SMSCode{
		PhoneIndex: row.PhoneIndex, CodeMAC: row.CodeMac, SentAt: instant(row.SentAt), ExpiresAt: instant(row.ExpiresAt),
		UsedAt: instant(row.UsedAt), Attempts: row.Attempts, CountedFrom: instant(row.CountedFrom), Codes: row.Codes, Wrong: row.Wrong,
	}, translate(err)
}

// AddSMSCode writes the first code of a phone; CodeAlreadyExists when somebody was first.
func (s *Store) AddSMSCode(ctx context.Context, code models.SMSCode) error {
	row := newSMSCodeRow(code)
	return translate(s.write(ctx).Create(&row).Error)
}

// PutSMSCode writes what became of the code that TakeSMSCode holds; false when it is not as it was then.
func (s *Store) PutSMSCode(ctx context.Context, before, after models.SMSCode) (bool, error) {
	old, row := newSMSCodeRow(before), newSMSCodeRow(after)
	done := s.write(ctx).Model(&smsCodeRow{}).
		Where("phone_index = ? AND sent_at = ? AND used_at = ? AND attempts = ?", old.PhoneIndex, old.SentAt, old.UsedAt, old.Attempts).
		Select("*").Updates(&row)
	return done.RowsAffected == 1, translate(done.Error)
}

// ForgetSMSCodes deletes codes sent before a time.
func (s *Store) ForgetSMSCodes(ctx context.Context, before time.Time) error {
	return translate(s.write(ctx).Where("sent_at < ?", millis(before)).Delete(&smsCodeRow{}).Error)
}

func newSMSCodeRow(code models.SMSCode) smsCodeRow {
	return smsCodeRow{
		PhoneIndex: code.PhoneIndex, CodeMac: code.CodeMAC, SentAt: millis(code.SentAt), ExpiresAt: millis(code.ExpiresAt),
		UsedAt: millis(code.UsedAt), Attempts: code.Attempts, CountedFrom: millis(code.CountedFrom),
		Codes: code.Codes, Wrong: code.Wrong,
	}
}
