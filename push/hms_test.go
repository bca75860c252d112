package push_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/push"
	"xunfang/push/hmsfake"
)

func newHMS(t *testing.T, fake *hmsfake.Fake, secret models.Secret) *push.HMS {
	t.Helper()
	hms, err := push.NewHMS(push.HMSConfig{
		AppID: "100000001", Secret: func() (models.Secret, error) { return secret, nil }, Endpoint: fake.URL(), TokenEndpoint: fake.URL(),
		Keeper: &memoryLedger{consents: map[string]int{}}, Timeout: time.Second, Now: wechatAlert.Time,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(hms.Close)
	return hms
}

func TestHMSSendsAndKeepsItsToken(t *testing.T) {
	fake := hmsfake.New("100000001", "hms-secret")
	defer fake.Close()
	hms := newHMS(t, fake, "hms-secret")
	for range 2 {
		if got := hms.Send(t.Context(), wechatTo("phone-1", "sos")); got.State != push.StateSent || got.ProviderID == "" {
			t.Fatalf("%+v", got)
		}
	}
	fake.EndAccess()
	if got := hms.Send(t.Context(), wechatTo("phone-1", "call")); got.State != push.StateSent || fake.Accesses() != 2 {
		t.Errorf("after the access token ended: %+v, %d tokens", got, fake.Accesses())
	}
	bodies := fake.Received("phone-1")
	if len(bodies) != 3 || !strings.Contains(bodies[0], `"urgency":"HIGH"`) || !strings.Contains(bodies[0], `"ttl":"3600s"`) ||
		!strings.Contains(bodies[2], `"ttl":"1s"`) {
		t.Errorf("received %v", bodies)
	}
}

func TestHMSCodes(t *testing.T) {
	fake := hmsfake.New("100000001", "hms-secret")
	defer fake.Close()
	hms := newHMS(t, fake, "hms-secret")
	for _, test := range []struct {
		status int
		code   string
		state  push.State
		reason string
	}{
		{200, "80100000", push.StateRetry, push.ReasonBadAnswer}, // it says of none that it was taken
		{400, "80100001", push.StateFailed, push.ReasonInvalidArgument},
		{401, "80200001", push.StateRetry, push.ReasonCredentials},
		{401, "80200003", push.StateRetry, push.ReasonCredentials},
		{400, "80300002", push.StateRetry, push.ReasonPermission},
		{400, "80300007", push.StateGone, push.ReasonUnregistered},
		{400, "80300008", push.StateFailed, push.ReasonInvalidArgument},
		{400, "80300010", push.StateFailed, push.ReasonInvalidArgument},
		{400, "80300011", push.StateRetry, push.ReasonPermission},
		{500, "81000001", push.StateRetry, push.ReasonInternal},
		{503, "80000999", push.StateRetry, push.ReasonInternal},
		{429, "", push.StateRetry, push.ReasonQuota},
		{502, "", push.StateRetry, push.ReasonInternal},
		{200, "", push.StateRetry, push.ReasonBadAnswer},
	} {
		fake.Before = func(string) (int, string) { return test.status, test.code }
		if got := hms.Send(t.Context(), wechatTo("phone-1", "notice")); got.State != test.state || got.Reason != test.reason {
			t.Errorf("%d %s: %+v", test.status, test.code, got)
		}
	}
	for said, want := range map[string]push.State{
		`{"success":1,"failure":0,"illegal_tokens":[]}`:          push.StateSent,
		`{"success":0,"failure":1,"illegal_tokens":["phone-1"]}`: push.StateGone,
		`{"success":0,"failure":1}`:                              push.StateRetry,
	} {
		fake.Before = func(string) (int, string) { return 200, "80100000 " + said }
		if got := hms.Send(t.Context(), wechatTo("phone-1", "notice")); got.State != want {
			t.Errorf("%s: %+v", said, got)
		}
	}
	fake.Before = nil
	if got := newHMS(t, fake, "wrong").Send(t.Context(), wechatTo("phone-1", "notice")); got.State != push.StateRetry || got.Reason != push.ReasonCredentials {
		t.Errorf("a wrong secret: %+v", got)
	}
}

// Nothing leaves but ids, general words and what says how urgent it is.
func TestHMSSendsNothingPersonal(t *testing.T) {
	fixed := []string{"NORMAL", "HIGH", "3600s", "1s", string(wechatAlert), "phone-1"}
	for _, kind := range append(push.Kinds(), "a_kind_of_tomorrow") {
		for _, locale := range []string{"zh-CN", "en"} {
			for _, severity := range []string{"info", "normal", "high", "emergency"} {
				message := wechatTo("phone-1", kind)
				message.Locale, message.Severity = locale, severity
				body, err := push.HMSMessage(message, wechatAlert.Time())
				if err != nil {
					t.Fatal(err)
				}
				title, text := push.WordsOf(kind, locale)
				called := kind
				if kind == "a_kind_of_tomorrow" {
					called = "alert"
				}
				data := fmt.Sprintf(`{"alert_id":"%s","kind":"%s"}`, wechatAlert, called)
				allowed := append(slices.Clone(fixed), title, text, data)
				var tree any
				if err := json.Unmarshal(body, &tree); err != nil {
					t.Fatal(err)
				}
				eachText(tree, func(found string) {
					if !slices.Contains(allowed, found) {
						t.Errorf("%s in %s sends %q", kind, locale, found)
					}
				})
			}
		}
	}
}

// eachText hands over every text in a JSON value.
func eachText(value any, see func(string)) {
	switch value := value.(type) {
	case string:
		see(value)
	case []any:
		for _, item := range value {
			eachText(item, see)
		}
	case map[string]any:
		for _, item := range value {
			eachText(item, see)
		}
	}
}
