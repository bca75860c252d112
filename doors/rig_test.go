package doors

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/eclipse/paho.golang/paho"
	"github.com/google/uuid"

	"xunfang/models"
)

const (
	serverUser     = "server"
	serverPassword = models.Secret("server-password-1")
	secretA        = models.Secret("secret-of-device-a")
	secretB        = models.Secret("secret-of-device-b")
	patience       = 10 * time.Second
)

func accounts() map[models.ID]models.Secret {
	return map[models.ID]models.Secret{deviceA: secretA, deviceB: secretB}
}

// clock is the one that server and controllers look at; a test moves it.
type clock struct {
	mutex sync.Mutex
	at    time.Time
}

func (c *clock) now() time.Time {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.at
}

func (c *clock) advance(by time.Duration) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.at = c.at.Add(by)
}

// rig is the server's side, joined to a broker, ready.
type rig struct {
	t      testing.TB
	url    string
	clock  *clock
	signer signer
	sink   *recorder
	link   *Link
}

func newRig(t testing.TB, address string, changes ...func(*LinkConfig)) *rig {
	t.Helper()
	r := &rig{
		t: t, url: address, clock: &clock{at: noon}, signer: newSigner(1),
		sink: &recorder{nonces: map[models.ID]string{}},
	}
	config := r.linkConfig()
	for _, change := range changes {
		change(&config)
	}
	r.link = startLink(t, config)
	return r
}

func (r *rig) linkConfig() LinkConfig {
	return LinkConfig{
		URL: r.url, User: serverUser, Password: serverPassword, Sign: r.signer.sign, Sink: r.sink,
		Now: r.clock.now, Logger: silent(), Backoff: quickly,
	}
}

func startLink(t testing.TB, config LinkConfig) *Link {
	t.Helper()
	link, err := NewLink(config)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- link.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("link ended with %v", err)
		}
	})
	eventually(t, "the link is ready", func() bool { return link.Ready() == nil })
	return link
}

func (r *rig) controllerConfig(deviceID models.ID, secret models.Secret, doorIDs ...models.ID) ControllerConfig {
	return ControllerConfig{
		URL: r.url, DeviceID: deviceID, Secret: secret, DoorIDs: doorIDs, Verify: r.signer.verify,
		Now: r.clock.now, Relay: func(models.ID, models.ID) {}, Logger: silent(), Backoff: quickly,
		HelloAgain: func(int) time.Duration { return 50 * time.Millisecond },
	}
}

// controllerA switches on the controller of doors A1 and A2 and waits until the server knows it.
func (r *rig) controllerA() *Controller {
	r.t.Helper()
	return r.switchOn(r.controllerConfig(deviceA, secretA, doorA1, doorA2))
}

func (r *rig) switchOn(config ControllerConfig) *Controller {
	r.t.Helper()
	controller, err := NewController(config)
	if err != nil {
		r.t.Fatal(err)
	}
	if err := controller.Start(); err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { controller.Stop(true) })
	r.awaitSession(controller)
	return controller
}

func (r *rig) awaitSession(controller *Controller) {
	r.t.Helper()
	eventually(r.t, "the server has the controller's nonce", func() bool {
		nonce := controller.panel.Nonce()
		return controller.Ready() && r.sink.nonce(controller.config.DeviceID) == nonce
	})
}

func (r *rig) command(doorID models.ID) Command {
	now := r.clock.now()
	return Command{
		ID: newID(), DoorID: doorID, DeviceID: deviceA, Action: ActionOpen, Nonce: r.sink.nonce(deviceA),
		IssuedAt: now, ExpiresAt: now.Add(10 * time.Second),
	}
}

func (r *rig) signed(command Command) string {
	r.t.Helper()
	payload, err := command.encode()
	if err != nil {
		r.t.Fatal(err)
	}
	token, err := r.signer.sign(payload)
	if err != nil {
		r.t.Fatal(err)
	}
	return token
}

// inject publishes anything to device A as somebody who owns the broker would.
func (r *rig) inject(token string) {
	r.t.Helper()
	if err := r.link.deliver(r.t.Context(), deviceA, []byte(token), 60); err != nil {
		r.t.Fatal(err)
	}
}

// opens is the control of every test that shows a closed door: the same way, at the same
// moment, a command without the fault opens. As commands keep their order, whatever was
// injected before has been dealt with when this returns.
func (r *rig) opens(controller *Controller, command Command) {
	r.t.Helper()
	if err := r.link.Send(r.t.Context(), deviceA, command); err != nil {
		r.t.Fatal(err)
	}
	eventually(r.t, "the control command is acknowledged", func() bool { return len(r.sink.acksOf(command.ID)) > 0 })
	ack := r.sink.acksOf(command.ID)[0]
	if ack.Result != ResultOpened || ack.DoorID != command.DoorID || controller.Pulses(command.ID) != 1 {
		r.t.Fatalf("control: %+v, %d pulses", ack, controller.Pulses(command.ID))
	}
}

// raw is any MQTT client at all, to try what neither Link nor Controller would do.
func raw(t testing.TB, address string, packet *paho.Connect, received func(*paho.Publish)) (*paho.Client, *paho.Connack, error) {
	t.Helper()
	parsed, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	connection, err := dial(t.Context(), parsed, nil)
	if err != nil {
		return nil, nil, err
	}
	client := paho.NewClient(paho.ClientConfig{
		Conn: connection, PacketTimeout: patience,
		OnPublishReceived: []func(paho.PublishReceived) (bool, error){func(one paho.PublishReceived) (bool, error) {
			if received != nil {
				received(one.Packet)
			}
			return true, nil
		}},
	})
	packet.KeepAlive = 20
	answer, err := client.Connect(t.Context(), packet)
	if err != nil {
		return nil, answer, err
	}
	t.Cleanup(func() { _ = client.Disconnect(&paho.Disconnect{}) })
	return client, answer, nil
}

func account(clientID, user string, password models.Secret) *paho.Connect {
	return &paho.Connect{
		ClientID: clientID, CleanStart: true, UsernameFlag: user != "", Username: user,
		PasswordFlag: password != "", Password: []byte(password.Reveal()),
	}
}

func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-limit.C:
			t.Fatalf("not in %s: %s", patience, what)
		case <-tick.C:
		}
	}
}

func newID() models.ID { return models.ID(uuid.Must(uuid.NewV7()).String()) }

func silent() *slog.Logger { return slog.New(slog.DiscardHandler) }

func quickly(int) time.Duration { return 10 * time.Millisecond }

var errNotCode = errors.New("not the code that was wanted")

func wantCode(err error, code models.Code) error {
	if models.CodeOf(err) != code {
		return errors.Join(errNotCode, err)
	}
	return nil
}
