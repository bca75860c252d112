package push

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/push/fcmfake"
)

// INVALID_ARGUMENT forgets an address only where messages of the same shape have just gone through for others.
func TestInvalidArgumentNeedsAKnownGoodPayload(t *testing.T) {
	fake, now := startFake(t), testNow
	channel := newFirebase(t, FirebaseConfig{Endpoint: fake.Endpoint(), Now: func() time.Time { return now }})
	fake.Script("bad", fcmfake.Invalid)
	send := func(token, kind string) Outcome {
		return channel.Send(t.Context(), testMessage(func(m *Message) {
			m.Address, m.Kind, m.ExpiresAt = models.Secret(token), kind, now.Add(time.Hour)
		}))
	}
	if got := send("bad", "notice"); got.State != StateFailed || got.Reason != ReasonInvalidArgument {
		t.Errorf("before any went through: %+v", got)
	}
	if got := send("good", "notice"); got.State != StateSent {
		t.Fatalf("%+v", got)
	}
	if got := send("bad", "warning"); got.State != StateFailed {
		t.Errorf("another kind: %+v", got)
	}
	if got := send("bad", "notice"); got.State != StateGone || got.Reason != ReasonInvalidToken {
		t.Errorf("the same shape went through: %+v", got)
	}
	for after, want := range map[time.Duration]State{knownGoodFor - time.Millisecond: StateGone, knownGoodFor: StateFailed} {
		now = testNow.Add(after)
		if got := send("bad", "notice"); got.State != want {
			t.Errorf("after %v: %+v", after, got)
		}
	}
}

func TestFirebaseKeepsToItsQuota(t *testing.T) {
	fake, now := startFake(t), testNow
	channel := newFirebase(t, FirebaseConfig{Endpoint: fake.Endpoint(), Now: func() time.Time { return now }, PerMinute: 120})
	sent, held := 0, time.Duration(0)
	for range 5 { // the quota of a second is two
		switch got := channel.Send(t.Context(), testMessage(nil)); {
		case got.State == StateSent:
			sent++
		case got.State == StateRetry && got.Reason == ReasonQuota:
			held = got.RetryAfter
		default:
			t.Errorf("%+v", got)
		}
	}
	if sent != 2 || fake.Requests("") != 2 || held <= 0 || held > time.Second {
		t.Errorf("%d sent, %d arrived, the others wait %v", sent, fake.Requests(""), held)
	}
	now = now.Add(held)
	if got := channel.Send(t.Context(), testMessage(nil)); got.State != StateSent {
		t.Errorf("after the wait: %+v", got)
	}
}

func TestFirebaseInstallations(t *testing.T) {
	fake := startFake(t)
	channel := newFirebase(t, FirebaseConfig{Endpoint: fake.Endpoint()}).Installations()
	message := testMessage(func(m *Message) { m.Address = "cAbCdEfGhIjKlMnOpQrStU" })
	if got := channel.Send(t.Context(), message); got.State != StateSent {
		t.Fatalf("%+v", got)
	}
	name := fcmfake.Installation("cAbCdEfGhIjKlMnOpQrStU")
	if got := fake.Received(name); len(got) != 1 || got[0] != string(testAlert) || strings.Contains(string(fake.LastBody(name)), `"token"`) {
		t.Errorf("received %v: %s", got, fake.LastBody(name))
	}
	fake.Script(name, fcmfake.Reset, fcmfake.Unregistered) // the SDK's own repeat goes to the installation too
	if got := channel.Send(t.Context(), message); got.State != StateGone {
		t.Errorf("%+v", got)
	}
}

func TestCriticalAlertsAreForEmergencies(t *testing.T) {
	fake := startFake(t)
	for _, test := range []struct {
		entitled bool
		severity string
		critical bool
	}{{true, "emergency", true}, {true, "high", false}, {false, "emergency", false}} {
		channel := newFirebase(t, FirebaseConfig{Endpoint: fake.Endpoint(), Critical: test.entitled})
		if got := channel.Send(t.Context(), testMessage(func(m *Message) { m.Platform, m.Severity = "ios", test.severity })); got.State != StateSent {
			t.Fatalf("%+v: %+v", test, got)
		}
		body := string(fake.LastBody("token-1"))
		if got := strings.Contains(body, `"interruption-level":"critical"`) && strings.Contains(body, `"critical":1`); got != test.critical {
			t.Errorf("%+v: %s", test, body)
		}
	}
}

// A replaced key file is taken up while it runs; one that cannot be used is told of, and the old one stays.
func TestFirebaseCredentialsRotate(t *testing.T) {
	fake, now := startFake(t), testNow
	var given atomic.Pointer[string]
	token := func(value string) { given.Store(&value) }
	tokens := httptest.NewServer(http.HandlerFunc(func(response http.ResponseWriter, _ *http.Request) {
		response.Header().Set("Content-Type", "application/json")
		_, _ = response.Write([]byte(`{"access_token":"` + *given.Load() + `","token_type":"Bearer","expires_in":3600}`))
	}))
	defer tokens.Close()
	file := serviceAccount(t, tokens.URL)
	token("access-1")
	fake.RequireBearer("access-1")
	told := []error{}
	channel := newFirebase(t, FirebaseConfig{
		Endpoint: fake.Endpoint(), CredentialsFile: file, Now: func() time.Time { return now },
		Changed: func(err error) { told = append(told, err) },
	})
	send := func(want State) {
		t.Helper()
		got := channel.Send(t.Context(), testMessage(func(m *Message) { m.ExpiresAt = now.Add(time.Hour) }))
		if got.State != want {
			t.Fatalf("%+v, want %s", got, want)
		}
	}
	replace := func(content []byte) {
		t.Helper()
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
		now = now.Add(credentialsLook)
	}
	send(StateSent)
	second, err := os.ReadFile(serviceAccount(t, tokens.URL))
	if err != nil {
		t.Fatal(err)
	}
	fake.RequireBearer("access-2") // the first key was withdrawn
	send(StateRetry)
	token("access-2")
	replace(append(second, '\n'))
	send(StateSent)
	if len(told) != 1 || told[0] != nil {
		t.Errorf("told %v", told)
	}
	replace([]byte(`{"type":"service_account","private_key":"do-not-print`))
	send(StateSent)
	replace([]byte(strings.ReplaceAll(string(second), "from-file", "another-project")))
	send(StateSent)
	if len(told) != 3 || told[1] == nil || told[2] == nil || strings.Contains(errors.Join(told...).Error(), "do-not-print") {
		t.Errorf("told %v", told)
	}
}
