package station

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"go.yaml.in/yaml/v3"

	"xunfang/models"
)

// readDriver reads how a device of another maker is reached. Its secret never stands in the file: an administrator gives it
// through the API. Which networks are allowed is for the server that drives it.
func (r *reader) readDriver(node *yaml.Node, doors []models.ID) models.DeviceDriver {
	read, ok := r.object(node, "driver", "kind", "address", "serial_number", "user", "certificate_sha256", "channels", "contacts")
	if !ok {
		return models.DeviceDriver{}
	}
	made := models.DeviceDriver{
		Kind:    models.DriverKind(read.oneOf("kind", string(models.DriverUHPPOTE), string(models.DriverISAPI), string(models.DriverWebhook))),
		Address: read.need("address", urlRule), SerialNumber: uint32(read.whole("serial_number", 1, 1<<32-1, 0)), //nolint:gosec // bounded
		User: read.maybe("user", anyRule), CertificateSHA256: read.maybe("certificate_sha256", fingerprintRule),
	}
	channels, contacts := read.list("channels"), read.yes("contacts")
	for at, item := range channels {
		number := 0
		if !r.plain(item, "channels") || item.ShortTag() != "!!int" || item.Decode(&number) != nil || at >= len(doors) {
			r.mistakes.add(item.Line, "channels: wants a whole number for each of doors, in their order")
			return made
		}
		made.Channels = append(made.Channels, models.DoorChannel{DoorID: doors[at], Number: number, Contact: contacts})
	}
	slices.SortFunc(made.Channels, func(a, b models.DoorChannel) int { return cmp.Compare(a.Number, b.Number) })
	if made.Kind == "" || made.Address == "" {
		return made // told already
	}
	if wrong := checkDriver(made, doors); wrong != "" {
		r.mistakes.add(node.Line, "%s", wrong)
	}
	return made
}

// checkDriver holds the driver to the rules of the API, as if its secret were there.
func checkDriver(driver models.DeviceDriver, doors []models.ID) string {
	switch driver.Kind {
	case models.DriverISAPI:
		driver.Secret = "given later"
	case models.DriverWebhook:
		driver.Secret = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	default: // the others have no secret
	}
	everywhere := models.DoorNetworks{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}
	var wrong *models.Error
	if !errors.As(driver.Check(doors, everywhere), &wrong) || len(wrong.Fields) == 0 {
		return ""
	}
	return fmt.Sprintf("%s: wants %s", wrong.Fields[0].Field, wrong.Fields[0].Want)
}
