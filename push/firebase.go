package push

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"cloud.google.com/go/auth/credentials"
	"cloud.google.com/go/auth/httptransport"
	firebase "firebase.google.com/go/v4"
	"firebase.google.com/go/v4/messaging"
	"google.golang.org/api/option"
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
	Now             func() time.Time
}

// Firebase is the Channel to Android and Apple phones, through the real SDK.
type Firebase struct {
	client  *messaging.Client
	closers []http.RoundTripper
	timeout time.Duration
	now     func() time.Time
}

// NewFirebase makes the channel. It reads and checks the key file, and sends nothing.
func NewFirebase(ctx context.Context, config FirebaseConfig) (*Firebase, error) {
	if config.Now == nil {
		return nil, errors.New("push: FirebaseConfig.Now is missing")
	}
	if config.SendTimeout <= 0 || config.SendTimeout > defaultSendTimeout {
		config.SendTimeout = defaultSendTimeout
	}
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
		timeout: config.SendTimeout, now: config.Now,
	}, nil
}

// httpClient adds the credentials, whose token requests end with the Send that needs them, and
// fills in the project.
func httpClient(config *FirebaseConfig, tokens http.RoundTripper) (*http.Client, error) {
	client := &http.Client{
		Transport: config.Transport,
		// A portal's redirect is not an answer of Firebase; following it would lose the POST.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	switch {
	case config.CredentialsFile != "":
		if err := addCredentials(client, config, tokens); err != nil {
			return nil, err
		}
	case config.Endpoint == "":
		return nil, errors.New("push: firebase needs a credentials file")
	}
	if config.ProjectID == "" {
		return nil, errors.New("push: firebase needs a project id")
	}
	client.Transport = watcher{base: client.Transport}
	return client, nil
}

func addCredentials(client *http.Client, config *FirebaseConfig, tokens http.RoundTripper) error {
	content, err := os.ReadFile(config.CredentialsFile)
	if err != nil {
		return fmt.Errorf("push: firebase credentials: %w", err)
	}
	account := struct {
		ProjectID string `json:"project_id"`
	}{}
	if err := json.Unmarshal(content, &account); err != nil {
		return errors.New("push: firebase credentials: not a service account's key file") // err could quote the key
	}
	if config.ProjectID == "" {
		config.ProjectID = account.ProjectID
	}
	found, err := credentials.NewCredentialsFromJSON(credentials.ServiceAccount, content, &credentials.DetectOptions{
		Scopes: []string{messagingScope},
		Client: &http.Client{Transport: tokens, Timeout: defaultSendTimeout},
	})
	if err != nil {
		return errors.New("push: firebase credentials: not a usable service account's key file")
	}
	return httptransport.AddAuthorizationMiddleware(client, found)
}

// Send implements Channel. It ends within the send timeout.
func (f *Firebase) Send(ctx context.Context, message Message) Outcome {
	payload, err := FirebaseMessage(message, f.now())
	if errors.Is(err, ErrExpired) {
		return Outcome{State: StateFailed, Reason: ReasonExpired}
	}
	if err != nil {
		return Outcome{State: StateFailed, Reason: ReasonInvalidMessage}
	}
	bounded, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	seen := &attempt{cancel: cancel}
	name, err := f.client.Send(context.WithValue(bounded, attemptKey{}, seen), payload)
	switch {
	case err == nil && name != "":
		return Outcome{State: StateSent, ProviderID: name}
	case err == nil:
		return Outcome{State: StateRetry, Reason: ReasonBadAnswer}
	case ctx.Err() != nil && seen.status == 0:
		return Outcome{State: StateRetry, Reason: ReasonCancelled}
	default:
		return judge(err, *seen, f.now())
	}
}

// Close ends the idle connections; call it when nothing is being sent any more.
func (f *Firebase) Close() {
	for _, transport := range f.closers {
		if closer, ok := transport.(interface{ CloseIdleConnections() }); ok {
			closer.CloseIdleConnections()
		}
	}
}
