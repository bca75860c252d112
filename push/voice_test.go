package push

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/push/stationfake"
)

const testCall = models.ID("01939c1e-8a00-7000-8000-000000000d01")

// line is a caller system with what decides whether it is asked.
type line struct {
	voice   *Voice
	fake    *stationfake.Fake
	secrets []models.Secret
	stands  bool
	err     error
}

func newLine(t *testing.T) *line {
	t.Helper()
	made := &line{secrets: []models.Secret{hookSecret}, stands: true}
	made.fake = stationfake.New(hookSecret, func() time.Time { return testNow })
	t.Cleanup(made.fake.Close)
	voice, err := NewVoice(VoiceConfig{
		Station: StationConfig{Networks: here, TLS: made.fake.TLS(), Now: func() time.Time { return testNow }}, URL: made.fake.URL(),
		Secrets: func() ([]models.Secret, error) {
			if made.secrets == nil {
				return nil, errors.New("the file is gone")
			}
			return made.secrets, nil
		},
		Stands: func(_ context.Context, alert models.ID, _ time.Time) (bool, error) {
			return made.stands && alert == testAlert, made.err
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(voice.Close)
	made.voice = voice
	return made
}

func callMessage(change func(*Message)) Message {
	return testMessage(func(m *Message) {
		m.Severity, m.Address, m.DeliveryID, m.Kind = models.SeverityEmergency, "10012345678", testCall, "warning"
		if change != nil {
			change(m)
		}
	})
}

// The caller system has the number and general words; each try at one call has the same id, whatever row it is, and is placed once.
func TestVoiceAsksForACall(t *testing.T) {
	line := newLine(t)
	for _, change := range []func(*Message){
		nil,
		func(m *Message) { m.DeliveryID = "01939c1e-8a00-7000-8000-000000000d02" },
		func(m *Message) { m.Round, m.Locale = 1, "en-GB" },
		func(m *Message) { m.Address = "10012345679"; m.ExpiresAt = testNow.Add(time.Second) },
	} {
		message := callMessage(change)
		if got := line.voice.Send(t.Context(), message); got != (Outcome{State: StateSent, ProviderID: string(message.DeliveryID)}) {
			t.Fatalf("%+v", got)
		}
	}
	const want = `{"type":"call.requested","timestamp":"2026-11-24T02:10:00.000Z","data":{"call_id":"01939c1e-8a00-7000-8000-000000000d01",` +
		`"number":"+8610012345678","language":"zh-CN","severity":"emergency","say":"这是紧急预警。安全预警。您所在的区域有一条安全预警，请打开应用查看。签收请按 1。",` +
		`"ring_before":"2026-11-24T02:11:00.000Z"}}`
	heard, calls := line.fake.Heard(), line.fake.Calls()
	if refused, repeats := line.fake.Counts(); refused != 0 || repeats != 1 || len(heard) != 3 || heard[0].Body != want {
		t.Fatalf("%d not believed, %d repeats, heard %v", refused, repeats, heard)
	}
	if strings.Contains(heard[0].ID, "10012345678") || len(heard[0].ID) > 64 {
		t.Errorf("the id is %s", heard[0].ID)
	}
	if calls[1].Language != "en" || !strings.HasSuffix(calls[1].Say, "press 1.") || !calls[2].RingBefore.Equal(testNow.Add(time.Second)) {
		t.Errorf("%+v", calls)
	}
}

func TestVoiceOutcomes(t *testing.T) {
	line := newLine(t)
	for status, want := range map[int]Outcome{
		202: {State: StateSent, ProviderID: string(testCall)}, 302: {State: StateRetry, Reason: ReasonRefused},
		401: {State: StateRetry, Reason: ReasonRefused}, 410: {State: StateRetry, Reason: ReasonRefused},
		422: {State: StateFailed, Reason: ReasonInvalidToken}, 429: {State: StateRetry, Reason: ReasonQuota},
		503: {State: StateRetry, Reason: ReasonUnavailable},
	} {
		line.fake.Answer(status)
		if got := line.voice.Send(t.Context(), callMessage(nil)); got != want {
			t.Errorf("%d: %+v", status, got)
		}
	}
	for name, try := range map[string]struct {
		message func(*Message)
		line    func()
		want    Outcome
	}{
		"over":        {func(m *Message) { m.ExpiresAt = testNow }, nil, Outcome{State: StateFailed, Reason: ReasonExpired}},
		"no number":   {func(m *Message) { m.Address = "" }, nil, Outcome{State: StateFailed, Reason: ReasonInvalidMessage}},
		"seen to":     {nil, func() { line.stands = false }, Outcome{State: StateFailed, Reason: models.ReasonSeenTo}},
		"nobody says": {nil, func() { line.err = errors.New("the database is away") }, Outcome{State: StateRetry, Reason: ReasonInternal}},
		"no file":     {nil, func() { line.secrets = nil }, Outcome{State: StateRetry, Reason: ReasonCredentials}},
		"no secret":   {nil, func() { line.secrets = []models.Secret{"geheim"} }, Outcome{State: StateFailed, Reason: ReasonCredentials}},
	} {
		line.secrets, line.stands, line.err = []models.Secret{hookSecret}, true, nil
		if try.line != nil {
			try.line()
		}
		if got := line.voice.Send(t.Context(), callMessage(try.message)); got != try.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if heard := line.fake.Heard(); len(heard) != 0 {
		t.Errorf("heard %v", heard)
	}
	if _, err := NewVoice(VoiceConfig{URL: "http://calls.example/"}); err == nil || strings.Contains(err.Error(), "calls.example") {
		t.Error(err)
	}
}

// A call says what the fixed words of the kind and the severity say, and of the person the number alone.
func TestNothingPersonalIsSpoken(t *testing.T) {
	voice := &Voice{}
	kinds := []string{"not_known"}
	for kind := range phrases {
		kinds = append(kinds, kind)
	}
	fixed := []string{
		"call.requested", "2026-11-24T02:10:00.000Z", "2026-11-24T02:11:00.000Z", string(testCall), "+8610012345678", "zh-CN", "en",
	}
	for _, kind := range kinds {
		for _, locale := range []string{"zh-CN", "en"} {
			for _, severity := range models.Severities {
				sent, err := json.Marshal(voice.message(callMessage(func(m *Message) { m.Kind, m.Locale, m.Severity = kind, locale, severity }), testNow))
				tree, shown := map[string]any{}, phraseOf(kind).in(locale)
				if err != nil || json.Unmarshal(sent, &tree) != nil {
					t.Fatal(err)
				}
				urgency := map[string]string{
					"zh-CN emergency": emergencyCallZH, "en emergency": emergencyCallEN, "zh-CN high": highCallZH, "en high": highCallEN,
				}[locale+" "+severity]
				if urgency == "" {
					urgency = map[string]string{"zh-CN": otherCallZH, "en": otherCallEN}[locale]
				}
				said := map[string]string{
					"zh-CN": urgency + shown.title + "。" + shown.body + keyCallZH, "en": urgency + shown.title + ". " + shown.body + keyCallEN,
				}[locale]
				for _, text := range texts(tree) {
					if !slices.Contains(append(slices.Clone(fixed), severity, said), text) {
						t.Errorf("%s/%s/%s sends %q", kind, locale, severity, text)
					}
				}
			}
		}
	}
}
