package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"xunfang/push"
)

// baseURL is where the API answers.
func (s *service) baseURL() string { return "http://" + s.listener.Addr().String() }

// whereabouts says where everything is, for the log: with port 0 nobody else knows.
func (s *service) whereabouts() []any {
	places := []any{"address", s.baseURL(), "docs", s.baseURL() + "/docs", "version", version()}
	if s.metricsListener != nil {
		places = append(places, "metrics", "http://"+s.metricsListener.Addr().String()+"/metrics")
	}
	if s.broker != nil {
		places = append(places, "broker", s.broker.Address())
	}
	return places
}

// stopWithin bounds the whole stop; whoever runs this waits at least 10 s before killing it.
const (
	stopWithin   = 9 * time.Second
	answerWithin = 5500 * time.Millisecond // of it, for requests under way
)

// run serves until ctx ends or a part fails, then stops in order: no new requests → streams end →
// requests under way are answered → doors and push → database.
func (s *service) run(ctx context.Context) error {
	if s.pusher != nil {
		defer push.HeapFloor()()
	}
	crew, serving := newCrew(ctx, s.log), make(chan error, 1)
	for _, member := range s.workers {
		crew.start(member)
	}
	go func() { serving <- guarded(s.log, "api", func() error { return s.app.Listen(s.listener) }) }()
	s.log.Info("serving", s.whereabouts()...)
	go func() { _ = guarded(s.log, "broker timing", func() error { s.timeBroker(crew.ctx); return nil }) }()

	var err error
	select {
	case <-ctx.Done():
	case <-crew.failed:
		err = errors.New("stopped, because a part of the server failed")
	case err = <-serving:
		err = fmt.Errorf("the API ended by itself: %w", err)
	}
	s.log.Info("stopping")
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	// One client that never ends its request must not take the time that the others' answers,
	// the doors' reports and the database need.
	answering, cancelAnswering := context.WithTimeout(stopping, answerWithin)
	defer cancelAnswering()
	ended := s.app.Shutdown(answering)
	if errors.Is(ended, context.DeadlineExceeded) {
		s.log.Warn("some clients had not ended their requests, and were cut off")
		ended = nil
	}
	err = errors.Join(err, ended, crew.stop(stopping))
	s.close(stopping)
	s.log.Info("stopped")
	return err
}

// close lets go of what is open, in the order doors → photos → database. A part that does not end must
// not keep the next ones, nor the program: it is named in the log and left behind.
func (s *service) close(ctx context.Context) {
	if s.listener != nil {
		_ = s.listener.Close()
	}
	if s.viidListener != nil {
		_ = s.viidListener.Close()
	}
	if s.metricsListener != nil {
		_ = s.metricsListener.Close()
	}
	if s.broker != nil {
		s.closePart(ctx, "door broker", func() error { s.broker.Close(); return nil })
	}
	if s.folder != nil {
		s.closePart(ctx, "photos", s.folder.Close)
	}
	if s.store != nil {
		s.closePart(ctx, "database", func() error { return s.store.Close(ctx) })
	}
}

// closeWithin bounds one part even when nothing is left of the whole stop's time.
const closeWithin = 500 * time.Millisecond

func (s *service) closePart(ctx context.Context, name string, closing func() error) {
	ended := make(chan error, 1)
	go func() { ended <- guarded(s.log, name, closing) }()
	least := time.NewTimer(closeWithin)
	defer least.Stop()
	select {
	case err := <-ended:
		s.closed(name, err)
		return
	case <-least.C:
	}
	select {
	case err := <-ended:
		s.closed(name, err)
	case <-ctx.Done():
		s.log.Error("a part did not close in time", "part", name)
	}
}

func (s *service) closed(name string, err error) {
	if err != nil {
		s.log.Error("a part did not close well", "part", name, "error", err)
	}
}

// slowBroker is the round trip from which opening a door feels slow.
const slowBroker = 20 * time.Millisecond

// timeBroker says so when the broker is slow: Mosquitto without set_tcp_nodelay is.
func (s *service) timeBroker(ctx context.Context) {
	timer := time.NewTimer(2 * time.Second)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return
	}
	trip, err := s.link.RoundTrip(ctx)
	switch {
	case err != nil && ctx.Err() == nil:
		s.log.Warn("the door broker does not answer yet", "error", err)
	case err == nil && trip > slowBroker:
		s.log.Warn("the door broker is slow; with Mosquitto, set_tcp_nodelay true helps", "round_trip", trip.String())
	}
}

// serveMetrics answers on the second listener. It ends at once when it is told to: a profile being
// taken must not hold up the stop.
func (s *service) serveMetrics(ctx context.Context) error {
	server := &http.Server{Handler: s.metricsMux(), ReadHeaderTimeout: 5 * time.Second}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	if err := server.Serve(s.metricsListener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
