package api

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// exchangeStream asks for a stream as it stands, sends one event, ends it, and gives all that came until the connection closed.
func exchangeStream(t *testing.T, request string) string {
	t.Helper()
	b := newStreamBench(t, StreamLimits{})
	conn, err := net.Dial("tcp", b.address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.WriteString(conn, request+"Host: x\r\nAuthorization: Bearer guard\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	b.source.events <- Event{ID: "7", Name: "alert", Data: []byte("{}")}.Written()
	close(b.source.events)
	got, err := io.ReadAll(bufio.NewReader(conn))
	if err != nil {
		t.Fatalf("the connection did not close: %v, after %q", err, got)
	}
	return string(got)
}

func TestStreamComesInChunksToWhoReadsThem(t *testing.T) {
	const opening, event = "retry: 3000\n: open\n\n", "id: 7\nevent: alert\ndata: {}\n\n"
	inChunks := "14\r\n" + opening + "\r\n1d\r\n" + event + "\r\n0\r\n\r\n"
	for _, one := range []struct{ request, body, framing string }{
		{"GET /v1/stream HTTP/1.1\r\n", inChunks, "\r\nTransfer-Encoding: chunked\r\n"},
		// a proxy before it does not reuse the connection, which ends with the stream
		{"GET /v1/stream HTTP/1.1\r\nConnection: close\r\n", inChunks, "\r\nTransfer-Encoding: chunked\r\n"},
		{"GET /v1/stream HTTP/1.0\r\n", opening + event, ""}, // as some proxies ask
	} {
		header, body, found := strings.Cut(exchangeStream(t, one.request), "\r\n\r\n")
		if !found || body != one.body {
			t.Errorf("%q: the body is %q, want %q", one.request, body, one.body)
		}
		header += "\r\n"
		for _, want := range []string{
			"HTTP/1.1 200 OK\r\n", "\r\nContent-Type: " + typeEvents + "\r\n", "\r\nConnection: close\r\n", "\r\nCache-Control: no-store\r\n",
			"\r\nX-Request-Id: ", "\r\nX-Accel-Buffering: no\r\n", one.framing,
		} {
			if !strings.Contains(header, want) {
				t.Errorf("%q: %q lacks %q", one.request, header, want)
			}
		}
		if strings.Contains(header, "Content-Length") || one.framing == "" && strings.Contains(header, "Transfer-Encoding") {
			t.Errorf("%q: %q", one.request, header)
		}
	}
}

// Who does not read is cut off, a while after the next heartbeat, and holds up nobody.
func TestStreamThatNobodyReadsEnds(t *testing.T) {
	b := newStreamBench(t, StreamLimits{Heartbeat: 20 * time.Millisecond, Stalled: 50 * time.Millisecond})
	conn, err := net.Dial("tcp", b.address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := io.WriteString(conn, "GET /v1/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer guard\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	much := Event{ID: "7", Name: "alert", Data: bytes.Repeat([]byte("x"), 1<<20)}.Written()
	soon(t, "close", func() bool {
		select {
		case b.source.events <- much:
		default:
		}
		return b.source.closed.Load() == 1
	})
	soon(t, "log", func() bool { return strings.Contains(b.log.String(), "i/o timeout") })
}

// tornConn takes some bytes and then fails, as a connection does at its deadline.
type tornConn struct {
	net.Conn
	took bytes.Buffer
	room int
}

func (c *tornConn) SetWriteDeadline(time.Time) error { return nil }

func (c *tornConn) Write(piece []byte) (int, error) {
	if len(piece) > c.room {
		c.took.Write(piece[:c.room])
		return c.room, context.DeadlineExceeded
	}
	c.room -= len(piece)
	return c.took.Write(piece)
}

// A stream that was cut in the middle of an event must not look as if it had ended well: the rest would be read as a whole.
func TestACutStreamHasNoEnd(t *testing.T) {
	conn := &tornConn{room: 40}
	out := &eventLine{conn: conn, chunked: true}
	if err := out.open(time.Time{}); err != nil {
		t.Fatal(err)
	}
	if err := out.event(Event{ID: "7", Name: "alert", Data: []byte("{}")}, time.Time{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	conn.room = 100
	out.end(nil)
	if got := conn.took.String(); len(got) != 40 || strings.Contains(got, "0\r\n\r\n") {
		t.Errorf("%q", got)
	}
}
