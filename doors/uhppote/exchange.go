package uhppote

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"xunfang/models"
)

// wire is the way to one board: one request at a time, each from a socket of its own. A late reply to an
// earlier request finds nobody, and so is never taken for the reply to a later one.
type wire struct {
	serial    uint32
	address   netip.AddrPort
	broadcast bool
	bind      netip.Addr
	timeout   time.Duration
	tries     int
	turn      chan struct{}
}

// take waits for the board to be free; release gives it back.
func (w *wire) take(ctx context.Context) (release func(), err error) {
	select {
	case w.turn <- struct{}{}:
		return func() { <-w.turn }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: busy: %w", models.ErrDoorUnreachable, ctx.Err())
	}
}

// ask repeats a request that may be repeated until a reply is accepted. The caller has the turn.
func (w *wire) ask(ctx context.Context, request packet, accept func(packet) bool) (packet, error) {
	var last error
	for range w.tries {
		reply, err := w.once(ctx, request, accept)
		if err == nil {
			return reply, nil
		}
		if last = err; ctx.Err() != nil {
			break
		}
	}
	return packet{}, fmt.Errorf("%w: %w", models.ErrDoorUnreachable, last)
}

// once sends a request and waits for its reply: the same board, the same function, and accept (if any)
// content with the rest. Whatever else arrives is junk and is read over.
func (w *wire) once(ctx context.Context, request packet, accept func(packet) bool) (packet, error) {
	ctx, cancel := context.WithTimeout(ctx, w.timeout)
	defer cancel()
	socket, send, err := w.open(ctx)
	if err != nil {
		return packet{}, err
	}
	defer func() { _ = socket.Close() }()
	// A deadline in the past wakes the reader; only main reads the wall clock.
	defer context.AfterFunc(ctx, func() { _ = socket.SetReadDeadline(time.Unix(1, 0)) })()
	if err := ctx.Err(); err != nil {
		return packet{}, err
	}
	if err := send(request[:]); err != nil {
		return packet{}, fmt.Errorf("uhppote: send: %w", err)
	}
	buffer := make([]byte, size+1) // one byte more shows a datagram that is too long
	for {
		count, err := socket.Read(buffer)
		if err != nil {
			return packet{}, errors.Join(err, ctx.Err())
		}
		reply, err := parse(buffer[:count])
		if err != nil || reply[0] != start || reply.function() != request.function() || reply.serial() != w.serial {
			continue
		}
		if accept == nil || accept(reply) {
			return reply, nil
		}
	}
}

type reader interface {
	Read(buffer []byte) (int, error)
	SetReadDeadline(at time.Time) error
	Close() error
}

// open gives a fresh socket and how to send on it. One address: the socket is connected, and the system
// drops what comes from anywhere else. A broadcast: whoever answers with the right serial number is heard.
func (w *wire) open(ctx context.Context) (reader, func([]byte) error, error) {
	if !w.broadcast {
		dialer := net.Dialer{}
		if w.bind.IsValid() {
			dialer.LocalAddr = net.UDPAddrFromAddrPort(netip.AddrPortFrom(w.bind, 0))
		}
		socket, err := dialer.DialContext(ctx, "udp4", w.address.String())
		if err != nil {
			return nil, nil, fmt.Errorf("uhppote: dial: %w", err)
		}
		return socket, func(datagram []byte) error { _, err := socket.Write(datagram); return err }, nil
	}
	socket, err := unconnected(ctx, w.bind, w.address.Port())
	if err != nil {
		return nil, nil, err
	}
	return socket, func(datagram []byte) error {
		_, err := socket.WriteToUDPAddrPort(datagram, w.address)
		return err
	}, nil
}

// unconnected opens a socket for a broadcast. It must not have the boards' own port: it would hear its own
// request, and a request to open door 1 reads like the reply that it was opened.
func unconnected(ctx context.Context, bind netip.Addr, avoid uint16) (*net.UDPConn, error) {
	if !bind.IsValid() {
		bind = netip.IPv4Unspecified()
	}
	for range 8 {
		opened, err := (&net.ListenConfig{}).ListenPacket(ctx, "udp4", netip.AddrPortFrom(bind, 0).String())
		if err != nil {
			return nil, fmt.Errorf("uhppote: socket: %w", err)
		}
		socket, ok := opened.(*net.UDPConn)
		if !ok {
			_ = opened.Close()
			break
		}
		if local, ok := socket.LocalAddr().(*net.UDPAddr); ok && local.AddrPort().Port() != avoid {
			return socket, nil
		}
		defer func() { _ = socket.Close() }() // held until another one is found, so that it is another one
	}
	return nil, errors.New("uhppote: no free port")
}

// parseAddress reads host:port or a host alone; boards speak IPv4 only.
func parseAddress(text string) (netip.AddrPort, error) {
	if address, err := netip.ParseAddr(text); err == nil && address.Is4() {
		return netip.AddrPortFrom(address, Port), nil
	}
	address, err := netip.ParseAddrPort(text)
	if err != nil || !address.Addr().Is4() || address.Port() == 0 {
		return netip.AddrPort{}, fmt.Errorf("uhppote: %q is not an IPv4 address with or without a port", text)
	}
	return address, nil
}
