package models

import (
	"encoding/base64"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"
)

func TestWhereDoorHardwareMayStand(t *testing.T) {
	listed := DoorNetworks{netip.MustParsePrefix("192.168.40.0/24"), netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10")}
	for _, one := range []struct {
		address      string
		open, listed bool
	}{
		{"192.168.40.255", true, true},
		{"192.168.41.0", true, false},
		{"10.0.0.1", true, false},
		{"8.8.8.8", true, false},
		{"fd12::1", true, false},
		{"127.0.0.1", false, true},
		{"::ffff:127.0.0.1", false, true},
		{"::1", false, false},
		{"169.254.1.1", false, false},
		{"169.254.169.254", false, false},
		{"::ffff:169.254.169.254", false, false},
		{"64:ff9b::a9fe:a9fe", false, false},
		{"2002:7f00:1::", false, false},
		{"100.100.100.200", false, false}, // a cloud's metadata, though its network is listed
		{"100.100.100.201", false, true},
		{"fd00:ec2::254", false, false},
		{"fe80::1%eth0", false, false},
		{"0.0.0.0", false, false},
		{"0.1.2.3", false, false},
		{"224.0.0.1", false, false},
		{"255.255.255.255", false, false},
		{"::", false, false},
	} {
		address := netip.MustParseAddr(one.address)
		if (DoorNetworks{}).Permit(address) != one.open || listed.Permit(address) != one.listed {
			t.Errorf("%s: open %v, listed %v", one.address, !one.open, !one.listed)
		}
	}
	if everywhere := (DoorNetworks{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}); everywhere.Permit(netip.MustParseAddr("169.254.169.254")) {
		t.Error("a setting allows the metadata address")
	}
}

func TestDriverSettings(t *testing.T) {
	one, other := ID("0198c000-0000-7000-8000-0000000000a1"), ID("0198c000-0000-7000-8000-0000000000a2")
	board := DeviceDriver{Kind: DriverUHPPOTE, Address: "192.168.40.21", SerialNumber: 405419896, Channels: []DoorChannel{{DoorID: one, Number: 4}}}
	terminal := DeviceDriver{Kind: DriverISAPI, Address: "https://10.1.1.1", User: "door", Secret: "pass", Channels: []DoorChannel{{DoorID: one, Number: 1}}}
	hook := DeviceDriver{
		Kind: DriverWebhook, Address: "https://maker.example/doors", Secret: Secret("whsec_" + base64.StdEncoding.EncodeToString(make([]byte, 24))),
	}
	with := func(driver DeviceDriver, change func(*DeviceDriver)) DeviceDriver {
		driver.Channels = append([]DoorChannel(nil), driver.Channels...)
		change(&driver)
		return driver
	}
	for name, one := range map[string]struct {
		driver DeviceDriver
		doors  []ID
		want   string // the field; "" is right
	}{
		"ours":                  {DeviceDriver{}, []ID{one}, ""},
		"ours with an address":  {DeviceDriver{Kind: DriverMQTT, Address: "192.168.40.21"}, nil, "driver.address"},
		"board":                 {board, []ID{one}, ""},
		"board with a port":     {with(board, func(d *DeviceDriver) { d.Address = "192.168.40.21:60000" }), []ID{one}, ""},
		"board, port 0":         {with(board, func(d *DeviceDriver) { d.Address = "192.168.40.21:0" }), []ID{one}, "driver.address"},
		"board by name":         {with(board, func(d *DeviceDriver) { d.Address = "board.local" }), []ID{one}, "driver.address"},
		"board, IPv6":           {with(board, func(d *DeviceDriver) { d.Address = "[fd12::1]:60000" }), []ID{one}, "driver.address"},
		"board here":            {with(board, func(d *DeviceDriver) { d.Address = "127.0.0.1:60000" }), []ID{one}, "driver.address"},
		"board, broadcast":      {with(board, func(d *DeviceDriver) { d.Address = "255.255.255.255" }), []ID{one}, "driver.address"},
		"board without serial":  {with(board, func(d *DeviceDriver) { d.SerialNumber = 0 }), []ID{one}, "driver.serial_number"},
		"board with a secret":   {with(board, func(d *DeviceDriver) { d.Secret = "x" }), []ID{one}, "driver.secret"},
		"channel 0":             {with(board, func(d *DeviceDriver) { d.Channels[0].Number = 0 }), []ID{one}, "driver.doors[0].channel"},
		"channel 5":             {with(board, func(d *DeviceDriver) { d.Channels[0].Number = 5 }), []ID{one}, "driver.doors[0].channel"},
		"no channel":            {board, []ID{one, other}, "driver.doors"},
		"a channel too many":    {board, nil, "driver.doors[0].door_id"},
		"a channel twice":       {with(board, func(d *DeviceDriver) { d.Channels = append(d.Channels, DoorChannel{other, 4, false}) }), []ID{one, other}, "driver.doors[1].channel"},
		"a door twice":          {with(board, func(d *DeviceDriver) { d.Channels = append(d.Channels, DoorChannel{one, 3, false}) }), []ID{one}, "driver.doors[1].door_id"},
		"terminal":              {terminal, []ID{one}, ""},
		"terminal, no password": {with(terminal, func(d *DeviceDriver) { d.Secret = "" }), []ID{one}, "driver.secret"},
		"terminal with a path":  {with(terminal, func(d *DeviceDriver) { d.Address += "/ISAPI" }), []ID{one}, "driver.address"},
		"terminal, account":     {with(terminal, func(d *DeviceDriver) { d.Address = "https://a:b@10.1.1.1" }), []ID{one}, "driver.address"},
		"terminal, metadata":    {with(terminal, func(d *DeviceDriver) { d.Address = "http://169.254.169.254" }), []ID{one}, "driver.address"},
		"terminal, mapped":      {with(terminal, func(d *DeviceDriver) { d.Address = "http://[::ffff:169.254.169.254]" }), []ID{one}, "driver.address"},
		"hook":                  {hook, []ID{one}, ""},
		"hook, plain":           {with(hook, func(d *DeviceDriver) { d.Address = "http://maker.example/doors" }), []ID{one}, "driver.address"},
		"hook, query":           {with(hook, func(d *DeviceDriver) { d.Address += "?key=1" }), []ID{one}, "driver.address"},
		"hook, short secret":    {with(hook, func(d *DeviceDriver) { d.Secret = "whsec_AAAA" }), []ID{one}, "driver.secret"},
		"hook with channels":    {with(hook, func(d *DeviceDriver) { d.Channels = board.Channels }), []ID{one}, "driver.doors"},
	} {
		err := one.driver.Check(one.doors, nil)
		got := ""
		var ours *Error
		if errors.As(err, &ours) && len(ours.Fields) == 1 {
			got = ours.Fields[0].Field
		}
		if got != one.want || (err == nil) != (one.want == "") {
			t.Errorf("%s: %v, want %q", name, err, one.want)
		}
	}
}

func TestASecretGoesToTheSameHardwareOnly(t *testing.T) {
	one := DeviceDriver{Kind: DriverISAPI, Address: "https://10.1.1.1"}
	for _, other := range []DeviceDriver{{Kind: DriverWebhook, Address: one.Address}, {Kind: one.Kind, Address: "https://10.1.1.2"}} {
		if one.SameHardware(other) {
			t.Errorf("%+v is taken for %+v", other, one)
		}
	}
	if !one.SameHardware(DeviceDriver{Kind: one.Kind, Address: one.Address, User: "another"}) {
		t.Error("another account makes it another device")
	}
}

func TestAnEventOfHardwareHasOneName(t *testing.T) {
	at := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	event := DoorEvent{Index: 7, OccurredAt: at, Kind: EventAccessGranted, Way: WayCard, DoorID: "d"}
	name := event.EventID("0198c000-0000-7000-8000-0000000000a1")
	if len(name) != 36 || name[14] != '8' || !strings.ContainsRune("89ab", rune(name[19])) {
		t.Errorf("%s is no UUID of version 8", name)
	}
	again, later, unnumbered := event, event, event
	again.ReceivedAt, later.OccurredAt, unnumbered.Index = at.Add(time.Hour), at.Add(time.Second), 0
	if again.EventID("0198c000-0000-7000-8000-0000000000a1") != name {
		t.Error("the same event has another name when it comes again")
	}
	if later.EventID("0198c000-0000-7000-8000-0000000000a1") == name || event.EventID("0198c000-0000-7000-8000-0000000000a2") == name {
		t.Error("another event has the same name")
	}
	if unnumbered.EventID("0198c000-0000-7000-8000-0000000000a1") != "" {
		t.Error("an event without a number has a name")
	}
	for kind, want := range map[DoorEventKind]string{
		EventAccessGranted: AccessGranted, EventAccessTaken: "", EventDuress: "", EventAccessDenied: AccessDenied, EventForcedOpen: AccessGranted,
		EventDoorOpened: "", EventGap: "", EventAccessNotTaken: "",
	} {
		event.Kind = kind
		if passage, ok := event.Access(); ok != (want != "") || ok && passage.Outcome != want {
			t.Errorf("%s: %+v %v", kind, passage, ok)
		}
		nameless := DoorEvent{Kind: kind, DoorID: "d"}
		if passage, ok := nameless.Access(); ok != (kind == EventForcedOpen) || ok && passage.Way != WayForced {
			t.Errorf("%s by a way that nobody named: %+v %v", kind, passage, ok)
		}
	}
}
