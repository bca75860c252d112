package push

import (
	"strings"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/push/stationfake"
)

const hookSecret = models.Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")

func newHook(t *testing.T) (*Webhook, *stationfake.Fake) {
	t.Helper()
	fake := stationfake.New(hookSecret, func() time.Time { return testNow })
	t.Cleanup(fake.Close)
	hook, err := NewWebhook(StationConfig{Networks: here, TLS: fake.TLS(), Now: func() time.Time { return testNow }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(hook.Close)
	return hook, fake
}

func hookMessage(fake *stationfake.Fake, change func(*Message)) Message {
	return testMessage(func(m *Message) {
		m.Address, m.Secrets, m.CreatedAt = fake.URL(), []models.Secret{hookSecret}, testNow.Add(-time.Minute)
		if change != nil {
			change(m)
		}
	})
}

// A system that knows only one of two secrets believes; what it is told is what may be told, and a repeat has the same id.
func TestWebhookTellsTheStation(t *testing.T) {
	hook, fake := newHook(t)
	for _, change := range []func(*Message){
		nil, nil, func(m *Message) { m.Round = 3 }, func(m *Message) { m.Kind = models.AlertCancelled; m.Round = 1 << 40 },
		func(m *Message) {
			m.Secrets = []models.Secret{"whsec_" + models.Secret(strings.Repeat("QUJD", 10)), hookSecret}
			m.Round = 4
		},
	} {
		if outcome := hook.Send(t.Context(), hookMessage(fake, change)); outcome.State != StateSent || outcome.ProviderID == "" {
			t.Fatalf("%+v", outcome)
		}
	}
	if reason := hook.Test(t.Context(), testAlert, fake.URL(), []models.Secret{hookSecret}); reason != "" {
		t.Errorf("the trial: %s", reason)
	}
	heard, id := fake.Heard(), string(testAlert)
	const want = `{"type":"alert.sent","timestamp":"2026-11-24T02:10:00.000Z","data":{"alert_id":"01939c1e-8a00-7000-8000-000000000801",` +
		`"kind":"notice","severity":"normal","created_at":"2026-11-24T02:09:00.000Z","expires_at":"2026-11-24T03:10:00.000Z"}}`
	// The trial has the alert's own id here, and so is a repeat.
	if refused, repeats := fake.Counts(); refused != 0 || repeats != 2 || len(heard) != 4 {
		t.Fatalf("%d not believed, %d repeats, heard %v", refused, repeats, heard)
	}
	if heard[0].ID != id || heard[0].Body != want || heard[1].ID != id+".3" || heard[2].ID != id+".cancelled" || heard[3].ID != id+".4" {
		t.Errorf("%v", heard)
	}
}

func TestWebhookOutcomes(t *testing.T) {
	hook, fake := newHook(t)
	for status, want := range map[int]Outcome{
		200: {State: StateSent, ProviderID: string(testAlert)}, 302: {State: StateRetry, Reason: ReasonRefused},
		401: {State: StateRetry, Reason: ReasonRefused}, 410: {State: StateGone, Reason: ReasonUnregistered},
		429: {State: StateRetry, Reason: ReasonQuota}, 503: {State: StateRetry, Reason: ReasonUnavailable},
	} {
		fake.Answer(status)
		if got := hook.Send(t.Context(), hookMessage(fake, nil)); got != want {
			t.Errorf("%d: %+v", status, got)
		}
	}
	for name, try := range map[string]struct {
		change func(*Message)
		want   Outcome
	}{
		"over":           {func(m *Message) { m.ExpiresAt = testNow }, Outcome{State: StateFailed, Reason: ReasonExpired}},
		"no secret":      {func(m *Message) { m.Secrets = nil }, Outcome{State: StateFailed, Reason: ReasonInvalidMessage}},
		"a broken one":   {func(m *Message) { m.Secrets = []models.Secret{"whsec_"} }, Outcome{State: StateFailed, Reason: ReasonCredentials}},
		"plain http":     {func(m *Message) { m.Address = "http://127.0.0.1/" }, Outcome{State: StateFailed, Reason: ReasonInvalidMessage}},
		"nobody there":   {func(m *Message) { m.Address = "https://127.0.0.1:1/" }, Outcome{State: StateRetry, Reason: ReasonNetwork}},
		"a foreign name": {func(m *Message) { m.Address = "https://10.9.8.7:1/" }, Outcome{State: StateRetry, Reason: ReasonRefused}},
	} {
		if got := hook.Send(t.Context(), hookMessage(fake, try.change)); got != try.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if heard := fake.Heard(); len(heard) != 0 {
		t.Errorf("heard %v", heard)
	}
}
