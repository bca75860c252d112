package hikvision

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"xunfang/models"
)

// maxBody bounds what is read of an answer, in bytes.
const maxBody = 64 << 10

var errExpired = errors.New("hikvision: the command's time is over")

// passage rides along with the request that opens a door.
type passage struct {
	expires time.Time
	signed  atomic.Bool // a request with credentials has gone out: from now on the door may open
}

type passageKey struct{}

// gate stands in front of the network, behind the digest: it sees every request that really leaves, also the
// second one with credentials, and lets none of them through whose time is over.
type gate struct {
	next *http.Transport
	now  func() time.Time
}

// RoundTrip implements http.RoundTripper.
func (g *gate) RoundTrip(request *http.Request) (*http.Response, error) {
	if passage, ok := request.Context().Value(passageKey{}).(*passage); ok {
		if !g.now().Before(passage.expires) {
			return nil, errExpired
		}
		if request.Header.Get("Authorization") != "" {
			passage.signed.Store(true)
		}
	}
	return g.next.RoundTrip(request)
}

// CloseIdleConnections lets the client reach the transport.
func (g *gate) CloseIdleConnections() { g.next.CloseIdleConnections() }

// send makes one request and gives the answer's first bytes. Nothing is ever sent again, but for the digest:
// a request without credentials that is answered 401 does nothing at the device.
func (d *Driver) send(ctx context.Context, method, path string, body []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, d.config.Timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, d.base.JoinPath("/").String()+path, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("hikvision: %w", err)
	}
	if len(body) > 0 {
		request.Header.Set("Content-Type", "application/xml")
	}
	response, err := d.client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", models.ErrDoorUnreachable, err)
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxBody+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", models.ErrDoorUnreachable, err)
	case len(answer) > maxBody:
		return nil, fmt.Errorf("%w: more than %d bytes", models.ErrDoorRefused, maxBody)
	case response.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("%w: status %d", models.ErrDoorRefused, response.StatusCode)
	}
	return answer, nil
}

// responseStatus is the device's answer to a PUT. 1 is its OK.
type responseStatus struct {
	XMLName    xml.Name `xml:"ResponseStatus"`
	StatusCode int      `xml:"statusCode"`
	SubStatus  string   `xml:"subStatusCode"`
}

// openBody is RemoteControlDoor with the command that draws the relay for its set time. The others (close,
// alwaysOpen, alwaysClose) leave a door in a state, and are never sent.
const openBody = `<RemoteControlDoor><cmd>open</cmd></RemoteControlDoor>`

// command sends the opening; nil is the device's own OK.
func (d *Driver) command(ctx context.Context, number int) error {
	answer, err := d.send(ctx, http.MethodPut, fmt.Sprintf("ISAPI/AccessControl/RemoteControl/door/%d", number), []byte(openBody))
	if err != nil {
		return err
	}
	status := responseStatus{}
	if err := xml.Unmarshal(answer, &status); err != nil {
		return fmt.Errorf("hikvision: an answer that cannot be read: %w", err)
	}
	if status.StatusCode != 1 {
		return fmt.Errorf("%w: status code %d", models.ErrDoorRefused, status.StatusCode)
	}
	return nil
}

// workStatus is the part that is used of AcsWorkStatus; the lists have one number a door.
type workStatus struct {
	Lock    []int `json:"doorLockStatus"` // 0 locked, 1 unlocked, 2 to 4 a defect
	Mode    []int `json:"doorStatus"`     // 1 asleep, 2 stays open, 3 stays locked, 4 normal
	Contact []int `json:"magneticStatus"` // 0 closed, 1 open, 2 to 4 a defect
}

func (d *Driver) workStatus(ctx context.Context) (workStatus, error) {
	answer, err := d.send(ctx, http.MethodGet, "ISAPI/AccessControl/AcsWorkStatus?format=json", nil)
	if err != nil {
		return workStatus{}, err
	}
	read := struct {
		AcsWorkStatus workStatus
	}{}
	// Lenient on purpose: firmwares differ, and what is not there stays unknown.
	if err := json.Unmarshal(answer, &read); err != nil {
		return workStatus{}, fmt.Errorf("hikvision: a status that cannot be read: %w", err)
	}
	return read.AcsWorkStatus, nil
}

// deviceInfo is what the device says of itself.
type deviceInfo struct {
	XMLName  xml.Name `xml:"DeviceInfo"`
	Model    string   `xml:"model"`
	Firmware string   `xml:"firmwareVersion"`
}

func (d *Driver) deviceInfo(ctx context.Context) (deviceInfo, error) {
	answer, err := d.send(ctx, http.MethodGet, "ISAPI/System/deviceInfo", nil)
	if err != nil {
		return deviceInfo{}, err
	}
	info := deviceInfo{}
	if err := xml.Unmarshal(answer, &info); err != nil {
		return deviceInfo{}, fmt.Errorf("hikvision: device info that cannot be read: %w", err)
	}
	return info, nil
}

// deviceTime is the device's clock; localTime carries its zone.
type deviceTime struct {
	XMLName xml.Name `xml:"Time"`
	Mode    string   `xml:"timeMode"`
	Local   string   `xml:"localTime"`
}

func (d *Driver) clock(ctx context.Context) (time.Time, bool) {
	answer, err := d.send(ctx, http.MethodGet, "ISAPI/System/time", nil)
	read := deviceTime{}
	if err != nil || xml.Unmarshal(answer, &read) != nil {
		return time.Time{}, false
	}
	at, err := time.Parse(time.RFC3339, read.Local)
	return at, err == nil
}
