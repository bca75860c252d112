package push

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	firebase "firebase.google.com/go/v4"
	"firebase.google.com/go/v4/errorutils"
	"firebase.google.com/go/v4/messaging"
	"google.golang.org/api/option"

	"xunfang/models"
	"xunfang/push/fcmfake"
)

func fixedNow() time.Time { return testNow }

func startFake(t testing.TB) *fcmfake.Server {
	t.Helper()
	fake, err := fcmfake.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(fake.Close)
	return fake
}

func newFirebase(t testing.TB, config FirebaseConfig) *Firebase {
	t.Helper()
	if config.ProjectID == "" && config.CredentialsFile == "" {
		config.ProjectID = "demo"
	}
	if config.Now == nil {
		config.Now = fixedNow
	}
	channel, err := NewFirebase(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(channel.Close)
	return channel
}

// TestFirebaseOutcomes sends through the real SDK for every behaviour of the fake.
func TestFirebaseOutcomes(t *testing.T) {
	fake := startFake(t)
	fake.SetRetryAfter(37)
	channel := newFirebase(t, FirebaseConfig{Endpoint: fake.Endpoint(), SendTimeout: 300 * time.Millisecond})
	for _, row := range []struct {
		behaviour fcmfake.Behaviour
		want      Outcome
		requests  int // more than the SDK should make would be a retry of its own
	}{
		{fcmfake.OK, Outcome{State: StateSent}, 1},
		{fcmfake.Unregistered, Outcome{State: StateGone, Reason: ReasonUnregistered}, 1},
		{fcmfake.SenderMismatch, Outcome{State: StateGone, Reason: ReasonSenderMismatch}, 1},
		{fcmfake.Invalid, Outcome{State: StateGone, Reason: ReasonInvalidToken}, 1}, // after OK: the shape is known good
		{fcmfake.Quota, Outcome{State: StateRetry, Reason: ReasonQuota, RetryAfter: 37 * time.Second}, 1},
		{fcmfake.Internal, Outcome{State: StateRetry, Reason: ReasonInternal}, 1},
		{fcmfake.Unavailable, Outcome{State: StateRetry, Reason: ReasonUnavailable, RetryAfter: 37 * time.Second}, 1},
		{fcmfake.NotFound, Outcome{State: StateRetry, Reason: ReasonProviderNotFound}, 1},
		{fcmfake.Forbidden, Outcome{State: StateRetry, Reason: ReasonPermission}, 1},
		{fcmfake.Portal, Outcome{State: StateRetry, Reason: ReasonBadAnswer}, 1},
		{fcmfake.Silence, Outcome{State: StateRetry, Reason: ReasonTimeout}, 1},
		{fcmfake.Reset, Outcome{State: StateRetry, Reason: ReasonNetwork}, 2},
	} {
		token := "token-" + string(row.behaviour)
		fake.Script(token, row.behaviour)
		began := time.Now()
		got := channel.Send(t.Context(), testMessage(func(m *Message) { m.Address = models.Secret(token) }))
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("%s took %s", row.behaviour, took)
		}
		if row.behaviour == fcmfake.OK {
			if !strings.HasPrefix(got.ProviderID, "projects/demo/messages/") {
				t.Errorf("provider id %q", got.ProviderID)
			}
			got.ProviderID = ""
		}
		if got != row.want {
			t.Errorf("%s: %+v, want %+v", row.behaviour, got, row.want)
		}
		if made := fake.Requests(token); made != row.requests {
			t.Errorf("%s: %d requests, want %d", row.behaviour, made, row.requests)
		}
	}
	if got := fake.Received("token-ok"); len(got) != 1 || got[0] != string(testAlert) {
		t.Errorf("received %v", got)
	}
}

// TestOneResetIsRepeatedAtOnce: a connection that died unseen costs nothing.
func TestOneResetIsRepeatedAtOnce(t *testing.T) {
	fake := startFake(t)
	channel := newFirebase(t, FirebaseConfig{Endpoint: fake.Endpoint()})
	fake.Script("token-1", fcmfake.Reset, fcmfake.OK)
	if got := channel.Send(t.Context(), testMessage(nil)); got.State != StateSent {
		t.Errorf("%+v", got)
	}
}

// TestTheSDKAloneLosesRetryAfter is the control of watcher: without it the SDK sleeps for as long as
// a 503 says, until the send's deadline, and then says nothing of the 503.
func TestTheSDKAloneLosesRetryAfter(t *testing.T) {
	fake := startFake(t)
	fake.SetRetryAfter(37)
	app, err := firebase.NewApp(t.Context(), &firebase.Config{ProjectID: "demo"},
		option.WithEndpoint(fake.Endpoint()), option.WithHTTPClient(&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}))
	if err != nil {
		t.Fatal(err)
	}
	client, err := app.Messaging(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 150*time.Millisecond)
	defer cancel()
	fake.Script("token-1", fcmfake.Unavailable)
	_, err = client.Send(ctx, &messaging.Message{Token: "token-1"})
	if !errors.Is(err, context.DeadlineExceeded) || errorutils.HTTPResponse(err) != nil {
		t.Errorf("the SDK has learnt to answer %v: watcher may be simpler now", err)
	}
	fake.Script("token-2", fcmfake.Quota)
	_, err = client.Send(t.Context(), &messaging.Message{Token: "token-2"})
	if response := errorutils.HTTPResponse(err); response == nil || response.Header.Get("Retry-After") != "37" {
		t.Errorf("no Retry-After in %v", err)
	}
}

func TestQuotaWithoutRetryAfter(t *testing.T) {
	fake := startFake(t)
	fake.SetRetryAfter(0)
	channel := newFirebase(t, FirebaseConfig{Endpoint: fake.Endpoint()})
	fake.Script("token-1", fcmfake.Quota)
	if got := channel.Send(t.Context(), testMessage(nil)); got.RetryAfter != time.Minute {
		t.Errorf("%+v", got)
	}
}

func TestFirebaseUnreachableAndCancelled(t *testing.T) {
	fake := startFake(t)
	channel := newFirebase(t, FirebaseConfig{Endpoint: fake.Endpoint()})
	fake.Script("token-1", fcmfake.Silence)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if got := channel.Send(ctx, testMessage(nil)); got != (Outcome{State: StateRetry, Reason: ReasonCancelled}) {
		t.Errorf("cancelled: %+v", got)
	}
	fake.Close()
	if got := channel.Send(t.Context(), testMessage(nil)); got != (Outcome{State: StateRetry, Reason: ReasonNetwork}) {
		t.Errorf("closed: %+v", got)
	}
}

func TestFirebaseSendsNothingUseless(t *testing.T) {
	fake := startFake(t)
	channel := newFirebase(t, FirebaseConfig{Endpoint: fake.Endpoint()})
	expired := channel.Send(t.Context(), testMessage(func(m *Message) { m.ExpiresAt = testNow }))
	empty := channel.Send(t.Context(), testMessage(func(m *Message) { m.Address = "" }))
	if expired.Reason != ReasonExpired || empty.Reason != ReasonInvalidMessage || fake.Requests("") != 0 {
		t.Errorf("%+v %+v, %d requests", expired, empty, fake.Requests(""))
	}
}

func TestRetryAfterHeader(t *testing.T) {
	for header, want := range map[string]time.Duration{
		"": 0, "0": 0, "-5": 0, "30": 30 * time.Second, "soon": 0, "99999999999": 24 * time.Hour,
		"99999999999999999999999":       0,
		"Tue, 24 Nov 2026 02:10:45 GMT": 45 * time.Second,
		"Tue, 24 Nov 2026 02:09:45 GMT": 0,
		"Tue, 24 Nov 2099 02:09:45 GMT": 24 * time.Hour,
	} {
		if got := retryAfter(header, testNow); got != want {
			t.Errorf("%q: %s, want %s", header, got, want)
		}
	}
}

// TestConnectionsAreKept: 400 sends at once over a few HTTP/2 connections.
func TestConnectionsAreKept(t *testing.T) {
	fake := startFake(t)
	fake.SetDelay(5 * time.Millisecond)
	transport := newTransport(fake.URL)
	defer transport.CloseIdleConnections()
	protocols := &protocolCounter{base: transport, seen: map[string]int{}}
	channel := newFirebase(t, FirebaseConfig{Endpoint: fake.Endpoint(), Transport: protocols})
	group := sync.WaitGroup{}
	for range 400 {
		group.Go(func() {
			if got := channel.Send(t.Context(), testMessage(nil)); got.State != StateSent {
				t.Errorf("%+v", got)
			}
		})
	}
	group.Wait()
	if protocols.seen["HTTP/2.0"] != 400 {
		t.Errorf("spoken: %v", protocols.seen)
	}
}

type protocolCounter struct {
	base http.RoundTripper
	mu   sync.Mutex
	seen map[string]int
}

func (p *protocolCounter) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := p.base.RoundTrip(request)
	if err == nil {
		p.mu.Lock()
		p.seen[response.Proto]++
		p.mu.Unlock()
	}
	return response, err
}

func TestNewFirebaseRefuses(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "broken.json")
	if err := os.WriteFile(broken, []byte(`{"type":"service_account","private_key":"do-not-print`), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, config := range map[string]FirebaseConfig{
		"no clock":       {Endpoint: "http://127.0.0.1:1/v1", ProjectID: "demo"},
		"no credentials": {Now: fixedNow, ProjectID: "demo"},
		"no project":     {Now: fixedNow, Endpoint: "http://127.0.0.1:1/v1"},
		"no such file":   {Now: fixedNow, CredentialsFile: broken + ".missing"},
		"broken file":    {Now: fixedNow, CredentialsFile: broken},
	} {
		_, err := NewFirebase(t.Context(), config)
		if err == nil || strings.Contains(err.Error(), "do-not-print") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestFirebaseWithCredentials uses a service account's key file: the SDK's requests carry the access
// token that was given for it, asked for once; a token service that is silent cannot hold up sends
// for longer than their bound.
func TestFirebaseWithCredentials(t *testing.T) {
	fake := startFake(t)
	fake.RequireBearer("access-1")
	silent, asked := make(chan struct{}), atomic.Int32{}
	var answer atomic.Pointer[http.HandlerFunc]
	answerWith := func(handler http.HandlerFunc) { answer.Store(&handler) }
	tokens := httptest.NewServer(http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
		asked.Add(1)
		(*answer.Load())(response, request)
	}))
	defer tokens.Close()
	answerWith(func(response http.ResponseWriter, request *http.Request) {
		if request.FormValue("assertion") == "" {
			t.Error("no signed assertion")
		}
		response.Header().Set("Content-Type", "application/json")
		_, _ = response.Write([]byte(`{"access_token":"access-1","token_type":"Bearer","expires_in":3600}`))
	})
	file := serviceAccount(t, tokens.URL)
	channel := newFirebase(t, FirebaseConfig{Endpoint: fake.Endpoint(), CredentialsFile: file})
	for range 3 {
		if got := channel.Send(t.Context(), testMessage(nil)); got.State != StateSent || !strings.HasPrefix(got.ProviderID, "projects/from-file/") {
			t.Fatalf("%+v", got)
		}
	}
	if asked.Load() != 1 {
		t.Errorf("%d access tokens were asked for", asked.Load())
	}
	fake.RequireBearer("another")
	if got := channel.Send(t.Context(), testMessage(nil)); got != (Outcome{State: StateRetry, Reason: ReasonCredentials}) {
		t.Errorf("refused token: %+v", got)
	}

	answerWith(func(response http.ResponseWriter, _ *http.Request) {
		http.Error(response, `{"error":"invalid_grant"}`, http.StatusBadRequest)
	})
	revoked := newFirebase(t, FirebaseConfig{Endpoint: fake.Endpoint(), CredentialsFile: file})
	if got := revoked.Send(t.Context(), testMessage(nil)); got != (Outcome{State: StateRetry, Reason: ReasonCredentials}) {
		t.Errorf("revoked account: %+v", got)
	}

	answerWith(func(_ http.ResponseWriter, _ *http.Request) { <-silent })
	held := newFirebase(t, FirebaseConfig{Endpoint: fake.Endpoint(), CredentialsFile: file, SendTimeout: 100 * time.Millisecond})
	began, group := time.Now(), sync.WaitGroup{}
	for range 50 { // one after another they would take 5 s
		group.Go(func() {
			if got := held.Send(t.Context(), testMessage(nil)); got.State != StateRetry {
				t.Errorf("silent token service: %+v", got)
			}
		})
	}
	group.Wait()
	close(silent)
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("50 sends were held up for %s", took)
	}
}

func serviceAccount(t *testing.T, tokenURL string) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	content, err := json.Marshal(map[string]string{
		"type": "service_account", "project_id": "from-file", "private_key_id": "1",
		"private_key":  string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded})),
		"client_email": "push@from-file.example", "client_id": "1", "token_uri": tokenURL,
	})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "account.json")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
