package webhook

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"time"
)

// passage follows one request down to its connection.
type passage struct {
	expires time.Time
	now     func() time.Time
	begun   atomic.Bool // the request is being written: the door may open
	refused atomic.Bool // a write came too late and was not made: what left before it is no whole request
}

type passageKey struct{}

type dial func(ctx context.Context, network, address string) (net.Conn, error)

// gated makes connections that write nothing once the time of their request is over, however long the name, the
// connection and TLS have taken.
func gated(inner dial) dial {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		connection, err := inner(ctx, network, address)
		passage, ok := ctx.Value(passageKey{}).(*passage)
		if err != nil || !ok {
			return connection, err
		}
		return &gate{Conn: connection, passage: passage}, nil
	}
}

type gate struct {
	net.Conn
	passage *passage
}

// Write implements net.Conn.
func (g *gate) Write(part []byte) (int, error) {
	if !g.passage.now().Before(g.passage.expires) {
		g.passage.refused.Store(true)
		return 0, errors.New("webhook: the command's time is over")
	}
	return g.Conn.Write(part)
}
