package api

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
)

// Event is one server-sent event (WHATWG HTML, section 9.2).
type Event struct {
	ID   string // what a client sends back as Last-Event-ID; one line
	Name string // the event's kind; one line
	Data []byte // any number of lines
	// Flushed is called after the event has gone out to the connection, in the stream's own goroutine; nil: nobody asks.
	Flushed func()

	piece, frame []byte // as it goes over the wire; see Written
}

// Written is the event with its wire forms made, once for many streams.
func (e Event) Written() Event {
	e.piece = e.encode()
	e.frame, _ = json.Marshal(socketFrame{ID: e.ID, Event: e.Name, Data: e.Data}) // where it cannot be, each stream fails by itself
	return e
}

// EventSource is where a stream's events come from.
type EventSource interface {
	// Next waits for the next event. When ctx ends it returns ctx's error, and it may be
	// called again: the stream interrupts it for its heartbeat. Any other error ends the stream.
	Next(ctx context.Context) (Event, error)
	// Close is called once, when the stream has ended.
	Close()
}

// EventStream is what a handler of getStream answers with.
type EventStream struct {
	Source EventSource
	Done   <-chan struct{} // closed when the session has ended; nil: never
	// Receive takes what a socket's client sent and gives what it is answered; From(ctx) is the message's own. The errors of
	// package models are answered and the stream goes on. nil: nothing is taken.
	Receive func(ctx context.Context, message []byte) (Event, error)
}

// StreamLimits bounds event streams. The zero value takes the defaults.
type StreamLimits struct {
	PerPerson int           // default 8
	Total     int           // default 10,000
	Heartbeat time.Duration // default 10 s
	Stalled   time.Duration // how long a write may hang beyond the next heartbeat; default 15 s
}

// VisitGetStreamResponse implements GetStreamResponseObject.
func (s EventStream) VisitGetStreamResponse(c *fiber.Ctx) error {
	run, err := s.begin(c)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, typeEvents)
	c.Set("X-Accel-Buffering", "no") // or a proxy in front holds events back
	conn := c.Context().Conn()
	// From here on c must not be used: it is given to another request while the stream runs.
	c.Context().SetBodyStreamWriter(func(out *bufio.Writer) { run.write(&eventLine{out: out, conn: conn}) })
	return nil
}

type appKey struct{}

// begin counts a stream in; whoever gets one must write it.
func (s EventStream) begin(c *fiber.Ctx) (*streaming, error) {
	app, ok := c.Locals(appKey{}).(*App)
	if !ok {
		s.Source.Close()
		return nil, errors.New("api: a stream outside of the server")
	}
	request := From(c.UserContext())
	if err := app.streams.enter(request.Principal.ID); err != nil {
		s.Source.Close()
		return nil, err
	}
	return &streaming{app: app, stream: s, request: request, beat: app.streams.limits.Heartbeat}, nil
}

// line is how events get to one client. Each call ends, with an error, at the deadline.
type line interface {
	open(deadline time.Time) error
	event(event Event, deadline time.Time) error
	beat(deadline time.Time) error
	end(why error)
}

// streaming is one open stream.
type streaming struct {
	app     *App
	stream  EventStream
	request Request
	beat    time.Duration
	sent    int
}

// write runs in a goroutine of its own, where a panic would end the process.
func (s *streaming) write(out line) {
	s.app.options.Metrics.streams.Inc()
	stack, err := recovered(func() error { return s.pump(out) })
	_, _ = recovered(func() error { s.stream.Source.Close(); return nil })
	_, _ = recovered(func() error { out.end(err); return nil })
	s.app.streams.leave(s.request.Principal.ID)
	s.app.options.Metrics.streams.Dec()
	line := []any{
		"request_id", s.request.ID, "person_id", string(s.request.Principal.ID),
		"events", s.sent, "ms", s.app.since(s.request.Now),
	}
	if stack != nil {
		s.app.options.Logger.Error("stream ended", append(line, "error", err.Error(), "stack", string(stack))...)
		return
	}
	if err != nil {
		line = append(line, slog.String("why", err.Error()))
	}
	s.app.options.Logger.Info("stream ended", line...)
}

var (
	errStopping = errors.New("the server stops")
	errSession  = errors.New("the session has ended")
)

// pump sends events and heartbeats until the source, the client, the session or the
// server ends.
func (s *streaming) pump(out line) error {
	ctx, cancel := context.WithCancelCause(With(s.app.base, s.request))
	defer cancel(nil)
	go recovered(func() error { //nolint:errcheck // nothing here fails, and a panic ends only the wait
		select {
		case <-s.stream.Done:
			cancel(errSession)
		case <-s.app.stopping:
			cancel(errStopping)
		case <-ctx.Done():
		}
		return nil
	})
	if hearing, ok := out.(hearing); ok {
		hearing.hear(ctx, s, cancel)
	}
	for first := true; ; first = false {
		err := s.untilBeat(ctx, func(beat context.Context, deadline time.Time) error {
			say := out.beat // the only way to notice a client that is gone
			if first {
				say = out.open
			}
			if err := say(deadline); err != nil {
				return err
			}
			return s.events(beat, out, deadline)
		})
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			return err
		}
	}
}

// untilBeat is one heartbeat long. What is written to the client in it may take until after the next heartbeat, and no longer. Both
// ends are made once and not for each event: thousands of streams have the same event at the same moment.
func (s *streaming) untilBeat(ctx context.Context, do func(beat context.Context, deadline time.Time) error) error {
	beat, cancel := context.WithTimeout(ctx, s.beat)
	defer cancel()
	deadline, _ := beat.Deadline()
	return do(beat, deadline.Add(s.app.streams.limits.Stalled))
}

// events sends what comes until beat ends, which is no error.
func (s *streaming) events(beat context.Context, out line, deadline time.Time) error {
	for beat.Err() == nil {
		event, err := s.stream.Source.Next(beat)
		if errors.Is(err, context.DeadlineExceeded) {
			return nil
		}
		if err != nil {
			return err
		}
		s.sent++
		if err := out.event(event, deadline); err != nil {
			return err
		}
		if event.Flushed != nil {
			event.Flushed()
		}
	}
	return nil
}

// eventLine writes server-sent events.
type eventLine struct {
	out      *bufio.Writer
	conn     net.Conn
	deadline time.Time // the connection's
}

func (l *eventLine) open(deadline time.Time) error {
	return l.send([]byte("retry: 3000\n: open\n\n"), deadline)
}

func (l *eventLine) end(error) {}

func (l *eventLine) beat(deadline time.Time) error { return l.send([]byte(":\n\n"), deadline) }

func (l *eventLine) event(event Event, deadline time.Time) error {
	if event.piece != nil {
		return l.send(event.piece, deadline)
	}
	return l.send(event.encode(), deadline)
}

// send writes and flushes one piece, and moves the connection's write deadline: the
// server's own would end every stream after its first half minute.
func (l *eventLine) send(piece []byte, deadline time.Time) error {
	if l.conn != nil && !deadline.Equal(l.deadline) {
		if err := l.conn.SetWriteDeadline(deadline); err != nil {
			return err
		}
		l.deadline = deadline
	}
	if _, err := l.out.Write(piece); err != nil {
		return err
	}
	return l.out.Flush()
}

// encode writes the event as it goes over the wire.
func (e Event) encode() []byte {
	oneLine := strings.NewReplacer("\r", "", "\n", "", "\x00", "")
	var out bytes.Buffer
	if e.ID != "" {
		out.WriteString("id: " + oneLine.Replace(e.ID) + "\n")
	}
	if e.Name != "" {
		out.WriteString("event: " + oneLine.Replace(e.Name) + "\n")
	}
	data := bytes.ReplaceAll(e.Data, []byte("\r\n"), []byte("\n"))
	data = bytes.ReplaceAll(data, []byte("\r"), []byte("\n"))
	for _, line := range bytes.Split(data, []byte("\n")) {
		out.WriteString("data: ")
		out.Write(line)
		out.WriteByte('\n')
	}
	out.WriteByte('\n')
	return out.Bytes()
}
