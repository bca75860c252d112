package push

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"xunfang/models"
)

// Each answer of the provider's has its outcome; the message holds the number and the template, and no word.
func TestTencentAlertOutcomes(t *testing.T) {
	fake := newTencentFake(t)
	key, keyError := models.Secret("key-1"), error(nil)
	channel, err := NewTencentAlert(TencentAlertConfig{
		Account: TencentSMSConfig{
			SecretID: "id-1", AppID: "1400006666", SignName: "城东派出所", Endpoint: fake.URL, Now: func() time.Time { return testNow },
		},
		SecretKey: func() (models.Secret, error) { return key, keyError },
		Templates: map[string]string{models.SeverityEmergency: "1235"},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(channel.Close)
	message := testMessage(func(m *Message) { m.Severity, m.Address = models.SeverityEmergency, "10012345678" })
	send := func(answer string, want Outcome) {
		t.Helper()
		fake.answer = answer
		if got := channel.Send(t.Context(), message); got != want {
			t.Errorf("%s: %+v, want %+v", answer, got, want)
		}
	}
	send("", Outcome{State: StateSent, ProviderID: "1"})
	want := map[string]any{
		"PhoneNumberSet": []any{"+8610012345678"}, "SmsSdkAppId": "1400006666", "SignName": "城东派出所", "TemplateId": "1235",
		"TemplateParamSet": []any{},
	}
	if !reflect.DeepEqual(fake.bodies[0], want) {
		t.Errorf("sent %v", fake.bodies[0])
	}
	for code, want := range map[string]Outcome{
		"LimitExceeded.PhoneNumberThirtySecondLimit":       {State: StateRetry, Reason: ReasonQuota, RetryAfter: 30 * time.Second},
		"LimitExceeded.PhoneNumberDailyLimit":              {State: StateFailed, Reason: ReasonQuota},
		"LimitExceeded.AppDailyLimit":                      {State: StateRetry, Reason: ReasonQuota},
		"FailedOperation.InsufficientBalanceInSmsPackage":  {State: StateRetry, Reason: ReasonPermission},
		"FailedOperation.PhoneNumberInBlacklist":           {State: StateFailed, Reason: ReasonNoConsent},
		"FailedOperation.TemplateIncorrectOrUnapproved":    {State: StateFailed, Reason: ReasonNoTemplate},
		"InvalidParameterValue.IncorrectPhoneNumber":       {State: StateFailed, Reason: ReasonInvalidToken},
		"UnauthorizedOperation.ServiceSuspendDueToArrears": {State: StateRetry, Reason: ReasonPermission},
		"InternalError.Timeout":                            {State: StateRetry, Reason: ReasonInternal, RetryAfter: time.Second},
		"Anything.Else":                                    {State: StateFailed, Reason: ReasonRefused},
	} {
		send(sendStatus(code), want)
		send(fmt.Sprintf(`{"Response":{"Error":{"Code":%q,"Message":"for +8610012345678"}}}`, code), want)
	}
	send(`{"Response":{"SendStatusSet":[]}}`, Outcome{State: StateRetry, Reason: ReasonBadAnswer})
	send("<html>", Outcome{State: StateRetry, Reason: ReasonTimeout})
	fake.status = 502
	send("down", Outcome{State: StateRetry, Reason: ReasonUnavailable})
	fake.status = 0
	key = "replaced"
	send("", Outcome{State: StateRetry, Reason: ReasonCredentials})
	keyError = errors.New("gone")
	send("", Outcome{State: StateRetry, Reason: ReasonCredentials})
	sent := len(fake.bodies)
	message.Severity = models.SeverityInfo
	send("", Outcome{State: StateFailed, Reason: ReasonNoTemplate})
	message.Address = ""
	send("", Outcome{State: StateFailed, Reason: ReasonInvalidMessage})
	message.ExpiresAt = testNow
	if len(fake.bodies) != sent {
		t.Error("what cannot be sent was asked for")
	}
}
