package fcmfake

import (
	"fmt"
	"net"
	"net/http"
	"time"
)

// Server is a Fake that listens on a free port of the loopback address, in HTTP/1.1 and in HTTP/2
// without TLS.
type Server struct {
	*Fake
	URL string // "http://127.0.0.1:port"; the SDK's endpoint is URL + "/v1"

	server *http.Server
	ended  chan struct{}
}

// Start starts a Server; Close ends it.
func Start() (*Server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("fcmfake: %w", err)
	}
	started := &Server{Fake: New(), URL: "http://" + listener.Addr().String(), ended: make(chan struct{})}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	started.server = &http.Server{
		Handler: started.Fake, Protocols: protocols,
		ReadHeaderTimeout: 5 * time.Second, IdleTimeout: 2 * time.Minute,
		HTTP2: &http.HTTP2Config{MaxConcurrentStreams: 100}, // as Firebase's front end offers
	}
	go func() {
		defer close(started.ended)
		_ = started.server.Serve(listener) // ErrServerClosed, by Close
	}()
	return started, nil
}

// Endpoint is what the SDK is to be pointed at.
func (s *Server) Endpoint() string { return s.URL + "/v1" }

// Close ends the server and every request it holds.
func (s *Server) Close() {
	s.Fake.Close()
	_ = s.server.Close()
	<-s.ended
}
