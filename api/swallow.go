package api

import (
	"context"
	"net"
	"time"
)

// What is thrown away of a body that is too large, so that a client which sends all of it before it
// listens still hears why: closing a connection with something unread in it resets it.
const (
	swallowBytes = 64 << 20
	swallowTime  = 10 * time.Second
	swallowQuiet = 500 * time.Millisecond // nothing came for so long: the client listens now
)

// swallow reads what a client still sends, into nothing, bounded in bytes and time.
func swallow(connection net.Conn) {
	if connection == nil {
		return
	}
	all, cancel := context.WithTimeout(context.Background(), swallowTime)
	defer cancel()
	buffer := make([]byte, 32<<10)
	for left := swallowBytes; left > 0 && all.Err() == nil; {
		next, done := context.WithTimeout(all, swallowQuiet)
		deadline, _ := next.Deadline()
		done()
		if connection.SetReadDeadline(deadline) != nil {
			return
		}
		read, err := connection.Read(buffer)
		if err != nil {
			return
		}
		left -= read
	}
}
