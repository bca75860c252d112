package doors

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"

	mqtt "github.com/mochi-mqtt/server/v2"

	"xunfang/models"
)

// The embedded broker's fixed bounds.
const (
	maxPacket         = 8 << 10 // bytes: a message of maxMessage with its topic and properties
	maxKeepAlive      = 60      // seconds; asked for more or none, the broker sets this
	maxInflight       = 4096    // messages held for one client
	maxPending        = 1024    // messages on their way to one client's socket
	minReceiveMaximum = 16      // below, the broker library loses count of what it may send
	messageExpiry     = 60      // seconds; nothing on the door channel is worth keeping longer
	mqtt5             = 5
	hourly            = 3600
)

// BrokerConfig is what the embedded broker needs.
type BrokerConfig struct {
	Address        string // host:port to listen on; port 0 takes a free one
	CertFile       string // PEM; with KeyFile it switches TLS on
	KeyFile        string
	ServerUser     string        // the account of the Link; must not look like a device id
	ServerPassword models.Secret // at least 16 bytes
	// CheckDevice says whether a secret is that device's, now. It is asked at every connection.
	CheckDevice func(ctx context.Context, deviceID models.ID, secret models.Secret) bool
	Logger      *slog.Logger
	Limits      BrokerLimits
}

// BrokerLimits bound what strangers and broken controllers can use up.
type BrokerLimits struct {
	Connections       int // open sockets, signed in or not; 0: 10000
	MessagesPerSecond int // published by one device, five times as many in a burst; 0: 20
}

// Broker is the embedded MQTT 5 broker. It denies whatever is not the protocol, keeps nothing
// retained and nothing for a client that is away.
type Broker struct {
	config   BrokerConfig
	mutex    sync.Mutex
	server   *mqtt.Server
	gate     *gate
	listener *listener
}

// NewBroker checks the configuration, every mistake at once; nothing is opened before Start.
func NewBroker(config BrokerConfig) (*Broker, error) {
	var wrong []error
	if config.Address == "" || config.CheckDevice == nil || config.Logger == nil {
		wrong = append(wrong, errors.New("doors: a broker needs an address, a check of devices and a logger"))
	}
	if _, err := models.ParseID(config.ServerUser); err == nil || config.ServerUser == "" {
		wrong = append(wrong, errors.New("doors: the broker's server user must have a name that is no device id"))
	}
	if len(config.ServerPassword) < 16 {
		wrong = append(wrong, errors.New("doors: the broker's server password needs at least 16 bytes"))
	}
	if (config.CertFile == "") != (config.KeyFile == "") {
		wrong = append(wrong, errors.New("doors: the broker's certificate and key go together"))
	}
	if config.Limits.Connections <= 0 {
		config.Limits.Connections = 10000
	}
	if config.Limits.MessagesPerSecond <= 0 {
		config.Limits.MessagesPerSecond = 20
	}
	return &Broker{config: config}, errors.Join(wrong...)
}

// Start opens the listener; when it returns nil, clients can connect.
func (b *Broker) Start() error {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if b.server != nil {
		return errors.New("doors: the broker was started before")
	}
	socket, err := b.listen()
	if err != nil {
		return err
	}
	// The library logs whole packets, a CONNECT with its password among them.
	logger := slog.New(quiet{b.config.Logger.Handler()})
	server := mqtt.New(&mqtt.Options{
		Capabilities: capabilities(b.config.Limits), Logger: logger, SysTopicResendInterval: hourly,
	})
	door := newListener(socket, b.config.Limits.Connections, b.config.Logger)
	gate := newGate(b.config)
	if err := errors.Join(server.AddHook(gate, nil), server.AddListener(door), server.Serve()); err != nil {
		_ = socket.Close()
		return fmt.Errorf("doors: broker: %w", err)
	}
	b.server, b.gate, b.listener = server, gate, door
	return nil
}

func (b *Broker) listen() (net.Listener, error) {
	if b.config.CertFile == "" {
		socket, err := net.Listen("tcp", b.config.Address)
		if err != nil {
			return nil, fmt.Errorf("doors: broker: %w", err)
		}
		return socket, nil
	}
	pair, err := tls.LoadX509KeyPair(b.config.CertFile, b.config.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("doors: broker certificate: %w", err)
	}
	socket, err := tls.Listen("tcp", b.config.Address, &tls.Config{
		Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12,
	})
	if err != nil {
		return nil, fmt.Errorf("doors: broker: %w", err)
	}
	return socket, nil
}

func capabilities(limits BrokerLimits) *mqtt.Capabilities {
	able := mqtt.NewDefaultServerCapabilities()
	able.MinimumProtocolVersion = mqtt5
	able.MaximumClients = int64(limits.Connections)
	able.MaximumPacketSize = maxPacket
	able.MaximumQos = qosOnce
	able.RetainAvailable = 0
	able.SharedSubAvailable = 0
	able.TopicAliasMaximum = 0 // an alias would be checked before it is resolved
	able.MaximumSessionExpiryInterval = 0
	able.MaximumMessageExpiryInterval = messageExpiry
	able.MaximumInflight = maxInflight
	able.MaximumClientWritesPending = maxPending
	return able
}

// Address is host:port as it was opened; "" before Start.
func (b *Broker) Address() string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if b.listener == nil {
		return ""
	}
	return b.listener.Address()
}

// Expel ends a device's connection, if it has one: for a secret that was withdrawn.
// CheckDevice decides whether it gets in again.
func (b *Broker) Expel(deviceID models.ID) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if b.server == nil {
		return
	}
	if connected, ok := b.server.Clients.Get(string(deviceID)); ok {
		connected.Stop(errors.New("doors: expelled")) // closes the socket; the will goes out
	}
}

// Connected lists the devices that are connected, each with the secret that it got in by: so that whoever knows which
// secrets hold can look again, and Expel.
func (b *Broker) Connected() map[models.ID]models.Secret {
	b.mutex.Lock()
	gate := b.gate
	b.mutex.Unlock()
	connected := map[models.ID]models.Secret{}
	if gate != nil {
		gate.shown.Range(func(device, shown any) bool {
			connected[device.(models.ID)] = shown.(shownSecret).secret //nolint:forcetypeassert // as stored
			return true
		})
	}
	return connected
}

// Close ends every connection and waits for them, a few seconds at most. It can be called twice.
func (b *Broker) Close() {
	b.mutex.Lock()
	server, open := b.server, b.listener != nil
	b.listener = nil
	b.mutex.Unlock()
	if open {
		_ = server.Close() // without the lock: it waits for handlers, and CheckDevice may call Expel
	}
}
