package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"sync/atomic"
	"time"

	"github.com/eclipse/paho.golang/paho"
	"github.com/valyala/fasthttp"

	"xunfang/doors"
	"xunfang/models"
)

// caseRelay times what a resident waits for: from the request until the relay moves. Beside it, in turns, stand a bare
// MQTT round trip and the commit that the decision has to be on disk with.
const caseRelay = "door-relay"

const (
	relayEach   = 100 // openings for each round that was asked for
	relayWarmUp = 20
	relayWithin = 10 * time.Second
	longLog     = 33 << 20 // bytes: the product begins its log again after 8000 pages

	// What was promised.
	relayMedian = 5 * time.Millisecond
	relayRatio  = 3.0
)

// relayed is when the relay of any controller moved last.
type relayed struct {
	at    atomic.Pointer[time.Time]
	moved chan struct{}
}

func (r *relayed) pulse(models.ID, models.ID) {
	now := time.Now()
	r.at.Store(&now)
	select {
	case r.moved <- struct{}{}:
	default:
	}
}

// measureRelay prints the medians and their ratio.
func (r *rig) measureRelay(ctx context.Context, out io.Writer) error {
	r.relayed.moved = make(chan struct{}, 1)
	if err := r.startFleet(ctx); err != nil {
		return err
	}
	bare, err := newEcho(ctx, r.binary)
	if err != nil {
		return err
	}
	defer bare.close()
	if err := r.growLog(ctx); err != nil {
		return err
	}
	if err := r.authorize(); err != nil {
		return err
	}
	ours, theirs, commits := []time.Duration{}, []time.Duration{}, []time.Duration{}
	request, response := &fasthttp.Request{}, &fasthttp.Response{}
	request.Header.DisableNormalizing()
	opening := r.openings()
	for turn := range relayEach*r.asked.rounds + relayWarmUp {
		trip, err := bare.trip(ctx, relayWithin)
		if err != nil {
			return err
		}
		commit, err := r.bareCommit(ctx)
		if err != nil {
			return err
		}
		opening.prepare(0, request)
		sent := time.Now()
		if err := r.our.Do(request, response); err != nil {
			return err
		}
		if err := opening.check(response); err != nil {
			return err
		}
		select {
		case <-r.relayed.moved:
		case <-time.After(relayWithin):
			return errors.New("the controller answered and no relay moved")
		}
		if turn >= relayWarmUp {
			ours, theirs = append(ours, r.relayed.at.Load().Sub(sent)), append(theirs, trip)
			commits = append(commits, commit)
		}
	}
	return r.printRelay(out, ours, theirs, commits)
}

func (r *rig) printRelay(out io.Writer, ours, theirs, commits []time.Duration) error {
	our, their, commit := sideOf([]round{{latencies: ours, elapsed: 1}}, 1), sideOf([]round{{latencies: theirs, elapsed: 1}}, 1),
		sideOf([]round{{latencies: commits, elapsed: 1}}, 1)
	ratio := float64(our.p50) / float64(their.p50)
	_, err := fmt.Fprintf(out, "%-12s  %s: request to relay p50 %.2f ms, p99 %.2f ms; bare MQTT there and back p50 %.2f ms; one bare commit "+
		"p50 %.2f ms\n  ratio %.2f, wanted at most %.0f: %s; p50 at most %s: %s; without the commit %.2f\n",
		caseRelay, r.database.kind, inMillis(our.p50), inMillis(our.p99), inMillis(their.p50), inMillis(commit.p50),
		ratio, relayRatio, verdict(ratio <= relayRatio), relayMedian, verdict(our.p50 <= relayMedian),
		float64(our.p50-commit.p50)/float64(their.p50))
	return err
}

// growLog makes SQLite's log as long as it is on a server that has run for a while. Until then each commit makes the file
// longer, which takes the disk two or three times as long as writing over it.
func (r *rig) growLog(ctx context.Context) error {
	if r.database.kind != kindSQLite {
		return nil
	}
	for _, statement := range []string{
		"CREATE TABLE bench_log (content BLOB)", fmt.Sprintf("INSERT INTO bench_log VALUES (zeroblob(%d))", longLog), "DROP TABLE bench_log",
	} {
		if _, err := r.database.raw.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// bareCommit is one row on disk, without anything around it, and beside the product's own database: SQLite forgets the pages
// that it has read whenever somebody else writes to the file.
func (r *rig) bareCommit(ctx context.Context) (time.Duration, error) {
	begun := time.Now()
	_, err := r.database.apart.ExecContext(ctx, "UPDATE bench_commits SET done = done + 1")
	return time.Since(begun), err
}

// echo is a broker of the same kind with a bare client beside it, as the product has its own, and a bare controller in a
// process of its own: what goes there and back is as long as a command and its answer, of QoS 1, and nobody looks at it.
type echo struct {
	broker  *doors.Broker
	client  *paho.Client
	process *exec.Cmd
	topic   string
	back    chan struct{}
	text    []byte
}

const (
	echoDevice   = "0198c000-0000-7000-8000-00000000000a"
	echoServer   = "server"
	echoPassword = "a-password-of-the-bench"
	commandSize  = 560 // bytes of a signed command
)

func newEcho(ctx context.Context, binary string) (made *echo, err error) {
	broker, err := doors.NewBroker(doors.BrokerConfig{
		Address: "127.0.0.1:0", ServerUser: echoServer, ServerPassword: echoPassword, Logger: slog.New(slog.DiscardHandler),
		CheckDevice: func(context.Context, models.ID, models.Secret) bool { return true },
		Limits:      doors.BrokerLimits{MessagesPerSecond: 100_000},
	})
	if err != nil {
		return nil, err
	}
	if err := broker.Start(); err != nil {
		return nil, err
	}
	made = &echo{
		broker: broker, topic: "xunfang/v1/devices/" + echoDevice, back: make(chan struct{}, 1), text: make([]byte, commandSize),
	}
	defer func() {
		if err != nil {
			made.close()
		}
	}()
	if err := made.join(ctx); err != nil {
		return nil, err
	}
	controller := exec.Command(binary, "--echo="+broker.Address(), "--device="+echoDevice, "--topic="+made.topic) //nolint:gosec,noctx // ours
	controller.Env = append(os.Environ(), "XUNFANG_BARE_ECHO="+echoPassword)
	if err := controller.Start(); err != nil {
		return nil, err
	}
	made.process = controller
	for range relayWithin / echoAgain { // until it is there
		if _, err = made.trip(ctx, echoAgain); err == nil {
			return made, nil
		}
	}
	return nil, err
}

const echoAgain = 200 * time.Millisecond

func (e *echo) join(ctx context.Context) error {
	connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", e.broker.Address())
	if err != nil {
		return err
	}
	client := paho.NewClient(paho.ClientConfig{
		Conn: connection, PacketTimeout: relayWithin,
		OnPublishReceived: []func(paho.PublishReceived) (bool, error){func(paho.PublishReceived) (bool, error) {
			e.back <- struct{}{}
			return true, nil
		}},
	})
	if _, err := client.Connect(ctx, &paho.Connect{
		ClientID: "xunfang-server-bench", CleanStart: true, KeepAlive: 20, UsernameFlag: true, Username: echoServer, PasswordFlag: true,
		Password: []byte(echoPassword),
	}); err != nil {
		return err
	}
	e.client = client
	_, err = client.Subscribe(ctx, &paho.Subscribe{Subscriptions: []paho.SubscribeOptions{{Topic: e.topic + "/acks", QoS: 1}}})
	return err
}

// trip is one message there, and one back.
func (e *echo) trip(ctx context.Context, within time.Duration) (time.Duration, error) {
	begun := time.Now()
	if _, err := e.client.PublishWithOptions(ctx, &paho.Publish{QoS: 1, Topic: e.topic + "/commands", Payload: e.text},
		paho.PublishOptions{Method: paho.PublishMethod_AsyncSend}); err != nil {
		return 0, err
	}
	select {
	case <-e.back:
		return time.Since(begun), nil
	case <-time.After(within):
		return 0, fmt.Errorf("no answer in %s", within)
	}
}

func (e *echo) close() {
	if e.client != nil {
		_ = e.client.Disconnect(&paho.Disconnect{})
	}
	if e.process != nil {
		_ = e.process.Process.Kill()
		_ = e.process.Wait()
	}
	e.broker.Close()
}
