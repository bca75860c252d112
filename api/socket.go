package api

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/fasthttp/websocket"
	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"xunfang/models"
)

const (
	socketProtocol = "xunfang" // the subprotocol; a token may follow it in the client's offer
	socketBuffer   = 1024      // bytes
	socketBeats    = 2         // of a stream's heartbeats go by between two pings
	socketSilence  = 3         // pings without any answer end the connection
	goodbye        = time.Second
)

var socketUpgrader = websocket.FastHTTPUpgrader{
	ReadBufferSize: socketBuffer, WriteBufferSize: socketBuffer, WriteBufferPool: &sync.Pool{},
	Subprotocols: []string{socketProtocol},
	// No browser adds a token by itself, so that another site's page has none: its origin decides nothing.
	CheckOrigin: func(*fasthttp.RequestCtx) bool { return true },
}

// protocolToken takes the token from the subprotocols that a client offers, for those that cannot set a header.
func protocolToken(c *fiber.Ctx) (string, bool) {
	if len(c.Request().Header.PeekAll(fiber.HeaderAuthorization)) > 0 {
		return "", false
	}
	offered := c.Request().Header.PeekAll(fiber.HeaderSecWebSocketProtocol)
	if len(offered) != 1 || len(offered[0]) > maxToken {
		return "", false
	}
	name, token, ok := strings.Cut(string(offered[0]), ",")
	token = strings.TrimSpace(token)
	if !ok || strings.TrimSpace(name) != socketProtocol || token == "" || strings.ContainsAny(token, ", \t") {
		return "", false
	}
	return token, true
}

// VisitGetStreamSocketResponse implements GetStreamSocketResponseObject.
func (s EventStream) VisitGetStreamSocketResponse(c *fiber.Ctx) error {
	if !websocket.FastHTTPIsWebSocketUpgrade(c.Context()) {
		s.Source.Close()
		return models.Fail(models.CodeInvalidRequest)
	}
	run, err := s.begin(c)
	if err != nil {
		return err
	}
	run.beat *= socketBeats
	asked := c.Context().Conn()
	run.app.sockets.enter(asked, run)
	err = socketUpgrader.Upgrade(c.Context(), func(conn *websocket.Conn) {
		if run.app.sockets.taken(asked) != nil {
			run.write(&socketLine{conn: conn})
		}
	})
	if err != nil {
		run.app.sockets.left(asked)
		return models.Fail(models.CodeInvalidRequest)
	}
	return nil
}

// upgrading are the streams whose 101 is on its way. Of a client that leaves before it has it, only the connection's end is told:
// the stream would be nobody's, and hold its place for ever.
type upgrading struct {
	mutex sync.Mutex
	of    map[net.Conn]*streaming
}

func (u *upgrading) enter(conn net.Conn, run *streaming) {
	u.mutex.Lock()
	defer u.mutex.Unlock()
	if u.of == nil {
		u.of = map[net.Conn]*streaming{}
	}
	u.of[conn] = run
}

// taken gives the stream of a connection, once.
func (u *upgrading) taken(conn net.Conn) *streaming {
	u.mutex.Lock()
	defer u.mutex.Unlock()
	run := u.of[conn]
	delete(u.of, conn)
	return run
}

// left ends the stream of a connection, where it has not begun.
func (u *upgrading) left(conn net.Conn) {
	if run := u.taken(conn); run != nil {
		run.abandon()
	}
}

// abandon ends a stream that never began.
func (s *streaming) abandon() {
	s.stream.Source.Close()
	s.app.streams.leave(s.request.Principal.ID)
}

// socketLine writes events as text frames. The library lets one goroutine write at a time, and the answers to what the
// client sends come from another than the events.
type socketLine struct {
	conn  *websocket.Conn
	mutex sync.Mutex
	ears  sync.WaitGroup
}

type socketFrame struct {
	ID    string          `json:"id,omitempty"`
	Event string          `json:"event"`
	Data  json.RawMessage `json:"data,omitempty"`
}

func (l *socketLine) open(time.Time) error { return nil }

func (l *socketLine) beat(deadline time.Time) error {
	return l.conn.WriteControl(websocket.PingMessage, nil, deadline)
}

func (l *socketLine) event(event Event, deadline time.Time) error {
	text := event.frame
	if text == nil {
		var err error
		if text, err = json.Marshal(socketFrame{ID: event.ID, Event: event.Name, Data: event.Data}); err != nil {
			return err
		}
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if err := l.conn.SetWriteDeadline(deadline); err != nil {
		return err
	}
	return l.conn.WriteMessage(websocket.TextMessage, text)
}

// hearing is a line whose client may say something.
type hearing interface {
	// hear takes what the client says until ctx or the connection ends, in a goroutine of its own, and tells ended why.
	hear(ctx context.Context, s *streaming, ended func(error))
}

var (
	errSilent  = errors.New("the client does not answer")
	errNotText = errors.New("the client sent what is no text")
	errNotUTF8 = errors.New("the client sent a text that is not UTF-8")
)

// hear also notices a client that has gone: it answers no ping.
func (l *socketLine) hear(ctx context.Context, s *streaming, ended func(error)) {
	l.conn.SetReadLimit(defaultMaxBody)
	heard := func(string) error {
		if err := l.readWithin(socketSilence * s.beat); err != nil {
			return err
		}
		return ctx.Err() // looked at last, so that end's shorter deadline is never moved
	}
	l.conn.SetPongHandler(heard)
	l.ears.Go(func() {
		stack, err := recovered(func() error {
			for {
				if err := heard(""); err != nil {
					return err
				}
				if err := l.take(ctx, s); err != nil {
					return err
				}
			}
		})
		if stack != nil {
			s.app.options.Logger.Error("a stream's message failed", "request_id", s.request.ID, "error", err.Error(), "stack", string(stack))
		}
		ended(err)
	})
}

func (l *socketLine) readWithin(wait time.Duration) error {
	limit, cancel := context.WithTimeout(context.Background(), wait)
	defer cancel()
	deadline, _ := limit.Deadline()
	return l.conn.SetReadDeadline(deadline)
}

// take answers one message.
func (l *socketLine) take(ctx context.Context, s *streaming) error {
	var network net.Error
	kind, message, err := l.conn.ReadMessage()
	switch {
	case errors.As(err, &network) && network.Timeout():
		return errSilent
	case err != nil:
		return err
	case kind != websocket.TextMessage:
		return errNotText
	case !utf8.Valid(message): // RFC 6455, section 8.1
		return errNotUTF8
	}
	answer, err := s.receive(ctx, message)
	if err != nil {
		return err
	}
	return s.untilBeat(ctx, func(_ context.Context, deadline time.Time) error { return l.event(answer, deadline) })
}

// receive lets the handler answer one message. It is limited as the operation is that does the same by itself; whoever
// sends faster is cut off, for an answer would only be asked for once more.
func (s *streaming) receive(ctx context.Context, message []byte) (Event, error) {
	request := s.request
	request.ID, request.Now, request.Operation = string(s.app.options.NewID()), s.app.options.Now(), models.OpDeliveryReceipts
	request.IdempotencyKey = ""
	for _, operation := range s.app.contract.operations {
		if operation.id != models.OpDeliveryReceipts {
			continue
		}
		if err := s.app.limits.allow(operation, string(request.Principal.ID), request.Now); err != nil {
			return Event{}, err
		}
	}
	answer, err := Event{}, error(models.Fail(models.CodeInvalidRequest))
	if s.stream.Receive != nil {
		ctx, cancel := context.WithTimeout(With(ctx, request), requestTime)
		defer cancel()
		answer, err = s.stream.Receive(ctx, message)
	}
	if err == nil {
		return answer, nil
	}
	status, ours := classify(err)
	if status == http.StatusInternalServerError {
		s.app.options.Logger.Error("a stream's message failed", "request_id", request.ID, "error", err.Error())
	}
	data, err := json.Marshal(problemOf(status, ours, request.ID, request.Language))
	return Event{Name: "problem", Data: data}, err
}

// end tells the client why, as far as it is there to hear it, and waits a moment for its answer.
func (l *socketLine) end(err error) {
	code, why := closing(err)
	limit, cancel := context.WithTimeout(context.Background(), goodbye)
	defer cancel()
	deadline, _ := limit.Deadline()
	if l.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, why), deadline) != nil ||
		l.conn.SetReadDeadline(deadline) != nil {
		_ = l.conn.Close()
	}
	l.ears.Wait() // the connection's buffers are given away after this
	// What a client still sends is read, until it has closed as well or its time is over: a connection that is closed with something
	// unread is reset, and the client may never read why.
	for failed := error(nil); failed == nil; {
		_, _, failed = l.conn.NextReader()
	}
}

// closing is the close code (RFC 6455, section 7.4.1) and the reason for an end.
func closing(err error) (code int, why string) {
	var ours *models.Error
	switch {
	case errors.Is(err, errStopping):
		return websocket.CloseGoingAway, ""
	case errors.Is(err, errSession):
		return websocket.ClosePolicyViolation, string(models.CodeUnauthenticated)
	case errors.As(err, &ours) && (ours.Kind == models.KindUnauthenticated || ours.Kind == models.KindTooMany):
		return websocket.ClosePolicyViolation, string(ours.Code)
	case errors.Is(err, errNotText):
		return websocket.CloseUnsupportedData, ""
	case errors.Is(err, errNotUTF8):
		return websocket.CloseInvalidFramePayloadData, ""
	case errors.Is(err, websocket.ErrReadLimit):
		return websocket.CloseMessageTooBig, ""
	case websocket.IsCloseError(err, websocket.CloseNormalClosure, websocket.CloseGoingAway, websocket.CloseNoStatusReceived):
		return websocket.CloseNormalClosure, ""
	default:
		return websocket.CloseInternalServerErr, ""
	}
}
