package doors

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"log/slog"
	mathrand "math/rand/v2"
	"sync"
	"time"

	"github.com/eclipse/paho.golang/paho"

	"xunfang/models"
)

const (
	memoryLimit = 1024 // commands a controller remembers
	answerQueue = 64   // acknowledgements on their way
	answerLimit = 5 * time.Second
	stopLimit   = 5 * time.Second
	pulseLength = 5 * time.Second
	simulated   = "xunfang-simulated-1"
)

// ControllerConfig is what a simulated controller is made of.
type ControllerConfig struct {
	URL      string
	DeviceID models.ID
	Secret   models.Secret
	DoorIDs  []models.ID
	Verify   func(jws string) ([]byte, error)  // checks a command's signature and gives its payload
	Now      func() time.Time                  // the controller's own clock
	Elapsed  func() time.Duration              // see PanelConfig
	Relay    func(doorID, commandID models.ID) // beside the locks' own relays
	Pulse    time.Duration                     // how long a relay releases its lock; 0: 5 s
	Logger   *slog.Logger                      // nil: silent
	Backoff  func(attempt int) time.Duration   // nil: 0.1 s to 30 s
	// HelloAgain is the wait before the hello of this connection is said for the nth more time;
	// nil: 2 s, 8 s, then every minute.
	HelloAgain func(nth int) time.Duration
}

// Controller is a simulated door controller: a real MQTT client that follows
// docs/door-protocol.md to the letter and pulses a function instead of a relay.
type Controller struct {
	config ControllerConfig
	client *client

	panel   *Panel
	locks   map[models.ID]*Lock
	mutex   sync.Mutex // of stop and ended
	answers chan Message
	greeted chan struct{} // a connection has begun
	stop    context.CancelFunc
	ended   chan struct{}
}

// NewController checks the configuration; nothing is connected before Start.
func NewController(config ControllerConfig) (*Controller, error) {
	broker, err := parseBroker(config.URL)
	if err != nil {
		return nil, err
	}
	if config.DeviceID == "" || config.Verify == nil || config.Now == nil || config.Relay == nil {
		return nil, errors.New("doors: a controller needs an id, a verifier, a clock and a relay")
	}
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	if config.Pulse == 0 {
		config.Pulse = pulseLength
	}
	if config.HelloAgain == nil {
		config.HelloAgain = helloAgain
	}
	controller := &Controller{
		config: config, locks: map[models.ID]*Lock{}, answers: make(chan Message, answerQueue), greeted: make(chan struct{}, 1),
	}
	for _, door := range config.DoorIDs {
		controller.locks[door] = &Lock{}
	}
	controller.panel = NewPanel(PanelConfig{
		DeviceID: config.DeviceID, DoorIDs: config.DoorIDs, Verify: config.Verify, Now: config.Now,
		Elapsed: config.Elapsed, Relay: controller.release, Logger: config.Logger,
	})
	controller.client = newClient(clientConfig{
		broker: broker, clientID: string(config.DeviceID), user: string(config.DeviceID), password: config.Secret,
		backoff: config.Backoff, logger: config.Logger.With("device_id", config.DeviceID),
		connecting: controller.connecting, connected: controller.connected, received: controller.received,
	})
	return controller, nil
}

// Start switches the controller on. It connects by itself and again; a controller that was
// stopped is not started again: make a new one, which has forgotten everything, as power off does.
func (c *Controller) Start() error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.ended != nil {
		return errors.New("doors: the controller was started before")
	}
	ctx, cancel := context.WithCancel(context.Background())
	c.stop, c.ended = cancel, make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		defer c.client.recovered("controller")
		if err := c.client.run(ctx); err != nil {
			c.config.Logger.Error("controller cannot run", "error", err)
		}
	})
	group.Go(func() { c.answer(ctx) })
	group.Go(func() { c.greetAgain(ctx) })
	go func() {
		group.Wait()
		close(c.ended)
	}()
	return nil
}

// Stop switches the controller off: with goodbye it says bye and disconnects, without it the
// connection just breaks, as when the power fails, and the broker sends bye in its place.
func (c *Controller) Stop(goodbye bool) {
	c.mutex.Lock()
	stop, ended := c.stop, c.ended
	c.mutex.Unlock()
	if ended == nil {
		return
	}
	if goodbye {
		ctx, cancel := context.WithTimeout(context.Background(), stopLimit)
		if bye, err := c.panel.Bye(); err == nil {
			_ = c.client.publish(ctx, bye.Topic, bye.Payload, 0)
		}
		cancel()
	} else {
		c.client.silent.Store(true)
		c.client.cut()
	}
	stop()
	<-ended
}

// Ready says whether the controller is connected, subscribed and has said hello.
func (c *Controller) Ready() bool { return c.client.isReady() }

// Report sends an event; an error means that the broker may not have it.
func (c *Controller) Report(ctx context.Context, event Event) error {
	payload, err := event.encode()
	if err != nil {
		return err
	}
	return c.client.publish(ctx, deviceTopic(c.config.DeviceID, leafEvents), payload, 0)
}

// Pulses counts how often a command has moved the relay: once, or never.
func (c *Controller) Pulses(commandID models.ID) int { return c.panel.count(commandID) }

// Lock is the lock of one of the controller's doors; nil for another's. It works whether or not the
// controller runs.
func (c *Controller) Lock(doorID models.ID) *Lock { return c.locks[doorID] }

// release is the relay of a door.
func (c *Controller) release(doorID, commandID models.ID) {
	c.config.Relay(doorID, commandID)
	if lock := c.locks[doorID]; lock != nil {
		lock.Pulse(c.config.Pulse)
	}
}

// connecting takes a fresh nonce for each attempt.
func (c *Controller) connecting() *paho.WillMessage {
	bits := make([]byte, nonceBytes)
	_, _ = rand.Read(bits) // never fails, see randomHex
	c.panel.Begin(base64.RawURLEncoding.EncodeToString(bits))
	will, err := c.panel.Bye()
	if err != nil {
		return nil
	}
	return &paho.WillMessage{QoS: qosOnce, Topic: will.Topic, Payload: will.Payload}
}

// connected subscribes before it says hello: the server may send as soon as it has read it.
func (c *Controller) connected(ctx context.Context) error {
	if err := c.client.subscribe(ctx, deviceTopic(c.config.DeviceID, leafCommands)); err != nil {
		return err
	}
	if err := c.greet(ctx); err != nil {
		return err
	}
	select {
	case c.greeted <- struct{}{}:
	default:
	}
	return nil
}

func (c *Controller) greet(ctx context.Context) error {
	hello, err := c.panel.Hello()
	if err != nil {
		return err
	}
	return c.client.publish(ctx, hello.Topic, hello.Payload, 0)
}

// greetAgain repeats the hello: the server may not have been listening to the first one, and a
// broker that takes a message does not say whether anybody hears it.
func (c *Controller) greetAgain(ctx context.Context) {
	defer c.client.recovered("greet")
	said := 0
	timer := time.NewTimer(c.config.HelloAgain(said))
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.greeted:
			said = 0
		case <-timer.C:
			if c.renew(); c.client.isReady() {
				said++
				limited, cancel := context.WithTimeout(ctx, answerLimit)
				_ = c.greet(limited) // there is a next time
				cancel()
			}
		}
		timer.Reset(c.config.HelloAgain(said))
	}
}

// helloAgain varies by a tenth, so that devices which connected together do not stay in step.
func helloAgain(nth int) time.Duration {
	wait := time.Minute
	switch nth {
	case 0:
		wait = 2 * time.Second
	case 1:
		wait = 8 * time.Second
	}
	return wait + time.Duration(mathrand.Int64N(int64(wait/10))) //nolint:gosec // spreads load, keeps no secret
}
