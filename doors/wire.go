package doors

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/url"
	"sync"
	"time"
)

const (
	dialLimit  = 10 * time.Second // to connect, TLS included
	writeLimit = 10 * time.Second // for one packet to leave; then the connection is given up
)

// wire is a connection whose every write ends, and which sends one MQTT packet as one piece.
// The MQTT client takes the lock around each packet and writes it in parts; with Nagle's
// algorithm off, each part would be a segment of its own. What Unlock cannot send closes the
// connection, which the client's reader sees.
type wire struct {
	net.Conn
	mutex   sync.Mutex
	pending bytes.Buffer
}

func (w *wire) Lock() { w.mutex.Lock() }

func (w *wire) Unlock() {
	defer w.mutex.Unlock()
	if w.pending.Len() == 0 {
		return
	}
	// A timer, not a deadline: a deadline needs the wall clock, which only main reads.
	timer := time.AfterFunc(writeLimit, func() { _ = w.Conn.Close() })
	defer timer.Stop()
	if _, err := w.pending.WriteTo(w.Conn); err != nil {
		_ = w.Conn.Close()
	}
	w.pending.Reset()
}

// Write keeps the part until Unlock; the caller holds the lock.
func (w *wire) Write(part []byte) (int, error) { return w.pending.Write(part) }

// dial connects to a broker: mqtt and tcp in the clear, mqtts, tls and ssl over TLS 1.2 or later.
func dial(ctx context.Context, address *url.URL, settings *tls.Config) (*wire, error) {
	dialer := &net.Dialer{Timeout: dialLimit, KeepAlive: 30 * time.Second}
	connection, err := dialer.DialContext(ctx, "tcp", address.Host)
	if err != nil {
		return nil, fmt.Errorf("doors: dial: %w", err)
	}
	// Go does this by itself; said here because a door takes 40 ms longer without it.
	if tcp, ok := connection.(*net.TCPConn); ok {
		_ = tcp.SetNoDelay(true)
	}
	if !encrypted(address) {
		return &wire{Conn: connection}, nil
	}
	if settings == nil {
		settings = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	settings = settings.Clone()
	if settings.ServerName == "" {
		settings.ServerName = address.Hostname()
	}
	secured := tls.Client(connection, settings)
	limited, cancel := context.WithTimeout(ctx, dialLimit)
	defer cancel()
	if err := secured.HandshakeContext(limited); err != nil {
		_ = connection.Close()
		return nil, fmt.Errorf("doors: TLS: %w", err)
	}
	return &wire{Conn: secured}, nil
}

func encrypted(address *url.URL) bool {
	return address.Scheme == "mqtts" || address.Scheme == "tls" || address.Scheme == "ssl"
}

// parseBroker reads a broker's address. The account is a setting of its own: an address is
// logged, so a password must not be able to hide in it.
func parseBroker(text string) (*url.URL, error) {
	address, err := url.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("doors: the broker's address is not a URL")
	}
	switch address.Scheme {
	case "mqtt", "tcp", "mqtts", "tls", "ssl":
	default:
		return nil, fmt.Errorf("doors: the broker's address must begin with mqtt:// or mqtts://")
	}
	if address.User != nil || address.Hostname() == "" || address.Path != "" || address.RawQuery != "" {
		return nil, fmt.Errorf("doors: the broker's address is scheme://host:port and nothing else")
	}
	if address.Port() == "" {
		port := "1883"
		if encrypted(address) {
			port = "8883"
		}
		address.Host = net.JoinHostPort(address.Hostname(), port)
	}
	return address, nil
}
