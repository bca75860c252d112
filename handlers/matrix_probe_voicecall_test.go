package handlers_test

import (
	"encoding/json"

	"xunfang/models"
)

// callerSecret is shared with the caller system of the tests, callerBefore with the one that changes to it.
const (
	callerSecret = models.Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	callerBefore = models.Secret("whsec_QUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJD")
)

func callerSecrets() ([]models.Secret, error) {
	return []models.Secret{callerSecret, callerBefore}, nil
}

var voiceProbes = map[string]probe{
	"createVoiceCallback": plain(func(s *stage, _ *caller) asked {
		request := post(map[string]any{"type": "call.reported", "data": map[string]any{"call_id": s.missing, "event": "busy"}}, "/v1/voice-callbacks")
		text, err := json.Marshal(request.body)
		key, failed := models.WebhookKey(callerSecret)
		if err != nil || failed != nil {
			s.rig.t.Fatal(err, failed)
		}
		request.body = rawBody{"application/json", text}
		for name, value := range models.WebhookHeaders(string(s.rig.ids.next()), s.now(), text, key) {
			request.headers = append(request.headers, name, value)
		}
		return request
	}),
}
