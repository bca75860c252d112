package push

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	firebase "firebase.google.com/go/v4"
	"firebase.google.com/go/v4/messaging"
	"golang.org/x/time/rate"
	"google.golang.org/api/option"

	"xunfang/models"
)

const (
	messagingScope     = "https://www.googleapis.com/auth/firebase.messaging"
	defaultSendTimeout = 5 * time.Second
)

// FirebaseConfig says which Firebase project to send through.
type FirebaseConfig struct {
	CredentialsFile string            // the service account's key file; "" only together with Endpoint
	ProjectID       string            // "" takes the one in CredentialsFile
	Endpoint        string            // "" is Firebase; tests and demo: the fake's URL + "/v1"
	SendTimeout     time.Duration     // bounds one Send; 0 and more than 5 s are 5 s
	Transport       http.RoundTripper // nil is the tuned one
	PerMinute       int               // messages that the project may send; 0 is 600,000, Firebase's own quota
	Critical        bool              // Apple has entitled the app to critical alerts: emergencies are
	Changed         func(error)       // hears that a replaced key file was taken up (nil) or not, and why
	Now             func() time.Time
}

// Firebase is the Channel to Android and Apple phones, through the real SDK.
type Firebase struct {
	client  *messaging.Client
	closers []http.RoundTripper
	timeout time.Duration
	now     func() time.Time

	critical bool
	altered  func(*messaging.Message) // by tests alone, see export_test.go; nil: sent as it was made
	quota    *rate.Limiter
	good     knownGood
}

// defaultPerMinute is Firebase's quota of a project.
const defaultPerMinute = 600_000

// NewFirebase makes the channel. It reads and checks the key file, and sends nothing.
func NewFirebase(ctx context.Context, config FirebaseConfig) (*Firebase, error) {
	if config.Now == nil {
		return nil, errors.New("push: FirebaseConfig.Now is missing")
	}
	if config.SendTimeout <= 0 || config.SendTimeout > defaultSendTimeout {
		config.SendTimeout = defaultSendTimeout
	}
	config.PerMinute = orDefault(config.PerMinute, defaultPerMinute)
	if config.Transport == nil {
		config.Transport = newTransport(config.Endpoint)
	}
	tokens := newTransport("") // for access tokens; unused without credentials
	client, err := httpClient(&config, tokens)
	if err != nil {
		return nil, err
	}
	// With WithHTTPClient the SDK adds neither credentials nor a transport of its own.
	options := []option.ClientOption{option.WithHTTPClient(client)}
	if config.Endpoint != "" {
		options = append(options, option.WithEndpoint(strings.TrimSuffix(config.Endpoint, "/")))
	}
	app, err := firebase.NewApp(ctx, &firebase.Config{ProjectID: config.ProjectID}, options...)
	if err != nil {
		return nil, fmt.Errorf("push: firebase: %w", err)
	}
	sender, err := app.Messaging(ctx)
	if err != nil {
		return nil, fmt.Errorf("push: firebase: %w", err)
	}
	return &Firebase{
		client: sender, closers: []http.RoundTripper{config.Transport, tokens},
		timeout: config.SendTimeout, now: config.Now, critical: config.Critical,
		quota: rate.NewLimiter(rate.Limit(config.PerMinute)/60, max(1, config.PerMinute/60)),
	}, nil
}

// httpClient adds the credentials, whose token requests end with the Send that needs them, and
// fills in the project.
func httpClient(config *FirebaseConfig, tokens http.RoundTripper) (*http.Client, error) {
	client := &http.Client{
		Transport:     config.Transport,
		CheckRedirect: noRedirects,
	}
	switch {
	case config.CredentialsFile != "":
		account := &account{
			file: config.CredentialsFile, project: config.ProjectID, base: config.Transport, tokens: tokens,
			now: config.Now, looked: config.Now(), changed: config.Changed,
		}
		if account.changed == nil {
			account.changed = func(error) {}
		}
		account.stamp, _ = stampOf(account.file) // load tells what is wrong with the file
		if err := account.load(); err != nil {
			return nil, err
		}
		client.Transport, config.ProjectID = account, account.project
	case config.Endpoint == "":
		return nil, errors.New("push: firebase needs a credentials file")
	}
	if config.ProjectID == "" {
		return nil, errors.New("push: firebase needs a project id")
	}
	client.Transport = watcher{base: client.Transport}
	return client, nil
}

// Send implements Channel. It ends within the send timeout.
func (f *Firebase) Send(ctx context.Context, message Message) Outcome {
	return f.send(ctx, message, false)
}

func (f *Firebase) send(ctx context.Context, message Message, installation bool) Outcome {
	now := f.now()
	payload, err := FirebaseMessage(message, now)
	if err != nil {
		return unsendable(err)
	}
	if wait := f.full(now); wait > 0 {
		return Outcome{State: StateRetry, Reason: ReasonQuota, RetryAfter: wait}
	}
	if f.critical && message.Severity == models.SeverityEmergency {
		makeCritical(payload)
	}
	if f.altered != nil {
		f.altered(payload)
	}
	bounded, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	seen := &attempt{cancel: cancel, installation: installation}
	name, err := f.client.Send(context.WithValue(bounded, attemptKey{}, seen), payload)
	switch {
	case err == nil && name != "":
		f.good.note(message, now)
		return Outcome{State: StateSent, ProviderID: name}
	case err == nil:
		return Outcome{State: StateRetry, Reason: ReasonBadAnswer}
	case ctx.Err() != nil && seen.status == 0:
		return Outcome{State: StateRetry, Reason: ReasonCancelled}
	}
	outcome := judge(err, *seen, f.now())
	if outcome.Reason == ReasonInvalidArgument && f.good.holds(message, now) {
		return Outcome{State: StateGone, Reason: ReasonInvalidToken}
	}
	return outcome
}

// full says how long the project's quota is used up; 0: there is room for this one.
func (f *Firebase) full(now time.Time) time.Duration {
	place := f.quota.ReserveN(now, 1)
	wait := place.DelayFrom(now)
	if wait > 0 {
		place.CancelAt(now)
	}
	return wait
}

// Close ends the idle connections; call it when nothing is being sent any more.
func (f *Firebase) Close() {
	for _, transport := range f.closers {
		if closer, ok := transport.(interface{ CloseIdleConnections() }); ok {
			closer.CloseIdleConnections()
		}
	}
}
