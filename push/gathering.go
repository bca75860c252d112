package push

import (
	"context"
	"net"
	"runtime"
	"sync"
)

// gathering is a connection that writes together what was written to it meanwhile. HTTP/2 flushes after the headers and again after
// the body of each request: with hundreds of small ones under way that is two system calls each here, and as many at the other end.
//
// Write says only that the bytes will be written, as a kernel's buffer does; what could not be is the error of the next Write, and
// of the answer, which then does not come. Nothing is taken as sent but by its answer.
type gathering struct {
	net.Conn
	mutex   sync.Mutex
	filled  *sync.Cond // there is something to write, or the end has come
	emptied *sync.Cond // there is room, or the end has come
	waiting []byte
	failed  error // why nothing is written any more
}

// gatheredMost is how many bytes may wait; whoever comes then waits as for a slow connection.
const gatheredMost = 256 << 10

func gather(conn net.Conn) *gathering {
	made := &gathering{Conn: conn}
	made.filled, made.emptied = sync.NewCond(&made.mutex), sync.NewCond(&made.mutex)
	go made.writeAll()
	return made
}

// gathered is a dial whose connections gather.
func gathered(dial func(context.Context, string, string) (net.Conn, error)) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return gather(conn), nil
	}
}

// Write implements net.Conn.
func (g *gathering) Write(piece []byte) (int, error) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	for len(g.waiting) >= gatheredMost && g.failed == nil {
		g.emptied.Wait()
	}
	if g.failed != nil {
		return 0, g.failed
	}
	g.waiting = append(g.waiting, piece...)
	g.filled.Signal()
	return len(piece), nil
}

// writeAll writes until the connection fails or is closed.
func (g *gathering) writeAll() {
	var batch []byte
	for {
		var open bool
		if batch, open = g.take(batch); !open {
			return
		}
		if _, err := g.Conn.Write(batch); err != nil {
			g.fail(err)
			return
		}
	}
}

// take waits for something to write, and gives room for as much again in exchange.
func (g *gathering) take(room []byte) (batch []byte, open bool) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	for len(g.waiting) == 0 && g.failed == nil {
		g.filled.Wait()
	}
	// Whoever is about to write as well does so first: the batch is larger, and on an idle machine nobody is.
	g.mutex.Unlock()
	runtime.Gosched()
	g.mutex.Lock()
	batch, g.waiting = g.waiting, room[:0]
	g.emptied.Broadcast()
	return batch, g.failed == nil
}

func (g *gathering) fail(err error) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	if g.failed == nil {
		g.failed = err
	}
	g.filled.Broadcast()
	g.emptied.Broadcast()
}

// Close implements net.Conn. What waits is not written any more: HTTP closes only what it does not need, or what is broken.
func (g *gathering) Close() error {
	g.fail(net.ErrClosed)
	return g.Conn.Close()
}
