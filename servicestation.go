package main

import (
	"time"

	"xunfang/models"
	"xunfang/push"
)

// newStationWays makes the ways by which the station's own systems are told.
func (s *service) newStationWays(channels map[string]push.Channel) error {
	s.server.HookNetworks = s.settings.alertNetworks
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
