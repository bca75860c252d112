package push

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"xunfang/models"
)

// HMSConfig is what Huawei's Push Kit needs; everything without a default is needed.
type HMSConfig struct {
	AppID         string // of AppGallery Connect; it is the client id too
	Secret        func() (models.Secret, error)
	Endpoint      string // https://push-api.cloud.huawei.com; tests: a server of theirs
	TokenEndpoint string // https://oauth-login.cloud.huawei.com; tests: as above
	Keeper        TokenKeeper
	Timeout       time.Duration // of one request; 5 s
	Now           func() time.Time
}

// HMS is the Channel to Huawei's phones, which Firebase does not reach: POST /v1/{app}/messages:send of Push Kit.
type HMS struct {
	config HMSConfig
	token  *sharedToken
	client *http.Client
}

// NewHMS checks the settings; it sends nothing.
func NewHMS(config HMSConfig) (*HMS, error) {
	if config.AppID == "" || config.Secret == nil || config.Keeper == nil || config.Now == nil {
		return nil, errors.New("push: hms: AppID, Secret, Keeper and Now are needed")
	}
	if strings.Trim(config.AppID, "0123456789") != "" {
		return nil, errors.New("push: hms: the app id is a number")
	}
	config.Endpoint = strings.TrimSuffix(orElse(config.Endpoint, "https://push-api.cloud.huawei.com"), "/")
	config.TokenEndpoint = strings.TrimSuffix(orElse(config.TokenEndpoint, "https://oauth-login.cloud.huawei.com"), "/")
	config.Timeout = orDefault(config.Timeout, defaultSendTimeout)
	for _, text := range []string{config.Endpoint, config.TokenEndpoint} {
		if endpoint, err := url.Parse(text); err != nil || endpoint.Host == "" {
			return nil, errors.New("push: hms: an endpoint is not a URL")
		}
	}
	h := &HMS{
		config: config,
		client: &http.Client{Timeout: config.Timeout, Transport: newTransport(""), CheckRedirect: noRedirects},
	}
	h.token = newSharedToken("hms:"+config.AppID, config.Keeper, config.Now, h.fetchToken)
	return h, nil
}

func orElse(text, fallback string) string {
	if text == "" {
		return fallback
	}
	return text
}

// Close ends the idle connections.
func (h *HMS) Close() { h.client.CloseIdleConnections() }

// The result codes that mean something to us, from Push Kit's public list.
const (
	hmsTaken         = "80000000"
	hmsSomeTaken     = "80100000" // of several tokens: which were not is in msg
	hmsBadToken      = "80200001" // of access
	hmsTokenExpired  = "80200003"
	hmsNotAllowed    = "80300002"
	hmsAllInvalid    = "80300007" // the phone's token
	hmsTooLarge      = "80300008"
	hmsNotAllowedFor = "80300011" // the urgency
	hmsTokenService  = "80600003"
	hmsInternal      = "81000001"
)

// fetchToken gets an access token by the client credentials of RFC 6749, section 4.4. A refused one is simply asked for anew.
func (h *HMS) fetchToken(ctx context.Context, _ bool) (models.Secret, time.Duration, error) {
	secret, err := h.config.Secret()
	if err != nil {
		return "", 0, errors.New("push: hms: the secret cannot be read")
	}
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {h.config.AppID}, "client_secret": {secret.Reveal()}}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost,
		h.config.TokenEndpoint+"/oauth2/v3/token", strings.NewReader(form.Encode()))
	if err != nil {
		return "", 0, errors.New("push: hms: the request cannot be made")
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := exchange(h.client, request)
	if err != nil {
		return "", 0, fmt.Errorf("push: hms: %w", err)
	}
	if response.status >= http.StatusBadRequest && response.status < http.StatusInternalServerError {
		return "", 0, errHMSRefused // its text could quote the secret
	}
	answer := struct {
		Token     string `json:"access_token"`
		ExpiresIn int    `json:"expires_in"` // s
	}{}
	if response.status != http.StatusOK || json.Unmarshal(response.body, &answer) != nil || answer.Token == "" || answer.ExpiresIn <= 0 {
		return "", 0, fmt.Errorf("push: hms: no access token, status %d", response.status)
	}
	return models.Secret(answer.Token), time.Duration(answer.ExpiresIn) * time.Second, nil
}

var errHMSRefused = errors.New("push: hms: the client credentials are refused")

// Send implements Channel.
func (h *HMS) Send(ctx context.Context, message Message) Outcome {
	now := h.config.Now()
	body, err := HMSMessage(message, now)
	if err != nil {
		return unsendable(err)
	}
	var outcome Outcome
	err = h.token.using(ctx, func(token models.Secret) (refused bool) {
		outcome, refused = h.post(ctx, body, token)
		return refused
	})
	switch {
	case errors.Is(err, errHMSRefused):
		return Outcome{State: StateRetry, Reason: ReasonCredentials, RetryAfter: time.Minute}
	case err != nil:
		return Outcome{State: StateRetry, Reason: ReasonUnavailable}
	default:
		return outcome
	}
}

// post makes one request; refused says that the access token was.
func (h *HMS) post(ctx context.Context, body []byte, token models.Secret) (outcome Outcome, refused bool) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost,
		h.config.Endpoint+"/v1/"+h.config.AppID+"/messages:send", bytes.NewReader(body))
	if err != nil {
		return Outcome{State: StateFailed, Reason: ReasonInvalidMessage}, false
	}
	request.Header.Set("Content-Type", "application/json; charset=UTF-8")
	request.Header.Set("Authorization", "Bearer "+token.Reveal())
	response, err := exchange(h.client, request)
	if err != nil {
		if ctx.Err() != nil {
			return Outcome{State: StateRetry, Reason: ReasonCancelled}, false
		}
		return Outcome{State: StateRetry, Reason: ReasonNetwork}, false
	}
	said := struct {
		Code      string `json:"code"`
		Message   string `json:"msg"`
		RequestID string `json:"requestId"`
	}{}
	if json.Unmarshal(response.body, &said) != nil || said.Code == "" {
		if response.status == http.StatusOK {
			return Outcome{State: StateRetry, Reason: ReasonBadAnswer}, false
		}
		return judgeStatus(response.status, retryAfter(response.header.Get("Retry-After"), h.config.Now())), false
	}
	switch said.Code {
	case hmsTaken:
		return Outcome{State: StateSent, ProviderID: said.RequestID}, false
	case hmsSomeTaken:
		return partly(said.Message, said.RequestID), false
	case hmsAllInvalid:
		return Outcome{State: StateGone, Reason: ReasonUnregistered}, false
	case hmsBadToken, hmsTokenExpired:
		return Outcome{State: StateRetry, Reason: ReasonCredentials, RetryAfter: time.Minute}, true
	case hmsNotAllowed, hmsNotAllowedFor:
		return Outcome{State: StateRetry, Reason: ReasonPermission, RetryAfter: time.Minute}, false
	case hmsInternal, hmsTokenService:
		return Outcome{State: StateRetry, Reason: ReasonInternal}, false
	case hmsTooLarge:
		return Outcome{State: StateFailed, Reason: ReasonInvalidArgument}, false
	}
	if response.status == http.StatusTooManyRequests || response.status >= http.StatusInternalServerError {
		return judgeStatus(response.status, retryAfter(response.header.Get("Retry-After"), h.config.Now())), false
	}
	return Outcome{State: StateFailed, Reason: ReasonInvalidArgument}, false
}

// partly reads an answer of which some tokens were taken: {"success":1,"failure":0,"illegal_tokens":[]}. We send one, so that
// what was not taken is it. Without a count there is no proof that it was.
func partly(message, request string) Outcome {
	counted := struct {
		Success int      `json:"success"`
		Illegal []string `json:"illegal_tokens"`
	}{}
	switch {
	case json.Unmarshal([]byte(message), &counted) != nil:
		return Outcome{State: StateRetry, Reason: ReasonBadAnswer}
	case len(counted.Illegal) > 0:
		return Outcome{State: StateGone, Reason: ReasonUnregistered}
	case counted.Success > 0:
		return Outcome{State: StateSent, ProviderID: request}
	default:
		return Outcome{State: StateRetry, Reason: ReasonRefused}
	}
}

type hmsEnvelope struct {
	ValidateOnly bool       `json:"validate_only"`
	Message      hmsMessage `json:"message"`
}

type hmsMessage struct {
	Data         string     `json:"data"`
	Notification hmsWords   `json:"notification"`
	Android      hmsAndroid `json:"android"`
	Token        []string   `json:"token"`
}

type hmsWords struct {
	Title string `json:"title"`
	Body  string `json:"body"`
}

type hmsAndroid struct {
	Urgency      string          `json:"urgency"`
	TTL          string          `json:"ttl"`
	Notification hmsNotification `json:"notification"`
}

type hmsNotification struct {
	hmsWords
	ClickAction hmsClick `json:"click_action"`
	Tag         string   `json:"tag"`
	Importance  string   `json:"importance"`
}

type hmsClick struct {
	Type int `json:"type"`
}

// hmsOpensApp is the click_action that starts the app.
const hmsOpensApp = 3

// maxHMSTTL is the longest life that Push Kit accepts.
const maxHMSTTL = 15 * 24 * time.Hour

// HMSMessage turns a message into Push Kit's: as FirebaseMessage, the alert's id, its kind and general words. The tag replaces what
// was shown of the same alert. ErrExpired from ExpiresAt on; ErrInvalidMessage when the id, the kind or the address cannot be used.
func HMSMessage(message Message, now time.Time) ([]byte, error) {
	alertID, err := message.check(now)
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(map[string]string{"alert_id": alertID, "kind": named(message.Kind)})
	if err != nil {
		return nil, err
	}
	shown := phraseOf(message.Kind).in(message.Locale)
	general := hmsWords{shown.title, shown.body}
	ttl := min(message.ExpiresAt.Sub(now), maxHMSTTL)
	if nowOrNever(message.Kind) {
		ttl = time.Second // nought is not allowed
	}
	android := hmsAndroid{
		Urgency: "NORMAL", TTL: strconv.Itoa(max(1, int(ttl/time.Second))) + "s",
		Notification: hmsNotification{hmsWords: general, ClickAction: hmsClick{hmsOpensApp}, Tag: alertID, Importance: "NORMAL"},
	}
	if urgent(message.Severity) {
		android.Urgency, android.Notification.Importance = "HIGH", "HIGH"
	}
	return json.Marshal(hmsEnvelope{Message: hmsMessage{
		Data: string(data), Notification: general, Android: android, Token: []string{message.Address.Reveal()},
	}})
}
