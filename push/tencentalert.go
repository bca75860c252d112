package push

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"xunfang/models"
)

// TencentAlertConfig is what telling of alerts by SMS needs beside an account; everything is needed.
type TencentAlertConfig struct {
	Account   TencentSMSConfig              // its SecretKey is not used
	SecretKey func() (models.Secret, error) // as it is now: the file can be replaced
	Templates map[string]string             // by severity: approved templates without parameters, so that nothing can stand in them
}

// TencentAlert is the Channel of SMS: Tencent Cloud's SendSms with the same words for everybody.
type TencentAlert struct {
	*tencentAccount
	secretKey func() (models.Secret, error)
	templates map[string]string
}

// NewTencentAlert checks the settings; it sends nothing.
func NewTencentAlert(config TencentAlertConfig) (*TencentAlert, error) {
	if config.SecretKey == nil || len(config.Templates) == 0 {
		return nil, errors.New("push: tencent alerts: SecretKey and Templates are needed")
	}
	account, err := newTencentAccount(config.Account, nil)
	if err != nil {
		return nil, err
	}
	return &TencentAlert{tencentAccount: account, secretKey: config.SecretKey, templates: config.Templates}, nil
}

// Send implements Channel.
func (t *TencentAlert) Send(ctx context.Context, message Message) Outcome {
	if _, err := message.check(t.config.Now()); err != nil {
		return unsendable(err)
	}
	template := t.templates[message.Severity]
	if template == "" {
		return Outcome{State: StateFailed, Reason: ReasonNoTemplate}
	}
	signer := t.signer
	key, err := t.secretKey()
	if signer.secretKey = key; err != nil {
		return Outcome{State: StateRetry, Reason: ReasonCredentials}
	}
	body, err := json.Marshal(sendSMS{
		PhoneNumberSet: []string{international(message.Address)}, SmsSdkAppId: t.config.AppID, SignName: t.config.SignName,
		TemplateId: template, TemplateParamSet: []string{},
	})
	if err != nil {
		return Outcome{State: StateFailed, Reason: ReasonInvalidMessage}
	}
	answer, err := t.post(ctx, signer, body)
	if err != nil {
		return silent(err)
	}
	switch statuses := answer.Response.SendStatusSet; {
	case answer.Response.Error != nil:
		return alertSMSOutcome(answer.Response.Error.Code, "")
	case len(statuses) != 1:
		return Outcome{State: StateRetry, Reason: ReasonBadAnswer}
	default:
		return alertSMSOutcome(statuses[0].Code, statuses[0].SerialNo)
	}
}

// silent is how an attempt ended to which there was no answer that can be read: it may have been sent.
func silent(err error) Outcome {
	if errors.Is(err, errUnanswered) {
		return Outcome{State: StateRetry, Reason: ReasonUnavailable}
	}
	return Outcome{State: StateRetry, Reason: ReasonTimeout}
}

// alertSMSOutcome judges the provider's code ("API error codes" of its SendSms).
func alertSMSOutcome(code, serial string) Outcome {
	is := func(prefix string) bool { return strings.HasPrefix(code, prefix) }
	switch {
	case code == "Ok":
		return Outcome{State: StateSent, ProviderID: serial}
	case code == "LimitExceeded.PhoneNumberDailyLimit", code == "LimitExceeded.PhoneNumberSameContentDailyLimit":
		return Outcome{State: StateFailed, Reason: ReasonQuota} // of this number, until tomorrow: no alert waits so long
	case is("LimitExceeded.PhoneNumber"):
		return Outcome{State: StateRetry, Reason: ReasonQuota, RetryAfter: smsWait(code)}
	case is("LimitExceeded"), is("RequestLimitExceeded"):
		return Outcome{State: StateRetry, Reason: ReasonQuota}
	case code == "FailedOperation.InsufficientBalanceInSmsPackage", is("UnauthorizedOperation"):
		return Outcome{State: StateRetry, Reason: ReasonPermission} // the station's to mend: to pay, mostly
	case is("AuthFailure"):
		return Outcome{State: StateRetry, Reason: ReasonCredentials}
	case is("InternalError"):
		return Outcome{State: StateRetry, Reason: ReasonInternal, RetryAfter: time.Second}
	case code == "FailedOperation.TemplateIncorrectOrUnapproved", code == "FailedOperation.SignatureIncorrectOrUnapproved":
		return Outcome{State: StateFailed, Reason: ReasonNoTemplate}
	case code == "FailedOperation.PhoneNumberInBlacklist":
		return Outcome{State: StateFailed, Reason: ReasonNoConsent} // the person has told the provider so
	case is("InvalidParameterValue.IncorrectPhoneNumber"):
		return Outcome{State: StateFailed, Reason: ReasonInvalidToken}
	default:
		return Outcome{State: StateFailed, Reason: ReasonRefused}
	}
}
