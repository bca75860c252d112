package doors

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"xunfang/models"
)

func TestLinkComesBackAfterBrokerRestart(t *testing.T) {
	broker := embedded(t, nil)
	address := broker.Address()
	r := newRig(t, "mqtt://"+address)
	controller := r.controllerA()
	before := r.command(doorA1)
	broker.Close()
	eventually(t, "the link notices", func() bool { return r.link.Ready() != nil })
	if err := wantCode(r.link.Send(t.Context(), deviceA, before), models.CodeBrokerUnavailable); err != nil || errors.Is(err, ErrUncertain) {
		t.Fatal(err)
	}
	if _, err := r.link.RoundTrip(t.Context()); wantCode(err, models.CodeBrokerUnavailable) != nil {
		t.Fatal(err)
	}
	embedded(t, func(config *BrokerConfig) { config.Address = address })
	eventually(t, "the link is back", func() bool { return r.link.Ready() == nil })
	eventually(t, "the controller is back", func() bool { return r.sink.nonce(deviceA) != before.Nonce })
	r.awaitSession(controller)
	r.opens(controller, r.command(doorA1))
	if controller.Pulses(before.ID) != 0 {
		t.Fatal("a command that could not be sent was sent later")
	}
}

// A controller that was there before the server is found, because it says hello again.
func TestHelloBeforeTheServerListens(t *testing.T) {
	address := "mqtt://" + embedded(t, nil).Address()
	early := &rig{t: t, url: address, clock: &clock{at: noon}, signer: newSigner(1)}
	start := func(config ControllerConfig) *Controller {
		controller, err := NewController(config)
		if err != nil {
			t.Fatal(err)
		}
		if err := controller.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { controller.Stop(false) })
		eventually(t, "the controller is connected", controller.Ready)
		return controller
	}
	controller := start(early.controllerConfig(deviceA, secretA, doorA1))
	once := early.controllerConfig(deviceB, secretB, doorB1)
	once.HelloAgain = func(int) time.Duration { return time.Hour }
	start(once)
	r := newRig(t, address)
	r.awaitSession(controller)
	r.opens(controller, r.command(doorA1))
	if r.sink.nonce(deviceB) != "" {
		t.Fatal("control: a controller that says hello once was found all the same")
	}
}

func TestSendRefusesWhatNoControllerWouldTake(t *testing.T) {
	r := newRig(t, "mqtt://"+embedded(t, nil).Address())
	controller := r.controllerA()
	for name, change := range map[string]func(command *Command){
		"other device": func(c *Command) { c.DeviceID = deviceB },
		"no nonce":     func(c *Command) { c.Nonce = "" },
		"expired":      func(c *Command) { c.ExpiresAt = r.clock.now() },
	} {
		command := r.command(doorA1)
		change(&command)
		if err := r.link.Send(t.Context(), deviceA, command); err == nil {
			t.Errorf("%s was sent", name)
		}
	}
	r.opens(controller, r.command(doorA1))
	failing := r.linkConfig()
	failing.Sign = func([]byte) (string, error) { return "", errors.New("no key") }
	if err := startLink(t, failing).Send(t.Context(), deviceA, r.command(doorA1)); models.CodeOf(err) != models.CodeInternal {
		t.Errorf("without a key: %v", err)
	}
}

// A broker that has gone silent holds nobody up for longer than they said, and the answer does
// not pretend to know what became of the command.
func TestSendEndsWithItsContext(t *testing.T) {
	between := newFreezer(t, embedded(t, nil).Address())
	r := newRig(t, "mqtt://"+between.address())
	r.controllerA()
	between.frozen.Store(true)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	err := r.link.Send(ctx, deviceA, r.command(doorA1))
	if wantCode(err, models.CodeBrokerUnavailable) != nil || !errors.Is(err, ErrUncertain) {
		t.Fatalf("got %v", err)
	}
	// Likewise when the connection breaks meanwhile, without waiting for the context.
	ended := make(chan error, 1)
	command := r.command(doorA1)
	go func() { ended <- r.link.Send(context.WithoutCancel(ctx), deviceA, command) }()
	select {
	case err := <-ended:
		t.Fatalf("ended by itself: %v", err)
	case <-time.After(20 * time.Millisecond):
	}
	between.cut()
	if err := <-ended; wantCode(err, models.CodeBrokerUnavailable) != nil || !errors.Is(err, ErrUncertain) {
		t.Fatalf("got %v", err)
	}
}

// freezer is a wire that can stop carrying without breaking, and break.
type freezer struct {
	listener net.Listener
	frozen   atomic.Bool
	mutex    sync.Mutex
	ends     []net.Conn
}

func newFreezer(t *testing.T, target string) *freezer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &freezer{listener: listener}
	var group sync.WaitGroup
	group.Go(func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", target)
			if err != nil {
				_ = near.Close()
				continue
			}
			f.mutex.Lock()
			f.ends = append(f.ends, near, far)
			f.mutex.Unlock()
			group.Go(func() { f.carry(near, far) })
			group.Go(func() { f.carry(far, near) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		f.cut()
		group.Wait()
	})
	return f
}

func (f *freezer) address() string { return f.listener.Addr().String() }

func (f *freezer) carry(from, to net.Conn) {
	defer func() { _ = to.Close() }()
	buffer := make([]byte, 4096)
	for {
		count, err := from.Read(buffer)
		if err != nil {
			return
		}
		if f.frozen.Load() {
			continue
		}
		if _, err := to.Write(buffer[:count]); err != nil {
			return
		}
	}
}

func (f *freezer) cut() {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	for _, end := range f.ends {
		_ = end.Close()
	}
	f.ends = nil
}

func TestReportsThatLieAreRefused(t *testing.T) {
	r := newRig(t, "mqtt://"+embedded(t, nil).Address())
	controller := r.controllerA()
	publish := func(leaf string, payload []byte) {
		t.Helper()
		if err := controller.client.publish(t.Context(), deviceTopic(deviceA, leaf), payload, 0); err != nil {
			t.Fatal(err)
		}
	}
	lie, _ := hello{deviceB, nonceB, "1", noon}.encode()
	publish(leafHello, lie)
	farewell, _ := bye{deviceB, r.sink.nonce(deviceA)}.encode()
	publish(leafBye, farewell)
	publish(leafAcks, []byte(`{"id":"`+string(anID)+`"}`))
	r.opens(controller, r.command(doorA1))
	if r.sink.nonce(deviceB) != "" || len(r.sink.acksOf(anID)) != 0 || r.sink.saidBye(r.sink.nonce(deviceA)) {
		t.Fatal("a lie reached the sink")
	}
	truth, _ := hello{deviceA, nonceB, "1", noon}.encode() // the control
	publish(leafHello, truth)
	eventually(t, "the true hello", func() bool { return r.sink.nonce(deviceA) == nonceB })
}

func TestBrokerAddresses(t *testing.T) {
	for text, want := range map[string]string{
		"mqtt://broker": "broker:1883", "mqtts://broker": "broker:8883", "tcp://127.0.0.1:9": "127.0.0.1:9",
		"broker:1883": "", "http://broker": "", "mqtt://user:secret@broker": "", "mqtt://": "", "mqtt://broker/path": "", ":": "",
	} {
		address, err := parseBroker(text)
		if (err == nil) != (want != "") || err == nil && address.Host != want {
			t.Errorf("%q: %v, %v", text, address, err)
		}
	}
}

func TestQueueKeepsOrderAndBounds(t *testing.T) {
	queue := newQueue(4, 2, silent())
	other := deviceB
	for laneOf(other, 4) == laneOf(deviceA, 4) {
		other = newID()
	}
	release, seen := make(chan struct{}), make(chan int, 10)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- queue.around(ctx, func() error { <-ctx.Done(); return io.EOF })
	}()
	for at := range 3 { // one at work, two waiting
		queue.add(deviceA, func(context.Context) error { <-release; seen <- at; return nil })
		eventually(t, "the first is at work", func() bool { return at > 0 || len(queue.lanes[laneOf(deviceA, 4)]) == 0 })
	}
	queue.add(deviceA, func(context.Context) error { seen <- 99; return nil }) // waits, then is dropped
	if queue.dropped.Load() != 1 {
		t.Errorf("dropped %d", queue.dropped.Load())
	}
	done := make(chan struct{})
	queue.add(other, func(context.Context) error { close(done); return nil })
	<-done // another device did not wait
	queue.add(other, func(context.Context) error { panic("a sink that panics") })
	cancel()
	close(release)
	if err := <-ended; !errors.Is(err, io.EOF) {
		t.Errorf("ended with %v", err)
	}
	close(seen)
	want := 0
	for got := range seen {
		if got != want {
			t.Errorf("got %d, want %d", got, want)
		}
		want++
	}
	if want != 3 {
		t.Errorf("%d of 3 handed over after the end", want)
	}
}

func TestControllerSurvivesItsRelay(t *testing.T) {
	r := newRig(t, "mqtt://"+embedded(t, nil).Address())
	config := r.controllerConfig(deviceA, secretA, doorA1)
	broken := true
	config.Relay = func(models.ID, models.ID) {
		if broken {
			panic("stuck")
		}
	}
	controller := r.switchOn(config)
	command := r.command(doorA1)
	if err := r.link.Send(t.Context(), deviceA, command); err != nil {
		t.Fatal(err)
	}
	eventually(t, "an answer", func() bool { return len(r.sink.acksOf(command.ID)) == 1 })
	if ack := r.sink.acksOf(command.ID)[0]; ack.Result != ResultFailed || ack.Reason != ReasonRelay {
		t.Fatalf("got %+v", ack)
	}
	controller.panel.mutex.Lock()
	broken = false
	controller.panel.mutex.Unlock()
	r.inject(r.signed(command)) // repaired, but the command had its chance
	r.opens(controller, r.command(doorA1))
	if controller.Pulses(command.ID) != 0 {
		t.Fatal("a failed command was tried again")
	}
	if err := controller.Start(); err == nil {
		t.Fatal("started twice")
	}
}
