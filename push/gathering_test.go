package push

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// TestGatheringWritesEverythingInOrder: nothing is lost, doubled or torn, however many write and however slowly it is read.
func TestGatheringWritesEverythingInOrder(t *testing.T) {
	near, far := net.Pipe()
	conn := gather(near)
	const writers, pieces = 8, 400
	group := sync.WaitGroup{}
	for writer := range writers {
		group.Go(func() {
			for number := range pieces {
				// Whoever writes may use the bytes again at once.
				piece := fmt.Appendf(nil, "%d %03d %s\n", writer, number, bytes.Repeat([]byte("x"), 200))
				if count, err := conn.Write(piece); err != nil || count != len(piece) {
					t.Error(count, err)
				}
				clear(piece)
			}
		})
	}
	next := [writers]int{}
	for range writers * pieces {
		line := make([]byte, len("0 000 \n")+200)
		if _, err := io.ReadFull(far, line); err != nil {
			t.Fatal(err)
		}
		writer, number := 0, 0
		if _, err := fmt.Sscanf(string(line), "%d %d x", &writer, &number); err != nil || number != next[writer] || line[len(line)-1] != '\n' {
			t.Fatalf("%q %v, want number %d", line, err, next[writer])
		}
		next[writer]++
	}
	group.Wait()
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
	if _, err := conn.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
		t.Error(err)
	}
}

// TestGatheringEndsItsWriters: nobody waits for room on a connection that is closed, or whose other end has gone.
func TestGatheringEndsItsWriters(t *testing.T) {
	for name, end := range map[string]func(conn, far net.Conn) error{
		"closed":         func(conn, _ net.Conn) error { return conn.Close() },
		"other end gone": func(_, far net.Conn) error { return far.Close() },
	} {
		near, far := net.Pipe()
		conn, ended := gather(near), make(chan error, 1)
		go func() {
			for {
				if _, err := conn.Write(make([]byte, 64<<10)); err != nil {
					ended <- err
					return
				}
			}
		}()
		if err := end(conn, far); err != nil {
			t.Error(name, err)
		}
		select {
		case err := <-ended:
			if err == nil {
				t.Errorf("%s: no error", name)
			}
		case <-time.After(5 * time.Second):
			t.Errorf("%s: it still waits", name)
		}
		_, _ = conn.Close(), far.Close()
	}
}
