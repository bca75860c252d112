package api

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"xunfang/models"
)

// newSocketBench answers every socket with one source; what it hears it says back.
func newSocketBench(t *testing.T, limits StreamLimits) *streamBench {
	t.Helper()
	b := newStreamBench(t, limits)
	b.fake.socket = func(context.Context) (GetStreamSocketResponseObject, error) {
		return EventStream{Source: b.source, Done: b.done, Receive: func(_ context.Context, message []byte) (Event, error) {
			if string(message) == "panic" {
				panic("in the receiver")
			}
			if string(message) == "wrong" {
				return Event{}, models.Fail(models.CodeInvalidRequest)
			}
			return Event{Name: "echo", Data: message}, nil
		}}, nil
	}
	return b
}

func (b *streamBench) dial(t *testing.T, header http.Header) (*websocket.Conn, int) {
	t.Helper()
	conn, response, err := websocket.DefaultDialer.Dial("ws://"+b.address+"/v1/stream/ws", header)
	if err != nil {
		if response == nil {
			t.Fatal(err)
		}
		return nil, response.StatusCode
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return conn, response.StatusCode
}

func (b *streamBench) socket(t *testing.T) *websocket.Conn {
	t.Helper()
	conn, status := b.dial(t, http.Header{"Authorization": {"Bearer guard"}})
	if status != http.StatusSwitchingProtocols {
		t.Fatal(status)
	}
	return conn
}

func frameOf(t *testing.T, conn *websocket.Conn) string {
	t.Helper()
	kind, text, err := conn.ReadMessage()
	if err != nil || kind != websocket.TextMessage {
		t.Fatal(kind, err)
	}
	return string(text)
}

// closedWith reads to the end of a connection.
func closedWith(t *testing.T, conn *websocket.Conn) (code int, why string) {
	t.Helper()
	for {
		_, _, err := conn.ReadMessage()
		var closed *websocket.CloseError
		if errors.As(err, &closed) {
			return closed.Code, closed.Text
		}
		if err != nil {
			return 0, err.Error()
		}
	}
}

func TestSocketSendsFramesAndTakesMessages(t *testing.T) {
	b := newSocketBench(t, StreamLimits{Heartbeat: 20 * time.Millisecond})
	conn := b.socket(t)
	pings := atomic.Int32{}
	answer := conn.PingHandler()
	conn.SetPingHandler(func(text string) error { pings.Add(1); return answer(text) })
	alert := Event{ID: "7", Name: "alert", Data: []byte(`{"a":1}`)}
	for _, event := range []Event{alert, alert.Written()} {
		b.source.events <- event
		if got := frameOf(t, conn); got != `{"id":"7","event":"alert","data":{"a":1}}` {
			t.Error(got)
		}
	}
	for message, want := range map[string]string{
		`{"x":1}`: `{"event":"echo","data":{"x":1}}`, "wrong": `{"event":"problem","data":{"type":"/errors#invalid_request"`,
	} {
		if err := conn.WriteMessage(websocket.TextMessage, []byte(message)); err != nil {
			t.Fatal(err)
		}
		if got := frameOf(t, conn); !strings.HasPrefix(got, want) || !json.Valid([]byte(got)) {
			t.Error(got)
		}
	}
	go func() {
		time.Sleep(500 * time.Millisecond) // more than the silence that ends a connection
		b.source.events <- Event{Name: "last"}
	}()
	if got := frameOf(t, conn); got != `{"event":"last"}` || pings.Load() < 3 {
		t.Error(got, pings.Load())
	}
}

func TestSocketTakesItsTokenFromHeadersOnly(t *testing.T) {
	b := newSocketBench(t, StreamLimits{PerPerson: 100})
	for name, one := range map[string]struct {
		header http.Header
		status int
	}{
		"header":            {http.Header{"Authorization": {"Bearer guard"}}, 101},
		"protocol":          {http.Header{"Sec-WebSocket-Protocol": {"xunfang, guard"}}, 101},
		"foreign page":      {http.Header{"Sec-WebSocket-Protocol": {"xunfang, guard"}, "Origin": {"https://other.example"}}, 101},
		"none":              {nil, 401},
		"bad":               {http.Header{"Sec-WebSocket-Protocol": {"xunfang, nobody"}}, 401},
		"other protocol":    {http.Header{"Sec-WebSocket-Protocol": {"chat, guard"}}, 401},
		"two tokens":        {http.Header{"Sec-WebSocket-Protocol": {"xunfang, guard, officer"}}, 401},
		"bad beside a good": {http.Header{"Authorization": {"Bearer nobody"}, "Sec-WebSocket-Protocol": {"xunfang, guard"}}, 401},
	} {
		conn, status := b.dial(t, one.header)
		if status != one.status {
			t.Errorf("%s: %d", name, status)
		}
		if name == "protocol" && conn.Subprotocol() != "xunfang" {
			t.Errorf("%s: %q", name, conn.Subprotocol())
		}
	}
	if got := b.do(t, "GET", "/v1/stream/ws", "", as("guard")); got.status != 400 {
		t.Errorf("no handshake: %d", got.status)
	}
	if got := b.do(t, "GET", "/v1/me", "", "Sec-WebSocket-Protocol: xunfang, guard"); got.status != 401 {
		t.Errorf("a token in the protocol of another operation: %d", got.status)
	}
}

func TestSocketEndsSayWhy(t *testing.T) {
	big := strings.Repeat("x", defaultMaxBody+1)
	for name, one := range map[string]struct {
		cause func(b *streamBench, conn *websocket.Conn)
		code  int
		why   string
	}{
		"binary": {func(_ *streamBench, conn *websocket.Conn) {
			_ = conn.WriteMessage(websocket.BinaryMessage, []byte("x"))
		}, 1003, ""},
		"no UTF-8": {func(_ *streamBench, conn *websocket.Conn) {
			_ = conn.WriteMessage(websocket.TextMessage, []byte("\xff"))
		}, 1007, ""},
		"too large":    {func(_ *streamBench, conn *websocket.Conn) { _ = conn.WriteMessage(websocket.TextMessage, []byte(big)) }, 1009, ""},
		"session over": {func(b *streamBench, _ *websocket.Conn) { close(b.done) }, 1008, "unauthenticated"},
		"source over":  {func(b *streamBench, _ *websocket.Conn) { close(b.source.events) }, 1011, ""},
		"panic": {func(_ *streamBench, conn *websocket.Conn) {
			_ = conn.WriteMessage(websocket.TextMessage, []byte("panic"))
		}, 1011, ""},
		"stop": {func(b *streamBench, _ *websocket.Conn) {
			go func() { _ = b.app.Shutdown(context.Background()) }()
		}, 1001, ""},
		"flood": {func(_ *streamBench, conn *websocket.Conn) {
			for range 300 {
				_ = conn.WriteMessage(websocket.TextMessage, []byte("1"))
			}
		}, 1008, "rate_limited"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newSocketBench(t, StreamLimits{})
			conn := b.socket(t)
			one.cause(b, conn)
			if code, why := closedWith(t, conn); code != one.code || why != one.why {
				t.Errorf("%d %q", code, why)
			}
			soon(t, "close", func() bool { return b.source.closed.Load() == 1 })
			soon(t, "left", func() bool {
				b.app.streams.mutex.Lock()
				defer b.app.streams.mutex.Unlock()
				return b.app.streams.total == 0
			})
		})
	}
}

// Who hangs up, who answers no ping, and who does not read are all gone within their time, and leave room.
func TestSocketCutsWhoIsGone(t *testing.T) {
	b := newSocketBench(t, StreamLimits{Heartbeat: 20 * time.Millisecond, Stalled: 50 * time.Millisecond, PerPerson: 3})
	_ = b.socket(t).Close()
	soon(t, "who hangs up", func() bool { return b.source.closed.Load() == 1 })
	deaf := b.socket(t)
	deaf.SetPingHandler(func(string) error { return nil })
	go func() { _, _, _ = deaf.ReadMessage() }()
	soon(t, "who answers no ping", func() bool { return b.source.closed.Load() == 2 })
	b.socket(t) // it never reads
	large := Event{Name: "large", Data: []byte(`"` + strings.Repeat("x", 1<<20) + `"`)}
	for range 40 {
		select {
		case b.source.events <- large:
		case <-time.After(300 * time.Millisecond):
		}
		if b.source.closed.Load() == 3 {
			break
		}
	}
	soon(t, "who does not read", func() bool { return b.source.closed.Load() == 3 })
}

// A client that leaves before it has its 101 holds no place and no source: nobody would ever end that stream.
func TestSocketOfWhoLeavesEarlyHoldsNothing(t *testing.T) {
	b := newSocketBench(t, StreamLimits{PerPerson: 2})
	answer, asked, left := b.fake.socket, make(chan bool), make(chan bool)
	b.fake.socket = func(ctx context.Context) (GetStreamSocketResponseObject, error) {
		asked <- true
		<-left
		return answer(ctx)
	}
	for range 3 {
		conn, err := net.Dial("tcp", b.address)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Write([]byte("GET /v1/stream/ws HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer guard\r\nConnection: Upgrade\r\n" +
			"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")); err != nil {
			t.Fatal(err)
		}
		<-asked
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // a reset, so that the answer cannot be written
		}
		_ = conn.Close()
		left <- true
	}
	soon(t, "their sources are closed", func() bool { return b.source.closed.Load() == 3 })
	b.fake.socket = answer
	b.socket(t)
	b.socket(t)
}

func TestSocketsCountWithStreams(t *testing.T) {
	b := newSocketBench(t, StreamLimits{PerPerson: 2})
	b.open(t, "guard")
	b.socket(t)
	if _, status := b.dial(t, http.Header{"Authorization": {"Bearer guard"}}); status != http.StatusTooManyRequests {
		t.Error(status)
	}
}
