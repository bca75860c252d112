package hardware

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"

	"xunfang/doors"
	"xunfang/doors/hikvision"
	"xunfang/doors/uhppote"
	"xunfang/doors/webhook"
	"xunfang/models"
)

// errNotNow is the cause of a driver that could not be made for a reason that may pass.
var errNotNow = errors.New("hardware: not now")

// make makes the driver of a device. The settings are looked at again: what was allowed when they were written may not be
// by the settings of this server.
func (h *Hardware) make(ctx context.Context, device models.Device) (doors.Driver, error) {
	driver := device.Driver
	if err := driver.Check(device.DoorIDs, h.config.Networks); err != nil {
		return nil, err
	}
	switch driver.Kind {
	case models.DriverUHPPOTE:
		return h.makeBoard(ctx, device)
	case models.DriverISAPI:
		config := hikvision.Config{
			URL: driver.Address, User: driver.User, Password: driver.Secret, Now: h.config.Now, Logger: h.config.Logger,
			Permit: h.config.Networks.Permit, TLS: pinned(driver.CertificateSHA256),
		}
		for _, channel := range driver.Channels {
			config.Doors = append(config.Doors, hikvision.Door{ID: channel.DoorID, Number: channel.Number, Contact: channel.Contact})
		}
		return known(hikvision.NewDriver(config))
	case models.DriverWebhook:
		return known(webhook.NewDriver(webhook.Config{
			URL: driver.Address, Secret: driver.Secret, Doors: device.DoorIDs, Now: h.config.Now,
			Permit: h.config.Networks.Permit, TLS: pinned(driver.CertificateSHA256),
		}))
	default:
		return nil, fmt.Errorf("hardware: no driver for %q", driver.Kind)
	}
}

func (h *Hardware) makeBoard(ctx context.Context, device models.Device) (doors.Driver, error) {
	zone, err := h.config.Records.StationZone(ctx, device.Place.Station)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNotNow, err)
	}
	config := uhppote.Config{
		BoardConfig: uhppote.BoardConfig{
			Serial: device.Driver.SerialNumber, Address: device.Driver.Address, Zone: zone, Timeout: h.config.Timeout,
		},
		Now: h.config.Now, Logger: h.config.Logger, Listener: h.config.Listener, Reachable: h.reachable(), Poll: h.config.Poll,
	}
	for _, channel := range device.Driver.Channels {
		config.Doors = append(config.Doors, uhppote.Door{
			ID: channel.DoorID, Number: uint8(channel.Number), Contact: channel.Contact, //nolint:gosec // 1 to 4, by Check
		})
	}
	return known(uhppote.NewDriver(config))
}

// known keeps a nil pointer from looking like a driver.
func known[T doors.Driver](driver T, err error) (doors.Driver, error) {
	if err != nil {
		return nil, err
	}
	return driver, nil
}

// pinned believes one certificate, whoever signed it; nil, the system's roots, without a fingerprint.
func pinned(fingerprint string) *tls.Config {
	want, err := hex.DecodeString(fingerprint)
	if fingerprint == "" {
		return nil
	}
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: true, //nolint:gosec // the fingerprint below is checked instead of names and roots
		VerifyConnection: func(state tls.ConnectionState) error {
			if err != nil || len(state.PeerCertificates) == 0 {
				return errors.New("hardware: no certificate to compare")
			}
			have := sha256.Sum256(state.PeerCertificates[0].Raw)
			if subtle.ConstantTimeCompare(want, have[:]) != 1 {
				return errors.New("hardware: another certificate than the one that is set")
			}
			return nil
		},
	}
}
