package push_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/push"
	"xunfang/push/wechatfake"
)

const (
	wechatTemplate = "tmpl-alert-0001"
	wechatAlways   = "tmpl-always-0002"
	wechatSecret   = "app-secret-canary"
	wechatAlert    = models.ID("01939c1e-8a00-7000-8000-000000000801")
)

// memoryLedger is a WeChatLedger in memory, as several replicas would share one.
type memoryLedger struct {
	mutex    sync.Mutex
	token    models.AccessToken
	leased   time.Time
	consents map[string]int
}

func (m *memoryLedger) AccessToken(context.Context, string) (models.AccessToken, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return m.token, nil
}

func (m *memoryLedger) LeaseAccessToken(_ context.Context, _ string, version int64, now, until time.Time) (bool, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.token.Version != version || now.Before(m.leased) {
		return false, nil
	}
	m.leased = until
	return true, nil
}

func (m *memoryLedger) FreeAccessToken(context.Context, string, int64) error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.leased = time.Time{}
	return nil
}

func (m *memoryLedger) KeepAccessToken(_ context.Context, _ string, token models.AccessToken) error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.token, m.leased = token, time.Time{}
	return nil
}

func (m *memoryLedger) TakeWeChatConsent(_ context.Context, openID models.Secret, template string, _ time.Time) (bool, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	key := openID.Reveal() + template
	if m.consents[key] == 0 {
		return false, nil
	}
	m.consents[key]--
	return true, nil
}

func (m *memoryLedger) ReturnWeChatConsent(_ context.Context, openID models.Secret, template string) error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.consents[openID.Reveal()+template]++
	return nil
}

func (m *memoryLedger) DropWeChatConsents(_ context.Context, openID models.Secret, template string) error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.consents[openID.Reveal()+template] = 0
	return nil
}

func (m *memoryLedger) left(openID, template string) int {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return m.consents[openID+template]
}

type wechatRig struct {
	fake   *wechatfake.Fake
	ledger *memoryLedger
	now    time.Time
}

func newWeChatRig(t *testing.T) *wechatRig {
	t.Helper()
	rig := &wechatRig{ledger: &memoryLedger{consents: map[string]int{}}, now: wechatAlert.Time()}
	rig.fake = wechatfake.New("wx-app", wechatSecret, func() time.Time { return rig.now }, wechatTemplate, wechatAlways)
	rig.fake.LongTerm(wechatAlways)
	t.Cleanup(rig.fake.Close)
	return rig
}

func (r *wechatRig) replica(t *testing.T) *push.WeChat {
	t.Helper()
	wechat, err := push.NewWeChat(push.WeChatConfig{
		AppID: "wx-app", Secret: func() (models.Secret, error) { return wechatSecret, nil },
		Templates: []push.WeChatTemplate{
			{ID: wechatTemplate, Page: "pages/alert/index", Fields: map[string]string{"thing1": "title", "thing2": "hint", "phrase3": "severity", "time4": "time"}},
			{ID: wechatAlways, Kinds: []string{"sos"}, LongTerm: true, Page: "pages/sos", Fields: map[string]string{"thing1": "title"}},
		},
		Endpoint: r.fake.URL(), Ledger: r.ledger, Now: func() time.Time { return r.now }, Timeout: time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(wechat.Close)
	return wechat
}

func wechatTo(openID, kind string) push.Message {
	return push.Message{
		AlertID: wechatAlert, Kind: kind, Severity: models.SeverityHigh, ExpiresAt: wechatAlert.Time().Add(time.Hour),
		Address: models.Secret(openID), Platform: "mini_program", Locale: "zh-CN",
	}
}

func TestWeChatOneConsentOneMessage(t *testing.T) {
	rig := newWeChatRig(t)
	wechat := rig.replica(t)
	rig.fake.Consent("open-1", wechatTemplate, 1)
	rig.ledger.consents["open-1"+wechatTemplate] = 1
	if got := wechat.Send(t.Context(), wechatTo("open-1", "notice")); got.State != push.StateSent || got.ProviderID == "" || got.ProviderID == "0" {
		t.Fatalf("with a consent: %+v", got)
	}
	if got := wechat.Send(t.Context(), wechatTo("open-1", "notice")); got.State != push.StateFailed || got.Reason != push.ReasonNoConsent {
		t.Fatalf("without one: %+v", got)
	}
	for range 2 {
		if got := wechat.Send(t.Context(), wechatTo("open-1", "sos")); got.State != push.StateSent {
			t.Fatalf("by a long-term template: %+v", got)
		}
	}
	messages := rig.fake.Messages()
	if len(messages) != 3 || rig.fake.Tokens() != 1 || rig.fake.Requests("/cgi-bin/message/subscribe/send") != 3 {
		t.Fatalf("%d messages, %d tokens", len(messages), rig.fake.Tokens())
	}
	first := messages[0]
	if first.Page != "pages/alert/index?alert_id="+string(wechatAlert) || first.Data["thing1"] != "社区通知" || first.Data["phrase3"] != "重要" ||
		first.State != "formal" || first.Language != "zh_CN" {
		t.Errorf("the message is %+v", first)
	}
}

// Each errcode of the documents: what becomes of the delivery, and whether the consent is still there.
func TestWeChatErrcodes(t *testing.T) {
	for _, test := range []struct {
		errcode, status int
		state           push.State
		reason          string
		left            int
	}{
		{40003, 0, push.StateGone, push.ReasonUnregistered, 5},
		{40037, 0, push.StateFailed, push.ReasonInvalidArgument, 5},
		{40038, 0, push.StateFailed, push.ReasonQuota, 5},
		{41030, 0, push.StateFailed, push.ReasonInvalidArgument, 5},
		{43101, 0, push.StateFailed, push.ReasonNoConsent, 0},
		{43107, 0, push.StateFailed, push.ReasonPermission, 5},
		{43108, 0, push.StateRetry, push.ReasonUnavailable, 5},
		{45009, 0, push.StateRetry, push.ReasonQuota, 5},
		{45011, 0, push.StateRetry, push.ReasonQuota, 5},
		{45168, 0, push.StateFailed, push.ReasonInvalidArgument, 5},
		{47003, 0, push.StateFailed, push.ReasonInvalidArgument, 5},
		{48001, 0, push.StateFailed, push.ReasonPermission, 5},
		{40001, 0, push.StateRetry, push.ReasonCredentials, 5},
		{-1, 0, push.StateRetry, push.ReasonUnavailable, 5},
		{99999, 0, push.StateFailed, push.ReasonRefused, 5},
		{0, 502, push.StateRetry, push.ReasonNetwork, 4}, // WeChat may have taken it: the consent is not counted on again
	} {
		t.Run(fmt.Sprint(test.errcode, test.status), func(t *testing.T) {
			rig := newWeChatRig(t)
			rig.ledger.consents["open-1"+wechatTemplate] = 5
			rig.fake.Before = func(path string) (int, int) {
				if strings.HasSuffix(path, "/send") {
					return test.errcode, test.status
				}
				return 0, 0
			}
			got := rig.replica(t).Send(t.Context(), wechatTo("open-1", "notice"))
			if got.State != test.state || got.Reason != test.reason {
				t.Errorf("the outcome is %+v", got)
			}
			if left := rig.ledger.left("open-1", wechatTemplate); left != test.left {
				t.Errorf("%d consents are left, want %d", left, test.left)
			}
		})
	}
}

func TestWeChatTokenIsSharedAndReplaced(t *testing.T) {
	rig := newWeChatRig(t)
	one, other := rig.replica(t), rig.replica(t)
	send := func(wechat *push.WeChat) {
		t.Helper()
		if got := wechat.Send(t.Context(), wechatTo("open-1", "sos")); got.State != push.StateSent {
			t.Fatalf("%+v", got)
		}
	}
	send(one)
	send(other)
	if asked := rig.fake.Requests("/cgi-bin/stable_token"); asked != 1 {
		t.Errorf("two replicas asked for a token %d times", asked)
	}
	rig.fake.EndToken() // as when somebody reset it
	send(one)
	send(other)
	if rig.fake.Tokens() != 2 || rig.fake.Requests("/cgi-bin/stable_token") != 2 {
		t.Errorf("a refused token was replaced %d times by %d requests", rig.fake.Tokens()-1, rig.fake.Requests("/cgi-bin/stable_token")-1)
	}
	rig.now = rig.now.Add(2*time.Hour - time.Minute)
	message := wechatTo("open-1", "sos")
	message.ExpiresAt = rig.now.Add(time.Hour)
	if got := one.Send(t.Context(), message); got.State != push.StateSent || rig.fake.Requests("/cgi-bin/stable_token") != 3 {
		t.Errorf("shortly before its end: %+v, asked %d times", got, rig.fake.Requests("/cgi-bin/stable_token"))
	}
}

func TestWeChatSignIn(t *testing.T) {
	rig := newWeChatRig(t)
	wechat := rig.replica(t)
	code := models.Secret(rig.fake.Login("open-7"))
	if got, err := wechat.OpenID(t.Context(), code); err != nil || got != "open-7" {
		t.Fatalf("%v %v", got.Reveal(), err)
	}
	if _, err := wechat.OpenID(t.Context(), code); models.CodeOf(err) != models.CodeBadCredentials {
		t.Errorf("a used code: %v", err)
	}
	for errcode, want := range map[int]models.Code{40029: models.CodeBadCredentials, 40226: models.CodeBadCredentials, 45011: models.CodeBusy, -1: models.CodeBusy} {
		rig.fake.Before = func(string) (int, int) { return errcode, 0 }
		if _, err := wechat.OpenID(t.Context(), "js"); models.CodeOf(err) != want {
			t.Errorf("errcode %d: %v", errcode, err)
		}
	}
}

// Secrets stand in WeChat's URLs; an error must not carry them on.
func TestWeChatErrorsHideSecrets(t *testing.T) {
	rig := newWeChatRig(t)
	wechat := rig.replica(t)
	if got := wechat.Send(t.Context(), wechatTo("open-1", "sos")); got.State != push.StateSent {
		t.Fatal(got)
	}
	rig.fake.Close()
	_, err := wechat.OpenID(t.Context(), "js-code-canary")
	said := ""
	for ; err != nil; err = errors.Unwrap(err) {
		said += fmt.Sprintf("%v %+v %#v\n", err, err, err)
	}
	if said == "" || strings.Contains(said, "canary") || strings.Contains(said, "js_code") {
		t.Errorf("the error says %q", said)
	}
}

func TestWeChatTemplates(t *testing.T) {
	fields := map[string]string{"thing1": "title"}
	good := push.WeChatTemplate{ID: wechatTemplate, Page: "pages/a", Fields: fields}
	for name, templates := range map[string][]push.WeChatTemplate{
		"none":                 {},
		"two for the rest":     {good, {ID: wechatAlways, Page: "pages/a", Fields: fields}},
		"the same id":          {good, {ID: wechatTemplate, Kinds: []string{"sos"}, Page: "pages/a", Fields: fields}},
		"two for one kind":     {{ID: wechatTemplate, Kinds: []string{"sos"}, Page: "p", Fields: fields}, {ID: wechatAlways, Kinds: []string{"sos"}, Page: "p", Fields: fields}},
		"no page":              {{ID: wechatTemplate, Fields: fields}},
		"a query in the page":  {{ID: wechatTemplate, Page: "pages/a?x=1", Fields: fields}},
		"no fields":            {{ID: wechatTemplate, Page: "pages/a"}},
		"an unknown source":    {{ID: wechatTemplate, Page: "pages/a", Fields: map[string]string{"thing1": "body"}}},
		"words in a phrase":    {{ID: wechatTemplate, Page: "pages/a", Fields: map[string]string{"phrase1": "title"}}},
		"an unknown keyword":   {{ID: wechatTemplate, Page: "pages/a", Fields: map[string]string{"name1": "title"}}},
		"a kind that is none":  {{ID: wechatTemplate, Page: "pages/a", Kinds: []string{"No Kind"}, Fields: fields}},
		"an id that is not so": {{ID: "x y", Page: "pages/a", Fields: fields}},
	} {
		if push.CheckWeChatTemplates(templates) == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if err := push.CheckWeChatTemplates([]push.WeChatTemplate{good, {ID: wechatAlways, Kinds: []string{"sos"}, Page: "p/a", Fields: fields}}); err != nil {
		t.Error(err)
	}
}

// Every kind's words, in both languages, fit what WeChat takes.
func TestWeChatWordsFit(t *testing.T) {
	rig := newWeChatRig(t)
	wechat := rig.replica(t)
	for _, kind := range append(push.Kinds(), "a_kind_of_tomorrow") {
		for _, locale := range []string{"zh-CN", "en", "en-GB"} {
			for _, severity := range []string{"info", "normal", "high", "emergency", "other"} {
				message := wechatTo("open-1", kind)
				message.Locale, message.Severity = locale, severity
				rig.fake.Consent("open-1", wechatTemplate, 1)
				rig.ledger.consents["open-1"+wechatTemplate] = 1
				if got := wechat.Send(t.Context(), message); got.State != push.StateSent {
					t.Errorf("%s in %s: %+v", kind, locale, got)
				}
			}
		}
	}
}
