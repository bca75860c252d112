package main

import (
	"fmt"
	"strings"
	"time"

	"xunfang/models"
)

// maxVoiceSecrets are shared with the caller system at once: one, and a second while one changes.
const maxVoiceSecrets = 2

// settleVoice checks what is needed to have people rung.
func (s *settings) settleVoice(mistakes *mistakeList) {
	s.voiceTimeout = time.Duration(mistakes.number("voice-timeout", s.VoiceTimeout, 1, 30)) * time.Second
	if s.VoiceURL == "" {
		if s.VoiceSecretFile != "" {
			mistakes.add("voice-url", "is needed with --voice-secret-file")
		}
		return
	}
	if models.CheckWebhookURL(s.VoiceURL, s.alertNetworks) != nil {
		mistakes.add("voice-url", "must be https://HOST/PATH, without an account, where --alert-networks lets the station's systems stand")
	}
	if s.VoiceSecretFile == "" {
		mistakes.needed("voice-secret-file", s.VoiceSecretFile)
		return
	}
	if _, err := s.voiceSecrets(); err != nil {
		mistakes.add("voice-secret-file", "%v", err)
	}
}

// voiceSecrets reads the secrets as they are now, the newest first.
func (s *settings) voiceSecrets() ([]models.Secret, error) {
	text, err := secretNow(s.VoiceSecretFile)
	if err != nil {
		return nil, err
	}
	secrets := []models.Secret{}
	for line := range strings.FieldsSeq(text.Reveal()) {
		if _, err := models.WebhookKey(models.Secret(line)); err != nil {
			return nil, fmt.Errorf("%s: %w", s.VoiceSecretFile, err)
		}
		secrets = append(secrets, models.Secret(line))
	}
	if len(secrets) > maxVoiceSecrets {
		return nil, fmt.Errorf("%s: %d secrets at most", s.VoiceSecretFile, maxVoiceSecrets)
	}
	return secrets, nil
}
