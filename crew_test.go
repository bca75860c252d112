package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
)

// inside puts a service together inside the test's process, as serve does.
func (s *site) inside(printed *lines) *service {
	s.t.Helper()
	command := &serveCommand{}
	parser, err := kong.New(command)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := parser.Parse([]string{
		"--listen=127.0.0.1:0", "--metrics-listen=127.0.0.1:0", "--broker-listen=127.0.0.1:0",
		"--data=" + s.folder, "--database=" + s.dsn,
	}); err != nil {
		s.t.Fatal(err)
	}
	if err := command.Settings.settle(); err != nil {
		s.t.Fatal(err)
	}
	made, err := newService(s.t.Context(), &command.Settings, s.keys, newLogger(&command.Settings, printed))
	if err != nil {
		s.t.Fatal(err)
	}
	return made
}

// A server with a dead part must not look alive.
func TestAWorkerThatFailsStopsTheService(t *testing.T) {
	failures := map[string]struct {
		work func(fail <-chan struct{}) error
		said string
	}{
		"error":  {func(fail <-chan struct{}) error { <-fail; return errors.New("disk on fire") }, "disk on fire"},
		"panic":  {func(fail <-chan struct{}) error { <-fail; panic("index out of range") }, "index out of range"},
		"return": {func(fail <-chan struct{}) error { <-fail; return nil }, "it ended by itself"},
	}
	for name, failure := range failures {
		t.Run(name, func(t *testing.T) {
			s, printed, fail := newSite(t, "sqlite:"+t.TempDir()+"/x.db", nil), &lines{}, make(chan struct{})
			made := s.inside(printed)
			told := make(chan struct{})
			made.workers = append(made.workers,
				worker{"doomed", func(context.Context) error { return failure.work(fail) }},
				worker{"well", func(ctx context.Context) error { <-ctx.Done(); close(told); return nil }})
			ended := make(chan error, 1)
			go func() { ended <- made.run(t.Context()) }()
			newCaller(made.baseURL()).want(t, 200, "GET", "/healthz", nil)
			select {
			case err := <-ended:
				t.Fatalf("ended before anything failed: %v", err)
			default:
			}
			close(fail)
			var err error
			select {
			case err = <-ended:
			case <-time.After(patience):
				t.Fatalf("the service went on without its worker\n%s\n%s", printed, everyGoroutine())
			}
			if err == nil || !strings.Contains(err.Error(), "doomed: ") || !strings.Contains(err.Error(), failure.said) {
				t.Errorf("run gave %v", err)
			}
			line := logLine(printed.String(), "a worker failed")
			if line == nil || line["worker"] != "doomed" || line["level"] != "ERROR" {
				t.Errorf("the log does not name the worker:\n%s", printed)
			}
			if logLine(printed.String(), "stopped") == nil {
				t.Errorf("the service did not stop in order:\n%s", printed)
			}
			if logLine(printed.String(), "a part did not close in time") != nil {
				t.Errorf("a part was left behind:\n%s", printed)
			}
			select {
			case <-told:
			default:
				t.Error("the other workers were not told to end")
			}
			if connection, err := net.Dial("tcp", made.listener.Addr().String()); err == nil {
				t.Error("the port is still open")
				closing(t, connection)
			}
			if err := made.store.Ping(t.Context()); err == nil {
				t.Error("the database is still open")
			}
		})
	}
}

// everyGoroutine says where each of them is: what a hang looks like from inside.
func everyGoroutine() string {
	room := make([]byte, 1<<20)
	return string(room[:runtime.Stack(room, true)])
}

// A part that never closes is named and left behind: the next ones are closed, and the program ends.
func TestAPartThatDoesNotCloseIsLeftBehind(t *testing.T) {
	printed, release := &lines{}, make(chan struct{})
	defer close(release)
	s := &service{log: slog.New(slog.NewJSONHandler(printed, nil))}
	bounded, cancel := context.WithCancel(t.Context())
	cancel()
	s.closePart(bounded, "stuck", func() error { <-release; return nil })
	s.closePart(bounded, "broken", func() error { return errors.New("disk on fire") })
	line := logLine(printed.String(), "a part did not close in time")
	if line == nil || line["part"] != "stuck" {
		t.Errorf("the log does not name the part:\n%s", printed)
	}
	line = logLine(printed.String(), "a part did not close well")
	if line == nil || line["part"] != "broken" || line["error"] != "disk on fire" {
		t.Errorf("the log does not name the error, though there was time for it:\n%s", printed)
	}
}

func TestTheCrewsEndIsBounded(t *testing.T) {
	printed := &lines{}
	stuck, release := newCrew(t.Context(), slog.New(slog.NewJSONHandler(printed, nil))), make(chan struct{})
	defer close(release)
	stuck.start(worker{"stuck", func(context.Context) error { <-release; return nil }})
	bounded, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	begun := time.Now()
	if err := stuck.stop(bounded); err == nil || !strings.Contains(err.Error(), "did not end in time") {
		t.Errorf("stop gave %v", err)
	}
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestACrewThatIsToldToEndHasNotFailed(t *testing.T) {
	printed := &lines{}
	well := newCrew(t.Context(), slog.New(slog.NewJSONHandler(printed, nil)))
	well.start(worker{"well", func(ctx context.Context) error { <-ctx.Done(); return nil }})
	if err := well.stop(t.Context()); err != nil || printed.String() != "" {
		t.Errorf("%v\n%s", err, printed)
	}
	select {
	case <-well.failed:
		t.Error("it counts as failed")
	default:
	}
}

// The log's lines are JSON, whatever a panic carries.
func TestAPanicIsOneLine(t *testing.T) {
	printed := &lines{}
	err := guarded(slog.New(slog.NewJSONHandler(printed, nil)), "x", func() error { panic("two\nlines") })
	if err == nil || !json.Valid([]byte(printed.String())) || strings.Count(printed.String(), "\n") != 1 {
		t.Errorf("%v\n%s", err, printed)
	}
}
