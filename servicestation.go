package main

import (
	"time"

	"xunfang/models"
	"xunfang/push"
)

// newStationWays makes the ways by which phone numbers and the station's own systems are told.
func (s *service) newStationWays(channels map[string]push.Channel) error {
	s.server.HookNetworks = s.settings.alertNetworks
	if len(s.settings.alertTemplates) > 0 {
		text, err := push.NewTencentAlert(push.TencentAlertConfig{
			Account: push.TencentSMSConfig{
				SecretID: s.settings.SMSSecretID, AppID: s.settings.SMSApp, SignName: s.settings.SMSSign, Now: time.Now,
			},
			SecretKey: func() (models.Secret, error) { return secretNow(s.settings.SMSSecretKeyFile) },
			Templates: s.settings.alertTemplates,
		})
		if err != nil {
			return err
		}
		channels[models.ChannelSMS] = text
	}
	if s.settings.AlertWebhooks != "on" {
		return nil
	}
	webhook, err := push.NewWebhook(push.StationConfig{Networks: s.settings.alertNetworks, Now: time.Now})
	if err != nil {
		return err
	}
	s.server.Hook, channels[models.ChannelWebhook] = webhook, webhook
	return nil
}
