package webhook

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"time"

	"xunfang/doors"
	"xunfang/models"
)

// maxAnswer bounds what is read of an answer, in bytes.
const maxAnswer = 4 << 10

// Config is what a Driver needs. What is marked optional may be left out.
type Config struct {
	URL    string        // https://…; http:// only to this machine itself
	Secret models.Secret // "whsec_" and base64 of 24 to 64 bytes, as Standard Webhooks writes them
	Doors  []models.ID   // the doors that the receiver opens
	Now    func() time.Time

	Permit       func(netip.Addr) bool // optional: which addresses may be connected to; nil: public ones, and by AllowPrivate
	AllowPrivate bool                  // the receiver may stand at a private address: a controller in the same network
	TLS          *tls.Config           // optional: nil is the system's roots
	Timeout      time.Duration         // for one request; 0: 3 s
}

// Driver is doors.Driver over one receiver.
type Driver struct {
	doors.Plain
	config Config
	key    []byte
	local  bool // plain HTTP, and therefore this machine only
	client *http.Client
}

// NewDriver checks the configuration; nothing is sent.
func NewDriver(config Config) (*Driver, error) {
	address, err := url.Parse(config.URL)
	if err != nil || address.Scheme != "https" && address.Scheme != "http" || address.Hostname() == "" ||
		address.User != nil || address.Fragment != "" {
		return nil, errors.New("webhook: the address is https://host/path, without an account")
	}
	if config.Now == nil || len(config.Doors) == 0 {
		return nil, errors.New("webhook: a driver needs a clock and a door")
	}
	key, err := models.WebhookKey(config.Secret)
	if err != nil {
		return nil, err
	}
	if config.Timeout <= 0 {
		config.Timeout = 3 * time.Second
	}
	driver := &Driver{config: config, key: key, local: address.Scheme == "http"}
	if driver.local && !loopbackName(address.Hostname()) {
		return nil, errors.New("webhook: plain http is only for this machine itself; use https")
	}
	// The address is looked at after the name was resolved, at every connection: a name can change what it means.
	// Each request has a connection of its own, and no proxy.
	dialer := &net.Dialer{Timeout: config.Timeout, ControlContext: driver.control}
	driver.client = &http.Client{
		Transport: &http.Transport{
			DialContext: gated(dialer.DialContext), TLSClientConfig: config.TLS, DisableKeepAlives: true, DisableCompression: true,
			TLSHandshakeTimeout: config.Timeout,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return driver, nil
}

func loopbackName(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.Unmap().IsLoopback()
}

// Capabilities implements doors.Driver. Whether the receiver confirms is up to it, and so is not promised.
func (d *Driver) Capabilities() models.DoorCapabilities { return models.DoorCapabilities{} }

// order is the body: everything that a receiver needs to refuse what is not for it, or too late.
type order struct {
	Type      string    `json:"type"`
	Timestamp string    `json:"timestamp"`
	Data      orderData `json:"data"`
}

type orderData struct {
	CommandID models.ID `json:"command_id"`
	DoorID    models.ID `json:"door_id"`
	ExpiresAt string    `json:"expires_at"` // from this moment on the receiver must not open
}

// answer is what a receiver may say; without it, taken is all that is known.
type answer struct {
	Result string `json:"result"` // opened, failed or refused
}

const wireTime = "2006-01-02T15:04:05.000Z"

// Open implements doors.Driver: one request, never a second.
func (d *Driver) Open(ctx context.Context, command models.DoorCommand) (models.DoorOutcome, error) {
	if !d.has(command.DoorID) {
		return d.outcome(models.CommandFailed, false, models.OutcomeOtherDoor), models.ErrDoorUnknown
	}
	now := d.config.Now()
	left := command.ExpiresAt.Sub(now)
	if left <= 0 {
		return d.outcome(models.CommandExpired, false, models.OutcomeExpired), nil
	}
	body, err := json.Marshal(order{
		Type: "door.open", Timestamp: now.UTC().Format(wireTime),
		Data: orderData{CommandID: command.ID, DoorID: command.DoorID, ExpiresAt: command.ExpiresAt.UTC().Format(wireTime)},
	})
	if err != nil {
		return d.outcome(models.CommandFailed, false, models.OutcomeUnreachable), fmt.Errorf("webhook: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, min(left, d.config.Timeout))
	defer cancel()
	return d.send(ctx, command, body, now)
}

func (d *Driver) send(ctx context.Context, command models.DoorCommand, body []byte, now time.Time) (models.DoorOutcome, error) {
	passage := &passage{expires: command.ExpiresAt, now: d.config.Now}
	ctx = httptrace.WithClientTrace(context.WithValue(ctx, passageKey{}, passage), &httptrace.ClientTrace{
		WroteHeaders: func() { passage.begun.Store(true) },
	})
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, d.config.URL, bytes.NewReader(body))
	if err != nil {
		return d.outcome(models.CommandFailed, false, models.OutcomeUnreachable), fmt.Errorf("webhook: %w", err)
	}
	request.GetBody = nil // nothing to send it a second time from
	request.Header.Set("Content-Type", "application/json")
	for name, value := range models.WebhookHeaders(string(command.ID), now, body, d.key) { // a receiver recognises a repeat by the id
		request.Header.Set(name, value)
	}
	response, err := d.client.Do(request)
	switch {
	case err == nil:
		defer func() { _ = response.Body.Close() }()
		return d.judge(response)
	case passage.refused.Load():
		return d.outcome(models.CommandExpired, false, models.OutcomeExpired), nil
	case passage.begun.Load():
		return d.outcome(models.CommandUnknown, false, models.OutcomeSilent), fmt.Errorf("%w: %w", models.ErrDoorUnreachable, withoutURL(err))
	case !d.config.Now().Before(command.ExpiresAt):
		return d.outcome(models.CommandExpired, false, models.OutcomeExpired), nil
	default:
		return d.outcome(models.CommandFailed, false, models.OutcomeUnreachable), fmt.Errorf("%w: %w", models.ErrDoorUnreachable, withoutURL(err))
	}
}

// judge reads the receiver's answer: its status, and its word if it gives one.
func (d *Driver) judge(response *http.Response) (models.DoorOutcome, error) {
	if response.StatusCode < 200 || response.StatusCode > 299 {
		err := fmt.Errorf("%w: status %d", models.ErrDoorRefused, response.StatusCode)
		if response.StatusCode >= 500 { // it may have opened, and broken afterwards
			return d.outcome(models.CommandUnknown, false, models.OutcomeSilent), err
		}
		return d.outcome(models.CommandFailed, true, models.OutcomeRefused), err
	}
	told := answer{}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err == nil && json.Unmarshal(body, &told) == nil {
		switch told.Result {
		case "opened":
			return d.outcome(models.CommandOpened, true, ""), nil
		case "failed", "refused":
			return d.outcome(models.CommandFailed, true, models.OutcomeRefused), models.ErrDoorRefused
		}
	}
	return d.outcome(models.CommandUnknown, false, models.OutcomeUnconfirmed), nil
}

// withoutURL takes the address out of an error: its query may hold a maker's key, and errors are logged.
func withoutURL(err error) error {
	wrapped := &url.Error{}
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

func (d *Driver) has(id models.ID) bool {
	for _, door := range d.config.Doors {
		if door == id {
			return true
		}
	}
	return false
}

func (d *Driver) outcome(state models.DoorCommandState, confirmed bool, reason string) models.DoorOutcome {
	return models.DoorOutcome{State: state, Confirmed: confirmed, Reason: reason, At: d.config.Now()}
}

// Status implements doors.Driver: nothing is known.
func (d *Driver) Status(_ context.Context, door models.ID) (models.DoorStatus, error) {
	if !d.has(door) {
		return models.UnknownDoorStatus(door, d.config.Now()), models.ErrDoorUnknown
	}
	return models.UnknownDoorStatus(door, d.config.Now()), models.ErrDoorUnable
}

// Health implements doors.Driver: there is nothing to ask that would not be a command.
func (d *Driver) Health(context.Context) (models.DoorHealth, error) {
	return models.DoorHealth{Fault: models.FaultUnknown, At: d.config.Now()}, models.ErrDoorUnable
}
