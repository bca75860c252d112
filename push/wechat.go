package push

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"xunfang/models"
)

// WeChatLedger keeps what WeChat's rules need and replicas share: the access token and everybody's consents.
type WeChatLedger interface {
	TokenKeeper
	// TakeWeChatConsent uses one consent up, and says whether there was one.
	TakeWeChatConsent(ctx context.Context, openID models.Secret, template string, now time.Time) (bool, error)
	// ReturnWeChatConsent gives back one that was taken for a message that WeChat surely did not take.
	ReturnWeChatConsent(ctx context.Context, openID models.Secret, template string) error
	// DropWeChatConsents sets the consents to none: WeChat says that there are none.
	DropWeChatConsents(ctx context.Context, openID models.Secret, template string) error
}

// WeChatConfig is what the mini-program's server side needs; everything without a default is needed.
type WeChatConfig struct {
	AppID     string
	Secret    func() (models.Secret, error) // AppSecret, read anew for each token, so that a replaced one is taken up
	Templates []WeChatTemplate
	State     string // of the mini-program that a message opens: formal, trial or developer; formal
	Endpoint  string // https://api.weixin.qq.com; tests: a server of theirs
	Ledger    WeChatLedger
	Timeout   time.Duration // of one request; 5 s
	Now       func() time.Time
}

// WeChat speaks to WeChat's server for one mini-program: it signs people in and is the Channel of subscription messages.
// By the public documents of code2Session, stable_token and subscribeMessage.send.
type WeChat struct {
	config WeChatConfig
	token  *sharedToken
	client *http.Client
	asking chan struct{} // sign-ins under way
}

// maxSignIns bounds the sign-ins under way at once: each waits for WeChat.
const maxSignIns = 64

// NewWeChat checks the settings; it sends nothing.
func NewWeChat(config WeChatConfig) (*WeChat, error) {
	if config.AppID == "" || config.Secret == nil || config.Ledger == nil || config.Now == nil {
		return nil, errors.New("push: wechat: AppID, Secret, Ledger and Now are needed")
	}
	if len(config.Templates) > 0 {
		if err := CheckWeChatTemplates(config.Templates); err != nil {
			return nil, err
		}
	}
	if config.State == "" {
		config.State = "formal"
	}
	if config.Endpoint == "" {
		config.Endpoint = "https://api.weixin.qq.com"
	}
	config.Endpoint = strings.TrimSuffix(config.Endpoint, "/")
	config.Timeout = orDefault(config.Timeout, defaultSendTimeout)
	if endpoint, err := url.Parse(config.Endpoint); err != nil || endpoint.Host == "" {
		return nil, errors.New("push: wechat: the endpoint is not a URL")
	}
	w := &WeChat{
		config: config, asking: make(chan struct{}, maxSignIns),
		client: &http.Client{
			Timeout: config.Timeout, Transport: newTransport(""),
			CheckRedirect: noRedirects,
		},
	}
	w.token = newSharedToken("wechat:"+config.AppID, config.Ledger, config.Now, w.fetchToken)
	return w, nil
}

// Close ends the idle connections.
func (w *WeChat) Close() { w.client.CloseIdleConnections() }

// Templates are the messages that the mini-program may ask consent for.
func (w *WeChat) Templates() []models.WeChatTemplate {
	shown := make([]models.WeChatTemplate, 0, len(w.config.Templates))
	for _, template := range w.config.Templates {
		shown = append(shown, models.WeChatTemplate{ID: template.ID, Kinds: template.Kinds, LongTerm: template.LongTerm})
	}
	return shown
}

// wechatError is an errcode of WeChat's. Its message is left out: it can quote what was sent.
type wechatError int

// Error implements error.
func (e wechatError) Error() string { return fmt.Sprintf("push: wechat: errcode %d", int(e)) }

// The errcodes that mean something to us, from WeChat's public list.
const (
	wechatBusy             wechatError = -1
	wechatBadSecret        wechatError = 40001 // AppSecret wrong, or the access token no longer the last
	wechatBadOpenID        wechatError = 40003
	wechatBadAppID         wechatError = 40013
	wechatBadToken         wechatError = 40014
	wechatBadCode          wechatError = 40029
	wechatBadTemplate      wechatError = 40037
	wechatLongTermSpent    wechatError = 40038 // a long-term template's messages of this person's day
	wechatBadSecretToo     wechatError = 40125
	wechatCodeUsed         wechatError = 40163
	wechatAddressNotListed wechatError = 40164 // our address is not in the account's list
	wechatHighRisk         wechatError = 40226
	wechatBadPage          wechatError = 41030
	wechatTokenExpired     wechatError = 42001
	wechatNoConsent        wechatError = 43101
	wechatBanned           wechatError = 43107
	wechatAtOnce           wechatError = 43108 // another message to the same person at the same time
	wechatDaySpent         wechatError = 45009
	wechatMinuteSpent      wechatError = 45011
	wechatWords            wechatError = 45168
	wechatBadData          wechatError = 47003
	wechatNotAllowed       wechatError = 48001
)

// OpenID exchanges the code of wx.login for the person's openid. CodeBadCredentials when WeChat does not take the code,
// CodeBusy when it cannot be asked. The session key that comes with it is not read.
func (w *WeChat) OpenID(ctx context.Context, code models.Secret) (models.Secret, error) {
	select {
	case w.asking <- struct{}{}:
		defer func() { <-w.asking }()
	default:
		return "", models.Fail(models.CodeBusy).After(time.Second)
	}
	secret, err := w.config.Secret()
	if err != nil {
		return "", models.Fail(models.CodeBusy).Because(errors.New("push: wechat: the secret cannot be read"))
	}
	answer := struct {
		OpenID string `json:"openid"`
	}{}
	query := url.Values{
		"appid": {w.config.AppID}, "secret": {secret.Reveal()}, "js_code": {code.Reveal()}, "grant_type": {"authorization_code"},
	}
	err = w.call(ctx, http.MethodGet, "/sns/jscode2session", query, nil, &answer)
	var said wechatError
	if errors.As(err, &said) && slices.Contains([]wechatError{wechatBadCode, wechatCodeUsed, wechatHighRisk}, said) {
		return "", models.Fail(models.CodeBadCredentials)
	}
	if err == nil && answer.OpenID == "" {
		err = errors.New("push: wechat: no openid in the answer")
	}
	if err != nil {
		return "", models.Fail(models.CodeBusy).Because(err)
	}
	return models.Secret(answer.OpenID), nil
}

// fetchToken gets an access token. Without force WeChat gives the same one to everybody who asks, until shortly before its end.
func (w *WeChat) fetchToken(ctx context.Context, force bool) (models.Secret, time.Duration, error) {
	secret, err := w.config.Secret()
	if err != nil {
		return "", 0, errors.New("push: wechat: the secret cannot be read")
	}
	asked := map[string]any{
		"grant_type": "client_credential", "appid": w.config.AppID, "secret": secret.Reveal(), "force_refresh": force,
	}
	answer := struct {
		Token     string `json:"access_token"`
		ExpiresIn int    `json:"expires_in"` // s
	}{}
	if err := w.call(ctx, http.MethodPost, "/cgi-bin/stable_token", nil, asked, &answer); err != nil {
		return "", 0, err
	}
	if answer.Token == "" || answer.ExpiresIn <= 0 {
		return "", 0, errors.New("push: wechat: no access token in the answer")
	}
	return models.Secret(answer.Token), time.Duration(answer.ExpiresIn) * time.Second, nil
}

// errNoAnswer says that WeChat did not answer as it does: whether it took what was sent is not known.
var errNoAnswer = errors.New("push: wechat: no answer of WeChat's")

// call makes one request. An errcode becomes a wechatError. No error quotes the URL: secrets stand in it.
func (w *WeChat) call(ctx context.Context, method, path string, query url.Values, body, answer any) error {
	content := []byte(nil)
	if body != nil {
		var err error
		if content, err = json.Marshal(body); err != nil {
			return fmt.Errorf("push: wechat: %w", err)
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, w.config.Endpoint+path+"?"+query.Encode(), bytes.NewReader(content))
	if err != nil {
		return errors.New("push: wechat: the request cannot be made")
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := exchange(w.client, request)
	if err != nil {
		return fmt.Errorf("%w: %w", errNoAnswer, err)
	}
	if response.status != http.StatusOK {
		return fmt.Errorf("%w: status %d", errNoAnswer, response.status)
	}
	said := struct {
		Code *int `json:"errcode"`
	}{}
	if json.Unmarshal(response.body, &said) != nil {
		return fmt.Errorf("%w: not JSON", errNoAnswer)
	}
	if said.Code != nil && *said.Code != 0 {
		return wechatError(*said.Code)
	}
	if json.Unmarshal(response.body, answer) != nil {
		return fmt.Errorf("%w: not as documented", errNoAnswer)
	}
	return nil
}
