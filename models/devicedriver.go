package models

import (
	"encoding/base64"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
)

// DriverKind is how a device is spoken to.
type DriverKind string

// The kinds of drivers: our own protocol, and three for hardware of other makers (docs/controllers.md).
const (
	DriverMQTT    DriverKind = "mqtt"
	DriverUHPPOTE DriverKind = "uhppote"
	DriverISAPI   DriverKind = "isapi"
	DriverWebhook DriverKind = "webhook"
)

// The doors that hardware has, by its kind.
const (
	uhppoteDoors = 4
	isapiDoors   = 16
)

// MaxDriven is how many devices of other makers one server drives.
const MaxDriven = 256

// DoorChannel says which of its hardware's relays a door is.
type DoorChannel struct {
	DoorID  ID
	Number  int  // from 1, as printed at the terminals
	Contact bool // a door contact is wired; without one nobody knows whether the door is open
}

// DeviceDriver is how the server reaches a device of another maker. Zero: our own protocol, which needs nothing.
type DeviceDriver struct {
	Kind              DriverKind // "" is DriverMQTT
	Address           string     // uhppote: IPv4 with or without a port; isapi: http(s)://host; webhook: https://host/path
	SerialNumber      uint32     // uhppote
	User              string     // isapi
	Secret            Secret     // isapi: the account's password; webhook: the signing secret
	CertificateSHA256 string     // isapi, webhook: of the one certificate that is believed, in hex; "": the system's roots
	Channels          []DoorChannel
}

// Ours says whether the device speaks our own protocol.
func (d DeviceDriver) Ours() bool { return d.Kind == "" || d.Kind == DriverMQTT }

// Same says whether two settings are the same in everything.
func (d DeviceDriver) Same(other DeviceDriver) bool {
	return d.SameHardware(other) && d.User == other.User && d.Secret == other.Secret &&
		d.CertificateSHA256 == other.CertificateSHA256 && slices.Equal(d.Channels, other.Channels)
}

// SameHardware says whether both reach the same thing at the same place: only then does a secret go along that was given
// before, and the number of the last event mean anything.
func (d DeviceDriver) SameHardware(other DeviceDriver) bool {
	return d.Kind == other.Kind && d.Address == other.Address && d.SerialNumber == other.SerialNumber
}

// Check says what is wrong with the settings of a device with these doors; the first mistake, under its field.
func (d DeviceDriver) Check(doors []ID, networks DoorNetworks) error {
	switch d.Kind {
	case "", DriverMQTT:
		return d.without("driver.address", d.Address, "driver.user", d.User, "driver.secret", d.Secret.Reveal(),
			"driver.certificate_sha256", d.CertificateSHA256)
	case DriverUHPPOTE:
		err := d.without("driver.user", d.User, "driver.secret", d.Secret.Reveal(), "driver.certificate_sha256", d.CertificateSHA256)
		if err != nil {
			return err
		}
		if d.SerialNumber == 0 {
			return Unfit("driver.serial_number", FieldRequired, "for uhppote")
		}
		return firstOf(checkBoardAddress(d.Address, networks), d.checkChannels(doors, uhppoteDoors))
	case DriverISAPI:
		if d.User == "" {
			return Unfit("driver.user", FieldRequired, "for isapi")
		}
		if d.Secret == "" {
			return Unfit("driver.secret", FieldRequired, "for isapi")
		}
		return firstOf(d.checkURL(networks, false), d.checkChannels(doors, isapiDoors))
	default: // DriverWebhook
		if err := d.without("driver.user", d.User); err != nil {
			return err
		}
		if !validWebhookSecret(d.Secret.Reveal()) {
			return Unfit("driver.secret", FieldFormat, "whsec_ and base64 of 24 to 64 bytes")
		}
		if len(d.Channels) > 0 {
			return Unfit("driver.doors", FieldNotAllowed, "a webhook is told the door's id")
		}
		return d.checkURL(networks, true)
	}
}

// without refuses settings that the kind has no use for: pairs of a field and its value.
func (d DeviceDriver) without(pairs ...string) error {
	for at := 0; at+1 < len(pairs); at += 2 {
		if pairs[at+1] != "" {
			return Unfit(pairs[at], FieldNotAllowed, "for this kind")
		}
	}
	if d.SerialNumber != 0 && d.Kind != DriverUHPPOTE {
		return Unfit("driver.serial_number", FieldNotAllowed, "for this kind")
	}
	if len(d.Channels) > 0 && d.Ours() {
		return Unfit("driver.doors", FieldNotAllowed, "for this kind")
	}
	return nil
}

func checkBoardAddress(text string, networks DoorNetworks) error {
	address, err := netip.ParseAddr(text)
	if err != nil {
		var port netip.AddrPort
		if port, err = netip.ParseAddrPort(text); err == nil && port.Port() == 0 {
			return Unfit("driver.address", FieldFormat, "a port from 1")
		}
		address = port.Addr()
	}
	if err != nil || !address.Is4() {
		return Unfit("driver.address", FieldFormat, "IPv4 address, with or without a port")
	}
	return permitted(address, networks)
}

func (d DeviceDriver) checkURL(networks DoorNetworks, path bool) error {
	if d.SerialNumber != 0 {
		return Unfit("driver.serial_number", FieldNotAllowed, "for this kind")
	}
	read, err := url.Parse(d.Address)
	if err != nil || read.Scheme != "https" && read.Scheme != "http" || read.Hostname() == "" || read.User != nil ||
		read.RawQuery != "" || read.Fragment != "" || read.Opaque != "" || !path && strings.Trim(read.Path, "/") != "" {
		want := "https://host, without account, path and query"
		if path {
			want = "https://host/path, without account and query"
		}
		return Unfit("driver.address", FieldFormat, want)
	}
	address, err := netip.ParseAddr(read.Hostname())
	if path && read.Scheme == "http" && (err != nil || !address.Unmap().IsLoopback()) {
		return Unfit("driver.address", FieldFormat, "https://")
	}
	if err != nil { // a name: what it means is looked at whenever it is connected to
		return nil //nolint:nilerr // as said
	}
	return permitted(address, networks)
}

func permitted(address netip.Addr, networks DoorNetworks) error {
	if !networks.Permit(address) {
		return Unfit("driver.address", FieldNotAllowed, "an address where door hardware may stand")
	}
	return nil
}

// checkChannels wants each of the doors on a channel of its own.
func (d DeviceDriver) checkChannels(doors []ID, most int) error {
	numbers, named := map[int]bool{}, map[ID]bool{}
	for at, channel := range d.Channels {
		field := Indexed("driver.doors", at)
		switch {
		case channel.Number < 1 || channel.Number > most:
			return Unfit(field+".channel", FieldTooLarge, "a channel that the hardware has")
		case numbers[channel.Number]:
			return Unfit(field+".channel", FieldNotUnique, "each channel once")
		case named[channel.DoorID]:
			return Unfit(field+".door_id", FieldNotUnique, "each door once")
		case !slices.Contains(doors, channel.DoorID):
			return Unfit(field+".door_id", FieldNoSuch, "one of door_ids")
		}
		numbers[channel.Number], named[channel.DoorID] = true, true
	}
	if len(named) != len(doors) {
		return Unfit("driver.doors", FieldRequired, "the channel of every door")
	}
	return nil
}

func validWebhookSecret(secret string) bool {
	encoded, ok := strings.CutPrefix(secret, "whsec_")
	key, err := base64.StdEncoding.DecodeString(encoded)
	return ok && err == nil && len(key) >= 24 && len(key) <= 64
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// DeviceCursor is how far the events of a device have been taken.
type DeviceCursor struct {
	Mark   DoorEventMark
	Lost   int64     // events that nobody will ever see, as far as the hardware can say how many
	LostAt time.Time // when the last gap was found; zero: none ever
}
