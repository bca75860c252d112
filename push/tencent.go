package push

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"xunfang/models"
)

// TencentSMSConfig is what Tencent Cloud SMS needs; everything without a default is needed.
type TencentSMSConfig struct {
	SecretID       string
	SecretKey      models.Secret
	AppID          string        // SmsSdkAppId
	SignName       string        // the approved signature, without brackets
	TemplateID     string        // the approved template: {1} is the code
	TemplateIDEN   string        // the same in English; "" uses TemplateID
	TemplateMinute bool          // the templates have a {2}: how many minutes the code holds
	Region         string        // ap-guangzhou
	Endpoint       string        // https://sms.tencentcloudapi.com; tests: a server of theirs
	Timeout        time.Duration // of one request; 5 s
	Now            func() time.Time
}

// TencentSMS sends codes through Tencent Cloud's SendSms, version 2021-01-11.
type TencentSMS struct{ *tencentAccount }

// NewTencentSMS checks the settings; it sends nothing.
func NewTencentSMS(config TencentSMSConfig) (*TencentSMS, error) {
	if config.TemplateIDEN == "" {
		config.TemplateIDEN = config.TemplateID
	}
	account, err := newTencentAccount(config, map[string]string{
		"SecretKey": config.SecretKey.Reveal(), "TemplateID": config.TemplateID,
	})
	if err != nil {
		return nil, err
	}
	return &TencentSMS{account}, nil
}

// tencentAccount makes requests to SendSms.
type tencentAccount struct {
	config TencentSMSConfig
	signer tc3
	client *http.Client
}

// newTencentAccount needs what every use of an account does, and what this one does besides, by name.
func newTencentAccount(config TencentSMSConfig, besides map[string]string) (*tencentAccount, error) {
	missing := []string{}
	needed := map[string]string{"SecretID": config.SecretID, "AppID": config.AppID, "SignName": config.SignName}
	maps.Copy(needed, besides)
	for name, value := range needed {
		if value == "" {
			missing = append(missing, name)
		}
	}
	if config.Now == nil {
		missing = append(missing, "Now")
	}
	if len(missing) > 0 {
		slices.Sort(missing)
		return nil, fmt.Errorf("push: tencent sms: missing %s", strings.Join(missing, ", "))
	}
	if config.Region == "" {
		config.Region = "ap-guangzhou"
	}
	if config.Endpoint == "" {
		config.Endpoint = "https://sms.tencentcloudapi.com"
	}
	config.Endpoint = strings.TrimSuffix(config.Endpoint, "/")
	config.Timeout = orDefault(config.Timeout, defaultSendTimeout)
	endpoint, err := url.Parse(config.Endpoint)
	if err != nil || endpoint.Host == "" {
		return nil, errors.New("push: tencent sms: the endpoint is not a URL")
	}
	return &tencentAccount{
		config: config,
		signer: tc3{secretID: config.SecretID, secretKey: config.SecretKey, service: "sms", host: endpoint.Host},
		client: &http.Client{
			Timeout: config.Timeout,
			// An own transport: a shared one would keep connections that Close could not end.
			Transport:     newTransport(""),
			CheckRedirect: noRedirects,
		},
	}, nil
}

// Close ends the idle connections.
func (t *tencentAccount) Close() { t.client.CloseIdleConnections() }

type sendSMS struct {
	PhoneNumberSet   []string
	SmsSdkAppId      string //nolint:revive // the provider's spelling
	SignName         string
	TemplateId       string //nolint:revive // the provider's spelling
	TemplateParamSet []string
}

type sendSMSAnswer struct {
	Response struct {
		RequestID string `json:"RequestId"`
		Error     *struct {
			Code string
		}
		SendStatusSet []struct {
			SerialNo string
			Code     string
		}
	}
}

// SendCode implements SMSSender, in one request that is not repeated: a code that came twice is worse
// than one that is asked for again.
func (t *TencentSMS) SendCode(ctx context.Context, phone, code models.Secret, locale string) error {
	template := t.config.TemplateID
	if strings.HasPrefix(strings.ToLower(locale), "en") {
		template = t.config.TemplateIDEN
	}
	params := []string{code.Reveal()}
	if t.config.TemplateMinute {
		params = append(params, strconv.Itoa(int(models.SMSCodeLife/time.Minute)))
	}
	body, err := json.Marshal(sendSMS{
		PhoneNumberSet: []string{international(phone)}, SmsSdkAppId: t.config.AppID,
		SignName: t.config.SignName, TemplateId: template, TemplateParamSet: params,
	})
	if err != nil {
		return models.Fail(models.CodeBusy).Because(fmt.Errorf("push: tencent sms: %w", err))
	}
	answer, err := t.post(ctx, t.signer, body)
	if err != nil {
		return models.Fail(models.CodeBusy).Because(fmt.Errorf("push: tencent sms: %w", err))
	}
	result := "no status"
	if answer.Response.Error != nil {
		result = answer.Response.Error.Code
	} else if len(answer.Response.SendStatusSet) == 1 {
		result = answer.Response.SendStatusSet[0].Code
	}
	return smsError(result, answer.Response.RequestID)
}

// errUnanswered is another status than 200: it was not the service that answered, which says no in the body.
var errUnanswered = errors.New("status")

func (t *tencentAccount) post(ctx context.Context, signer tc3, body []byte) (sendSMSAnswer, error) {
	var answer sendSMSAnswer
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, t.config.Endpoint+"/", bytes.NewReader(body))
	if err != nil {
		return answer, err
	}
	now := t.config.Now()
	request.Header.Set("Authorization", signer.authorization(body, now))
	request.Header.Set("Content-Type", tc3ContentType)
	request.Header.Set("X-TC-Action", "SendSms")
	request.Header.Set("X-TC-Version", "2021-01-11")
	request.Header.Set("X-TC-Region", t.config.Region)
	request.Header.Set("X-TC-Timestamp", strconv.FormatInt(now.Unix(), 10))
	response, err := exchange(t.client, request)
	if err != nil {
		return answer, err
	}
	if response.status != http.StatusOK {
		return answer, fmt.Errorf("%w %d", errUnanswered, response.status)
	}
	if json.Unmarshal(response.body, &answer) != nil {
		return answer, errors.New("the answer is not JSON") // its text could quote the phone
	}
	return answer, nil
}

// smsError judges the provider's code. Its message is left out everywhere: it can quote the phone.
func smsError(code, requestID string) error {
	cause := fmt.Errorf("push: tencent sms: %s (request %s)", code, requestID)
	switch {
	case code == "Ok":
		return nil
	case strings.HasPrefix(code, "LimitExceeded.App"): // the whole account's limit, not this phone's
		return models.Fail(models.CodeBusy).Because(cause)
	case code == "LimitExceeded", strings.HasPrefix(code, "LimitExceeded."):
		return models.Fail(models.CodeSMSTooSoon).After(smsWait(code)).Because(cause)
	default:
		return models.Fail(models.CodeBusy).Because(cause)
	}
}

// smsWait is how long a limit of the provider lasts, by its documented name.
func smsWait(code string) time.Duration {
	switch {
	case strings.Contains(code, "ThirtySecond"):
		return 30 * time.Second
	case strings.Contains(code, "OneHour"):
		return time.Hour
	case strings.Contains(code, "Daily"):
		return 24 * time.Hour
	default:
		return models.SMSCodeEvery
	}
}

// international is the E.164 form that the provider wants: a number without + is a Chinese one.
func international(phone models.Secret) string {
	number := phone.Reveal()
	if strings.HasPrefix(number, "+") {
		return number
	}
	return "+86" + number
}
