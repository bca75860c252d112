package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
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

	piece, frame []byte // as it goes over the wire, as a chunk and as a socket's frame; see Written
}

// Written is the event with its wire forms made, once for many streams.
func (e Event) Written() Event {
	e.piece = chunk(e.encode())
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
	ctx, cancel := context.WithCancelCause(With(s.app.serving, s.request))
	defer cancel(nil)
	if s.stream.Done != nil {
		go recovered(func() error { //nolint:errcheck // nothing here fails, and a panic ends only the wait
			select {
			case <-s.stream.Done:
				cancel(errSession)
			case <-ctx.Done():
			}
			return nil
		})
	}
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
