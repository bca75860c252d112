package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// The fourth ring: the program as it is shipped, as a child process on free ports.

// binary is the program, built once for all tests.
var binary string

// patience bounds every wait of these tests; nothing takes nearly so long when it works.
const patience = time.Minute

func TestMain(m *testing.M) { os.Exit(testMain(m)) }

func testMain(m *testing.M) int {
	folder, err := os.MkdirTemp("", "xunfang-program")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	binary = filepath.Join(folder, "xunfang")
	if output, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, output)
		return 1
	}
	return m.Run()
}

// lines is what a process has printed so far; it can be written and read at once.
type lines struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (l *lines) Write(piece []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.Write(piece)
}

func (l *lines) String() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.String()
}

// child is one running program.
type child struct {
	t       testing.TB
	command *exec.Cmd
	printed *lines // stdout and stderr
	ended   chan struct{}
	status  int // exit status, -1 for a signal; valid once ended is closed
}

// launch starts the program with an environment of its own: nothing of the machine's settings gets in.
func launch(t testing.TB, env map[string]string, arguments ...string) *child {
	t.Helper()
	started := &child{t: t, command: exec.Command(binary, arguments...), printed: &lines{}, ended: make(chan struct{})}
	started.command.Stdout, started.command.Stderr = started.printed, started.printed
	started.command.Dir = t.TempDir()
	started.command.Env = []string{"HOME=" + started.command.Dir, "PATH=/nowhere"}
	for _, name := range slices.Sorted(maps.Keys(env)) {
		started.command.Env = append(started.command.Env, name+"="+env[name])
	}
	if err := started.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = started.command.Wait() // the status says it
		started.status = started.command.ProcessState.ExitCode()
		close(started.ended)
	}()
	t.Cleanup(func() {
		started.signal(syscall.SIGKILL)
		<-started.ended
	})
	return started
}

func (c *child) signal(which syscall.Signal) { _ = c.command.Process.Signal(which) }

// kill ends the program without a warning, as a power cut does.
func (c *child) kill() {
	c.signal(syscall.SIGKILL)
	<-c.ended
}

// exit waits for the program to end and gives its status.
func (c *child) exit(atMost time.Duration) int {
	c.t.Helper()
	select {
	case <-c.ended:
	case <-time.After(atMost):
		c.t.Fatalf("the program did not end within %v:\n%s", atMost, c.printed)
	}
	return c.status
}

// stop asks the program to end and expects that it does, well.
func (c *child) stop() {
	c.t.Helper()
	c.signal(syscall.SIGTERM)
	if status := c.exit(10 * time.Second); status != 0 {
		c.t.Fatalf("exit status %d after SIGTERM:\n%s", status, c.printed)
	}
}

// logged waits for a log line with the message and gives its attributes.
func (c *child) logged(message string) map[string]any {
	c.t.Helper()
	var found map[string]any
	eventually(c.t, func() bool {
		select {
		case <-c.ended:
			c.t.Fatalf("ended with status %d before it logged %q:\n%s", c.status, message, c.printed)
		default:
		}
		found = logLine(c.printed.String(), message)
		return found != nil
	}, "the program logs %q", message)
	return found
}

// logLine finds the first whole log line with a message; nil when there is none.
func logLine(text, message string) map[string]any {
	scanner := bufio.NewScanner(strings.NewReader(text))
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		line := map[string]any{}
		if json.Unmarshal(scanner.Bytes(), &line) == nil && line["msg"] == message {
			return line
		}
	}
	return nil
}

// served waits until a child serves, and gives its addresses.
func (c *child) served() addresses {
	c.t.Helper()
	line := c.logged("serving")
	text := func(name string) string { value, _ := line[name].(string); return value }
	return addresses{api: text("address"), metrics: text("metrics"), broker: text("broker")}
}

type addresses struct{ api, metrics, broker string }

// runProgram runs the program to its end and gives its status and what it printed.
func runProgram(t testing.TB, env map[string]string, arguments ...string) (status int, printed string) {
	t.Helper()
	ran := launch(t, env, arguments...)
	status = ran.exit(patience)
	return status, ran.printed.String()
}

// runInside runs the program inside the test's process, where the race detector sees it.
func runInside(ctx context.Context, arguments ...string) (status int, stdout, stderr string) {
	out, problems := &lines{}, &lines{}
	status = run(ctx, arguments, out, problems)
	return status, out.String(), problems.String()
}

// eventually waits until a condition holds.
func eventually(t testing.TB, holds func() bool, what string, arguments ...any) {
	t.Helper()
	for deadline := time.Now().Add(patience); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited %v in vain: "+what, append([]any{patience}, arguments...)...)
		}
	}
}

func closing(t testing.TB, what io.Closer) {
	t.Helper()
	if err := what.Close(); err != nil {
		t.Error(err)
	}
}
