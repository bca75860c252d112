package hikvision

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"

	"github.com/icholy/digest"

	"xunfang/models"
)

// Door is one of a device's doors.
type Door struct {
	ID      models.ID
	Number  int  // from 1, as in the device's own pages
	Contact bool // a door contact is wired; without one the device's word for it means nothing
}

// Config is what a Driver needs. What is marked optional may be left out.
type Config struct {
	URL      string // http://host or https://host, with or without a port, and nothing else
	User     string
	Password models.Secret
	Doors    []Door
	Now      func() time.Time
	Logger   *slog.Logger

	Permit     func(netip.Addr) bool          // optional: which addresses may be connected to; nil: all
	TLS        *tls.Config                    // optional: nil is the system's roots. Devices have certificates of their own making
	TrustReply bool                           // the device's OK is enough; else its lock must be seen unlocked
	Refer      func(credential string) string // optional: what stands for a card or person in events; nil: nothing does
	Timeout    time.Duration                  // for one request; 0: 3 s
	Silence    time.Duration                  // of the event stream before it is taken for dead; 0: 60 s
	Pause      time.Duration                  // before the event stream is opened again; 0: 5 s
}

// Driver is doors.Driver over one device.
type Driver struct {
	config Config
	base   *url.URL
	client *http.Client
}

// NewDriver checks the configuration, every mistake at once; nothing is sent.
func NewDriver(config Config) (*Driver, error) {
	base, err := parseAddress(config.URL)
	wrong := []error{err, checkDoors(config.Doors)}
	if config.Now == nil || config.Logger == nil || len(config.Doors) == 0 || config.User == "" || config.Password == "" {
		wrong = append(wrong, errors.New("hikvision: a driver needs an account, a clock, a logger and a door"))
	}
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	for limit, standard := range map[*time.Duration]time.Duration{
		&config.Timeout: 3 * time.Second, &config.Silence: time.Minute, &config.Pause: 5 * time.Second,
	} {
		if *limit <= 0 {
			*limit = standard
		}
	}
	return &Driver{config: config, base: base, client: newClient(config)}, nil
}

// parseAddress reads scheme and host; the account is a setting of its own, because addresses are logged.
func parseAddress(text string) (*url.URL, error) {
	base, err := url.Parse(text)
	if err != nil || base.Scheme != "http" && base.Scheme != "https" || base.Hostname() == "" || base.User != nil ||
		base.RawQuery != "" || base.Path != "" && base.Path != "/" {
		return nil, errors.New("hikvision: the address is http://host or https://host and nothing else")
	}
	return base, nil
}

func checkDoors(doors []Door) error {
	numbers, ids := map[int]bool{}, map[models.ID]bool{}
	for _, door := range doors {
		if door.Number < 1 || door.Number > 256 || door.ID == "" || numbers[door.Number] || ids[door.ID] {
			return fmt.Errorf("hikvision: door %q: numbers begin at 1, each once", door.ID)
		}
		numbers[door.Number], ids[door.ID] = true, true
	}
	return nil
}

// newClient signs in by digest only: the password itself never leaves, whatever the device asks for.
func newClient(config Config) *http.Client {
	dialer := &net.Dialer{Timeout: config.Timeout, ControlContext: permitted(config.Permit)}
	wire := &http.Transport{
		DialContext: dialer.DialContext, TLSClientConfig: config.TLS, MaxIdleConnsPerHost: 2, IdleConnTimeout: 30 * time.Second,
		DisableCompression: true,
	}
	return &http.Client{
		Transport: &digest.Transport{
			Username: config.User, Password: config.Password.Reveal(), Probe: true, Transport: &gate{next: wire, now: config.Now},
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// permitted looks at every address as it is really connected to, after its name was resolved: a name can change what it means.
func permitted(permit func(netip.Addr) bool) func(context.Context, string, string, syscall.RawConn) error {
	if permit == nil {
		return nil
	}
	return func(_ context.Context, _, address string, _ syscall.RawConn) error {
		target, err := netip.ParseAddrPort(address)
		if err != nil || !permit(target.Addr()) {
			return errors.New("hikvision: the device's address is not allowed")
		}
		return nil
	}
}

// Close ends idle connections.
func (d *Driver) Close() { d.client.CloseIdleConnections() }

// Capabilities implements doors.Driver.
func (d *Driver) Capabilities() models.DoorCapabilities {
	contacts := true
	for _, door := range d.config.Doors {
		contacts = contacts && door.Contact
	}
	return models.DoorCapabilities{
		ConfirmsOpening: true, KnowsPosition: contacts, KnowsLock: true, ReportsAlarms: contacts, ReportsTamper: true,
		Events: true, DecidesOffline: true,
	}
}

func (d *Driver) door(id models.ID) (Door, error) {
	for _, door := range d.config.Doors {
		if door.ID == id {
			return door, nil
		}
	}
	return Door{}, models.ErrDoorUnknown
}
