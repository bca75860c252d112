package store

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"xunfang/models"
)

type wechatAccountRow struct {
	PersonID    models.ID `gorm:"primaryKey"`
	OpenidIndex []byte
	BoundAt     int64
}

func (wechatAccountRow) TableName() string { return "wechat_accounts" }

type wechatConsentRow struct {
	OpenidIndex []byte `gorm:"primaryKey"`
	TemplateID  string `gorm:"primaryKey"`
	Consents    int
	UpdatedAt   int64 `gorm:"autoUpdateTime:false"`
}

func (wechatConsentRow) TableName() string { return "wechat_consents" }

// openIDIndex is what an openid is found by; the openid itself stands only in the sealed push address.
func (s *Store) openIDIndex(openID models.Secret) []byte {
	return s.vault.BlindIndex("wechat_openid", openID.Reveal())
}

// BindWeChat makes an openid a person's, and the address that they are reached at. It belongs to whoever proved last that it
// is theirs; the consents of an openid that the person had before go.
func (s *Store) BindWeChat(ctx context.Context, person models.ID, openID models.Secret, now time.Time) error {
	index := s.openIDIndex(openID)
	before := []wechatAccountRow{}
	if err := s.write(ctx).Where("person_id = ? OR openid_index = ?", person, index).Find(&before).Error; err != nil {
		return translate(err)
	}
	for _, old := range before {
		if old.PersonID == person && string(old.OpenidIndex) == string(index) {
			continue
		}
		if err := s.UnbindWeChat(ctx, old.PersonID); err != nil {
			return err
		}
	}
	row := wechatAccountRow{PersonID: person, OpenidIndex: index, BoundAt: millis(now)}
	if err := s.write(ctx).Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error; err != nil {
		return translate(err)
	}
	return s.PutPushAddress(ctx, models.PushAddress{
		PersonID: person, InstallationID: models.WeChatInstallation, Kind: models.PushWeChat, Value: openID,
		Platform: "mini_program", Locale: "zh-CN", UpdatedAt: now,
	})
}

// UnbindWeChat forgets a person's openid with its address and consents; there may be none.
func (s *Store) UnbindWeChat(ctx context.Context, person models.ID) error {
	rows := []wechatAccountRow{}
	if err := s.write(ctx).Where("person_id = ?", person).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return translate(err)
	}
	if err := s.write(ctx).Where("openid_index = ?", rows[0].OpenidIndex).Delete(&wechatConsentRow{}).Error; err != nil {
		return translate(err)
	}
	if err := s.write(ctx).Where("person_id = ?", person).Delete(&wechatAccountRow{}).Error; err != nil {
		return translate(err)
	}
	return s.ForgetPushAddress(ctx, person, models.WeChatInstallation)
}

// PersonByOpenID gives the person whose openid it is; CodeNotFound when it is nobody's.
func (s *Store) PersonByOpenID(ctx context.Context, openID models.Secret) (models.Person, error) {
	row := wechatAccountRow{}
	if err := s.read(ctx).Where("openid_index = ?", s.openIDIndex(openID)).Take(&row).Error; err != nil {
		return models.Person{}, translate(err)
	}
	return s.Person(ctx, row.PersonID)
}

// HasOpenID says whether an openid is still a person's.
func (s *Store) HasOpenID(ctx context.Context, person models.ID, openID models.Secret) (bool, error) {
	count := int64(0)
	err := s.write(ctx).Model(&wechatAccountRow{}).Where("person_id = ? AND openid_index = ?", person, s.openIDIndex(openID)).
		Count(&count).Error
	return count == 1, translate(err)
}

// WeChatAccount reads a person's binding with the consents that are left; CodeNotFound when there is none.
func (s *Store) WeChatAccount(ctx context.Context, person models.ID) (models.WeChatAccount, []models.WeChatConsent, error) {
	row := wechatAccountRow{}
	if err := s.read(ctx).Where("person_id = ?", person).Take(&row).Error; err != nil {
		return models.WeChatAccount{}, nil, translate(err)
	}
	rows := []wechatConsentRow{}
	err := s.read(ctx).Where("openid_index = ?", row.OpenidIndex).Order("template_id").Limit(models.MaxWeChatTemplates * 2).Find(&rows).Error
	consents := make([]models.WeChatConsent, 0, len(rows))
	for _, consent := range rows {
		consents = append(consents, models.WeChatConsent{TemplateID: consent.TemplateID, Left: consent.Consents})
	}
	return models.WeChatAccount{PersonID: person, BoundAt: instant(row.BoundAt)}, consents, translate(err)
}

// AddWeChatConsents counts one more consent to each of the templates, up to models.MaxWeChatConsents; CodeNotFound when the
// person has no openid.
func (s *Store) AddWeChatConsents(ctx context.Context, person models.ID, templates []string, now time.Time) error {
	row := wechatAccountRow{}
	if err := s.write(ctx).Where("person_id = ?", person).Take(&row).Error; err != nil {
		return translate(err)
	}
	for _, template := range templates {
		if err := s.moveConsents(ctx, row.OpenidIndex, template, 1, now); err != nil {
			return err
		}
	}
	return nil
}

// moveConsents adds to the consents, within 0 and the most there can be.
func (s *Store) moveConsents(ctx context.Context, index []byte, template string, by int, now time.Time) error {
	empty := wechatConsentRow{OpenidIndex: index, TemplateID: template, UpdatedAt: millis(now)}
	if err := s.write(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&empty).Error; err != nil {
		return translate(err)
	}
	return translate(s.write(ctx).Model(&wechatConsentRow{}).
		Where("openid_index = ? AND template_id = ? AND consents + ? BETWEEN 0 AND ?", index, template, by, models.MaxWeChatConsents).
		Updates(map[string]any{"consents": gorm.Expr("consents + ?", by), "updated_at": millis(now)}).Error)
}

// TakeWeChatConsent uses one consent up, and says whether there was one: of any number at once as many get one as there are.
func (s *Store) TakeWeChatConsent(ctx context.Context, openID models.Secret, template string, now time.Time) (bool, error) {
	taken := false
	err := s.Atomically(ctx, func(tx *Store) error {
		done := tx.write(ctx).Model(&wechatConsentRow{}).
			Where("openid_index = ? AND template_id = ? AND consents > 0 AND updated_at > ?",
				tx.openIDIndex(openID), template, millis(now.Add(-models.WeChatConsentLife))).
			Updates(map[string]any{"consents": gorm.Expr("consents - 1")})
		taken = done.RowsAffected == 1
		return translate(done.Error)
	})
	return taken, err
}

// ReturnWeChatConsent gives back a consent that was taken, to an openid that is still somebody's.
func (s *Store) ReturnWeChatConsent(ctx context.Context, openID models.Secret, template string) error {
	return s.Atomically(ctx, func(tx *Store) error {
		return translate(tx.write(ctx).Model(&wechatConsentRow{}).
			Where("openid_index = ? AND template_id = ? AND consents < ?", tx.openIDIndex(openID), template, models.MaxWeChatConsents).
			Update("consents", gorm.Expr("consents + 1")).Error)
	})
}

// DropWeChatConsents sets the consents to none.
func (s *Store) DropWeChatConsents(ctx context.Context, openID models.Secret, template string) error {
	return s.Atomically(ctx, func(tx *Store) error {
		return translate(tx.write(ctx).Where("openid_index = ? AND template_id = ?", tx.openIDIndex(openID), template).
			Delete(&wechatConsentRow{}).Error)
	})
}

// ForgetWeChatConsents deletes consents that nothing was added to since a time.
func (s *Store) ForgetWeChatConsents(ctx context.Context, before time.Time) error {
	return translate(s.write(ctx).Where("updated_at < ?", millis(before)).Delete(&wechatConsentRow{}).Error)
}
