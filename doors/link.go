package doors

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/eclipse/paho.golang/paho"

	"xunfang/models"
)

// ErrUncertain is the cause of a Send that failed after the command may have left: the door may
// still open until the command expires. Without it in the chain, nothing was sent.
var ErrUncertain = errors.New("doors: the command may have been delivered")

// Sink takes what devices report. Reports of one device come one after another, in the order
// they were sent; those of different devices come at once. The device id is the one the
// broker vouches for; whether a door or a command is that device's own is for the sink to
// check. The context ends after SinkLimit; an error is logged and the report is not repeated.
type Sink interface {
	// Hello begins a session: commands carry this nonce from now on. at is the device's clock.
	// It comes again with the same nonce every minute, as a sign of life. The nonce is "" when that clock is
	// Behind: the device is there, and nothing may be signed for it.
	Hello(ctx context.Context, deviceID models.ID, nonce, firmware string, at time.Time) error
	// Bye ends the session of that nonce, and no other: a will can come after the next hello.
	Bye(ctx context.Context, deviceID models.ID, nonce string) error
	// Acknowledged tells what became of a command. It can come again; the first one counts.
	Acknowledged(ctx context.Context, deviceID models.ID, ack Ack) error
	// Happened tells of an event. It can come again with the same id.
	Happened(ctx context.Context, deviceID models.ID, event Event) error
}

// LinkConfig is what a Link needs. TLS, Backoff, Workers and QueueLength may be left out.
type LinkConfig struct {
	URL      string // mqtt://host:port, or mqtts://host:port for TLS
	User     string
	Password models.Secret
	TLS      *tls.Config                          // nil: the system's roots, TLS 1.2 or later
	Sign     func(payload []byte) (string, error) // gives a compact JWS
	Sink     Sink
	Now      func() time.Time
	Logger   *slog.Logger
	Elapsed  func() time.Duration // time that goes by, whatever the clock is set to; nil: see newSteps

	Backoff     func(attempt int) time.Duration // before attempt n to connect; nil: 0.1 s to 30 s
	Workers     int                             // reports handled at once; 0: 16
	QueueLength int                             // reports waiting per worker; 0: 256
}

// Link is the server's side of the protocol: a client of whichever broker there is.
type Link struct {
	config LinkConfig
	client *client
	queue  *queue
	pings  sync.Map // payload → chan struct{} of a RoundTrip that waits
	clock  ownClock
}

// NewLink checks the configuration; nothing is connected before Run.
func NewLink(config LinkConfig) (*Link, error) {
	broker, err := parseBroker(config.URL)
	if err != nil {
		return nil, err
	}
	if config.Sign == nil || config.Sink == nil || config.Now == nil || config.Logger == nil || config.User == "" {
		return nil, errors.New("doors: a link needs a user, a signer, a sink, a clock and a logger")
	}
	link := &Link{config: config, queue: newQueue(config.Workers, config.QueueLength, config.Logger)}
	link.clock.steps = newSteps(config.Now, config.Elapsed)
	link.client = newClient(clientConfig{
		broker: broker, tls: config.TLS, user: config.User, password: config.Password,
		clientID: "xunfang-server-" + randomHex(4), // its own for each replica: equal ids throw each other out
		backoff:  config.Backoff, logger: config.Logger,
		connected: link.connected, received: link.received,
	})
	return link, nil
}

// Run keeps the link up until the context ends, then hands over what is still queued, for at
// most DrainLimit. A broker that is away is no error: Ready tells, and Run keeps trying.
func (l *Link) Run(ctx context.Context) error {
	return l.queue.around(ctx, func() error { return l.client.run(ctx) })
}

// Ready is nil while commands can be sent and reports come in.
func (l *Link) Ready() error {
	if !l.client.isReady() {
		return models.Fail(models.CodeBrokerUnavailable)
	}
	return nil
}

// Dropped counts the reports that were lost because the sink was too slow for too long.
func (l *Link) Dropped() uint64 { return l.queue.dropped.Load() }

// RoundTrip times one message to the broker and back. Over 20 ms on a local broker means that
// Nagle's algorithm is at work (set_tcp_nodelay in Mosquitto).
func (l *Link) RoundTrip(ctx context.Context) (time.Duration, error) {
	payload := randomHex(16)
	back := make(chan struct{}, 1)
	l.pings.Store(payload, back)
	defer l.pings.Delete(payload)
	start := l.config.Now()
	if err := l.client.publish(ctx, topicPing, []byte(payload), 60); err != nil {
		return 0, models.Fail(models.CodeBrokerUnavailable).Because(err)
	}
	select {
	case <-back:
		return l.config.Now().Sub(start), nil
	case <-ctx.Done():
		return 0, models.Fail(models.CodeBrokerUnavailable).Because(ctx.Err())
	}
}

// Send signs a command and gives it to the broker, once. nil means that the broker has it, and
// nothing more: only an acknowledgement says what the door did. With CodeBrokerUnavailable
// nothing was sent, unless the error is also ErrUncertain. Send never tries twice, and ends
// with the context.
func (l *Link) Send(ctx context.Context, deviceID models.ID, command Command) error {
	if err := l.Ready(); err != nil {
		return err
	}
	message, expiry, err := l.Seal(deviceID, command)
	if err != nil {
		return err
	}
	return l.deliver(ctx, deviceID, message.Payload, expiry)
}

// Seal signs a command, after all that the server has to check, and says how many seconds the broker may keep it.
func (l *Link) Seal(deviceID models.ID, command Command) (message Message, expiry uint32, err error) {
	left := command.ExpiresAt.Sub(l.config.Now())
	switch {
	case command.DeviceID != deviceID:
		return Message{}, 0, errors.New("doors: the command is for another device")
	case !validNonce(command.Nonce):
		return Message{}, 0, errors.New("doors: the command has no session nonce")
	case left <= 0:
		return Message{}, 0, errors.New("doors: the command has expired")
	case !l.clock.trusts(deviceID):
		return Message{}, 0, errors.New("doors: our clock was set, and the device's has not been compared with it since")
	}
	payload, err := command.encode()
	if err != nil {
		return Message{}, 0, err
	}
	token, err := l.config.Sign(payload)
	if err != nil {
		return Message{}, 0, fmt.Errorf("doors: sign: %w", err)
	}
	// The broker counts in whole seconds. This only spares it a useless delivery: the signed
	// expiry on the controller's clock is what keeps a late command from opening.
	expiry = uint32((left + time.Second - 1) / time.Second) //nolint:gosec // positive and short
	return Message{Topic: deviceTopic(deviceID, leafCommands), Payload: []byte(token)}, expiry, nil
}

func (l *Link) deliver(ctx context.Context, deviceID models.ID, token []byte, expiry uint32) error {
	if len(token) > maxMessage {
		return fmt.Errorf("doors: signed command of %d bytes, at most %d", len(token), maxMessage)
	}
	err := l.client.publish(ctx, deviceTopic(deviceID, leafCommands), token, expiry)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errNotSent):
		return models.Fail(models.CodeBrokerUnavailable).Because(err)
	default:
		return models.Fail(models.CodeBrokerUnavailable).Because(fmt.Errorf("%w: %w", ErrUncertain, err))
	}
}

func (l *Link) connected(ctx context.Context) error {
	filters := []string{topicPing}
	for _, leaf := range reportLeaves() {
		filters = append(filters, topicRoot+"+/"+leaf)
	}
	if err := l.client.subscribe(ctx, filters...); err != nil {
		return err
	}
	l.config.Logger.Info("door channel is up")
	return nil
}

// received runs on the MQTT client's goroutine: it sorts, and leaves the work to the queue.
func (l *Link) received(topic string, message *paho.Publish) {
	if topic == topicPing {
		if back, waiting := l.pings.LoadAndDelete(string(message.Payload)); waiting {
			back.(chan struct{}) <- struct{}{} //nolint:forcetypeassert // only RoundTrip stores here
		}
		return
	}
	deviceID, handle, err := l.report(Message{Topic: topic, Payload: message.Payload, Retained: message.Retain})
	if err != nil {
		l.client.logs.Do(func() {
			l.config.Logger.Warn("door report refused", "topic", topic, "error", err)
		})
		return
	}
	l.queue.add(deviceID, handle)
}

// Receive hands one report over to the sink at once: what Run does with each by its queue.
func (l *Link) Receive(ctx context.Context, message Message) error {
	_, handle, err := l.report(message)
	if err != nil {
		return err
	}
	return handle(ctx)
}

func (l *Link) report(message Message) (models.ID, task, error) {
	deviceID, leaf, ok := splitTopic(message.Topic)
	if !ok || message.Retained {
		return "", nil, errors.New("doors: no report, or one from a broker's memory")
	}
	handle, err := l.reading(deviceID, leaf, message.Payload)
	return deviceID, handle, err
}

// reading decodes one report and gives what is to be done with it.
func (l *Link) reading(deviceID models.ID, leaf string, payload []byte) (task, error) {
	sink := l.config.Sink
	switch leaf {
	case leafHello:
		message, err := decodeHello(payload)
		return func(ctx context.Context) error {
			return l.clock.compared(deviceID, func() error {
				nonce := message.Nonce
				if Behind(message.At, l.config.Now()) {
					nonce = ""
					l.config.Logger.WarnContext(ctx, "a controller's clock is too far behind to open anything", "device_id", deviceID)
				}
				return sink.Hello(ctx, deviceID, nonce, message.Firmware, message.At)
			})
		}, errors.Join(err, sameDevice(deviceID, message.DeviceID))
	case leafBye:
		message, err := decodeBye(payload)
		return func(ctx context.Context) error {
			return sink.Bye(ctx, deviceID, message.Nonce)
		}, errors.Join(err, sameDevice(deviceID, message.DeviceID))
	case leafAcks:
		ack, err := decodeAck(payload)
		return func(ctx context.Context) error { return sink.Acknowledged(ctx, deviceID, ack) }, err
	case leafEvents:
		event, err := decodeEvent(payload)
		return func(ctx context.Context) error { return sink.Happened(ctx, deviceID, event) }, err
	default:
		return nil, errors.New("doors: unknown topic")
	}
}

func sameDevice(topic, payload models.ID) error {
	if topic != payload {
		return errors.New("doors: the payload names another device than the topic")
	}
	return nil
}

func randomHex(count int) string {
	bits := make([]byte, count)
	_, _ = rand.Read(bits) // never fails: crypto/rand ends the process rather than give less
	return hex.EncodeToString(bits)
}
