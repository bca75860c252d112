package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
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
	bare, err := newEcho(ctx)
	if err != nil {
		return err
	}
	defer bare.close()
	if err := r.authorize(); err != nil {
		return err
	}
	ours, theirs, commits := []time.Duration{}, []time.Duration{}, []time.Duration{}
	request, response := &fasthttp.Request{}, &fasthttp.Response{}
	request.Header.DisableNormalizing()
	opening := r.openings()
	for turn := range relayEach*r.asked.rounds + relayWarmUp {
		trip, err := bare.trip(ctx)
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

// bareCommit is one row on disk, without anything around it.
func (r *rig) bareCommit(ctx context.Context) (time.Duration, error) {
	begun := time.Now()
	_, err := r.database.raw.ExecContext(ctx, "UPDATE doors SET name = name WHERE id = ?", string(r.station.devices[0].door))
	return time.Since(begun), err
}

// echo is a broker of the same kind, a bare client that sends what is as long as a command, and one that answers.
type echo struct {
	broker  *doors.Broker
	clients []*paho.Client
	topic   string
	back    chan struct{}
	text    []byte
}

const (
	echoDevice   = "0198c000-0000-7000-8000-00000000000a"
	echoServer   = "server"
	echoPassword = "a-password-of-the-bench"
	commandSize  = 560 // bytes of a signed command
	answerSize   = 170
)

func newEcho(ctx context.Context) (*echo, error) {
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
	topic := "xunfang/v1/devices/" + echoDevice
	made := &echo{broker: broker, topic: topic + "/commands", back: make(chan struct{}, 1), text: make([]byte, commandSize)}
	answer := make([]byte, answerSize)
	answers := make(chan struct{}, 1)
	device, err := made.join(ctx, echoDevice, echoDevice, topic+"/commands", answers)
	if err == nil {
		_, err = made.join(ctx, "xunfang-server-bench", echoServer, topic+"/acks", made.back)
	}
	if err != nil {
		made.close()
		return nil, err
	}
	go func() {
		for range answers {
			_, _ = device.Publish(ctx, &paho.Publish{QoS: 1, Topic: topic + "/acks", Payload: answer})
		}
	}()
	return made, nil
}

func (e *echo) join(ctx context.Context, id, user, filter string, heard chan<- struct{}) (*paho.Client, error) {
	connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", e.broker.Address())
	if err != nil {
		return nil, err
	}
	client := paho.NewClient(paho.ClientConfig{
		Conn: connection, PacketTimeout: relayWithin,
		OnPublishReceived: []func(paho.PublishReceived) (bool, error){func(paho.PublishReceived) (bool, error) {
			heard <- struct{}{}
			return true, nil
		}},
	})
	if _, err := client.Connect(ctx, &paho.Connect{
		ClientID: id, CleanStart: true, KeepAlive: 20, UsernameFlag: true, Username: user, PasswordFlag: true,
		Password: []byte(echoPassword),
	}); err != nil {
		return nil, err
	}
	e.clients = append(e.clients, client)
	_, err = client.Subscribe(ctx, &paho.Subscribe{Subscriptions: []paho.SubscribeOptions{{Topic: filter, QoS: 1}}})
	return client, err
}

// trip is one message there, and one back.
func (e *echo) trip(ctx context.Context) (time.Duration, error) {
	begun := time.Now()
	if _, err := e.clients[1].PublishWithOptions(ctx, &paho.Publish{QoS: 1, Topic: e.topic, Payload: e.text},
		paho.PublishOptions{Method: paho.PublishMethod_AsyncSend}); err != nil {
		return 0, err
	}
	select {
	case <-e.back:
		return time.Since(begun), nil
	case <-time.After(relayWithin):
		return 0, fmt.Errorf("no answer in %s", relayWithin)
	}
}

func (e *echo) close() {
	for _, client := range e.clients {
		_ = client.Disconnect(&paho.Disconnect{})
	}
	e.broker.Close()
}
