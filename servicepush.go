package main

import (
	"context"
	mathrand "math/rand/v2"
	"os"
	"time"

	"xunfang/handlers"
	"xunfang/models"
	"xunfang/push"
)

// newPush makes the ways to phones that are set, and the worker that uses them.
func (s *service) newPush(ctx context.Context) error {
	channels := map[string]push.Channel{}
	if s.settings.FirebaseCredentials != "" || s.settings.FirebaseEndpoint != "" {
		firebase, err := push.NewFirebase(ctx, push.FirebaseConfig{
			CredentialsFile: s.settings.FirebaseCredentials, ProjectID: s.settings.FirebaseProject,
			Endpoint: s.settings.FirebaseEndpoint, Now: time.Now, Critical: s.settings.APNSCritical == "yes", Changed: s.firebaseKey,
		})
		if err != nil {
			return err
		}
		channels["fcm_token"], channels["fcm_installation"] = firebase, firebase.Installations()
	}
	if s.settings.WeChatApp != "" {
		wechat, err := s.newWeChat()
		if err != nil {
			return err
		}
		s.server.WeChat, channels[models.PushWeChat] = wechat, wechat
	}
	if s.settings.HMSApp != "" {
		hms, err := push.NewHMS(push.HMSConfig{
			AppID: s.settings.HMSApp, Secret: func() (models.Secret, error) { return secretNow(s.settings.HMSSecretFile) },
			Endpoint: s.settings.HMSEndpoint, TokenEndpoint: s.settings.HMSEndpoint, Keeper: s.store, Now: time.Now,
		})
		if err != nil {
			return err
		}
		channels["hms_token"] = hms
	}
	if err := s.newStationWays(channels); err != nil {
		return err
	}
	if len(channels) == 0 {
		s.log.Warn("push is off: no channel is set; alerts go to inbox and stream only")
		return nil
	}
	var err error
	s.pusher, err = push.NewWorker(push.OutboxOf(s.store), channels, push.WorkerConfig{
		Owner: string(newID()), Now: time.Now, Jitter: mathrand.Float64, Logger: s.log, // spreads waits, no secret
	})
	if err != nil {
		return err
	}
	s.server.PushOn, s.server.WakePush, s.server.PushAway = true, s.pusher.Wake, s.pusher.Away
	return nil
}

// firebaseKey hears that the key file was replaced.
func (s *service) firebaseKey(err error) {
	if err != nil {
		s.log.Error("the replaced Firebase key file cannot be used; the one before stays in use", "error", err)
		return
	}
	s.log.Info("the replaced Firebase key file is in use")
}

func (s *service) newWeChat() (*push.WeChat, error) {
	return push.NewWeChat(push.WeChatConfig{
		AppID: s.settings.WeChatApp, Secret: s.settings.wechatSecret, Templates: s.settings.wechatTemplates,
		State: s.settings.WeChatState, Endpoint: s.settings.WeChatEndpoint, Ledger: s.store, Now: time.Now,
	})
}

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
	if s.settings.VoiceURL != "" {
		voice, err := push.NewVoice(push.VoiceConfig{
			Station: push.StationConfig{Networks: s.settings.alertNetworks, Timeout: s.settings.voiceTimeout, Now: time.Now},
			URL:     models.Secret(s.settings.VoiceURL), Secrets: s.settings.voiceSecrets, Stands: s.store.CallStands,
		})
		if err != nil {
			return err
		}
		s.server.VoiceSecrets, channels[models.ChannelVoice] = s.settings.voiceSecrets, voice
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

func (s *service) newSMS() (handlers.SMSSender, error) {
	switch s.settings.SMS {
	case "console":
		return push.ConsoleSMS{Out: os.Stderr}, nil
	case "tencent":
		return push.NewTencentSMS(push.TencentSMSConfig{
			SecretID: s.settings.SMSSecretID, SecretKey: s.settings.smsSecretKey, AppID: s.settings.SMSApp,
			SignName: s.settings.SMSSign, TemplateID: s.settings.SMSTemplate, Now: time.Now,
		})
	default:
		return noSMS{}, nil
	}
}
