package uhppote

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"
)

// Listener is the port to which boards send what happens. Anybody can send such a packet, so it is a hint
// and nothing more: it wakes the driver of that board, which asks the board itself.
type Listener struct {
	socket  *net.UDPConn
	mutex   sync.Mutex
	wakings map[uint32]chan struct{}
}

// Listen opens the port: "192.168.1.10:60001".
func Listen(ctx context.Context, address string) (*Listener, error) {
	opened, err := (&net.ListenConfig{}).ListenPacket(ctx, "udp4", address)
	if err != nil {
		return nil, fmt.Errorf("uhppote: listen: %w", err)
	}
	socket, ok := opened.(*net.UDPConn)
	if !ok {
		_ = opened.Close()
		return nil, fmt.Errorf("uhppote: listen: not UDP")
	}
	return &Listener{socket: socket, wakings: map[uint32]chan struct{}{}}, nil
}

// Address is the port that was opened.
func (l *Listener) Address() netip.AddrPort {
	if local, ok := l.socket.LocalAddr().(*net.UDPAddr); ok {
		return local.AddrPort()
	}
	return netip.AddrPort{}
}

// Run hears until the context ends, then closes the port.
func (l *Listener) Run(ctx context.Context) error {
	defer func() { _ = l.socket.Close() }()
	defer context.AfterFunc(ctx, func() { _ = l.socket.SetReadDeadline(time.Unix(1, 0)) })()
	for buffer := make([]byte, size+1); ctx.Err() == nil; {
		count, err := l.socket.Read(buffer)
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("uhppote: listen: %w", err)
		}
		if event, err := parse(buffer[:count]); err == nil && event.function() == getStatus {
			l.wake(event.serial())
		}
	}
	return nil
}

func (l *Listener) wake(serial uint32) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	select {
	case l.wakings[serial] <- struct{}{}: // nobody's serial: a nil channel, never ready
	default:
	}
}

// hints gives the channel on which the driver of a board is woken.
func (l *Listener) hints(serial uint32) <-chan struct{} {
	if l == nil {
		return nil
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.wakings[serial] == nil {
		l.wakings[serial] = make(chan struct{}, 1)
	}
	return l.wakings[serial]
}
