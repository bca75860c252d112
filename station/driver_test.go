package station

import (
	"slices"
	"strings"
	"testing"

	"xunfang/models"
)

const drivenStation = `
station: {key: s, name: 派出所, position: {lat: 30.5, lng: 105.6}, time_zone: Asia/Shanghai}
compounds: [{key: east, name: 东苑, kind: ordinary, position: {lat: 30.5, lng: 105.6}}]
doors:
  - {key: gate, name: 大门, kind: gate, place: east}
  - {key: side, name: 侧门, kind: gate, place: east}
devices:
  - {key: board, name: 板, kind: terminal, compound: east, doors: [gate, side], driver: {DRIVER}}
`

func TestDriverInTheFile(t *testing.T) {
	read := func(driver string) (models.Description, error) {
		return Read([]byte(strings.ReplaceAll(drivenStation, "{DRIVER}", "{"+driver+"}")), Options{})
	}
	got, err := read("kind: uhppote, serial_number: 405419896, address: 192.168.40.21, channels: [3, 1], contacts: true")
	if err != nil {
		t.Fatal(err)
	}
	device := got.Devices[0]
	want := []models.DoorChannel{
		{DoorID: device.DoorIDs[1], Number: 1, Contact: true}, {DoorID: device.DoorIDs[0], Number: 3, Contact: true},
	}
	if device.Driver.Kind != models.DriverUHPPOTE || device.Driver.SerialNumber != 405419896 || !slices.Equal(device.Driver.Channels, want) {
		t.Errorf("%+v", device.Driver)
	}
	if _, err := read("kind: webhook, address: 'https://maker.example/doors'"); err != nil {
		t.Error(err)
	}
	for driver, told := range map[string]string{
		"kind: uhppote, serial_number: 1, address: 192.168.40.21, channels: [1]":                               "channel of every door",
		"kind: uhppote, serial_number: 1, address: 192.168.40.21, channels: [1, 5]":                            "channel",
		"kind: uhppote, address: 192.168.40.21, channels: [1, 2]":                                              "driver.serial_number",
		"kind: isapi, address: 'http://169.254.169.254', user: door, channels: [1, 2]":                         "driver.address",
		"kind: isapi, address: 'https://10.0.0.1', user: door, channels: [1, 2], secret: x":                    "unknown field",
		"kind: isapi, address: 'https://10.0.0.1', user: door, channels: [1, 2], certificate_sha256: 'abcdef'": "certificate_sha256",
	} {
		if _, err := read(driver); err == nil || !strings.Contains(err.Error(), told) {
			t.Errorf("%s: %v, want %q", driver, err, told)
		}
	}
}
