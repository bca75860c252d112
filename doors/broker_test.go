package doors

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"

	"github.com/eclipse/paho.golang/packets"
	"github.com/eclipse/paho.golang/paho"

	"xunfang/models"
)

func TestWhoMayWhat(t *testing.T) {
	commandsA, acksA := deviceTopic(deviceA, leafCommands), deviceTopic(deviceA, leafAcks)
	acksB := deviceTopic(deviceB, leafAcks)
	cases := []struct {
		topic                                                string
		deviceReads, deviceWrites, serverReads, serverWrites bool
	}{
		{commandsA, true, false, false, true},
		{deviceTopic(deviceA, leafHello), false, true, true, false},
		{deviceTopic(deviceA, leafBye), false, true, true, false},
		{acksA, false, true, true, false},
		{deviceTopic(deviceA, leafEvents), false, true, true, false},
		{deviceTopic(deviceB, leafCommands), false, false, false, true},
		{acksB, false, false, true, false},
		{topicRoot + "+/acks", false, false, true, false},
		{topicRoot + "+/commands", false, false, false, false},
		{topicRoot + "#", false, false, false, false},
		{topicRoot + string(deviceA) + "/+", false, false, false, false},
		{topicRoot + string(deviceA) + "/#", false, false, false, false},
		{"#", false, false, false, false},
		{"+", false, false, false, false},
		{"+/" + strings.TrimPrefix(commandsA, "xunfang/"), false, false, false, false},
		{"$share/any/" + commandsA, false, false, false, false},
		{"$share/any/" + topicRoot + "+/acks", false, false, false, false},
		{"$SYS/broker/version", false, false, false, false},
		{commandsA + "/", false, false, false, false},
		{"/" + commandsA, false, false, false, false},
		{acksA + "/x", false, false, false, false},
		{strings.ToUpper(commandsA), false, false, false, false},
		{"", false, false, false, false},
		{topicPing, false, false, true, true},
	}
	for _, one := range cases {
		got := [...]bool{
			deviceMay(deviceA, one.topic, false), deviceMay(deviceA, one.topic, true),
			serverMay(one.topic, false), serverMay(one.topic, true),
		}
		if want := [...]bool{one.deviceReads, one.deviceWrites, one.serverReads, one.serverWrites}; got != want {
			t.Errorf("%q: %v, want %v", one.topic, got, want)
		}
	}
}

func asA() *paho.Connect { return account(string(deviceA), string(deviceA), secretA) }

// The same table, asked over the socket: the broker answers each filter and each topic itself.
func TestBrokerDeniesByDefault(t *testing.T) {
	address := "mqtt://" + embedded(t, nil).Address()
	device, _, err := raw(t, address, asA(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for filter, allowed := range map[string]bool{
		deviceTopic(deviceA, leafCommands): true,
		deviceTopic(deviceB, leafCommands): false, topicRoot + "+/commands": false, "#": false, "+/+/+/+/+": false,
		"$share/g/" + deviceTopic(deviceA, leafCommands): false, deviceTopic(deviceA, leafAcks): false, "$SYS/#": false,
	} {
		_, err := device.Subscribe(t.Context(), &paho.Subscribe{Subscriptions: []paho.SubscribeOptions{{Topic: filter, QoS: 1}}})
		if (err == nil) != allowed {
			t.Errorf("subscribing to %q: %v", filter, err)
		}
	}
	for topic, allowed := range map[string]bool{
		deviceTopic(deviceA, leafAcks): true, deviceTopic(deviceA, leafHello): true,
		deviceTopic(deviceB, leafAcks): false, deviceTopic(deviceA, leafCommands): false, topicPing: false, "x": false,
	} {
		_, err := device.Publish(t.Context(), &paho.Publish{QoS: 1, Topic: topic, Payload: []byte("x")})
		if (err == nil) != allowed {
			t.Errorf("publishing to %q: %v", topic, err)
		}
	}
}

func TestBrokerChecksWillsAndClientIDs(t *testing.T) {
	address := "mqtt://" + embedded(t, nil).Address()
	few := uint16(minReceiveMaximum - 1)
	for name, change := range map[string]func(packet *paho.Connect){
		"will for another device": func(p *paho.Connect) {
			p.WillMessage = &paho.WillMessage{Topic: deviceTopic(deviceB, leafBye), Payload: []byte("x")}
		},
		"will as a command": func(p *paho.Connect) {
			p.WillMessage = &paho.WillMessage{Topic: deviceTopic(deviceA, leafCommands), Payload: []byte("x")}
		},
		"retained will": func(p *paho.Connect) {
			p.WillMessage = &paho.WillMessage{Topic: deviceTopic(deviceA, leafBye), Payload: []byte("x"), Retain: true}
		},
		"client id of another device": func(p *paho.Connect) { p.ClientID = string(deviceB) },
		"no client id":                func(p *paho.Connect) { p.ClientID = "" },
		"receive maximum too small":   func(p *paho.Connect) { p.Properties = &paho.ConnectProperties{ReceiveMaximum: &few} },
	} {
		packet := asA()
		change(packet)
		if _, _, err := raw(t, address, packet, nil); err == nil {
			t.Errorf("%s: came in", name)
		}
	}
	server := account("xunfang-server-raw", serverUser, serverPassword)
	server.WillMessage = &paho.WillMessage{Topic: deviceTopic(deviceA, leafCommands), Payload: []byte("x")}
	if _, _, err := raw(t, address, server, nil); err == nil {
		t.Error("a will of the server came in")
	}
	good := asA()
	good.WillMessage = &paho.WillMessage{Topic: deviceTopic(deviceA, leafBye), Payload: []byte("x")}
	if _, _, err := raw(t, address, good, nil); err != nil {
		t.Errorf("control: %v", err)
	}
}

// Whatever a client asks for, nothing is kept for it while it is away.
func TestBrokerKeepsNoSession(t *testing.T) {
	broker := embedded(t, nil)
	address := "mqtt://" + broker.Address()
	r := newRig(t, address)
	connect := func() (*paho.Client, *paho.Connack, chan string) {
		heard := make(chan string, 10)
		packet := asA()
		hour := uint32(3600)
		packet.CleanStart, packet.Properties = false, &paho.ConnectProperties{SessionExpiryInterval: &hour}
		client, answer, err := raw(t, address, packet, func(message *paho.Publish) { heard <- string(message.Payload) })
		if err != nil {
			t.Fatal(err)
		}
		return client, answer, heard
	}
	subscribe := func(client *paho.Client) {
		if _, err := client.Subscribe(t.Context(), &paho.Subscribe{Subscriptions: []paho.SubscribeOptions{
			{Topic: deviceTopic(deviceA, leafCommands), QoS: 1},
		}}); err != nil {
			t.Fatal(err)
		}
	}
	first, _, heard := connect()
	subscribe(first)
	r.inject("while there")
	if got := <-heard; got != "while there" {
		t.Fatal(got)
	}
	_ = first.Disconnect(&paho.Disconnect{})
	eventually(t, "the broker sees that it is gone", func() bool {
		_, there := broker.server.Clients.Get(string(deviceA))
		return !there
	})
	r.inject("while away")
	if _, err := r.link.RoundTrip(t.Context()); err != nil { // the broker acknowledges before it delivers
		t.Fatal(err)
	}
	second, answer, heard := connect()
	if answer.SessionPresent {
		t.Error("the broker kept a session")
	}
	subscribe(second)
	r.inject("back again")
	if got := <-heard; got != "back again" {
		t.Errorf("heard %q", got)
	}
	// A second connection in place of a live one inherits nothing either.
	if _, answer, _ := connect(); answer.SessionPresent {
		t.Error("the broker handed a session over")
	}
}

func TestBrokerLimits(t *testing.T) {
	broker := embedded(t, func(config *BrokerConfig) { config.Limits = BrokerLimits{Connections: 3, MessagesPerSecond: 2} })
	device, _, err := raw(t, "mqtt://"+broker.Address(), asA(), nil)
	if err != nil {
		t.Fatal(err)
	}
	publish := func(size int) error {
		_, err := device.Publish(t.Context(), &paho.Publish{QoS: 1, Topic: deviceTopic(deviceA, leafEvents), Payload: make([]byte, size)})
		return err
	}
	for range 10 {
		if err := publish(1); err != nil {
			t.Fatalf("within the burst: %v", err)
		}
	}
	if err := publish(1); err == nil {
		t.Error("the eleventh message in no time was taken")
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if _, err := device.Publish(ctx, &paho.Publish{Topic: deviceTopic(deviceA, leafEvents), Payload: make([]byte, maxPacket)}); err == nil {
		select {
		case <-device.Done():
		case <-ctx.Done():
			t.Error("a packet over the limit was taken")
		}
	}
	var sockets []net.Conn
	for range 4 {
		socket, err := net.Dial("tcp", broker.Address())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = socket.Close() }()
		sockets = append(sockets, socket)
	}
	if _, err := sockets[3].Read(make([]byte, 1)); err == nil { // the fourth is hung up on, without a word
		t.Error("one connection too many")
	}
}

func TestBrokerTakesOnlyVersion5(t *testing.T) {
	for version, want := range map[byte]byte{4: 0x01, 5: 0x00} { // CONNACK: unacceptable version, success
		packet := &packets.Connect{
			ProtocolName: "MQTT", ProtocolVersion: version, ClientID: string(deviceA), KeepAlive: 20, CleanStart: true,
			UsernameFlag: true, Username: string(deviceA), PasswordFlag: true, Password: []byte(secretA.Reveal()),
			Properties: &packets.Properties{}, WillProperties: &packets.Properties{},
		}
		var bytesOut bytes.Buffer
		if _, err := packet.WriteTo(&bytesOut); err != nil {
			t.Fatal(err)
		}
		out := bytesOut.Bytes()
		if version == 4 { // the same without the empty properties of version 5
			at := bytes.Index(out, []byte{0, 20, 0}) + 2
			out = append(out[:at:at], out[at+1:]...)
			out[1]--
		}
		socket, err := net.Dial("tcp", embedded(t, nil).Address())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := socket.Write(out); err != nil {
			t.Fatal(err)
		}
		answer := make([]byte, 4)
		if _, err := io.ReadFull(socket, answer); err != nil || answer[3] != want {
			t.Errorf("version %d: % x, %v", version, answer, err)
		}
		_ = socket.Close()
	}
}

func TestBrokerExpels(t *testing.T) {
	var withdrawn bool
	broker := embedded(t, func(config *BrokerConfig) {
		config.CheckDevice = func(context.Context, models.ID, models.Secret) bool { return !withdrawn }
	})
	device, _, err := raw(t, "mqtt://"+broker.Address(), asA(), nil)
	if err != nil {
		t.Fatal(err)
	}
	withdrawn = true
	broker.Expel(deviceB) // nobody: nothing happens
	broker.Expel(deviceA)
	<-device.Done()
	if _, _, err := raw(t, "mqtt://"+broker.Address(), asA(), nil); err == nil {
		t.Error("back in with a withdrawn secret")
	}
}

// A password is in a packet that the library logs when it comes at the wrong moment.
func TestBrokerLogsNoSecret(t *testing.T) {
	var lines bytes.Buffer
	broker := embedded(t, func(config *BrokerConfig) {
		config.Logger = slog.New(slog.NewTextHandler(&lines, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	device, _, err := raw(t, "mqtt://"+broker.Address(), asA(), nil)
	if err != nil {
		t.Fatal(err)
	}
	connection := device.ClientID() // a second CONNECT on the same connection is an error
	if connection == "" {
		t.Fatal("no client id")
	}
	socket, err := net.Dial("tcp", broker.Address())
	if err != nil {
		t.Fatal(err)
	}
	packet := account(string(deviceB), string(deviceB), secretB).Packet()
	packet.ProtocolName, packet.ProtocolVersion = "MQTT", mqtt5
	for range 2 {
		if _, err := packet.WriteTo(socket); err != nil {
			t.Fatal(err)
		}
	}
	_, _ = io.Copy(io.Discard, socket) // until the broker hangs up
	_ = socket.Close()
	broker.Close()
	if !strings.Contains(lines.String(), "error processing packet") {
		t.Errorf("the line in question is gone:\n%s", lines.String())
	}
	for _, secret := range []models.Secret{secretA, secretB, serverPassword} {
		if strings.Contains(lines.String(), secret.Reveal()) {
			t.Errorf("logged %s", secret.Reveal())
		}
	}
}

func TestBrokerConfigTellsEveryMistake(t *testing.T) {
	_, err := NewBroker(BrokerConfig{ServerUser: string(deviceA), ServerPassword: "short", CertFile: "only.pem"})
	for _, want := range []string{"an address", "no device id", "16 bytes", "go together"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %v", want, err)
		}
	}
}
