package api

import (
	"context"
	"net"
	"sync"
	"time"

	"github.com/valyala/fasthttp"
)

// drainTime is how long a stopping server still answers on the connections it has. A client that
// keeps one open may be sending on it at this moment; to close it then would lose a request that was taken.
const drainTime = time.Second

// entrance is the listener; it can be closed twice, for the HTTP library closes it once more.
type entrance struct {
	net.Listener
	once sync.Once
	err  error
}

// Close implements net.Listener.
func (e *entrance) Close() error {
	e.once.Do(func() { e.err = e.Listener.Close() })
	return e.err
}

// drain takes no new connections and waits for the clients to leave those there are: from now on each
// answer says that it is the last on its connection. It returns when none is open, or after drainTime.
func (a *App) drain(ctx context.Context) error {
	entrance := a.entrance.Load()
	if entrance == nil {
		return nil
	}
	err := entrance.Close()
	ended := time.NewTimer(drainTime)
	defer ended.Stop()
	look := time.NewTicker(drainTime / 100)
	defer look.Stop()
	for a.connections.Load() > 0 {
		select {
		case <-look.C:
		case <-ended.C:
			return err
		case <-ctx.Done():
			return err
		}
	}
	return err
}

// count follows how many connections are open; the HTTP library's own count is one too few while it does not listen.
func (a *App) count(conn net.Conn, state fasthttp.ConnState) {
	switch state {
	case fasthttp.StateNew:
		a.connections.Add(1)
	case fasthttp.StateClosed, fasthttp.StateHijacked:
		a.connections.Add(-1)
		if state == fasthttp.StateClosed {
			a.sockets.left(conn)
		}
	case fasthttp.StateActive, fasthttp.StateIdle:
	}
}

// lastAnswer tells the client to leave, once the server stops.
func (a *App) lastAnswer(ctx *fasthttp.RequestCtx) {
	if a.serving.Err() != nil {
		ctx.SetConnectionClose()
	}
}
