package doors

import (
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/mochi-mqtt/server/v2/listeners"
)

const (
	signInLimit  = 10 * time.Second       // from the first byte to a session
	acceptPause  = 100 * time.Millisecond // when the system has no socket to give
	goodbyeLimit = 2 * time.Second        // for all clients to be told that the broker ends
)

// listener is the broker's door: it caps open sockets before a byte is read, gives each a
// limited time to sign in, survives a panic in the handling of one of them, and knows all of
// them so that closing ends.
type listener struct {
	socket net.Listener
	slots  chan struct{}
	logger *slog.Logger
	served chan struct{} // closed when accepting has ended
	group  sync.WaitGroup

	mutex  sync.Mutex
	open   map[*visitor]struct{}
	closed bool
}

func newListener(socket net.Listener, connections int, logger *slog.Logger) *listener {
	return &listener{
		socket: socket, slots: make(chan struct{}, connections), logger: logger,
		served: make(chan struct{}), open: map[*visitor]struct{}{},
	}
}

// ID names the listener to the library.
func (l *listener) ID() string { return "doors" }

// Address is host:port as opened.
func (l *listener) Address() string { return l.socket.Addr().String() }

// Protocol names the transport to the library.
func (l *listener) Protocol() string { return "tcp" }

// Init has nothing to do: the socket is open.
func (l *listener) Init(*slog.Logger) error { return nil }

// Serve accepts until Close.
func (l *listener) Serve(establish listeners.EstablishFn) {
	defer close(l.served)
	for {
		connection, err := l.socket.Accept()
		if err != nil {
			if l.isClosed() {
				return
			}
			timer := time.NewTimer(acceptPause)
			<-timer.C
			continue
		}
		select {
		case l.slots <- struct{}{}:
			l.group.Go(func() { l.handle(connection, establish) })
		default: // full: whoever is in stays in
			_ = connection.Close()
		}
	}
}

func (l *listener) handle(connection net.Conn, establish listeners.EstablishFn) {
	defer func() { <-l.slots }()
	guest := &visitor{Conn: connection}
	guest.signIn = time.AfterFunc(signInLimit, func() { _ = connection.Close() })
	defer guest.admitted()
	defer func() {
		if cause := recover(); cause != nil {
			l.logger.Error("panic in MQTT connection", "cause", cause)
		}
		_ = connection.Close()
	}()
	if !l.enter(guest) {
		return
	}
	defer l.leave(guest)
	_ = establish(l.ID(), guest) // why a connection ended is the client's to tell
}

func (l *listener) enter(guest *visitor) bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if !l.closed {
		l.open[guest] = struct{}{}
	}
	return !l.closed
}

func (l *listener) leave(guest *visitor) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	delete(l.open, guest)
}

func (l *listener) isClosed() bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.closed
}

// Close stops accepting, lets the library say goodbye to its clients, closes every socket, and
// waits for the handlers: the library counts clients in a way that must not race with them.
func (l *listener) Close(goodbye listeners.CloseFn) {
	l.mutex.Lock()
	l.closed = true
	l.mutex.Unlock()
	_ = l.socket.Close()
	<-l.served
	timer := time.AfterFunc(goodbyeLimit, l.hangUp)
	defer timer.Stop()
	goodbye(l.ID())
	l.hangUp()
	l.group.Wait()
}

func (l *listener) hangUp() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	for guest := range l.open {
		_ = guest.Conn.Close()
	}
}

// visitor is one socket at the broker. Its writes end: the library writes to a slow client
// while others wait.
type visitor struct {
	net.Conn
	signIn *time.Timer
}

func (v *visitor) admitted() { v.signIn.Stop() }

// Write gives up after writeLimit.
func (v *visitor) Write(data []byte) (int, error) {
	timer := time.AfterFunc(writeLimit, func() { _ = v.Conn.Close() })
	defer timer.Stop()
	return v.Conn.Write(data)
}
