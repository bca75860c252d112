package api

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"xunfang/models"
)

// channelSource gives what is put into a channel.
type channelSource struct {
	events chan Event
	panics bool
	closed atomic.Int32
}

func (s *channelSource) Next(ctx context.Context) (Event, error) {
	if s.panics {
		panic("in the source")
	}
	select {
	case event, ok := <-s.events:
		if !ok {
			return Event{}, io.EOF
		}
		return event, nil
	case <-ctx.Done():
		return Event{}, ctx.Err()
	}
}

func (s *channelSource) Close() { s.closed.Add(1) }

type streamBench struct {
	*bench
	address string
	source  *channelSource
	done    chan struct{}
}

func newStreamBench(t *testing.T, limits StreamLimits) *streamBench {
	t.Helper()
	b := &streamBench{source: &channelSource{events: make(chan Event, 4)}, done: make(chan struct{})}
	b.bench = newBench(t, func(o *Options) { o.Streams = limits })
	b.fake.stream = func(context.Context, GetStreamRequestObject) (GetStreamResponseObject, error) {
		return EventStream{Source: b.source, Done: b.done}, nil
	}
	b.address = b.listen(t)
	return b
}

// open starts a stream; read gives its next line that is not empty.
func (b *streamBench) open(t *testing.T, role models.Role) (*http.Response, func() string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+b.address+"/v1/stream", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+string(role))
	request.Header.Set("Last-Event-ID", someID)
	client := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(client.CloseIdleConnections)
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	lines := bufio.NewReader(response.Body)
	return response, func() string {
		for {
			line, err := lines.ReadString('\n')
			if line = strings.TrimSpace(line); line != "" || err != nil {
				return line
			}
		}
	}
}

// soon waits for something that another goroutine brings about.
func soon(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for range 400 {
		if holds() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Errorf("%s: it did not happen", what)
}

func TestStreamSendsEventsAndHeartbeats(t *testing.T) {
	b := newStreamBench(t, StreamLimits{Heartbeat: 30 * time.Millisecond})
	response, next := b.open(t, "guard")
	if response.StatusCode != 200 || response.Header.Get("Content-Type") != typeEvents || response.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%d %v", response.StatusCode, response.Header)
	}
	for _, want := range []string{"retry: 3000", ": open", ":", ":"} {
		if got := next(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	b.source.events <- Event{ID: "7\nid: 8", Name: "alert", Data: []byte("{\n}")}
	for _, want := range []string{"id: 7id: 8", "event: alert", "data: {", "data: }"} {
		got := next()
		for got == ":" {
			got = next()
		}
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	close(b.source.events)
	for got := next(); got != ""; got = next() {
		if got != ":" {
			t.Errorf("after the end: %q", got)
		}
	}
	soon(t, "close", func() bool { return b.source.closed.Load() == 1 })
}

// TestStreamOutlivesItsWriteDeadlines: what is sent all the time moves the connection's deadline as silence does.
func TestStreamOutlivesItsWriteDeadlines(t *testing.T) {
	b := newStreamBench(t, StreamLimits{Heartbeat: 20 * time.Millisecond, Stalled: 100 * time.Millisecond})
	_, next := b.open(t, "guard")
	got := 0
	for number := range 60 { // far beyond 120 ms
		b.source.events <- Event{ID: strconv.Itoa(number), Name: "alert", Data: []byte("{}")}
		for line := next(); line != "data: {}"; line = next() {
			if line == "" {
				t.Fatalf("it ended after %d events", got)
			}
		}
		got++
		time.Sleep(5 * time.Millisecond)
	}
	close(b.source.events)
	soon(t, "close", func() bool { return b.source.closed.Load() == 1 })
}

func TestStreamEndsWithItsSession(t *testing.T) {
	b := newStreamBench(t, StreamLimits{})
	_, next := b.open(t, "guard")
	next()
	next()
	begun := time.Now()
	close(b.done)
	if got := next(); got != "" || time.Since(begun) > time.Second {
		t.Errorf("%q after %v", got, time.Since(begun))
	}
	soon(t, "close", func() bool { return b.source.closed.Load() == 1 })
	soon(t, "log", func() bool { return strings.Contains(b.log.String(), "the session has ended") })
}

func TestStreamNoticesAHangUp(t *testing.T) {
	b := newStreamBench(t, StreamLimits{Heartbeat: 10 * time.Millisecond})
	conn, err := net.Dial("tcp", b.address)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = conn.Write([]byte("GET /v1/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer guard\r\n\r\n"))
	_, _ = conn.Read(make([]byte, 100))
	_ = conn.Close()
	soon(t, "close", func() bool { return b.source.closed.Load() == 1 })
}

func TestStreamPanicEndsOnlyTheStream(t *testing.T) {
	b := newStreamBench(t, StreamLimits{})
	b.source.panics = true
	_, next := b.open(t, "guard")
	next()
	next()
	if got := next(); got != "" {
		t.Errorf("%q", got)
	}
	soon(t, "log", func() bool { return strings.Contains(b.log.String(), "in the source") })
	if b.do(t, "GET", "/healthz", "").status != 200 || b.source.closed.Load() != 1 {
		t.Error("the server is gone, or the source was not closed")
	}
}

func TestStreamsAreBounded(t *testing.T) {
	b := newStreamBench(t, StreamLimits{PerPerson: 2, Total: 3})
	status := func(role models.Role) int {
		response, _ := b.open(t, role)
		return response.StatusCode
	}
	for at, want := range []int{200, 200, 429} {
		if got := status("guard"); got != want {
			t.Errorf("stream %d: %d", at, got)
		}
	}
	if got := [2]int{status("officer"), status("volunteer")}; got != [2]int{200, 503} {
		t.Errorf("others: %v", got)
	}
	close(b.done)
	soon(t, "all ended", func() bool { return b.source.closed.Load() == 5 })
	soon(t, "room again", func() bool { return status("guard") == 200 })
}

func TestShutdownEndsStreamsAndFinishesRequests(t *testing.T) {
	b := newBench(t, nil)
	source := &channelSource{events: make(chan Event)}
	b.fake.stream = func(context.Context, GetStreamRequestObject) (GetStreamResponseObject, error) {
		return EventStream{Source: source}, nil
	}
	entered, leave := make(chan struct{}), make(chan struct{})
	b.fake.me = func(context.Context) (GetMeResponseObject, error) {
		close(entered)
		<-leave
		return GetMe200JSONResponse{Id: someID, Kind: "person", StationId: someID, SessionId: someID, Roles: []Grant{}}, nil
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- b.app.Listen(listener) }()
	streamed := &streamBench{bench: b, address: listener.Addr().String()}
	_, next := streamed.open(t, "guard")
	next()
	answered := make(chan string, 1)
	go func() {
		answered <- exchangeWhole(listener.Addr().String(), "GET /v1/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer guard\r\n\r\n")
	}()
	<-entered
	stopped := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		stopped <- b.app.Shutdown(ctx)
	}()
	soon(t, "stream end", func() bool { return source.closed.Load() == 1 })
	close(leave)
	if got := <-answered; !strings.HasPrefix(got, "HTTP/1.1 200") {
		t.Errorf("the request in flight got %q", got)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func exchangeWhole(address, raw string) string {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return err.Error()
	}
	defer func() { _ = conn.Close() }()
	_, _ = conn.Write([]byte(raw))
	_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	got, _ := io.ReadAll(conn)
	return string(got)
}
