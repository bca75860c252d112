package doors

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/eclipse/paho.golang/autopaho"
	"github.com/eclipse/paho.golang/paho"
	"github.com/eclipse/paho.golang/paho/session"
	"golang.org/x/time/rate"

	"xunfang/models"
)

const (
	keepAlive    = 20 // seconds
	prepareLimit = 5 * time.Second
	prepareTries = 3
	logEvery     = 10 * time.Second
	qosOnce      = 1 // at least once; what counts is acknowledged in the application anyway
)

// errNotSent marks a publication that certainly never left.
var errNotSent = errors.New("doors: not sent")

// clientConfig is what differs between the server's side and a controller.
type clientConfig struct {
	broker   *url.URL
	tls      *tls.Config
	clientID string
	user     string
	password models.Secret
	backoff  func(attempt int) time.Duration
	logger   *slog.Logger

	connecting func() *paho.WillMessage                  // before each attempt; nil result: no will
	connected  func(ctx context.Context) error           // subscribes and greets; the client is ready after it
	received   func(topic string, message *paho.Publish) // must not block for long
}

// client keeps one MQTT 5 connection up, always with a clean start and no session at the
// broker: whatever was under way when a connection broke is gone, and nobody sends it again.
type client struct {
	config clientConfig
	wire   atomic.Pointer[wire]
	live   atomic.Pointer[live]
	ups    chan *live
	silent atomic.Bool // end without DISCONNECT, so that the broker sends the will
	logs   rate.Sometimes
}

// live is one connection from CONNACK to its loss.
type live struct {
	manager *autopaho.ConnectionManager
	ctx     context.Context //nolint:containedctx // ends with the connection, which no call tells
	end     context.CancelFunc
	ready   atomic.Bool // subscribed and greeted
}

func newClient(config clientConfig) *client {
	if config.backoff == nil {
		config.backoff = backoff
	}
	return &client{config: config, ups: make(chan *live, 1), logs: rate.Sometimes{First: 3, Interval: logEvery}}
}

// backoff waits 0.1 s to 30 s, half of it by chance: after a broker's restart a thousand
// controllers must not come back in the same instant.
func backoff(attempt int) time.Duration {
	if attempt <= 0 {
		return time.Duration(rand.Int64N(int64(100 * time.Millisecond))) //nolint:gosec // spreads load, keeps no secret
	}
	wait := min(100*time.Millisecond<<min(attempt, 9), 30*time.Second)
	return wait/2 + time.Duration(rand.Int64N(int64(wait/2))) //nolint:gosec // as above
}

// run connects, and connects again, until the context ends.
func (c *client) run(ctx context.Context) error {
	manager, err := autopaho.NewConnection(ctx, c.settings())
	if err != nil {
		return fmt.Errorf("doors: MQTT client: %w", err)
	}
	for {
		select {
		case connection := <-c.ups:
			c.prepare(ctx, connection)
		case <-manager.Done():
			c.lost()
			c.cut() // after a silent end the library leaves the socket open
			return nil
		}
	}
}

func (c *client) settings() autopaho.ClientConfig {
	return autopaho.ClientConfig{
		ServerUrls:       []*url.URL{c.config.broker},
		KeepAlive:        keepAlive,
		ReconnectBackoff: c.config.backoff,
		ConnectTimeout:   dialLimit,
		ConnectUsername:  c.config.user,
		ConnectPassword:  []byte(c.config.password.Reveal()),
		AttemptConnection: func(ctx context.Context, _ autopaho.ClientConfig, _ *url.URL) (net.Conn, error) {
			connection, err := dial(ctx, c.config.broker, c.config.tls)
			if err != nil {
				return nil, err
			}
			c.wire.Store(connection)
			return connection, nil
		},
		ConnectPacketBuilder: func(packet *paho.Connect, _ *url.URL) (*paho.Connect, error) {
			packet.CleanStart = true // the library would drop it from the second connection on
			if c.config.connecting != nil {
				packet.WillMessage = c.config.connecting()
			}
			return packet, nil
		},
		OnConnectionUp: func(manager *autopaho.ConnectionManager, _ *paho.Connack) {
			connection := &live{manager: manager}
			connection.ctx, connection.end = context.WithCancel(context.Background())
			c.live.Store(connection)
			select { // only the newest is worth preparing; nobody else puts one in
			case <-c.ups:
			default:
			}
			c.ups <- connection
		},
		OnConnectionDown: func() bool {
			c.lost()
			c.logs.Do(func() { c.config.logger.Warn("door channel lost") })
			return true
		},
		OnConnectError: func(err error) {
			c.logs.Do(func() { c.config.logger.Warn("door channel cannot connect", "error", err) })
		},
		DisconnectPacketBuilder: func() *paho.Disconnect {
			if c.silent.Load() {
				return nil
			}
			return &paho.Disconnect{}
		},
		ClientConfig: paho.ClientConfig{
			ClientID: c.config.clientID,
			OnPublishReceived: []func(paho.PublishReceived) (bool, error){
				func(received paho.PublishReceived) (bool, error) {
					defer c.recovered("receive") // the library's goroutine would end the process
					c.config.received(received.Packet.Topic, received.Packet)
					return true, nil
				},
			},
		},
	}
}

// prepare subscribes and greets. If that keeps failing the connection is worth nothing, and
// is broken so that the next one can do better.
func (c *client) prepare(ctx context.Context, connection *live) {
	defer c.recovered("prepare")
	for range prepareTries {
		limited, cancel := context.WithTimeout(ctx, prepareLimit)
		err := c.config.connected(limited)
		cancel()
		if err == nil {
			connection.ready.Store(true)
			return
		}
		if ctx.Err() != nil || connection.ctx.Err() != nil {
			return
		}
		c.logs.Do(func() { c.config.logger.Warn("door channel cannot subscribe", "error", err) })
	}
	c.cut()
}

// lost ends what waits for an answer from a connection that will not bring it: the library,
// without a session to resume, would let it wait until its own time-out.
func (c *client) lost() {
	if connection := c.live.Load(); connection != nil {
		connection.end()
	}
}

// isReady says whether the connection of this moment is subscribed and greeted.
func (c *client) isReady() bool {
	connection := c.live.Load()
	return connection != nil && connection.ctx.Err() == nil && connection.ready.Load()
}

// current gives the connection of this moment and a context that ends with it, and with ctx.
func (c *client) current(ctx context.Context) (*live, context.Context, context.CancelFunc, error) {
	connection := c.live.Load()
	if connection == nil || connection.ctx.Err() != nil {
		return nil, nil, nil, errNotSent
	}
	limited, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(connection.ctx, cancel)
	return connection, limited, func() { stop(); cancel() }, nil
}

func (c *client) subscribe(ctx context.Context, filters ...string) error {
	connection, ctx, cancel, err := c.current(ctx)
	if err != nil {
		return err
	}
	defer cancel()
	request := &paho.Subscribe{}
	for _, filter := range filters {
		// Retain handling 2: nothing retained is wanted, should a broker hold something.
		request.Subscriptions = append(request.Subscriptions,
			paho.SubscribeOptions{Topic: filter, QoS: qosOnce, RetainHandling: 2})
	}
	if _, err := connection.manager.Subscribe(ctx, request); err != nil {
		return fmt.Errorf("doors: subscribe: %w", err)
	}
	return nil
}

// publish sends one message and waits until the broker has it. expiry is in seconds, 0 for
// none. An error that is not errNotSent leaves open whether the message went out.
func (c *client) publish(ctx context.Context, topic string, payload []byte, expiry uint32) error {
	connection, ctx, cancel, err := c.current(ctx)
	if err != nil {
		return err
	}
	defer cancel()
	message := &paho.Publish{QoS: qosOnce, Topic: topic, Payload: payload}
	if expiry > 0 {
		message.Properties = &paho.PublishProperties{MessageExpiry: &expiry}
	}
	response, err := connection.manager.Publish(ctx, message)
	switch {
	case err == nil:
		return nil
	case response != nil, // the broker said no
		errors.Is(err, autopaho.ConnectionDownError), errors.Is(err, session.ErrNoConnection),
		errors.Is(err, paho.ErrInvalidArguments):
		return fmt.Errorf("%w: %w", errNotSent, err)
	default:
		return fmt.Errorf("doors: publish: %w", err)
	}
}

// cut breaks the connection below MQTT, as a pulled plug does.
func (c *client) cut() {
	if connection := c.wire.Load(); connection != nil {
		_ = connection.Close()
	}
}

func (c *client) recovered(where string) {
	if cause := recover(); cause != nil {
		c.config.logger.Error("panic in door channel", "where", where, "cause", cause)
	}
}
