package push

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"xunfang/models"
)

// VoiceConfig is what ringing people needs; everything but the parts of Station that have defaults.
type VoiceConfig struct {
	Station StationConfig
	URL     models.Secret                   // of the station's own caller system; its path may hold a key
	Secrets func() ([]models.Secret, error) // as they are now, the newest first: the file can be replaced
	// Stands says whether an alert still wants calls. It is asked just before each: nobody is rung for what somebody sees to already.
	Stands func(ctx context.Context, alert models.ID, now time.Time) (bool, error)
}

// Voice is the Channel of calls: a signed HTTPS request to the station's own caller system, in the form of the Standard Webhooks
// specification. What is read aloud are general words. What became of a call comes back as a callback of the caller system's.
type Voice struct {
	station *stationClient
	config  VoiceConfig
}

// NewVoice checks the settings; it sends nothing.
func NewVoice(config VoiceConfig) (*Voice, error) {
	if target, err := url.Parse(config.URL.Reveal()); err != nil || target.Scheme != "https" || target.Host == "" {
		return nil, errors.New("push: voice: the URL is not https://HOST/PATH")
	}
	if config.Secrets == nil || config.Stands == nil {
		return nil, errors.New("push: voice: Secrets and Stands are needed")
	}
	station, err := newStationClient(config.Station)
	if err != nil {
		return nil, err
	}
	station.judge = judgeVoice
	return &Voice{station, config}, nil
}

// Close ends the idle connections.
func (v *Voice) Close() { v.station.close() }

// voiceRequested is the type of the messages to the caller system.
const voiceRequested = "call.requested"

type voiceMessage struct {
	Type      string    `json:"type"`
	Timestamp string    `json:"timestamp"`
	Data      voiceData `json:"data"`
}

// voiceData has the number, for it is to be rung, and general words; nothing else by which a person or a matter could be told.
type voiceData struct {
	CallID     string `json:"call_id"`
	Number     string `json:"number"` // E.164
	Language   string `json:"language"`
	Severity   string `json:"severity"`
	Say        string `json:"say"`
	RingBefore string `json:"ring_before"`
}

// Send implements Channel. Tries at one time of asking have the same webhook-id, so that the caller system does not ring twice.
func (v *Voice) Send(ctx context.Context, message Message) Outcome {
	now := v.station.config.Now()
	alertID, err := message.check(now)
	if err != nil {
		return unsendable(err)
	}
	secrets, err := v.config.Secrets()
	if err != nil {
		return Outcome{State: StateRetry, Reason: ReasonCredentials}
	}
	switch stands, err := v.config.Stands(ctx, message.AlertID, now); {
	case err != nil:
		return Outcome{State: StateRetry, Reason: ReasonInternal}
	case !stands:
		return Outcome{State: StateFailed, Reason: models.ReasonSeenTo}
	}
	body, err := json.Marshal(v.message(message, now))
	if err != nil {
		return Outcome{State: StateFailed, Reason: ReasonInvalidMessage}
	}
	outcome := v.station.send(ctx, v.config.URL, callKey(alertID, message, secrets), body, secrets)
	if outcome.State == StateSent {
		outcome.ProviderID = string(message.DeliveryID)
	}
	return outcome
}

func (v *Voice) message(message Message, now time.Time) voiceMessage {
	before := now.Add(models.VoiceRingWithin)
	if message.ExpiresAt.Before(before) {
		before = message.ExpiresAt
	}
	return voiceMessage{
		Type: voiceRequested, Timestamp: wired(now),
		Data: voiceData{
			CallID: string(message.DeliveryID), Number: international(message.Address), Language: languageOf(message.Locale),
			Severity: message.Severity, Say: spoken(message), RingBefore: wired(before),
		},
	}
}

// callKey is the same for each try to hand over one call. It is keyed, for it may stand in the log of something on the way: who has
// a plain hash of a number soon has the number.
func callKey(alertID string, message Message, secrets []models.Secret) string {
	if len(secrets) == 0 {
		return "" // is not sent
	}
	sum := hmac.New(sha256.New, []byte(secrets[0].Reveal()))
	_, _ = sum.Write([]byte("call " + alertID + " " + strconv.FormatInt(message.Round, 10) + " " + international(message.Address)))
	return alertID[len(alertID)-12:] + "." + hex.EncodeToString(sum.Sum(nil)[:16])
}

// judgeVoice is judgeStation for a system that takes all calls: one number that it cannot ring says nothing of the others.
func judgeVoice(answer providerAnswer, id string, now time.Time) Outcome {
	switch outcome := judgeStation(answer, id, now); {
	case answer.status == http.StatusUnprocessableEntity:
		return Outcome{State: StateFailed, Reason: ReasonInvalidToken}
	case outcome.State == StateGone:
		return Outcome{State: StateRetry, Reason: ReasonRefused}
	default:
		return outcome
	}
}
