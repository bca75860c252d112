package push

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"sync/atomic"
	"syscall"
	"time"

	"xunfang/models"
)

// StationConfig is what speaking to the station's own systems needs; Now is needed.
type StationConfig struct {
	Networks models.DoorNetworks // where they may stand; none: everywhere but this machine, link-local and reserved networks
	TLS      *tls.Config         // nil is the system's roots
	Timeout  time.Duration       // of one request; 5 s
	Now      func() time.Time
}

// stationClient makes signed requests in the form of the Standard Webhooks specification.
type stationClient struct {
	config StationConfig
	client *http.Client
	judge  func(answer providerAnswer, id string, now time.Time) Outcome // reads an answer; judgeStation
}

func newStationClient(config StationConfig) (*stationClient, error) {
	if config.Now == nil {
		return nil, errors.New("push: the station's systems: Now is needed")
	}
	config.Timeout = orDefault(config.Timeout, defaultSendTimeout)
	// The address is looked at after the name was resolved, at every connection: a name can change what it means. No proxy: it
	// would be the proxy's address that is looked at.
	dialer := &net.Dialer{Timeout: config.Timeout, ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
		target, err := netip.ParseAddrPort(address)
		if err != nil || !config.Networks.Permit(target.Addr()) {
			return errAddress
		}
		return nil
	}}
	return &stationClient{config: config, judge: judgeStation, client: &http.Client{
		Timeout: config.Timeout, CheckRedirect: noRedirects,
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSClientConfig: config.TLS, TLSHandshakeTimeout: config.Timeout,
			IdleConnTimeout: 30 * time.Second, MaxIdleConnsPerHost: 4, DisableCompression: true,
		},
	}}, nil
}

// maxStationWait is the longest that a receiver can ask to be left alone.
const maxStationWait = time.Hour

var errAddress = errors.New("push: the receiver's address is not allowed")

// close ends the idle connections.
func (c *stationClient) close() { c.client.CloseIdleConnections() }

// send makes one request. Its outcome never quotes the address: its path can hold a key.
func (c *stationClient) send(ctx context.Context, address models.Secret, id string, body []byte, secrets []models.Secret) Outcome {
	keys := make([][]byte, 0, len(secrets))
	for _, secret := range secrets {
		key, err := models.WebhookKey(secret)
		if err != nil {
			return Outcome{State: StateFailed, Reason: ReasonCredentials}
		}
		keys = append(keys, key)
	}
	target, err := url.Parse(address.Reveal())
	if err != nil || target.Scheme != "https" || len(keys) == 0 {
		return Outcome{State: StateFailed, Reason: ReasonInvalidMessage}
	}
	written := atomic.Bool{}
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { written.Store(true) }})
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, target.String(), bytes.NewReader(body))
	if err != nil {
		return Outcome{State: StateFailed, Reason: ReasonInvalidMessage}
	}
	request.Header.Set("Content-Type", "application/json")
	for name, value := range models.WebhookHeaders(id, c.config.Now(), body, keys...) {
		request.Header.Set(name, value)
	}
	answer, err := exchange(c.client, request)
	switch {
	case err == nil:
		return c.judge(answer, id, c.config.Now())
	case errors.Is(err, errAddress):
		return Outcome{State: StateRetry, Reason: ReasonRefused} // the name may mean another address later
	case written.Load(): // it may have been taken
		return Outcome{State: StateRetry, Reason: ReasonTimeout}
	default:
		return Outcome{State: StateRetry, Reason: ReasonNetwork}
	}
}

// judgeStation reads an answer as the specification does: 2xx is taken, 410 is never again, everything else is tried again.
func judgeStation(answer providerAnswer, id string, now time.Time) Outcome {
	wait := min(retryAfter(answer.header.Get("Retry-After"), now), maxStationWait)
	switch status := answer.status; {
	case status >= 200 && status <= 299:
		return Outcome{State: StateSent, ProviderID: id}
	case status == http.StatusGone:
		return Outcome{State: StateGone, Reason: ReasonUnregistered}
	case status == http.StatusTooManyRequests:
		return Outcome{State: StateRetry, Reason: ReasonQuota, RetryAfter: wait}
	case status >= 500:
		return Outcome{State: StateRetry, Reason: ReasonUnavailable, RetryAfter: wait}
	default:
		return Outcome{State: StateRetry, Reason: ReasonRefused}
	}
}
