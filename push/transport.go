package push

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"cloud.google.com/go/auth"
)

// newTransport is tuned for many small requests to one host: a few HTTP/2 connections that are kept,
// more of them when the host's limit of streams is reached, a ping that finds a dead one, and few system calls.
func newTransport(endpoint string) *http.Transport {
	transport := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         gathered((&net.Dialer{Timeout: 3 * time.Second, KeepAlive: 30 * time.Second}).DialContext),
		TLSHandshakeTimeout: 3 * time.Second,
		IdleConnTimeout:     90 * time.Second,
		MaxIdleConns:        1024,
		MaxIdleConnsPerHost: 1024, // for a proxy that speaks only HTTP/1.1; the default of 2 reconnects all the time
		HTTP2:               &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 5 * time.Second},
		Protocols:           new(http.Protocols),
	}
	if strings.HasPrefix(endpoint, "http://") { // only the fake: spoken to as Firebase is, without TLS
		transport.Protocols.SetUnencryptedHTTP2(true)
		return transport
	}
	transport.Protocols.SetHTTP1(true)
	transport.Protocols.SetHTTP2(true)
	return transport
}

// attempt is what was seen on the wire during one Send.
type attempt struct {
	cancel      context.CancelFunc
	errors      int
	status      int    // 503 when that ended the attempt
	retryAfter  string // its header
	credentials bool   // no access token was to be had

	installation bool // the address is an installation id
}

type attemptKey struct{}

// watcher ends what the SDK would go on with by itself. The SDK repeats a 503 and a network error
// four times and sleeps in between, for as long as Retry-After says, and then loses that header:
// a slot would be held by a wait. Waiting is the outbox's part. One immediate repeat after a network
// error is left to it, which is what a connection that died unseen needs.
type watcher struct {
	base http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (w watcher) RoundTrip(request *http.Request) (*http.Response, error) {
	current, ok := request.Context().Value(attemptKey{}).(*attempt)
	if ok && current.installation {
		var err error
		if request, err = toInstallation(request); err != nil {
			return nil, err
		}
	}
	response, err := w.base.RoundTrip(request)
	if !ok {
		return response, err
	}
	if err != nil {
		current.failed(err)
		return nil, err
	}
	if response.StatusCode == http.StatusServiceUnavailable {
		err = current.unavailable(response)
	}
	return response, err
}

func (a *attempt) failed(err error) {
	var refused *auth.Error
	a.errors++
	a.credentials = errors.As(err, &refused)
	if a.credentials || a.errors > 1 {
		a.cancel()
	}
}

// unavailable reads the body to its end first, so that the connection can be used again.
func (a *attempt) unavailable(response *http.Response) error {
	body, err := io.ReadAll(io.LimitReader(response.Body, 64<<10))
	_ = response.Body.Close()
	response.Body = io.NopCloser(bytes.NewReader(body))
	a.status, a.retryAfter = response.StatusCode, response.Header.Get("Retry-After")
	a.cancel()
	return err
}
