// Package redisserver runs a real Redis for tests, in a temporary folder and on a free loopback port.
package redisserver

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
)

const (
	patience = 10 * time.Second // for it to come up, and for an answer
	none     = "redis-server is not installed: no real Redis was tried"
)

// Server is a Redis that can be stopped and started again. It is not for use by several goroutines.
type Server struct {
	t        testing.TB
	binary   string
	port     int
	password string
	running  *exec.Cmd
}

// Start starts a Redis that wants a password, or none where it is "". Where Redis is not installed the test is skipped, and fails
// under CI=true. It ends with the test.
func Start(t testing.TB, password string) *Server {
	t.Helper()
	binary := program()
	if binary == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal(none)
		}
		t.Skip(none)
	}
	server := &Server{t: t, binary: binary, port: freePort(t), password: password}
	server.Start()
	t.Cleanup(server.Stop)
	return server
}

// URL is that of a Redis for a test that any will do for: a real one, or where there is none, and none is asked for, one that only
// speaks like it.
func URL(t testing.TB) string {
	t.Helper()
	if program() == "" && os.Getenv("CI") != "true" {
		t.Log(none)
		return "redis://" + miniredis.RunT(t).Addr() + "/0"
	}
	return Start(t, "").URL()
}

// URL is without the password, as the setting is.
func (s *Server) URL() string { return "redis://" + s.address() + "/0" }

func (s *Server) address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// Start starts it, again on the same port.
func (s *Server) Start() {
	s.t.Helper()
	s.running = exec.Command(s.binary, "-") // its settings come by the standard input: no password among the arguments
	s.running.Stdin = strings.NewReader(fmt.Sprintf("bind 127.0.0.1\nport %d\nsave \"\"\nappendonly no\ndir %s\n", s.port, s.t.TempDir()) +
		s.wanted())
	if err := s.running.Start(); err != nil {
		s.t.Fatal(err)
	}
	for end := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		connection, err := net.Dial("tcp", s.address())
		if err == nil {
			_ = connection.Close()
			return
		}
		if time.Now().After(end) {
			s.t.Fatalf("Redis does not listen: %v", err)
		}
	}
}

func (s *Server) wanted() string {
	if s.password == "" {
		return ""
	}
	return "requirepass " + s.password + "\n"
}

// Stop ends it without a warning, as a power cut does.
func (s *Server) Stop() {
	if s.running != nil {
		_ = s.running.Process.Kill()
		_ = s.running.Wait()
		s.running = nil
	}
}

// SetPassword has it want another password, and cuts every connection.
func (s *Server) SetPassword(password string) {
	s.t.Helper()
	connection, err := net.Dial("tcp", s.address())
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	if err := connection.SetDeadline(time.Now().Add(patience)); err != nil {
		s.t.Fatal(err)
	}
	answers := bufio.NewReader(connection)
	for _, command := range []string{
		"AUTH " + s.password, "CONFIG SET requirepass " + password, "CLIENT KILL TYPE pubsub", "CLIENT KILL TYPE normal SKIPME yes",
	} {
		if _, err := fmt.Fprintf(connection, "%s\r\n", command); err != nil {
			s.t.Fatal(err)
		}
		if answer, err := answers.ReadString('\n'); err != nil || answer[0] == '-' {
			s.t.Fatalf("Redis answers %q, %v", answer, err)
		}
	}
	s.password = password
}

// program looks in the path and where distributions put servers.
func program() string {
	for _, place := range []string{"redis-server", "/usr/sbin/redis-server", "/usr/local/sbin/redis-server"} {
		if found, err := exec.LookPath(place); err == nil {
			return found
		}
	}
	return ""
}

func freePort(t testing.TB) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	address, _ := listener.Addr().(*net.TCPAddr)
	return address.Port
}
